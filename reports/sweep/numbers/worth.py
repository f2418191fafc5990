"""What the trials of a sweep are worth beside luck, given that they are many."""

from typing import Any

import numpy as np

from rollsight.backtests.account import statistics
from rollsight.backtests.directory.manifest import sessions_per_year
from rollsight.backtests.sweeps.seedgroups import choosable, settings_of
from rollsight.base.records import plain
from rollsight.reports.statistics import overfitting
from rollsight.reports.statistics.superiority import Superiority, superiority
from rollsight.reports.sweep.numbers.paths import (
    Finished,
    Float64,
    Paths,
    median_trial,
    performance,
)

OF_CHOICE = ("expected_best", "deflated_sharpe", "deflated_ahead", "pbo", "pbo_loss",
             "pbo_splits", "pbo_ranks")  # fmt: skip
STATISTICS = (
    *OF_CHOICE, "chosen_sharpe", "alike", "trials_counted", "effective_trials", "spa",
    "reality_check", "benchmark", "universe", "median", "beat_benchmark", "rank_correlation",
    "benchmark_span", "median_beside",
)  # fmt: skip


def statistics_of(done: Finished, paths: Paths | None, tried: int) -> dict[str, Any]:
    """Return what the chosen trial's figures are worth beside those of all that were tried.

    An account of cash alone beats a falling index by no skill: trials that never traded are
    counted as tries, and are nobody's rival.

    Parameters
    ----------
    tried
        how many trials were ever begun
    """
    if paths is None:
        return dict.fromkeys(STATISTICS) | {"trials_counted": tried}
    every = _moved(np.concatenate([paths.trials, paths.earlier], axis=1))
    year = sessions_per_year(paths.sessions)
    own = None if done.chosen is None else paths.trials[:, paths.numbers.index(done.chosen.number)]
    settings = _moved(np.concatenate([_by_setting(done, paths), paths.earlier], axis=1))
    span = max(t.spec.label.horizon for t in done.plan.trials if t.spec is not None) + 1
    # Nothing is chosen among seeds: a setting is the mean of its own.
    chosen_among = choosable(settings_of(done.plan.trials))
    beaten = _superiority(settings, paths, span) if chosen_among else None
    middle = median_trial(paths)
    alike = _alike(settings)
    differ = chosen_among and settings.shape[1] > 1 and not alike
    return {
        "chosen_sharpe": None if own is None else performance(own, year)["sharpe"],
        "alike": alike,
        **(_of_choice(own, every, settings, paths, tried) if differ else dict.fromkeys(OF_CHOICE)),
        "trials_counted": tried,
        "effective_trials": overfitting.effective_trials(every),
        "spa": None if beaten is None else beaten.spa,
        "reality_check": None if beaten is None else beaten.reality_check,
        **_held(paths, middle, year),
        "universe": performance(paths.universe, year),
        "median": None if middle is None else performance(middle, year),
        "beat_benchmark": _beating(paths),
        "rank_correlation": _rank_correlation(done),
    }


def _moved(returns: Float64) -> Float64:
    return returns[:, returns.any(axis=0)]


def _alike(returns: Float64) -> bool:
    """Return whether there are two or more, and all of them earned the same in every session."""
    return returns.shape[1] > 1 and bool((returns == returns[:, :1]).all())


def _of_choice(
    own: Float64 | None, every: Float64, settings: Float64, paths: Paths, tried: int
) -> dict[str, Any]:
    """Return what tells the best of many from luck."""
    split = overfitting.overfitting(settings)
    best = overfitting.expected_best_sharpe(overfitting.session_sharpes(every), trials=tried)
    return {
        "expected_best": best * np.sqrt(sessions_per_year(paths.sessions)),
        "deflated_sharpe": _deflated(own, every, tried),
        "deflated_ahead": _deflated_ahead(own, every, paths, tried),
        "pbo": None if split is None else split.probability,
        "pbo_loss": None if split is None else split.loss,
        "pbo_splits": None if split is None else split.splits,
        "pbo_ranks": None if split is None else split.rank,
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


def _held(paths: Paths, middle: Float64 | None, year: float) -> dict[str, Any]:
    """Return the benchmark's figures, and where it does not cover all the median trial's beside."""
    both = paths.beside(np.zeros(len(paths.sessions) - 1) if middle is None else middle)
    found: dict[str, Any] = {
        "benchmark": None,
        "benchmark_span": plain(paths.span),
        "median_beside": None,
    }
    if both is None:
        return found
    own_year = both.sessions_per_year(year)
    found["benchmark"] = performance(both.other[1:], own_year)
    if not both.whole and middle is not None:
        found["median_beside"] = performance(both.own[1:], own_year)
    return found


def _deflated(own: Float64 | None, every: Float64, tried: int) -> float | None:
    if own is None:
        return None
    sharpes = overfitting.session_sharpes(every)
    return overfitting.deflated_sharpe(own, sharpes=sharpes, trials=tried)


def _deflated_ahead(own: Float64 | None, every: Float64, paths: Paths, tried: int) -> float | None:
    """Return the deflated Sharpe ratio of returns ahead of the benchmark."""
    if own is None or not own.any():
        return None
    both = paths.beside(np.column_stack([own, every]))
    if both is None:
        return None
    ahead = (both.own - both.other[:, None])[1:]
    return _deflated(ahead[:, 0], ahead[:, 1:], tried)


def _beating(paths: Paths) -> float | None:
    """Return the share of the trials that traded which earned more than the benchmark."""
    both = paths.beside(paths.moved) if paths.moved.size else None
    if both is None:
        return None
    earned = statistics.total_return(both.other)
    return float(np.mean([statistics.total_return(own) > earned for own in both.own.T]))


def _rank_correlation(done: Finished) -> float | None:
    settings = settings_of(done.plan.trials)
    if not choosable(settings):
        return None
    asked, outcomes = done.sweep.objective, done.outcomes.items()
    before = {n: v for n, o in outcomes if (v := o.objective("validation", asked)) is not None}
    after = {n: v for n, o in outcomes if (v := o.objective("test", asked)) is not None}
    pairs = [(own.mean(before), own.mean(after)) for own in settings]
    known = np.array([p for p in pairs if None not in p], dtype=float).reshape(-1, 2)
    if len(known) < 3 or (np.ptp(known, axis=0) == 0).any():
        return None
    from scipy.stats import spearmanr  # half a second to import

    return float(spearmanr(known[:, 0], known[:, 1]).statistic)
