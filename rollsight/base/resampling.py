"""How sure a mean over overlapping labels is: intervals and p-values by blocks of decision dates.

Stocks of one date are alike, and labels decided within one span of each other overlap. So rows are
summed in blocks of dates, one label span long, and the variance of a mean is read from the slowest
cosines of its block sums: Student's t with as many degrees of freedom as there are cosines.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FEWEST_BLOCKS = 20
LEVEL = 0.95
BLOCKS_PER_COSINE = 3
# Sums over neighbouring blocks of one span: labels that overlap less the further apart they were
# decided share a quarter of a block's own variance (1/6 of the cubed span beside 2/3).
NEIGHBOURS = 0.25


@dataclass(frozen=True)
class Estimate:
    """A mean, or a difference of means, with what resampled dates say of it.

    Attributes
    ----------
    value
        in the unit of the rows; None without rows
    low, high
        bounds of the interval; None where fewer than `FEWEST_BLOCKS` blocks hold a row, so
        few would give an interval far too narrow, and where the rows do not vary
    p_value
        two-sided, of a value of zero; None where there is no interval
    error
        standard error, in the unit of the rows; None likewise
    blocks
        blocks of dates, one label span long, that hold a row
    """

    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    error: float | None
    blocks: int


def mean_estimate(values: Float64, at: Ints, *, span: int, level: float = LEVEL) -> Estimate:
    """Return the mean of some rows with its interval.

    Cosines of Lazarus, Lewis, Stock and Watson (2018, "HAR inference"), over sums of blocks whose
    unequal counts cost degrees of freedom as in Bell and McCaffrey (2002).

    Parameters
    ----------
    values
        (n_rows,) one value a row, 0 or 1 for a share
    at
        (n_rows,) position of each row's date among the consecutive decision dates
    span
        dates that a label spans
    level
        share of the samples whose interval is to hold the truth
    """
    return _estimate([(values, at)], span, level)


def difference_estimate(
    values: Float64, first: Bools, at: Ints, *, span: int, level: float = LEVEL
) -> Estimate:
    """Return the mean of one group of rows less the mean of the others, which share dates.

    Parameters
    ----------
    values, at, span, level
        as in `mean_estimate`
    first
        (n_rows,) whether a row is of the group whose mean counts as positive
    """
    return _estimate([(values[g], at[g]) for g in (first, ~first)], span, level)


def benjamini_hochberg(p_values: Sequence[float | None]) -> list[float | None]:
    """Return q-values: p-values adjusted for how many were tried; a missing one stays missing."""
    from scipy.stats import false_discovery_control  # half a second to import

    known = [p for p in p_values if p is not None]
    q = iter(false_discovery_control(known) if known else [])
    return [None if p is None else float(next(q)) for p in p_values]


def _estimate(groups: list[tuple[Float64, Ints]], span: int, level: float) -> Estimate:
    held = np.unique(np.concatenate([at for _, at in groups]) // span)
    if any(len(at) == 0 for _, at in groups):
        return Estimate(None, None, None, None, None, len(held))
    means = [float(np.mean(values)) for values, _ in groups]
    value = means[0] - sum(means[1:])
    error, freedom = _error(groups, means, held, span) or (None, 0.0)
    if error is None:
        return Estimate(value, None, None, None, None, len(held))
    reach = error * float(stdtrit(freedom, 0.5 + level / 2))
    p_value = 2 * float(stdtr(freedom, -abs(value) / error))
    return Estimate(value, value - reach, value + reach, p_value, error, len(held))


def _error(
    groups: list[tuple[Float64, Ints]], means: list[float], held: Ints, span: int
) -> tuple[float, float] | None:
    """Return the standard error of the first mean less the second, and its degrees of freedom."""
    if len(held) < FEWEST_BLOCKS:
        return None
    cosines = _cosines(len(held))
    waves = cosines.shape[1]
    seen, noise, true = np.zeros(waves), np.zeros((waves, waves)), 0.0
    for (values, at), mean, sign in zip(groups, means, (1, -1), strict=False):
        block = np.searchsorted(held, at // span)
        weight = np.bincount(block, minlength=len(held)) / len(at)
        influence = np.bincount(block, values - mean, minlength=len(held)) / len(at)
        seen += sign * (influence @ cosines)
        # What the same cosines would see, the mean taken off, if labels did nothing but overlap.
        centred = cosines - weight @ cosines
        overlap = _overlap(weight)
        noise += centred.T @ overlap @ centred
        true += overlap.sum()
    error = float(np.sqrt(seen @ seen * true / np.trace(noise)))
    if error <= 1e-12 * max(abs(mean) for mean in means):
        return None
    return error, float(np.trace(noise) ** 2 / np.square(noise).sum())


def _cosines(n: int) -> Float64:
    """Return the slowest waves over n blocks, each of length 1, without the constant one."""
    wave = np.arange(1, n // BLOCKS_PER_COSINE + 1)
    block = np.arange(n)[:, None] + 0.5
    return np.asarray(np.sqrt(2 / n) * np.cos(np.pi * wave * block / n))  # (n, n_cosines)


def _overlap(weight: Float64) -> Float64:
    """Return the covariance of block sums whose rows move as one and overlap with neighbours."""
    near = NEIGHBOURS * weight[1:] * weight[:-1]
    return np.asarray(np.diag(weight**2) + np.diag(near, 1) + np.diag(near, -1))
