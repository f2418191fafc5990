"""What the trials of a sweep are worth beside luck, given that they are many."""

from dataclasses import dataclass, replace

import numpy as np

from rollsight.backtests.account import statistics
from rollsight.backtests.sweeps.seedgroups import choosable, settings_of
from rollsight.backtests.trials.outcomes import Performance
from rollsight.reports.run.data.benchmark import Span
from rollsight.reports.statistics import overfitting
from rollsight.reports.statistics.judgement import Word
from rollsight.reports.statistics.superiority import Superiority, superiority
from rollsight.reports.sweep.numbers.paths import (
    Finished,
    Float64,
    Paths,
    median_trial,
    performance,
)

SURE = 0.95  # of the deflated Sharpe ratio


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """What the chosen trial's figures are worth beside all that was tried; None: does not exist.

    Attributes
    ----------
    chosen_sharpe, expected_best
        Sharpe ratio of the chosen trial, and of the best of as many tries without skill
    alike
        whether all trials that traded earned the same in every session
    deflated_sharpe, deflated_ahead
        confidence that the chosen trial beats that best, and the same ahead of the benchmark
    pbo, pbo_loss, pbo_splits, pbo_ranks
        see `overfitting.Overfitting`
    trials_counted, effective_trials
        all that were ever begun, and how many independent ones would spread as widely
    spa, reality_check
        p-values; see `superiority`
    benchmark, universe, median
        their figures; ``median`` is the trial with the middle Sharpe ratio
    benchmark_span
        which sessions the benchmark shares with the trials, where these are not all
    median_beside
        figures of the median trial over those
    beat_benchmark
        share of the trials that traded which earned more than the benchmark
    rank_correlation
        of settings, between validation and test sessions
    """

    chosen_sharpe: float | None = None
    alike: bool | None = None
    expected_best: float | None = None
    deflated_sharpe: float | None = None
    deflated_ahead: float | None = None
    pbo: float | None = None
    pbo_loss: float | None = None
    pbo_splits: int | None = None
    pbo_ranks: tuple[float, ...] | None = None
    trials_counted: int
    effective_trials: float | None = None
    spa: float | None = None
    reality_check: float | None = None
    benchmark: Performance | None = None
    benchmark_span: Span | None = None
    median_beside: Performance | None = None
    universe: Performance | None = None
    median: Performance | None = None
    beat_benchmark: float | None = None
    rank_correlation: float | None = None


def sweep_word(found: Statistics) -> Word:
    """Return the word for the trial that a sweep chose, given that it tried many.

    ``more`` where the deflated Sharpe ratio (Bailey and Lopez de Prado, 2014) is 95 % or more, and
    that of the returns ahead of the benchmark too; ``little`` where there is none. No trial is
    chosen for being worse.
    """
    if found.deflated_sharpe is None:
        return "little"
    ahead = found.deflated_sharpe if found.deflated_ahead is None else found.deflated_ahead
    return "more" if min(found.deflated_sharpe, ahead) >= SURE else "luck"


def statistics_of(done: Finished, paths: Paths | None, tried: int) -> Statistics:
    """Return what the chosen trial's figures are worth beside those of all that were tried.

    An account of cash alone beats a falling index by no skill: trials that never traded are
    counted as tries, and are nobody's rival.

    Parameters
    ----------
    tried
        how many trials were ever begun
    """
    if paths is None:
        return Statistics(trials_counted=tried)
    every = _moved(np.concatenate([paths.trials, paths.earlier], axis=1))
    year = statistics.sessions_per_year(paths.sessions)
    own = None if done.chosen is None else paths.trials[:, paths.numbers.index(done.chosen.number)]
    settings = _moved(np.concatenate([_by_setting(done, paths), paths.earlier], axis=1))
    span = max(t.spec.label.horizon for t in done.plan.trials if t.spec is not None) + 1
    # Nothing is chosen among seeds: a setting is the mean of its own.
    chosen_among = choosable(settings_of(done.plan.trials))
    beaten = _superiority(settings, paths, span) if chosen_among else None
    middle = median_trial(paths)
    alike = _alike(settings)
    differ = chosen_among and settings.shape[1] > 1 and not alike
    benchmark, median_beside = _held(paths, middle, year)
    found = Statistics(
        chosen_sharpe=None if own is None else performance(own, year, paths.cash()).sharpe,
        alike=alike,
        trials_counted=tried,
        effective_trials=overfitting.effective_trials(every),
        spa=None if beaten is None else beaten.spa,
        reality_check=None if beaten is None else beaten.reality_check,
        benchmark=benchmark,
        benchmark_span=paths.span,
        median_beside=median_beside,
        universe=performance(paths.universe, year, paths.cash()),
        median=None if middle is None else performance(middle, year, paths.cash()),
        beat_benchmark=_beating(paths),
        rank_correlation=_rank_correlation(done),
    )
    return _with_choice(found, own, every, settings, paths) if differ else found


def _moved(returns: Float64) -> Float64:
    return returns[:, returns.any(axis=0)]


def _alike(returns: Float64) -> bool:
    """Return whether there are two or more, and all of them earned the same in every session."""
    return returns.shape[1] > 1 and bool((returns == returns[:, :1]).all())


def _with_choice(
    found: Statistics, own: Float64 | None, every: Float64, settings: Float64, paths: Paths
) -> Statistics:
    """Return the statistics with what tells the best of many from luck."""
    tried = found.trials_counted
    split = overfitting.overfitting(paths.above(settings))
    above = paths.above(every)
    chosen = None if own is None or not own.any() else paths.above(own[:, None])[:, 0]
    best = overfitting.expected_best_sharpe(overfitting.session_sharpes(above), trials=tried)
    return replace(
        found,
        expected_best=float(best * np.sqrt(statistics.sessions_per_year(paths.sessions))),
        deflated_sharpe=_deflated(chosen, above, tried),
        deflated_ahead=_deflated_ahead(own, every, paths, tried),
        pbo=None if split is None else split.probability,
        pbo_loss=None if split is None else split.loss,
        pbo_splits=None if split is None else split.splits,
        pbo_ranks=None if split is None else tuple(split.rank.tolist()),
    )


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
        cash = paths.cash()
        nothing = np.zeros(len(returns)) if cash is None else cash
        return superiority(returns, nothing, span=span)
    return superiority(both.own[1:], both.other[1:], span=span)


def _held(
    paths: Paths, middle: Float64 | None, year: float
) -> tuple[Performance | None, Performance | None]:
    """Return the benchmark's figures, and where it does not cover all the median trial's beside."""
    both = paths.beside(np.zeros(len(paths.sessions) - 1) if middle is None else middle)
    if both is None:
        return None, None
    own_year = both.sessions_per_year(year)
    cash = paths.cash(both=both)
    apart = not both.whole and middle is not None
    return (
        performance(both.other[1:], own_year, cash),
        performance(both.own[1:], own_year, cash) if apart else None,
    )


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
