"""The null of no skill: as many buys on the same dates, of stocks as volatile, drawn at random."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.buyers.keys import renewal, stock_keys
from rollsight.signals.inputs.labels import Label

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DRAWS = 1_000
TURNS = 10  # draws made of one set of keys, by turning where the smallest begins
BAND = (0.05, 0.95)


@dataclass(frozen=True, eq=False)
class RandomBuys:
    """What real buys made on each date, beside what random ones did.

    Attributes
    ----------
    dates
        (n_dates,) numbers of the decision dates that have a labelled row, ascending
    buys
        (n_dates,) labelled buys, as many as were drawn
    renewed
        chance a date with which a stock's draw is made anew, so that random buys stay in a
        stock as long as the real ones
    hits, net
        (n_dates,) buys that went UP, and the sum of net label returns, fraction
    drawn_hits, drawn_net
        (n_draws, n_dates) the same of each draw
    """

    dates: Ints
    buys: Ints
    renewed: float
    hits: Float64
    net: Float64
    drawn_hits: Float64
    drawn_net: Float64


@dataclass(frozen=True)
class BesideFigure:
    """A figure of the real buys beside the same one of the draws.

    Attributes
    ----------
    mean, low, high
        of the draws, and their band of 5 % to 95 %
    ahead
        value less mean, beside the band's ends less the same
    p_value, as_bad
        shares of draws as good or better, and as bad or worse; one-sided p-values
    """

    value: float
    mean: float
    low: float
    high: float
    ahead: float
    ahead_low: float
    ahead_high: float
    p_value: float
    as_bad: float


@dataclass(frozen=True)
class Beside:
    """Buys beside random ones: the share that went UP, and the mean net return of their labels."""

    precision: BesideFigure
    net_return: BesideFigure


@dataclass(frozen=True, eq=False)
class _Board:
    """Labelled rows laid out by cell, the stocks of one date and one group of volatility.

    Attributes
    ----------
    row
        (n_cells, widest) position of each row on the grid of dates, stock by stock
    there
        (n_cells, widest) whether a row stands there
    buys
        (n_cells,) buys to draw
    hits, net
        (n_cells, widest) what each row made, 0 where there is none
    date
        (n_cells,) number of the date
    grid
        stocks, dates
    """

    row: Ints
    there: Bools
    buys: Ints
    hits: Float64
    net: Float64
    date: Ints
    grid: tuple[int, int]


def random_buys(
    rows: pd.DataFrame, bought: pd.Series, *, span: int, draws: int = DRAWS, seed: int = 0
) -> RandomBuys:
    """Return what random buys make, as many in each date and group of volatility as real ones.

    Each stock has a key that is renewed now and then; in each cell the stocks with the smallest
    keys are bought. Drawn afresh each date, a null would be too narrow: a model that knows nothing
    but holds on to its stocks meets the same label over and over.

    Parameters
    ----------
    rows
        labelled rows with ``at``, ``code``, ``alike``, ``plain_label`` and
        ``net_label_return``
    bought
        which of them are buys
    span
        dates that a label spans
    """
    stock, date, dates = _grid(rows)
    board = _board(rows, bought.to_numpy(), stock, date, len(dates))
    rng = np.random.default_rng(seed)
    real = _laid(board.grid, stock, date, bought.to_numpy())
    renewed = renewal(real, partial(_bought, board), span, rng)
    hits, net = _drawn(board, renewed, draws, rng)
    own = rows[bought]
    at = date[bought.to_numpy()]
    return RandomBuys(
        dates=dates,
        buys=np.bincount(at, minlength=len(dates)),
        renewed=renewed,
        hits=_by_date(own["plain_label"] == Label.UP, at, len(dates)),
        net=_by_date(own["net_label_return"], at, len(dates)),
        drawn_hits=hits,
        drawn_net=net,
    )


def beside_random(found: RandomBuys, among: Bools) -> Beside | None:
    """Return the buys of some dates beside the random ones; None without a buy.

    Parameters
    ----------
    among
        (n_dates,) the dates that count
    """
    buys = int(found.buys[among].sum())
    if not buys:
        return None
    precision, net_return = (
        _beside(float(own[among].sum()) / buys, drawn[:, among].sum(axis=1) / buys)
        for own, drawn in ((found.hits, found.drawn_hits), (found.net, found.drawn_net))
    )
    return Beside(precision, net_return)


def _beside(value: float, drawn: Float64) -> BesideFigure:
    low, high = np.quantile(drawn, BAND)
    mean = float(drawn.mean())
    # Sums of the same returns in another order differ in their last digits.
    as_good, as_bad = int((drawn >= value - 1e-12).sum()), int((drawn <= value + 1e-12).sum())
    return BesideFigure(
        value=value,
        mean=mean,
        low=float(low),
        high=float(high),
        ahead=value - mean,
        ahead_low=float(low) - mean,
        ahead_high=float(high) - mean,
        p_value=(1 + as_good) / (1 + len(drawn)),
        as_bad=(1 + as_bad) / (1 + len(drawn)),
    )


def _grid(rows: pd.DataFrame) -> tuple[Ints, Ints, Ints]:
    stock = pd.factorize(rows["code"])[0].astype(np.int64)
    dates, date = np.unique(rows["at"].to_numpy(np.int64), return_inverse=True)
    return stock, date, dates


def _by_date(values: pd.Series, date: Ints, n_dates: int) -> Float64:
    return np.asarray(np.bincount(date, values.to_numpy(dtype=np.float64), minlength=n_dates))


def _board(rows: pd.DataFrame, bought: Bools, stock: Ints, date: Ints, n_dates: int) -> _Board:
    cell = date * (int(rows["alike"].max()) + 1) + rows["alike"].to_numpy(np.int64)
    # Only cells with a buy are drawn from.
    cells = np.unique(cell[bought])
    chosen = np.flatnonzero(np.isin(cell, cells))
    chosen = chosen[np.argsort(cell[chosen], kind="stable")]
    own = np.searchsorted(cells, cell[chosen])
    size = np.bincount(own, minlength=len(cells))
    place = np.arange(len(own)) - np.repeat(np.cumsum(size) - size, size)

    def laid(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        table = np.zeros((len(cells), int(size.max(initial=0))), values.dtype)
        table[own, place] = values[chosen]
        return table

    return _Board(
        row=laid(stock * n_dates + date),
        there=laid(np.ones(len(rows), dtype=np.bool_)),
        buys=np.bincount(np.searchsorted(cells, cell[bought]), minlength=len(cells)),
        hits=laid((rows["plain_label"] == Label.UP).to_numpy(np.float64)),
        net=laid(rows["net_label_return"].to_numpy(np.float64)),
        date=cells // (int(rows["alike"].max()) + 1),
        grid=(int(stock.max()) + 1, n_dates),
    )


def _drawn(board: _Board, renewed: float, draws: int, rng: np.random.Generator) -> Float64:
    """Return hits and net returns of each draw and date; (2, n_draws, n_dates)."""
    n_dates, found = board.grid[1], np.empty((2, draws, board.grid[1]))
    for first in range(0, draws, TURNS):
        turns = _turns(board, stock_keys(board.grid, renewed, rng))
        for draw, sums in zip(range(first, draws), turns, strict=False):
            found[:, draw] = [np.bincount(board.date, s, minlength=n_dates) for s in sums]
    return found


def _turns(board: _Board, key: Float32) -> Iterator[list[Float64]]:
    """Yield each cell's hits and net returns of the smallest keys, then from a tenth on, ..."""
    own = np.where(board.there, key[board.row], np.float32(2))
    order = np.argsort(own, axis=1)
    size = board.there.sum(axis=1)
    each = np.arange(len(size))
    totals = []
    for values in (board.hits, board.net):
        total = np.zeros((values.shape[0], values.shape[1] + 1))
        np.cumsum(np.take_along_axis(values, order, axis=1), axis=1, out=total[:, 1:])
        totals.append(total)
    for turn in range(TURNS):
        start = (own < np.float32(turn / TURNS)).sum(axis=1)
        stop = start + board.buys
        over = np.maximum(stop - size, 0)
        yield [t[each, np.minimum(stop, size)] - t[each, start] + t[each, over] for t in totals]


def _bought(board: _Board, key: Float32) -> Bools:
    own = np.where(board.there, key[board.row], np.float32(2))
    rank = np.argsort(np.argsort(own, axis=1), axis=1)
    flat = np.zeros(board.grid[0] * board.grid[1], dtype=np.bool_)
    flat[board.row[rank < board.buys[:, None]]] = True
    return flat.reshape(board.grid)


def _laid(grid: tuple[int, int], stock: Ints, date: Ints, bought: Bools) -> Bools:
    table = np.zeros(grid, dtype=np.bool_)
    table[stock[bought], date[bought]] = True
    return table
