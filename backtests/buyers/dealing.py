"""A run's scores dealt out anew among the stocks as volatile of each date."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.buyers.alike import GROUPS, volatility_groups
from rollsight.backtests.buyers.keys import renewal, stock_keys

Ints = npt.NDArray[np.int64]
Float32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Deck:
    """Rows of a signal table laid out by cell, the stocks of one date and one group of volatility.

    Attributes
    ----------
    row
        (n,) positions in the table, by cell, and within it the best score first
    cell
        (n,) ascending
    place
        (n,) position of each row on the grid, stock by stock
    buy
        (n,) whether the row is a real buy
    grid
        stocks, dates
    """

    row: Ints
    cell: Ints
    place: Ints
    buy: Bools
    grid: tuple[int, int]

    def part(self, rows: Bools) -> "Deck":
        """Return some rows, of each cell all or none; they are dealt as in the whole."""
        own = {name: getattr(self, name)[rows] for name in ("row", "cell", "place", "buy")}
        return replace(self, **own)

    def dealt(self, key: Float32) -> Ints:
        """Return which row each one's score goes to, (n,): those of a cell by ascending key."""
        return np.argsort(self.cell + key[self.place].astype(np.float64), kind="stable")

    def bought(self, key: Float32) -> Bools:
        """Return the buys that are drawn by keys, on the grid."""
        return self._on_grid(self.dealt(key)[self.buy])

    def real(self) -> Bools:
        """Return the real buys, on the grid."""
        return self._on_grid(np.flatnonzero(self.buy))

    def _on_grid(self, rows: Ints) -> Bools:
        table = np.zeros(self.grid, dtype=np.bool_)
        table.ravel()[self.place[rows]] = True
        return table


def deck_of(signals: pd.DataFrame, *, whole: bool) -> Deck:
    """Lay out the rows of a signal table.

    Parameters
    ----------
    signals
        with columns stock, day, decided_at, volatility, score, threshold and buy; what has no
        threshold cannot be bought: it is a cell of its own, and so keeps its score
    whole
        deal in every cell; else in those with a buy alone
    """
    stocks, stock = np.unique(signals["stock"].to_numpy(np.int64), return_inverse=True)
    dates, date = np.unique(signals["day"].to_numpy(np.int64), return_inverse=True)
    alike = volatility_groups(signals[["decided_at", "volatility"]]).to_numpy(np.int64)
    own = len(dates) * GROUPS + np.arange(len(signals))
    cell = np.where(signals["threshold"].isna(), own, date * GROUPS + alike)
    buy = signals["buy"].to_numpy(dtype=np.bool_)
    row = np.lexsort((stock, -signals["score"].to_numpy(np.float64), cell))
    if not whole:
        row = row[np.isin(cell[row], np.unique(cell[buy]))]
    return Deck(
        row=row,
        cell=cell[row],
        place=(stock * len(dates) + date)[row],
        buy=buy[row],
        grid=(len(stocks), len(dates)),
    )


def renewal_of(deck: Deck, span: int, rng: np.random.Generator) -> float:
    """Return the chance a date of a new key, with which draws stay in a stock as real buys do.

    Parameters
    ----------
    span
        dates that a label spans
    """
    return renewal(deck.real(), deck.bought, span, rng)


def deal(deck: Deck, renewed: float, rng: np.random.Generator) -> Ints:
    """Return which row each one's score goes to in one draw, (n,)."""
    return deck.dealt(stock_keys(deck.grid, renewed, rng))
