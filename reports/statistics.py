"""Figures of return series, and intervals that know labels overlap."""

import numpy as np
import numpy.typing as npt
import pandas as pd

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DRAWS = 1_000
FEWEST_BLOCKS = 20


def mean_interval(
    sums: Float64 | Ints,
    counts: Ints,
    *,
    span: int,
    level: float = 0.95,
    draws: int = DRAWS,
    seed: int = 0,
) -> tuple[float, float] | None:
    """Return the interval of sum(sums) / sum(counts), by circular blocks of dates.

    Labels that overlap are alike, and so are stocks of one date: whole runs of dates, twice as
    long as a label spans, are drawn together (circular block bootstrap, Politis and Romano, 1992).

    Parameters
    ----------
    sums : (n_dates,) sum over the rows of each consecutive date, of successes for a share
    counts : (n_dates,) rows of each date
    span : dates that a label spans
    level : share of the draws that the interval holds

    Returns
    -------
    Bounds in the unit of the rows, or None where fewer than `FEWEST_BLOCKS` blocks hold a row: so
    few would give an interval far too narrow.
    """
    block = 2 * span
    if len(np.unique(np.flatnonzero(counts) // block)) < FEWEST_BLOCKS:
        return None
    n = len(counts)
    rng = np.random.default_rng(seed)
    starts = rng.integers(n, size=(draws, -(-n // block)))
    total = _circular_sums(counts, block)[starts].sum(axis=1)
    summed = _circular_sums(sums, block)[starts].sum(axis=1)
    low, high = np.quantile(
        summed[total > 0] / total[total > 0], [0.5 - level / 2, 0.5 + level / 2]
    )
    return float(low), float(high)


def rows_interval(
    dates: pd.Series, values: pd.Series, *, span: int, level: float = 0.95
) -> tuple[float | None, float | None]:
    """Return the interval of the mean of some rows' values, (None, None) where there is none.

    Parameters
    ----------
    dates : of all rows, which give the calendar; the values' index is among theirs
    """
    every = pd.Index(dates.unique())
    by_date = values.groupby(dates.reindex(values.index))
    sums = by_date.sum().reindex(every, fill_value=0)
    counts = by_date.size().reindex(every, fill_value=0)
    found = mean_interval(
        np.asarray(sums, dtype=np.float64),
        np.asarray(counts, dtype=np.int64),
        span=span,
        level=level,
    )
    return (None, None) if found is None else found


def _circular_sums(values: Float64 | Ints, block: int) -> Float64 | Ints:
    total = np.concatenate([[0], np.cumsum(np.concatenate([values, values[:block]]))])
    return np.asarray(total[block : block + len(values)] - total[: len(values)])


def total_return(returns: Float64) -> float:
    """Return the compounded return of a series of fractions."""
    return float(np.prod(1 + returns) - 1)


def annual_return(returns: Float64, sessions_per_year: float) -> float:
    """Return the compounded annual growth rate, fraction; the first return is the start's 0."""
    years = (len(returns) - 1) / sessions_per_year
    return float((1 + total_return(returns)) ** (1 / years) - 1) if years > 0 else 0.0


def sharpe_ratio(returns: Float64, sessions_per_year: float) -> float | None:
    """Return mean over standard deviation, annualised; None for a series that never moves."""
    deviation = volatility(returns, sessions_per_year)
    if not deviation:
        return None
    return float(returns[1:].mean() * sessions_per_year / deviation)


def volatility(returns: Float64, sessions_per_year: float) -> float | None:
    """Return the annualised standard deviation, fraction; None for fewer than two returns."""
    if len(returns) < 3:  # the first is the start's 0
        return None
    return float(returns[1:].std(ddof=1) * np.sqrt(sessions_per_year))


def max_drawdown(returns: Float64) -> float:
    """Return the deepest fall from a high, fraction, at most 0."""
    value = np.cumprod(1 + returns)
    return float((value / np.maximum(np.maximum.accumulate(value), 1.0) - 1).min())
