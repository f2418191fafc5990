"""Bands of a date: where the classes of its returns begin, by what had settled when it was due."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.signals.spec import LabelSpec

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

# 98/100-1 is a hair below -0.02: returns and bands are compared to twelve decimals.
DECIMALS = 12
FEWEST_NAMES = 30  # settled returns of a date: with fewer its shares are mostly noise
GROUPS = 10  # of like volatility
FEWEST_ALIKE = 15  # settled returns a group: five a class


@dataclass(frozen=True, eq=False)
class DateBands:
    """Where the classes of each row's date, and of its group, begin.

    Attributes
    ----------
    down, up
        (n_stocks, n_days) fractions: DOWN is below, UP at or above, which is all that is above the
        highest HOLD; NaN where there are none, and infinite where all is of one class
    due
        (n_days,) session by whose open the bands are known
    few
        sessions of too few settled returns to have any
    """

    down: Float64
    up: Float64
    due: Ints
    few: int


def by_date(spec: LabelSpec) -> bool:
    """Return whether a label's bands are those of its date."""
    return spec.band in ("date", "date-volatility")


def date_bands(
    returns: Float64,
    settled_at: Ints,
    spec: LabelSpec,
    *,
    member: Flags,
    volatility: Float64 | None = None,
) -> DateBands:
    """Return the bands of every date, made of its members' returns that had settled when due.

    A date is due in the session in which its trades leave unless something holds them up. Who
    leaves later has no part in the bands, and is held against them like the others.

    Parameters
    ----------
    returns
        (n_stocks, n_days) fractions, rounded to `DECIMALS`; NaN where there are none
    settled_at
        (n_stocks, n_days) session of the exit
    member
        (n_stocks, n_days)
    volatility
        (n_stocks, n_days) a day, NaN where it is not known; where the bands are those of the names
        of like volatility
    """
    n_stocks, n_days = returns.shape
    due = np.arange(n_days) + 1 + spec.horizon
    counts = member & np.isfinite(returns) & (settled_at <= due)
    if volatility is not None:
        counts &= np.isfinite(volatility)
    names = counts.sum(axis=0)
    names[due >= n_days] = 0
    wide = np.full((2, n_days, n_stocks), np.nan)
    days = np.flatnonzero(names >= FEWEST_NAMES)
    group = np.zeros(n_stocks, dtype=np.int64)
    for day in days:
        own = counts[:, day]
        if volatility is not None:
            group = _alike(volatility[:, day], own)
        wide[:, day] = _cuts(returns[own, day], group[own], spec)[:, group]
        if volatility is not None:
            wide[:, day, np.isnan(volatility[:, day])] = np.nan
    few = int(((names > 0) & (names < FEWEST_NAMES)).sum())
    return DateBands(wide[0].T, wide[1].T, due, few)


def _alike(volatility: Float64, counts: Flags) -> Ints:
    """Return the group of like volatility of each stock."""
    ordered = np.sort(volatility[counts])
    n = len(ordered)
    groups = min(n // FEWEST_ALIKE, GROUPS)
    # Of equal volatility is of one group, however the stocks are ordered.
    edges = ordered[np.arange(1, groups) * n // groups]
    return np.searchsorted(edges, volatility, side="right")


def _cuts(returns: Float64, group: Ints, spec: LabelSpec) -> Float64:
    """Return (2, GROUPS): where DOWN ends and UP begins in each group; NaN where it is empty.

    Their shares are as asked; ties are HOLD.
    """
    ordered = returns[np.lexsort((returns, group))]
    n = np.bincount(group, minlength=GROUPS)
    first = np.cumsum(n) - n
    below = np.floor(n * spec.down_share + 0.5).astype(np.int64)
    above = np.maximum(np.floor(n * (1 - spec.up_share) + 0.5).astype(np.int64), below)
    padded = np.append(ordered, np.inf)
    down = np.where(below < n, padded[first + np.minimum(below, n)], np.inf)
    up = np.round(padded[first + above - 1] + 10.0**-DECIMALS, DECIMALS)
    found = np.stack([down, np.where(above > 0, up, -np.inf)])
    found[:, n == 0] = np.nan
    return found
