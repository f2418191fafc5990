"""What the trials of a sweep earned day by day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
import numpy.typing as npt

from rollsight.backtests.account import statistics
from rollsight.backtests.account.benchmark import Common, benchmark_returns, common
from rollsight.backtests.account.portfolio import universe_returns
from rollsight.backtests.holdout.looks import rows_digests
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.grid import Grid
from rollsight.backtests.sweeps.plan import SweepPlan, Trial
from rollsight.backtests.sweeps.reader import Reader
from rollsight.backtests.sweeps.spec import SweepSpec
from rollsight.backtests.trials.attempts import Entry
from rollsight.backtests.trials.otherseeds import PartOutcome
from rollsight.backtests.trials.outcomes import Outcome, Performance, read_outcome
from rollsight.backtests.trials.selection import Rolling
from rollsight.reports.run.data.benchmark import Span, span_data
from rollsight.signals.spec import EQUAL_WEIGHT

Float64 = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]
FEWEST = 3  # sessions of which a series has two changes


@dataclass(frozen=True, eq=False)
class Finished:
    """A sweep that has been worked off.

    Attributes
    ----------
    found
        outcome, or fault, of each trial
    ranked
        trials by what they are chosen for, the best first; none where each window chooses
    other_seeds
        of the first of these, by number, what parts of their networks come to
    kept
        by number, where the report of a trial with a run directory is
    """

    spec: RunSpec
    sweep: SweepSpec
    grid: Grid
    plan: SweepPlan
    found: Mapping[str, Outcome | str]
    ranked: Sequence[Trial]
    other_seeds: Mapping[int, Sequence[PartOutcome]]
    rolling: Rolling | None
    kept: Mapping[int, str] = field(default_factory=dict)

    @property
    def outcomes(self) -> dict[int, Outcome]:
        """Outcomes by the numbers of their trials."""
        by_number = ((t.number, self.found[t.key]) for t in self.plan.trials)
        return {number: one for number, one in by_number if isinstance(one, Outcome)}

    @property
    def chosen(self) -> Trial | None:
        """The trial that is taken."""
        return self.ranked[0] if self.ranked else None


@dataclass(frozen=True, eq=False)
class Paths:
    """Daily returns over the sessions that all trials share, after the first, fractions.

    Attributes
    ----------
    trials
        (n_sessions, n_trials), those of the plan by number
    earlier
        (n_sessions, n), those of earlier plans in the same directory
    universe
        (n_sessions,)
    benchmark
        (1 + n_sessions,), also of the first, NaN where it has no value; None without one,
        or where fewer than three sessions have it
    risk_free
        (n_sessions,) what cash earned; None without a rate
    span
        which sessions it shares with the trials, where these are not all; see `span_data`
    notes
        what a reader must know of the market's data, sentences
    rows
        by which the market's folder is known to others, see `rows_digests`
    """

    sessions: Dates
    numbers: tuple[int, ...]
    trials: Float64
    earlier: Float64
    universe: Float64
    benchmark: Float64 | None
    risk_free: Float64 | None
    span: Span | None
    notes: tuple[str, ...]
    rows: str

    def beside(self, returns: Float64, start: int = 0) -> Common | None:
        """Return returns and benchmark on the sessions that have both, or None without one.

        Parameters
        ----------
        returns
            (n_sessions,) or (n_sessions, n)
        start
            session from whose close on they are compared
        """
        if self.benchmark is None:
            return None
        own = np.concatenate([np.zeros_like(returns[:1]), returns[start:]])
        other = self.benchmark[start:].copy()
        other[:1] *= 0  # what it made before, nobody had
        return common(own, other)

    def cash(self, start: int = 0, both: Common | None = None) -> Float64 | None:
        """Return what cash earned after a session; where given, over the sessions of both alone."""
        if self.risk_free is None:
            return None
        own = self.risk_free[start:]
        return own if both is None else both.over(np.concatenate([[0.0], own]))[1:]

    def above(self, returns: Float64) -> Float64:
        """Return returns, (n_sessions, n), above the risk-free rate."""
        return returns if self.risk_free is None else returns - self.risk_free[:, None]

    @property
    def moved(self) -> Float64:
        """(n_sessions, n): the trials whose account moved; one of cash alone tells nothing."""
        return self.trials[:, self.trials.any(axis=0)]


def paths_of(done: Finished, home: Home, ever: Sequence[Entry]) -> Paths | None:
    """Return what was earned, or None where trials share fewer than three sessions.

    Parameters
    ----------
    ever
        all trials of the directory, of earlier plans too
    """
    outcomes = done.outcomes
    # Thousands of trials have the same array of sessions.
    distinct = {id(o.sessions): o.sessions for o in outcomes.values()}
    shared: Dates = reduce(np.intersect1d, distinct.values())
    if len(shared) < FEWEST:
        return None
    shown = done.chosen or done.plan.trials[min(outcomes)]
    assert shown.spec is not None
    assert shown.training is not None
    ready = Reader().prepare(shown.spec, done.plan.trainings[shown.training].data)
    market, first = ready.market, ready.windows[0].test.start
    held = universe_returns(market, ready.samples.usable, first=first)
    name = done.spec.market.first_benchmark
    if name not in {EQUAL_WEIGHT, *market.indices}:
        name = None  # another trial uses it
    index = held if name == EQUAL_WEIGHT else benchmark_returns(market, first, name)
    of_plan = {t.spec_digest for t in done.plan.trials}
    # In an order that does not hang on which trial ended first.
    others = sorted((e for e in ever if e.spec_digest not in of_plan), key=lambda e: e.spec_digest)
    read = (read_outcome(home.outcome(entry.key)) for entry in others)
    earlier = [o for o in read if o is not None and np.isin(shared, o.sessions).all()]
    cash = ready.cash_returns(first)
    at = market.sessions[first:]
    own = index[np.searchsorted(at, shared)]
    both = common(np.zeros(len(shared)), own)
    return Paths(
        sessions=shared,
        numbers=tuple(outcomes),
        trials=_columns(list(outcomes.values()), shared),
        earlier=_columns(earlier, shared),
        universe=_on(held, at, shared),
        benchmark=own if both is not None and len(both.at) >= FEWEST else None,
        risk_free=None if cash is None else _on(cash, at, shared),
        span=span_data(both, [str(day) for day in shared]) if name is not None else None,
        notes=(*market.notes, *ready.universe.notes),
        rows=rows_digests(market, done.spec.holdout.start),
    )


def _on(values: Float64, sessions: Dates, shared: Dates) -> Float64:
    """Return values on shared sessions but the first, whose change is from outside them."""
    return values[np.searchsorted(sessions, shared[1:])]


def _columns(outcomes: Sequence[Outcome], shared: Dates) -> Float64:
    found = np.empty((len(shared) - 1, len(outcomes)))
    for column, own in enumerate(outcomes):
        found[:, column] = _on(own.returns, own.sessions, shared)
    return found


def beside_since(
    paths: Paths, first: np.datetime64
) -> tuple[Performance | None, Performance | None]:
    """Return the figures of benchmark and median trial over the sessions after ``first`` alone."""
    year = statistics.sessions_per_year(paths.sessions)
    start = int((paths.sessions[1:] <= first).sum())
    both, middle = paths.beside(paths.trials, start), median_trial(paths, start)
    held = None
    if both is not None:
        cash = paths.cash(start, both)
        held = performance(both.other[1:], both.sessions_per_year(year), cash)
    return held, None if middle is None else performance(middle, year, paths.cash(start))


def median_trial(paths: Paths, start: int = 0) -> Float64 | None:
    """Return the returns of the trial with the middle Sharpe ratio; None where none traded.

    Parameters
    ----------
    start
        session from whose close on trials are compared
    """
    year, moved = statistics.sessions_per_year(paths.sessions), paths.moved[start:].T
    if not len(moved):
        return None
    cash = paths.cash(start)
    middle: Float64 = moved[median_of([performance(own, year, cash).sharpe for own in moved])]
    return middle


def performance(returns: Float64, year: float, cash: Float64 | None = None) -> Performance:
    """Return the figures of daily returns, annual ones by so many sessions a year.

    Parameters
    ----------
    cash
        what it earned in the same sessions at the risk-free rate; None is 0
    """
    # The figures take the first return to be the start's 0.
    own = np.concatenate([[0.0], returns])
    free = None if cash is None else np.concatenate([[0.0], cash])
    return Performance(
        sharpe=statistics.sharpe_ratio(own, year, free),
        annual_return=statistics.annual_return(own, year),
        total_return=statistics.total_return(own),
        max_drawdown=statistics.max_drawdown(own),
    )


def median_of(values: Sequence[float | None]) -> int:
    """Return the place of the middle value, the lower one of two; a missing one counts as 0."""
    order = np.argsort([0.0 if v is None else v for v in values], kind="stable")
    return int(order[(len(order) - 1) // 2])
