"""The index that a run is held against, on the sessions on which both have a value."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.signals.known.calendar import exchange_calendar
from rollsight.signals.known.symbols import Publication
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import EQUAL_WEIGHT

Float64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


def benchmark_column(symbol: str) -> str:
    """Return the column of a table of equity that has the returns of a further benchmark."""
    return f"benchmark_return_{symbol}"


def benchmark_returns(market: Market, first: int, symbol: str | None) -> Float64:
    """Return the benchmark's change from session to session, by its own dates.

    While its own exchange is closed it does not move. Where it lacks a value, before its first and
    after its last one there is none; the change after a hole is that since the value before it.

    Returns
    -------
    (n_days - first,) fractions; 0 in the first session with a value, NaN where there is none, and
    everywhere without a symbol, and of the universe in equal parts, which no index tells of
    """
    change = np.full(len(market.sessions) - first, np.nan)
    if symbol is None or symbol == EQUAL_WEIGHT:
        return change
    level = market.indices[symbol].dropna()
    dates = level.index.to_numpy().astype("datetime64[D]")
    newest = np.searchsorted(dates, market.sessions, side="right") - 1
    fresh = np.diff(newest, prepend=-1) > 0
    closed = _closed(market, market.publications[symbol])
    # On a closed session a value is as known as it was before.
    known = pd.Series(np.where(closed & ~fresh, np.nan, fresh)).ffill().fillna(0).to_numpy(bool)
    at = np.flatnonzero(known[first:])
    values = level.to_numpy()[newest[first:][at]]
    change[at] = np.divide(values, np.concatenate([values[:1], values[:-1]])) - 1
    return change


def _closed(market: Market, publication: Publication) -> Flags:
    """Return the sessions up to which, since the one before, the index's own exchange was closed.

    Without a calendar of its own an index is taken to have a value for every session.
    """
    days = market.sessions
    if publication.calendar is None or publication.calendar == market.exchange:
        return np.zeros(len(days), dtype=bool)
    own = exchange_calendar(publication.calendar, days[0], days[-1]).sessions
    return np.asarray(np.diff(np.searchsorted(own, days, side="right"), prepend=0) == 0)


@dataclass(frozen=True, eq=False)
class Common:
    """Returns of a strategy and its benchmark over the sessions on which both have a value.

    Attributes
    ----------
    at
        (n,) these sessions, ascending
    missing
        (k,) sessions between the first and the last of them on which the benchmark has none
    own
        (n,) or (n, n_trials) returns of the strategy from one of these sessions to the next
    other
        (n,) those of the benchmark; the first of either is the start's 0
    days
        sessions from the first to the last
    whole
        both have a value in every session of the run
    """

    at: Ints
    missing: Ints
    own: Float64
    other: Float64
    days: int
    whole: bool

    def sessions_per_year(self, per_year: float) -> float:
        """Return how many of these sessions a year has, given those of the calendar."""
        return per_year if self.whole else per_year * (len(self.at) - 1) / (self.days - 1)

    def over(self, returns: Float64) -> Float64:
        """Return returns of all sessions as those from one of these to the next."""
        if self.whole:
            return returns
        level = np.cumprod(1 + returns, axis=0)[self.at]
        return np.concatenate([np.zeros_like(level[:1]), level[1:] / level[:-1] - 1])


def common(own: Float64, other: Float64) -> Common | None:
    """Return what can be compared, or None where fewer than two sessions have both.

    Parameters
    ----------
    own
        (n_days,) or (n_days, n_trials) returns, the first the start's 0
    other
        (n_days,) returns of the benchmark, NaN where it has no value
    """
    at = np.flatnonzero(np.isfinite(other))
    if len(at) < 2:
        return None
    missing = np.setdiff1d(np.arange(at[0], at[-1]), at)
    days = int(at[-1] - at[0]) + 1
    if len(at) == len(other):
        return Common(at, missing, own, other, days, whole=True)
    theirs = np.concatenate([[0.0], other[at[1:]]])
    both = Common(at, missing, own, theirs, days, whole=False)
    return replace(both, own=both.over(own))
