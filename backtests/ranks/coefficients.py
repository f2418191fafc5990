"""Rank correlations within dates, and among stocks of a date that are as volatile."""

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FEWEST_NAMES = 30  # of a date: with fewer, a coefficient is mostly noise
MANY_NAMES = 300
BUCKETS, FEWER_BUCKETS = 10, 5  # of volatility, of a date with many names and with fewer


def ranks_within(values: Float64, cell: Ints) -> Float64:
    """Return each value's rank among those of its cell, from 1 on; equal values share their mean.

    Parameters
    ----------
    values
        (n,) finite
    cell
        (n,) from 0 on

    >>> ranks_within(np.array([0.3, 0.1, 0.3, 7.0]), np.array([0, 0, 0, 1])).tolist()
    [2.5, 1.0, 2.5, 1.0]
    """
    if not len(values):
        return np.zeros(0)
    by_value = np.argsort(values)
    # Small whole numbers are sorted in one pass, four times as fast as both keys together.
    small = cell.astype(np.uint16) if cell.max() < 1 << 16 else cell
    order = by_value[np.argsort(small[by_value], kind="stable")]
    ordered, own = values[order], cell[order]
    begins = np.flatnonzero(np.append(True, own[1:] != own[:-1]))
    parts = np.append(True, (own[1:] != own[:-1]) | (ordered[1:] != ordered[:-1]))
    first = np.flatnonzero(parts)
    middle = (first + np.append(first[1:], len(own)) + 1) / 2  # mean place of equals, from 1 on
    sizes = np.diff(np.append(begins, len(own)))
    ranks = np.empty(len(values))
    ranks[order] = middle[np.cumsum(parts) - 1] - np.repeat(begins, sizes)
    return ranks


def rank_coefficients_of(score: Float64, made: Float64, date: Ints) -> Float64:
    """Return Spearman's correlation of score and return on each date, (1 + the last date,).

    NaN on a date with fewer than `FEWEST_NAMES` names, and where either does not vary.

    Parameters
    ----------
    score, made
        (n,) of each row; rows where either is NaN are left out
    date
        (n,) from 0 on
    """
    dates = int(date.max()) + 1 if len(date) else 0
    at = np.flatnonzero(np.isfinite(score) & np.isfinite(made))
    return _pooled(score[at], made[at], date[at], date[at], dates)


def matched_coefficients_of(
    score: Float64, made: Float64, volatility: Float64, date: Ints
) -> Float64:
    """Return each date's rank correlation within buckets of like volatility, all buckets together.

    Ranks are shares of the bucket, less their mean, and what they share is summed over the buckets
    of the date, so that each bucket weighs by its names. Ten buckets of a date with `MANY_NAMES`
    and more, else five. What a taste for calm or for wild stocks gives to a plain coefficient is
    not in it. NaN as in `rank_coefficients_of`.

    Parameters
    ----------
    volatility
        (n,) known at the decision; rows without one are left out
    """
    dates = int(date.max()) + 1 if len(date) else 0
    at = np.flatnonzero(np.isfinite(score) & np.isfinite(made) & np.isfinite(volatility))
    score, made, own = score[at], made[at], date[at]
    cell = own * BUCKETS + volatility_buckets(volatility[at], own)
    _, cell = np.unique(cell, return_inverse=True)
    return _pooled(score, made, cell, own, dates)


def volatility_buckets(volatility: Float64, date: Ints) -> Ints:
    """Return the bucket of each row among those of its date, calmest first, from 0 on."""
    names = np.bincount(date)[date] if len(date) else np.zeros(0, dtype=np.int64)
    buckets = np.where(names >= MANY_NAMES, BUCKETS, FEWER_BUCKETS)
    share = ranks_within(volatility, date) / np.maximum(names, 1)
    return np.asarray(np.minimum((share * buckets).astype(np.int64), buckets - 1))


def _pooled(score: Float64, made: Float64, cell: Ints, date: Ints, dates: int) -> Float64:
    """Return the correlation of ranks within cells, summed over the cells of each date."""
    x, y = (_centred(values, cell) for values in (score, made))
    xy, xx, yy = (np.bincount(date, z, minlength=dates) for z in (x * y, x * x, y * y))
    # Ranks are halves over a count: what does not vary sums to rounding alone.
    usable = (xx > 1e-9) & (yy > 1e-9) & (np.bincount(date, minlength=dates) >= FEWEST_NAMES)
    found = np.full(dates, np.nan)
    return np.asarray(np.divide(xy, np.sqrt(xx * yy), out=found, where=usable))


def _centred(values: Float64, cell: Ints) -> Float64:
    """Return ranks as shares of their cell, less the cell's mean."""
    names = np.bincount(cell)[cell] if len(cell) else np.zeros(0, dtype=np.int64)
    share = (ranks_within(values, cell) - (names + 1) / 2) / np.maximum(names, 1)
    return np.asarray(share, dtype=np.float64)
