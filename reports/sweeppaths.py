"""What the trials of a sweep earned day by day, and what that is worth beside luck."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

from rollsight.backtests import statistics
from rollsight.backtests.benchmark import Common, benchmark_returns, common
from rollsight.backtests.grid import Grid
from rollsight.backtests.manifest import sessions_per_year
from rollsight.backtests.outcomes import Outcome, read_outcome
from rollsight.backtests.portfolio import universe_returns
from rollsight.backtests.reader import Reader
from rollsight.backtests.seedgroups import choosable, settings_of
from rollsight.backtests.selection import Rolling
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweepdirectory import Home
from rollsight.backtests.sweepplan import Plan, Trial
from rollsight.backtests.sweepspec import SweepSpec
from rollsight.backtests.trialledger import Entry
from rollsight.reports import overfitting
from rollsight.reports.benchmark import span_data
from rollsight.reports.superiority import Superiority, superiority

Float64 = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]
FEWEST = 3  # sessions of which a series has two changes
STATISTICS = (
    "chosen_sharpe", "expected_best", "deflated_sharpe", "deflated_ahead", "trials_counted",
    "effective_trials",
    "pbo", "pbo_loss", "pbo_splits", "pbo_ranks", "spa", "reality_check", "benchmark", "universe",
    "median", "beat_benchmark", "rank_correlation", "benchmark_span", "median_beside",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Finished:
    """A sweep that has been worked off.

    Attributes
    ----------
    found : outcome, or fault, of each trial
    ranked : trials by what they are chosen for, the best first; none where each window chooses
    kept : by number, where the report of a trial with a run directory is
    """

    spec: RunSpec
    sweep: SweepSpec
    grid: Grid
    plan: Plan
    found: Mapping[str, Outcome | str]
    ranked: Sequence[Trial]
    rolling: Rolling | None
    kept: Mapping[int, str]

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
    trials : (n_sessions, n_trials), those of the plan by number
    earlier : (n_sessions, n), those of earlier plans in the same directory
    universe : (n_sessions,)
    benchmark : (1 + n_sessions,), also of the first, NaN where it has no value; None without one,
        or where fewer than three sessions have it
    span : which sessions it shares with the trials, where these are not all; see `span_data`
    """

    sessions: Dates
    numbers: tuple[int, ...]
    trials: Float64
    earlier: Float64
    universe: Float64
    benchmark: Float64 | None
    span: dict[str, Any] | None

    def beside(self, returns: Float64, start: int = 0) -> Common | None:
        """Return returns and benchmark on the sessions that have both, or None without one.

        Parameters
        ----------
        returns : (n_sessions,) or (n_sessions, n)
        start : session from whose close on they are compared
        """
        if self.benchmark is None:
            return None
        own = np.concatenate([np.zeros_like(returns[:1]), returns[start:]])
        return common(own, self.benchmark[start:])


def paths_of(done: Finished, home: Home, ever: Sequence[Entry]) -> Paths | None:
    """Return what was earned, or None where trials share fewer than three sessions.

    Parameters
    ----------
    ever : all trials of the directory, of earlier plans too
    """
    outcomes = done.outcomes
    shared: Dates = reduce(np.intersect1d, (o.sessions for o in outcomes.values()))
    if len(shared) < FEWEST:
        return None
    shown = done.chosen or done.plan.trials[min(outcomes)]
    assert shown.spec is not None
    assert shown.training is not None
    ready = Reader().lay(shown.spec, done.plan.trainings[shown.training].data)
    market, first = ready.market, ready.windows[0].test.start
    held = universe_returns(market, ready.samples.usable, first=first)
    index = benchmark_returns(market, first, done.spec.market.benchmark)
    of_plan = {t.spec_digest for t in done.plan.trials}
    # In an order that does not hang on which trial ended first.
    others = sorted((e for e in ever if e.spec_digest not in of_plan), key=lambda e: e.spec_digest)
    read = (read_outcome(home.outcome(entry.key)) for entry in others)
    earlier = [o for o in read if o is not None and np.isin(shared, o.sessions).all()]
    at = market.sessions[first:]
    own = index[np.searchsorted(at, shared)]
    both = common(np.zeros(len(shared)), own)
    named = done.spec.market.benchmark is not None
    return Paths(
        sessions=shared,
        numbers=tuple(outcomes),
        trials=np.stack([_on(o.returns, o.sessions, shared) for o in outcomes.values()], axis=1),
        earlier=_columns([_on(o.returns, o.sessions, shared) for o in earlier], len(shared) - 1),
        universe=_on(held, at, shared),
        benchmark=own if both is not None and len(both.at) >= FEWEST else None,
        span=span_data(both, [str(day) for day in shared]) if named else None,
    )


def _on(values: Float64, sessions: Dates, shared: Dates) -> Float64:
    """Return values on shared sessions but the first, whose change is from outside them."""
    return values[np.searchsorted(sessions, shared[1:])]


def _columns(parts: Sequence[Float64], rows: int) -> Float64:
    return np.stack(parts, axis=1) if parts else np.empty((rows, 0))


def sweep_statistics(done: Finished, paths: Paths | None, tried: int) -> dict[str, Any]:
    """Return what the chosen trial's figures are worth beside those of all that were tried.

    Parameters
    ----------
    tried : how many trials were ever begun
    """
    if paths is None:
        return dict.fromkeys(STATISTICS) | {"trials_counted": tried}
    every = np.concatenate([paths.trials, paths.earlier], axis=1)
    year = sessions_per_year(paths.sessions)
    own = None if done.chosen is None else paths.trials[:, paths.numbers.index(done.chosen.number)]
    # Nothing is chosen among seeds: a setting is the mean of its own.
    chosen_among = choosable(settings_of(done.plan.trials))
    settings = np.concatenate([_by_setting(done, paths), paths.earlier], axis=1)
    split = overfitting.overfitting(settings) if chosen_among else None
    span = max(t.spec.label.horizon for t in done.plan.trials if t.spec is not None) + 1
    beaten = _superiority(settings, paths, span) if chosen_among else None
    best = overfitting.expected_best_sharpe(overfitting.session_sharpes(every), trials=tried)
    test = [performance(column, year) for column in paths.trials.T]
    middle = median_of([one["sharpe"] for one in test])
    return {
        "chosen_sharpe": None if own is None else performance(own, year)["sharpe"],
        "expected_best": best * np.sqrt(year) if chosen_among else None,
        "deflated_sharpe": _deflated(own, every, tried),
        "deflated_ahead": _deflated_ahead(own, every, paths, tried),
        "trials_counted": tried,
        "effective_trials": overfitting.effective_trials(every),
        "pbo": None if split is None else split.probability,
        "pbo_loss": None if split is None else split.loss,
        "pbo_splits": None if split is None else split.splits,
        "pbo_ranks": None if split is None else split.rank,
        "spa": None if beaten is None else beaten.spa,
        "reality_check": None if beaten is None else beaten.reality_check,
        **_held(paths, paths.trials[:, middle], year),
        "universe": performance(paths.universe, year),
        "median": test[middle],
        "beat_benchmark": _beating(paths),
        "rank_correlation": _rank_correlation(done),
    }


def _by_setting(done: Finished, paths: Paths) -> Float64:
    """Return (n_sessions, n_settings): returns, the mean of those that differ in the seed alone."""
    column = dict(zip(paths.numbers, paths.trials.T, strict=True))
    each = (
        [column[t.number] for t in own.trials if t.number in column]
        for own in settings_of(done.plan.trials)
    )
    return np.stack([np.mean(own, axis=0) for own in each if own], axis=1)


def _superiority(returns: Float64, paths: Paths, span: int) -> Superiority | None:
    both = paths.beside(returns)
    if both is None:
        # Without an index to beat, the question is whether any trial beats not trading.
        return superiority(returns, np.zeros(len(returns)), span=span)
    return superiority(both.own[1:], both.other[1:], span=span)


def _held(paths: Paths, middle: Float64, year: float) -> dict[str, Any]:
    """Return the benchmark's figures, and where it does not cover all the median trial's beside."""
    both = paths.beside(middle)
    found: dict[str, Any] = {"benchmark": None, "benchmark_span": paths.span, "median_beside": None}
    if both is None:
        return found
    own_year = both.sessions_per_year(year)
    found["benchmark"] = performance(both.other[1:], own_year)
    if not both.whole:
        found["median_beside"] = performance(both.own[1:], own_year)
    return found


def beside_since(paths: Paths, first: np.datetime64) -> dict[str, dict[str, float | None] | None]:
    """Return the figures of benchmark and median trial over the sessions after ``first`` alone."""
    year, start = sessions_per_year(paths.sessions), int((paths.sessions[1:] <= first).sum())
    every = [performance(own[start:], year) for own in paths.trials.T]
    both = paths.beside(paths.trials, start)
    return {
        "benchmark": None
        if both is None
        else performance(both.other[1:], both.sessions_per_year(year)),
        "median": every[median_of([one["sharpe"] for one in every])],
    }


def _deflated(own: Float64 | None, every: Float64, tried: int) -> float | None:
    if own is None:
        return None
    sharpes = overfitting.session_sharpes(every)
    return overfitting.deflated_sharpe(own, sharpes=sharpes, trials=tried)


def _deflated_ahead(own: Float64 | None, every: Float64, paths: Paths, tried: int) -> float | None:
    """Return the deflated Sharpe ratio of returns ahead of the benchmark."""
    both = None if own is None else paths.beside(np.column_stack([own, every]))
    if both is None:
        return None
    ahead = (both.own - both.other[:, None])[1:]
    return _deflated(ahead[:, 0], ahead[:, 1:], tried)


def performance(returns: Float64, year: float) -> dict[str, float | None]:
    """Return the figures of daily returns, annual ones by so many sessions a year."""
    # The figures take the first return to be the start's 0.
    own = np.concatenate([[0.0], returns])
    return {
        "sharpe": statistics.sharpe_ratio(own, year),
        "annual_return": statistics.annual_return(own, year),
        "total_return": statistics.total_return(own),
        "max_drawdown": statistics.max_drawdown(own),
    }


def median_of(values: Sequence[float | None]) -> int:
    """Return the place of the middle value, the lower one of two; a missing one counts as 0."""
    order = np.argsort([0.0 if v is None else v for v in values], kind="stable")
    return int(order[(len(order) - 1) // 2])


def _beating(paths: Paths) -> float | None:
    """Return the share of trials that earned more than the benchmark."""
    both = paths.beside(paths.trials)
    if both is None:
        return None
    earned = statistics.total_return(both.other)
    return float(np.mean([statistics.total_return(own) > earned for own in both.own.T]))


def _rank_correlation(done: Finished) -> float | None:
    settings = settings_of(done.plan.trials)
    if not choosable(settings):
        return None
    asked, outcomes = done.sweep.objective, done.outcomes.items()
    before = {n: v for n, o in outcomes if (v := o.validation[asked]) is not None}
    after = {n: v for n, o in outcomes if (v := o.test[asked]) is not None}
    pairs = [(own.mean(before), own.mean(after)) for own in settings]
    known = np.array([p for p in pairs if None not in p], dtype=float).reshape(-1, 2)
    if len(known) < 3 or (np.ptp(known, axis=0) == 0).any():
        return None
    return float(spearmanr(known[:, 0], known[:, 1]).statistic)
