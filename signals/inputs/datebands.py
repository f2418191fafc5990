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
    for day in days:
        own = counts[:, day]
        if volatility is None:
            wide[:, day] = _cut(returns[own, day], spec)[:, None]
        else:
            wide[:, day] = _within_groups(returns[:, day], volatility[:, day], own, spec)
    few = int(((names > 0) & (names < FEWEST_NAMES)).sum())
    return DateBands(wide[0].T, wide[1].T, due, few)


def _cut(returns: Float64, spec: LabelSpec) -> Float64:
    """Return where DOWN ends and UP begins, so that their shares are as asked; ties are HOLD."""
    n, ordered = len(returns), np.sort(returns)
    below = int(np.floor(n * spec.down_share + 0.5))
    above = max(int(np.floor(n * (1 - spec.up_share) + 0.5)), below)
    down = ordered[below] if below < n else np.inf
    up = np.round(ordered[above - 1] + 10.0**-DECIMALS, DECIMALS) if above else -np.inf
    return np.array([down, up])


def _within_groups(
    returns: Float64, volatility: Float64, counts: Flags, spec: LabelSpec
) -> Float64:
    """Return (2, n_stocks): the bands of each stock's group of like volatility."""
    ordered = np.sort(volatility[counts])
    n = len(ordered)
    groups = min(n // FEWEST_ALIKE, GROUPS)
    edges = ordered[np.arange(1, groups) * n // groups]
    # Of equal volatility is of one group, however the stocks are ordered.
    group = np.searchsorted(edges, volatility, side="right")
    bands = np.full((2, groups), np.nan)
    for one in np.unique(group[counts]):
        bands[:, one] = _cut(returns[counts & (group == one)], spec)
    found = bands[:, group]
    found[:, np.isnan(volatility)] = np.nan
    return found
