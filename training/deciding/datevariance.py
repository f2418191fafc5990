"""Whether forecasts choose days or stocks: the share of their variance that lies between dates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class DateVariance:
    """The variance of some rows' probability of UP, and the part of it that lies between dates.

    Attributes
    ----------
    rows
        rows that it is of
    variance
        theirs
    share
        variance of the means of the dates, each weighted by its rows, as a share of the whole;
        None where the rows do not vary
    """

    rows: int
    variance: float
    share: float | None


def date_variance(p_up: Float64, date: Ints) -> DateVariance:
    """Return the variance of p_up and the share of it that lies between dates.

    It is a one-way analysis of variance. With n rows, n_d of them of date d, the mean p_d of a
    date and the mean p of all, the variance is sum((p_i - p)^2) / n, and the share between dates
    sum(n_d (p_d - p)^2) / sum((p_i - p)^2). At 1 all stocks of a date have the same probability, at
    0 all dates have the same mean. Where dates mean nothing the share is about that of dates to
    rows: 1 / 20 with 20 stocks.

    Parameters
    ----------
    p_up, date
        (n,) of the rows

    >>> found = date_variance(np.array([0.1, 0.3, 0.5, 0.7]), np.array([0, 0, 1, 1]))
    >>> round(found.variance, 6), round(found.share, 6)
    (0.05, 0.8)
    """
    if not len(p_up):
        return DateVariance(0, 0.0, None)
    _, at = np.unique(date, return_inverse=True)
    rows = np.bincount(at)
    # From a value of the rows' own on, so that rows that do not vary have a variance of exactly 0.
    above = p_up - p_up[0]
    mean = above.mean()
    between = rows * (np.bincount(at, above) / rows - mean) ** 2
    whole = float(((above - mean) ** 2).sum())
    return DateVariance(len(p_up), whole / len(p_up), _share(float(between.sum()), whole))


def pooled(parts: Sequence[DateVariance]) -> DateVariance:
    """Return the variances of windows together, each about its own mean: each is another model."""
    rows = sum(part.rows for part in parts)
    whole = sum(part.rows * part.variance for part in parts)
    between = sum(part.rows * part.variance * (part.share or 0.0) for part in parts)
    return DateVariance(rows, whole / max(rows, 1), _share(between, whole))


def _share(between: float, whole: float) -> float | None:
    return min(between / whole, 1.0) if whole > 0 else None
