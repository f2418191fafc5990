"""What features are made of: prices and index values as they stood at each session's close."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

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
Made = TypeVar("Made")

PRICES = ("Open", "High", "Low")
TRADED = ("Volume", "Amount")
COLUMNS = (*PRICES, "Close", *TRADED, "Dividend")


@dataclass(frozen=True, eq=False)
class StockPanel:
    """Columns of a market's prices, ``panel["Close"]``; the arrays cannot be written to.

    In a session without a row the close before stands for all prices, and nothing was traded.
    Prices are the folder's: no dividend is added back.

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
    traded
        (n_stocks, n_days) the stock had a row, was not halted, and had volume where there is any
    market
        (n_days,) the market's change from the session before, as it was known at the close,
        fraction; see `market_change`
    """

    sessions: Days
    codes: tuple[str, ...]
    columns: Mapping[str, Float64]
    leaps: Flags
    traded: Flags
    market: Float64
    _made: dict[Any, Any] = field(init=False, repr=False, default_factory=dict)

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

    def once(self, make: Callable[..., Made], *of: object) -> Made:
        """Return what a function makes of the panel, made once for all features that ask for it."""
        if (make, *of) not in self._made:
            self._made[make, *of] = make(self, *of)
        made: Made = self._made[make, *of]
        return made

    def between(self, first: int, stop: int) -> "StockPanel":
        """Return the panel of sessions ``[first, stop)`` alone."""
        part = self._part((slice(None), slice(first, stop)))
        return replace(part, sessions=self.sessions[first:stop], market=self.market[first:stop])

    def of_stocks(self, first: int, stop: int) -> "StockPanel":
        """Return the panel of the stocks ``[first, stop)`` alone."""
        return replace(self._part((slice(first, stop),)), codes=self.codes[first:stop])

    def _part(self, of: tuple[slice, ...]) -> "StockPanel":
        columns = {name: column[of] for name, column in self.columns.items()}
        return replace(self, columns=columns, leaps=self.leaps[of], traded=self.traded[of])


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


def stock_panel(market: Market, needs: Sequence[str], change: Float64) -> StockPanel:
    """Return the columns of a market that a feature needs.

    Parameters
    ----------
    change
        (n_days,) the market's own, see `market_change`

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
        read_only(market.traded),
        read_only(change),
    )


def index_panel(market: Market, ledger: Ledger) -> IndexPanel:
    """Return the index values of a market as a ledger joined them."""
    kinds = tuple(market.publications[s].unit for s in ledger.symbols)
    return IndexPanel(read_only(market.sessions), ledger.symbols, kinds, read_only(ledger.value))


def market_change(market: Market, ledger: Ledger, benchmark: str | None) -> Float64:
    """Return the market's change from session to session, (n_days,), as known at each close.

    It is that of the benchmark, or where there is none the mean of the stocks' own.
    """
    if benchmark in ledger.symbols:
        value = ledger.value[:, ledger.symbols.index(benchmark)]
        return np.concatenate([[np.nan], value[1:] / value[:-1] - 1])
    change = day_over_day(pd.DataFrame(market.close.T).ffill().to_numpy().T)
    counted = np.isfinite(change) & market.traded & ~market.moves.leaps
    total, n = np.where(counted, change, 0.0).sum(axis=0), counted.sum(axis=0)
    return np.where(n > 0, total / np.maximum(n, 1), np.nan)


def day_over_day(close: Float64) -> Float64:
    """Return the change of each close (n_stocks, n_days) from the one before, fractions."""
    change = np.full(close.shape, np.nan)
    change[:, 1:] = close[:, 1:] / close[:, :-1] - 1
    return change


def columns_of(market: Market) -> list[str]:
    """Return the columns that a market has for features."""
    return [column for column in COLUMNS if _column(market, column) is not None]


def read_only(array: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
    """Return a view of an array that cannot be written to."""
    view = array.view()
    view.setflags(write=False)
    return view


def _laid(market: Market, column: str, close: Float64) -> Float64:
    own = _column(market, column)
    if own is None:
        have = columns_of(market)
        if column in COLUMNS:
            raise RollsightError(
                f"prices has no column {column!r} (have {have}): add it, or leave the feature out "
                "of features.stock"
            )
        raise RollsightError(
            f"no market folder has a column {column!r} {did_you_mean(column, have)}"
        )
    if column == "Close":
        return close
    absent = close if column in PRICES else np.where(np.isnan(close), np.nan, 0.0)
    return np.where(market.has_bar, own, absent)


def _column(market: Market, column: str) -> Float64 | None:
    if column in PRICES and market.closes_only:
        return None  # the close stands in for them
    found: Float64 | None = getattr(market, column.lower()) if column in COLUMNS else None
    return found
