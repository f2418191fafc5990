"""What the best, the worst and all between them earned: ten equal parts of each date's stocks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.backtests.ranks.coefficients import FEWEST_NAMES
from rollsight.base.resampling import mean_estimate

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PARTS = 10


@dataclass(frozen=True)
class Part:
    """Mean label return of a tenth of each date's stocks; the tenth part has the highest scores."""

    part: int
    gross: float | None
    net: float | None


@dataclass(frozen=True)
class Spread:
    """Label return of the best tenth less that of the worst, a date; fraction.

    Attributes
    ----------
    low, high
        95 % interval by blocks of dates; None where there are too few, as the p-value
    of_all
        of the best tenth less that of all stocks of the date, gross
    """

    gross: float | None
    low: float | None
    high: float | None
    p_value: float | None
    net: float | None
    of_all: float | None
    of_all_low: float | None
    of_all_high: float | None


@dataclass(frozen=True)
class Deciles:
    """What ten parts of each date's stocks earned, worst scores first; dates weigh the same."""

    parts: tuple[Part, ...]
    spread: Spread


def deciles(score: Float64, gross: Float64, net: Float64, date: Ints, *, span: int) -> Deciles:
    """Return the mean label return of each tenth of the stocks by score.

    Dates with fewer than `FEWEST_NAMES` stocks are left out. Of equal scores the first row is
    taken for the lower. The net spread is what a buyer of the best would have kept of it: the
    worst are not sold short, they are what one did not hold, and are counted before costs.

    Parameters
    ----------
    score, gross, net
        (n,) of labelled rows; returns as fractions, net of costs
    date
        (n,) positions of each row's date among the decision dates
    span
        dates that a label spans
    """
    kept = np.bincount(date)[date] >= FEWEST_NAMES if len(date) else np.zeros(0, dtype=bool)
    date = date[kept]
    held, own = np.unique(date, return_inverse=True)
    cell = own * PARTS + _part(score[kept], own)
    before, after = (_means(of[kept], cell, len(held)) for of in (gross, net))
    every = _means(gross[kept], own * PARTS, len(held))[:, 0]
    return Deciles(
        tuple(Part(k + 1, _mean(before[:, k]), _mean(after[:, k])) for k in range(PARTS)),
        _spread(before, after, every, held, span),
    )


def _part(score: Float64, date: Ints) -> Ints:
    """Return the part of each row, from 0 on."""
    order = np.lexsort((score, date))
    names = np.bincount(date)
    place = np.arange(len(date)) - np.repeat(np.cumsum(names) - names, names)
    part = np.empty(len(date), dtype=np.int64)
    part[order] = place * PARTS // np.repeat(names, names)
    return part


def _means(values: Float64, cell: Ints, dates: int) -> Float64:
    """Return (n_dates, parts) means, NaN where a cell is empty."""
    size = dates * PARTS
    rows = np.bincount(cell, minlength=size)
    sums = np.bincount(cell, values, minlength=size)
    means = np.divide(sums, rows, out=np.full(size, np.nan), where=rows > 0)
    return np.asarray(means.reshape(dates, PARTS))


def _spread(before: Float64, after: Float64, every: Float64, held: Ints, span: int) -> Spread:
    wide = mean_estimate(before[:, -1] - before[:, 0], held, span=span)
    above = mean_estimate(before[:, -1] - every, held, span=span)
    return Spread(
        gross=wide.value,
        low=wide.low,
        high=wide.high,
        p_value=wide.p_value,
        net=_mean(after[:, -1] - before[:, 0]),
        of_all=above.value,
        of_all_low=above.low,
        of_all_high=above.high,
    )


def _mean(values: Float64) -> float | None:
    return float(values.mean()) if len(values) else None
