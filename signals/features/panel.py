"""What features are made of: prices and index values as they stood at each session's close."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.signals.known.calendar import Days
from rollsight.signals.known.ledger import Ledger
from rollsight.signals.prices.market import Market

Float64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)

PRICES = ("Open", "High", "Low")
TRADED = ("Volume", "Amount")
COLUMNS = (*PRICES, "Close", *TRADED)


@dataclass(frozen=True, eq=False)
class StockPanel:
    """Columns of a market's prices, ``panel["Close"]``; the arrays cannot be written to.

    In a session without a row the close before stands for all prices, and nothing was traded.

    Attributes
    ----------
    sessions
        (n_days,) datetime64[D]
    codes
        (n_stocks,) stock codes
    columns
        each (n_stocks, n_days), quote currency or shares; NaN before a stock's first row
    leaps
        (n_stocks, n_days) the close cannot be right beside the close before
    """

    sessions: Days
    codes: tuple[str, ...]
    columns: Mapping[str, Float64]
    leaps: Flags

    def __getitem__(self, column: str) -> Float64:
        """Return a column, (n_stocks, n_days).

        Raises
        ------
        RollsightError
            If the feature does not need it by its own word.
        """
        if column not in self.columns:
            raise RollsightError(
                f"the column {column!r} is not among its needs {tuple(self.columns)}: add it there "
                f"{did_you_mean(column, COLUMNS)}"
            )
        return self.columns[column]

    def between(self, first: int, stop: int) -> "StockPanel":
        """Return the panel of sessions ``[first, stop)`` alone."""
        columns = {name: column[:, first:stop] for name, column in self.columns.items()}
        return replace(
            self,
            sessions=self.sessions[first:stop],
            columns=columns,
            leaps=self.leaps[:, first:stop],
        )


@dataclass(frozen=True, eq=False)
class IndexPanel:
    """Index values that were known at each session's close.

    Attributes
    ----------
    sessions
        (n_days,) datetime64[D], of the stocks' exchange
    symbols
        (k,) names
    kinds
        (k,) ``price``, or ``percent`` of a yield
    values
        (n_days, k) in the index's own unit; NaN before the first is known
    """

    sessions: Days
    symbols: tuple[str, ...]
    kinds: tuple[Literal["price", "percent"], ...]
    values: Float64

    def between(self, first: int, stop: int) -> "IndexPanel":
        """Return the panel of sessions ``[first, stop)`` alone."""
        return replace(self, sessions=self.sessions[first:stop], values=self.values[first:stop])


def stock_panel(market: Market, needs: Sequence[str]) -> StockPanel:
    """Return the columns of a market that a feature needs.

    Raises
    ------
    RollsightError
        If the market has no such column.
    """
    close = pd.DataFrame(market.close.T).ffill().to_numpy().T
    columns = {column: _laid(market, column, close) for column in needs}
    return StockPanel(
        read_only(market.sessions),
        market.codes,
        {name: read_only(column) for name, column in columns.items()},
        read_only(market.moves.leaps),
    )


def index_panel(market: Market, ledger: Ledger) -> IndexPanel:
    """Return the index values of a market as a ledger joined them."""
    kinds = tuple(market.publications[s].unit for s in ledger.symbols)
    return IndexPanel(read_only(market.sessions), ledger.symbols, kinds, read_only(ledger.value))


def read_only(array: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    """Return a view of an array that cannot be written to."""
    view = array.view()
    view.setflags(write=False)
    return view


def _laid(market: Market, column: str, close: Float64) -> Float64:
    own = _column(market, column)
    if own is None:
        file = "prices has no column" if column in COLUMNS else "no market folder has a column"
        have = [c for c in COLUMNS if _column(market, c) is not None]
        raise RollsightError(f"{file} {column!r} {did_you_mean(column, have)}")
    if column == "Close":
        return close
    absent = close if column in PRICES else np.where(np.isnan(close), np.nan, 0.0)
    return np.where(market.has_bar, own, absent)


def _column(market: Market, column: str) -> Float64 | None:
    if column in PRICES and market.closes_only:
        return None  # the close stands in for them
    found: Float64 | None = getattr(market, column.lower()) if column in COLUMNS else None
    return found
