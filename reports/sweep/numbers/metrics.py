"""Every number of a sweep's report: what was tried, what it earned, and what luck would have."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rollsight.backtests.account.statistics import sessions_per_year
from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.spec import SEED
from rollsight.backtests.trials.attempts import last_words, read_ledger
from rollsight.base.records import IF_ANY
from rollsight.reports.run.beside.riskfree import RiskFree, risk_free_data
from rollsight.reports.run.holdout.facts import LAST_DAY, Holdout, looked_at
from rollsight.reports.statistics.judgement import Word
from rollsight.reports.sweep.numbers.equity import EquityCurves, equity_curves
from rollsight.reports.sweep.numbers.importance import (
    Heatmaps,
    KeyImportance,
    heatmaps,
    importance,
)
from rollsight.reports.sweep.numbers.paths import Finished, Paths, paths_of
from rollsight.reports.sweep.numbers.rolling import RollingNumbers, rolling_numbers
from rollsight.reports.sweep.numbers.saliency import (
    Agreement,
    TrainingSaliency,
    agreement,
    saliency_of,
)
from rollsight.reports.sweep.numbers.seeds import Lead, Seeds, lead_of, seeds_of
from rollsight.reports.sweep.numbers.trials import TrialNumbers, trial_numbers
from rollsight.reports.sweep.numbers.worth import Statistics, statistics_of, sweep_word

# What a trader does not choose: the best of them is merely the kindest.
CIRCUMSTANCES = ("costs.", "market.delisting", "market.suspension", "strategy.cash", SEED)


@dataclass(frozen=True)
class SessionSpan:
    """The sessions that all trials share, and those of their validation paths; None without any."""

    first_session: str | None = None
    last_session: str | None = None
    sessions: int | None = None
    sessions_per_year: float | None = None
    validation_first: str | None = None
    validation_last: str | None = None


@dataclass(frozen=True)
class TrialCounts:
    """How many there are of trials, and of what they needed.

    Attributes
    ----------
    abandoned, ever
        of all that were begun in this directory
    signals
        distinct tables of signals
    """

    trials: int
    done: int
    failed: int
    abandoned: int
    ever: int
    duplicates: int
    networks: int
    signals: int
    backtests: int


@dataclass(frozen=True)
class SweepNumbers:
    """Every number of a sweep's report.

    Attributes
    ----------
    verdict
        on the chosen trial; see `sweep_word`
    objective, select, sampler
        see `SweepSpec`
    values
        of each key, those that were tried, in order
    circumstances
        keys that no trader chooses
    notes
        what a reader must know of the market's data, sentences
    chosen
        number of the trial that is taken
    lead
        of the setting that validation puts first; None where it puts none
    holdout
        what every trial held out, and the looks at it; None without either
    risk_free
        what Sharpe ratios are above; None without a rate
    """

    name: str
    verdict: Word
    objective: str
    select: str
    sampler: str
    keys: tuple[str, ...]
    values: dict[str, tuple[Any, ...]]
    circumstances: tuple[str, ...]
    span: SessionSpan
    benchmark_name: str | None
    notes: tuple[str, ...]
    counts: TrialCounts
    trials: tuple[TrialNumbers, ...]
    chosen: int | None
    statistics: Statistics
    seeds: Seeds | None
    lead: Lead | None
    importance: tuple[KeyImportance, ...]
    heatmaps: Heatmaps
    saliency: tuple[TrainingSaliency, ...]
    agreement: Agreement | None
    rolling: RollingNumbers | None
    equity: EquityCurves
    holdout: Holdout | None = None
    risk_free: RiskFree | None = field(default=None, metadata=IF_ANY)


def compute_metrics(done: Finished, home: Home) -> SweepNumbers:
    """Return the numbers of a sweep's report; what does not exist is None."""
    trials = [trial_numbers(done, trial) for trial in done.plan.trials]
    ever = last_words(read_ledger(home.out))
    tried = len({e.spec_digest for e in ever} | {t.spec_digest for t in done.plan.trials})
    paths = paths_of(done, home, ever) if done.outcomes else None
    saliency = saliency_of(done, home)
    span = SessionSpan() if paths is None else _span(done, paths)
    holdout = _holdout(done, span, None if paths is None else paths.rows)
    statistics = statistics_of(done, paths, tried + (0 if holdout is None else holdout.tries - 1))
    return SweepNumbers(
        name=done.spec.name,
        verdict=sweep_word(statistics),
        objective=done.sweep.objective,
        select=done.sweep.select,
        sampler=done.sweep.sampler,
        keys=done.grid.keys,
        values=_values(done),
        circumstances=tuple(k for k in done.grid.keys if k.startswith(CIRCUMSTANCES)),
        span=span,
        benchmark_name=done.spec.market.first_benchmark,
        notes=() if paths is None else paths.notes,
        counts=_counts(done, [entry.state for entry in ever], tried),
        trials=tuple(trials),
        chosen=None if done.chosen is None else done.chosen.number,
        statistics=statistics,
        seeds=seeds_of(done),
        lead=lead_of(done),
        importance=tuple(importance(trials, done.grid.keys)),
        heatmaps=heatmaps(trials, done.grid.keys),
        saliency=tuple(saliency),
        agreement=agreement(saliency),
        rolling=None if paths is None else rolling_numbers(done, paths),
        equity=equity_curves(done, paths),
        holdout=holdout,
        risk_free=None if paths is None else _risk_free(done, paths),
    )


def _risk_free(done: Finished, paths: Paths) -> RiskFree | None:
    cash = None if paths.risk_free is None else np.append(0.0, paths.risk_free)
    return risk_free_data(done.spec.market.risk_free, cash, sessions_per_year(paths.sessions))


def _holdout(done: Finished, span: SessionSpan, rows: str | None) -> Holdout | None:
    """Return what every trial holds out, and the looks at it, or at the sessions of the trials."""
    folder, start = done.spec.market.folder, done.spec.holdout.start
    if start is not None:
        return looked_at(folder, str(start), (str(start), LAST_DAY), rows)
    if span.first_session is None or span.last_session is None:
        return None
    return looked_at(folder, None, (span.first_session, span.last_session), rows)


def _values(done: Finished) -> dict[str, tuple[Any, ...]]:
    found: dict[str, tuple[Any, ...]] = {}
    for axis in done.grid.axes:
        told = axis.values if isinstance(axis.values, tuple) else ()
        tried = [t.settings[axis.key] for t in done.plan.trials]
        distinct: list[Any] = []
        for value in (*told, *tried):
            if value not in distinct and value in tried:
                distinct.append(value)
        # Of a range the values that were drawn.
        found[axis.key] = tuple(distinct if told else sorted(distinct))
    return found


def _counts(done: Finished, states: Sequence[str], tried: int) -> TrialCounts:
    plan = done.plan
    finished = len(done.outcomes)
    return TrialCounts(
        trials=len(plan.trials),
        done=finished,
        failed=len(plan.trials) - finished,
        abandoned=states.count("abandoned"),
        ever=tried,
        duplicates=plan.duplicates,
        networks=len(plan.networks),
        signals=plan.signals,
        backtests=sum(not t.fault for t in plan.trials),
    )


def _span(done: Finished, paths: Paths) -> SessionSpan:
    validated = [o.validation_sessions for o in done.outcomes.values()]
    return SessionSpan(
        first_session=str(paths.sessions[0]),
        last_session=str(paths.sessions[-1]),
        sessions=len(paths.sessions),
        sessions_per_year=sessions_per_year(paths.sessions),
        validation_first=str(min(v[0] for v in validated)),
        validation_last=str(max(v[-1] for v in validated)),
    )
