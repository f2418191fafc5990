"""What the trials of a sweep earned day by day, and what that is worth beside luck."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import spearmanr

from rollsight.backtests import statistics
from rollsight.backtests.engine import benchmark_returns
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
from rollsight.reports.superiority import superiority

Float64 = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]
STATISTICS = (
    "chosen_sharpe", "expected_best", "deflated_sharpe", "deflated_ahead", "trials_counted",
    "effective_trials",
    "pbo", "pbo_loss", "pbo_splits", "pbo_ranks", "spa", "reality_check", "benchmark", "universe",
    "median", "beat_benchmark", "rank_correlation",
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
    benchmark, universe : (n_sessions,)
    """

    sessions: Dates
    numbers: tuple[int, ...]
    trials: Float64
    earlier: Float64
    benchmark: Float64 | None
    universe: Float64


def paths_of(done: Finished, home: Home, ever: Sequence[Entry]) -> Paths | None:
    """Return what was earned, or None where trials share fewer than three sessions.

    Parameters
    ----------
    ever : all trials of the directory, of earlier plans too
    """
    outcomes = done.outcomes
    shared: Dates = reduce(np.intersect1d, (o.sessions for o in outcomes.values()))
    if len(shared) < 3:
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
    return Paths(
        sessions=shared,
        numbers=tuple(outcomes),
        trials=np.stack([_on(o.returns, o.sessions, shared) for o in outcomes.values()], axis=1),
        earlier=_columns([_on(o.returns, o.sessions, shared) for o in earlier], len(shared) - 1),
        benchmark=None if done.spec.market.benchmark is None else _on(index, at, shared),
        universe=_on(held, at, shared),
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
    # Without an index to beat, the question is whether any trial beats not trading.
    against = np.zeros(len(every)) if paths.benchmark is None else paths.benchmark
    span = max(t.spec.label.horizon for t in done.plan.trials if t.spec is not None) + 1
    beaten = superiority(settings, against, span=span) if chosen_among else None
    best = overfitting.expected_best_sharpe(overfitting.session_sharpes(every), trials=tried)
    test = [performance(column, year) for column in paths.trials.T]
    return {
        "chosen_sharpe": None if own is None else performance(own, year)["sharpe"],
        "expected_best": best * np.sqrt(year) if chosen_among else None,
        "deflated_sharpe": _deflated(own, every, None, tried),
        "deflated_ahead": None
        if paths.benchmark is None
        else _deflated(own, every, paths.benchmark, tried),
        "trials_counted": tried,
        "effective_trials": overfitting.effective_trials(every),
        "pbo": None if split is None else split.probability,
        "pbo_loss": None if split is None else split.loss,
        "pbo_splits": None if split is None else split.splits,
        "pbo_ranks": None if split is None else split.rank,
        "spa": None if beaten is None else beaten.spa,
        "reality_check": None if beaten is None else beaten.reality_check,
        "benchmark": None if paths.benchmark is None else performance(paths.benchmark, year),
        "universe": performance(paths.universe, year),
        "median": test[_median_of([one["sharpe"] for one in test])],
        "beat_benchmark": _beating(test, paths, year),
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


def beside_since(paths: Paths, first: np.datetime64) -> dict[str, dict[str, float | None] | None]:
    """Return the figures of benchmark and median trial over the sessions after ``first`` alone."""
    year, after = sessions_per_year(paths.sessions), paths.sessions[1:] > first
    every = [performance(own[after], year) for own in paths.trials.T]
    return {
        "benchmark": None if paths.benchmark is None else performance(paths.benchmark[after], year),
        "median": every[_median_of([one["sharpe"] for one in every])],
    }


def _deflated(
    own: Float64 | None, every: Float64, benchmark: Float64 | None, tried: int
) -> float | None:
    """Return a deflated Sharpe ratio, of returns ahead of a benchmark where one is given."""
    if own is None:
        return None
    ahead = np.zeros(len(own)) if benchmark is None else benchmark
    sharpes = overfitting.session_sharpes(every - ahead[:, None])
    return overfitting.deflated_sharpe(own - ahead, sharpes=sharpes, trials=tried)


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


def _median_of(values: Sequence[float | None]) -> int:
    """Return the place of the middle value, the lower one of two; a missing one counts as 0."""
    order = np.argsort([0.0 if v is None else v for v in values], kind="stable")
    return int(order[(len(order) - 1) // 2])


def _beating(test: Sequence[Mapping[str, Any]], paths: Paths, year: float) -> float | None:
    """Return the share of trials that earned more than the benchmark."""
    if paths.benchmark is None:
        return None
    earned = performance(paths.benchmark, year)["total_return"]
    assert earned is not None
    return float(np.mean([one["total_return"] > earned for one in test]))


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


def sweep_equity(done: Finished, paths: Paths | None) -> dict[str, Any]:
    """Return the growth of one unit over the shared sessions."""
    if paths is None:
        return dict.fromkeys(("chosen", "median", "benchmark", "universe", "rolling")) | {
            "date": []
        }
    columns = dict(zip(paths.numbers, paths.trials.T, strict=True))
    year = sessions_per_year(paths.sessions)
    middle = _median_of([performance(own, year)["sharpe"] for own in columns.values()])
    chosen = None if done.chosen is None else columns.get(done.chosen.number)
    return {
        "date": [str(day) for day in paths.sessions],
        "chosen": _growth(chosen),
        "median": _growth(columns[paths.numbers[middle]]),
        "benchmark": _growth(paths.benchmark),
        "universe": _growth(paths.universe),
        "rolling": _rolling_growth(done, paths),
    }


def _growth(returns: Float64 | None) -> list[float] | None:
    return None if returns is None else [1.0, *np.cumprod(1 + returns).tolist()]


def _rolling_growth(done: Finished, paths: Paths) -> list[float | None] | None:
    if done.rolling is None:
        return None
    equity = done.rolling.traded.equity.set_index("date")["equity"]
    on = equity.reindex(paths.sessions.astype("datetime64[ns]"))
    first = on.dropna()
    return (on / first.iloc[0]).tolist() if len(first) else None
