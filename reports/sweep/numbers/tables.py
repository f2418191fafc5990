"""The tables of a sweep, and the few lines that a terminal shows of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from functools import partial, reduce
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.sweeps.grid import shown
from rollsight.backtests.sweeps.plan import SweepPlan
from rollsight.backtests.trials.outcomes import Outcome
from rollsight.reports.page.html import number, percent
from rollsight.reports.page.language import speak
from rollsight.reports.run.beside.riskfree import risk_free_said
from rollsight.reports.run.untraded import untraded_trials
from rollsight.reports.sweep.numbers.levels import is_number
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.numbers.seeds import Lead, Spread, shown_setting
from rollsight.reports.sweep.numbers.trials import SpanFigures

Float64 = npt.NDArray[np.float64]


def trials_table(numbers: SweepNumbers) -> pd.DataFrame:
    """Return one row a trial: number, state, settings, and figures of either span.

    A setting is a number where all of its key's values are; else it is text, ``none`` where unset.
    """
    rows = numbers.trials
    columns: dict[str, Any] = {
        "number": [row.number for row in rows],
        "digest": [row.digest for row in rows],
    }
    for key in numbers.keys:
        values = [row.settings[key] for row in rows]
        columns[key] = values if all(map(is_number, values)) else [shown(v) for v in values]
    columns["state"] = [row.state for row in rows]
    columns["chosen"] = [row.chosen for row in rows]
    columns["error"] = [row.error for row in rows]
    columns["link"] = [row.link for row in rows]
    if any(row.test for row in rows):
        columns |= _figures("validation", [row.validation for row in rows])
        columns |= _figures("test", [row.test for row in rows])
    texts = dict.fromkeys(("digest", "state", "error", "link"), "str")
    return pd.DataFrame(columns).astype(texts)


def returns_table(plan: SweepPlan, found: Mapping[str, Outcome | str]) -> pd.DataFrame:
    """Return one column a finished trial, by number; NaN where it was not tested."""
    outcomes = {
        str(trial.number): outcome
        for trial in plan.trials
        if isinstance(outcome := found.get(trial.key), Outcome)
    }
    # Thousands of trials have the same array of sessions.
    distinct = {id(o.sessions): o.sessions for o in outcomes.values()}
    sessions = reduce(np.union1d, distinct.values(), np.array([], dtype="M8[D]"))
    at = {key: np.searchsorted(sessions, own) for key, own in distinct.items()}
    returns = np.full((len(outcomes), len(sessions)), np.nan)
    for row, own in zip(returns, outcomes.values(), strict=True):
        row[at[id(own.sessions)]] = own.returns
    index = pd.Index(sessions.astype("M8[ms]"), name="date")
    return pd.DataFrame(returns.T, index=index, columns=list(outcomes), copy=False)


def summary_lines(numbers: SweepNumbers) -> list[str]:
    """Return the few lines that a terminal shows of a sweep."""
    idle = untraded_trials(numbers.trials, speak("en"))
    lines = [f"{label:<31}{value}" for label, value in summary(numbers)]
    return [*lines, *([idle] if idle else [])]


def summary(numbers: SweepNumbers) -> list[tuple[str, str]]:
    """Return the few figures that a terminal or a notebook shows of a sweep, with their names."""
    counts, told = numbers.counts, numbers.statistics
    lines = [("Trials", f"{counts.done} done, {counts.failed} failed, {counts.ever} ever")]
    chosen = next((t for t in numbers.trials if t.chosen), None)
    setting = shown_setting(numbers.seeds)
    if chosen is not None and chosen.validation is not None:
        told_by = chosen.settings if setting is None else setting.settings
        settings = ", ".join(f"{k}={shown(v)}" for k, v in told_by.items())
        settings += "" if setting is None else f", by the mean of {len(setting.trials)} seeds"
        lines += [
            ("Chosen", f"trial {chosen.number}: {settings}"),
            ("Objective on validation", number(chosen.validation.objective, 4)),
        ]
        lines += [] if numbers.lead is None else _over_seeds(numbers.lead)
        rate = numbers.risk_free
        above = "" if rate is None else f", {risk_free_said(rate, speak('en'))}"
        lines.append(("Sharpe of the chosen, test", f"{number(told.chosen_sharpe, 2)}{above}"))
        lines.append(("Deflated Sharpe ratio", number(told.deflated_sharpe, 3)))
    over = None if setting is None else setting.test.sharpe
    if over is not None:
        name = f"Sharpe over {over.n} seeds, test"
        lines.append((name, f"{number(over.low, 2)} to {number(over.high, 2)}"))
    if told.median is not None:
        lines += [
            ("Best of as many without skill", number(told.expected_best, 2)),
            ("Sharpe, median trial", number(told.median.sharpe, 2)),
            ("Overfitting (PBO)", percent(told.pbo)),
            (
                "SPA, reality check",
                f"p {number(told.spa, 3)}, {number(told.reality_check, 3)}",
            ),
        ]
    if numbers.rolling is not None:
        earned = numbers.rolling.figures.total_return
        lines.append(("Rolling choice, net", percent(earned, sign=True)))
    return lines


def _over_seeds(lead: Lead) -> list[tuple[str, str]]:
    """Return what other seeds of the chosen setting, and of it and the second, come to."""
    best, lines = lead.best, []
    if lead.seeded:
        found = _range(best.validation, partial(number, digits=4))
        lines.append(("Other seeds, validation", found))
    if lead.seeded and len(best.trials) == 1 and best.test.sharpe is not None:
        made = _range(best.test.annual_return, partial(percent, sign=True))
        sharpe = _range(best.test.sharpe, partial(number, digits=2))
        lines.append(("Other seeds, test", f"{made} a year, Sharpe {sharpe}"))
    if lead.own is not None:
        told = number(lead.own, 4)
        if lead.of:
            told += f", with other seeds ahead in {lead.ahead} of {lead.of}"
        if lead.others is not None:
            told += f" ({_range(lead.others, partial(number, digits=4))})"
        lines.append(("Lead over the second", told))
    return lines


def _range(found: Spread | None, shown: Callable[[float], str]) -> str:
    return "spread unknown" if found is None else f"{shown(found.low)} to {shown(found.high)}"


def _figures(span: str, found: Sequence[SpanFigures | None]) -> dict[str, Float64]:
    return {
        f"{span}_{name}": np.array([None if own is None else own.of(name) for own in found], float)
        for name in (field.name for field in fields(SpanFigures))
    }
