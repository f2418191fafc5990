"""Every number of a sweep's report: what was tried, what it earned, and what luck would have."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from rollsight.backtests.directory.manifest import sessions_per_year
from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.forecasts import read_forecast
from rollsight.backtests.sweeps.plan import Trial
from rollsight.backtests.sweeps.spec import SEED
from rollsight.backtests.trials.attempts import last_words, read_ledger
from rollsight.backtests.trials.outcomes import Outcome
from rollsight.reports.sweep.numbers import data as sweepdata
from rollsight.reports.sweep.numbers.equity import equity_curves
from rollsight.reports.sweep.numbers.paths import (
    Finished,
    Paths,
    beside_since,
    paths_of,
    performance,
)
from rollsight.reports.sweep.numbers.seeds import seeds_data
from rollsight.reports.sweep.numbers.worth import statistics_of

# What a trader does not choose: the best of them is merely the kindest.
CIRCUMSTANCES = ("costs.", "market.delisting", "market.suspension", "strategy.cash", SEED)
FIGURES = ("sharpe", "annual_return", "total_return", "max_drawdown", "trades", "buys", "precision",
           "crucial_fail", "net_return", "log_loss_gain")  # fmt: skip


SPAN = ("first_session", "last_session", "sessions", "sessions_per_year", "validation_first",
        "validation_last")  # fmt: skip


def compute_metrics(done: Finished, home: Home) -> dict[str, Any]:
    """Return the numbers of a sweep's report, ready for JSON; what does not exist is None."""
    trials = [_trial(done, trial) for trial in done.plan.trials]
    ever = last_words(read_ledger(home.out))
    tried = len({e.spec_digest for e in ever} | {t.spec_digest for t in done.plan.trials})
    paths = paths_of(done, home, ever) if done.outcomes else None
    saliency = _saliency(done, home)
    return {
        "name": done.spec.name,
        "objective": done.sweep.objective,
        "select": done.sweep.select,
        "sampler": done.sweep.sampler,
        "keys": list(done.grid.keys),
        "values": _values(done),
        "circumstances": [k for k in done.grid.keys if k.startswith(CIRCUMSTANCES)],
        "span": dict.fromkeys(SPAN) if paths is None else _span(done, paths),
        "benchmark_name": done.spec.market.benchmark,
        "notes": [] if paths is None else list(paths.notes),
        "counts": _counts(done, [entry.state for entry in ever], tried),
        "trials": trials,
        "chosen": None if done.chosen is None else done.chosen.number,
        "statistics": statistics_of(done, paths, tried),
        "seeds": seeds_data(done),
        "importance": sweepdata.importance(trials, done.grid.keys),
        "heatmaps": sweepdata.heatmaps(trials, done.grid.keys),
        "saliency": saliency,
        "agreement": sweepdata.agreement(saliency),
        "rolling": None if paths is None else _rolling(done, paths),
        "equity": equity_curves(done, paths),
    }


def _values(done: Finished) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for axis in done.grid.axes:
        told = axis.values if isinstance(axis.values, tuple) else ()
        tried = [t.settings[axis.key] for t in done.plan.trials]
        distinct: list[Any] = []
        for value in (*told, *tried):
            if value not in distinct and value in tried:
                distinct.append(value)
        # Of a range the values that were drawn.
        found[axis.key] = distinct if told else sorted(distinct)
    return found


def _trial(done: Finished, trial: Trial) -> dict[str, Any]:
    one = done.found.get(trial.key, "it was not run")
    outcome, error = (one, None) if isinstance(one, Outcome) else (None, one)
    spans: dict[str, dict[str, Any] | None] = {"validation": None, "test": None}
    if outcome is not None:
        objective = done.sweep.objective
        spans = {
            "validation": {"objective": outcome.objective("validation", objective)}
            | {k: outcome.validation[k] for k in FIGURES},
            "test": {"objective": outcome.objective("test", objective)}
            | {k: outcome.test[k] for k in FIGURES},
        }
    return {
        "number": trial.number,
        "digest": trial.key[:12],
        "settings": dict(trial.settings),
        "state": "failed" if outcome is None else "done",
        "error": error,
        "training": trial.training,
        **spans,
        "actions": {} if outcome is None else dict(outcome.actions),
        "chosen": trial is done.chosen,
        "link": done.kept.get(trial.number),
    }


def _counts(done: Finished, states: Sequence[str], tried: int) -> dict[str, int]:
    plan = done.plan
    finished = len(done.outcomes)
    return {
        "trials": len(plan.trials),
        "done": finished,
        "failed": len(plan.trials) - finished,
        "abandoned": states.count("abandoned"),
        "ever": tried,
        "duplicates": plan.duplicates,
        "networks": len(plan.networks),
        "signals": plan.signals,
        "backtests": sum(not t.fault for t in plan.trials),
    }


def _span(done: Finished, paths: Paths) -> dict[str, Any]:
    validated = [o.validation_sessions for o in done.outcomes.values()]
    return {
        "first_session": str(paths.sessions[0]),
        "last_session": str(paths.sessions[-1]),
        "sessions": len(paths.sessions),
        "sessions_per_year": sessions_per_year(paths.sessions),
        "validation_first": str(min(v[0] for v in validated)),
        "validation_last": str(max(v[-1] for v in validated)),
    }


def _saliency(done: Finished, home: Home) -> list[dict[str, Any]]:
    """Return what the networks of each training look at, over the windows that have skill."""
    found = []
    for place, training in enumerate(done.plan.trainings):
        trials = [t for t in done.plan.trials if t.training == place]
        windows = [read_forecast(home.forecast(key)) for key in training.forecasts]
        skilled = [w.share for w in windows if w is not None and w.skilled]
        known = bool(skilled) and bool(np.isfinite(skilled).all())
        same = {k for k in done.grid.keys if len({repr(t.settings[k]) for t in trials}) == 1}
        found.append(
            {
                "training": place,
                "trials": len(trials),
                "settings": {k: trials[0].settings[k] for k in done.grid.keys if k in same},
                "skilled": len(skilled),
                "windows": len(training.forecasts),
                "channels": list(training.channels),
                "share": np.mean(skilled, axis=0).tolist() if known else None,
            }
        )
    return found


def _rolling(done: Finished, paths: Paths) -> dict[str, Any] | None:
    rolled = done.rolling
    if rolled is None:
        return None
    opens = done.plan.trainings[0].opens
    year = sessions_per_year(paths.sessions)
    taken = [number for number in rolled.trials if number >= 0]
    first = rolled.traded.equity["date"].iloc[0].to_numpy().astype("M8[D]")
    since = beside_since(paths, first)
    return {
        "windows": [
            {"number": n, "test_start": start, "trial": None if t < 0 else t, "objective": value}
            for n, (start, t, value) in enumerate(
                zip(opens, rolled.trials, rolled.objectives, strict=True)
            )
        ],
        "figures": performance(rolled.traded.equity["return"].to_numpy()[1:], year),
        "switches": sum(a != b for a, b in pairwise(taken)),
        "benchmark": since["benchmark"],
        "median": since["median"],
        "burn_in": done.sweep.burn_in,
        "following": None if rolled.following < 0 else rolled.following,
    }
