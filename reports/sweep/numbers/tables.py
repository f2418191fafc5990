"""The tables of a sweep, and the few lines that a terminal shows of it."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from rollsight.backtests.sweeps.grid import shown
from rollsight.backtests.sweeps.plan import SweepPlan
from rollsight.backtests.trials.outcomes import Outcome
from rollsight.reports.page.html import number, percent
from rollsight.reports.page.language import speak
from rollsight.reports.run.untraded import untraded_trials
from rollsight.reports.sweep.numbers.seeds import shown_setting


def trials_table(metrics: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a trial: number, state, settings, and figures of either span.

    A setting is a number where all of its key's values are; else it is text, ``none`` where unset.
    """
    rows = metrics["trials"]
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in ("number", "digest")}
    for key in metrics["keys"]:
        values = [row["settings"][key] for row in rows]
        numeric = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
        columns[key] = values if numeric else [shown(v) for v in values]
    columns |= {name: [row[name] for row in rows] for name in ("state", "chosen", "error", "link")}
    figures: list[str] = next((list(row["test"]) for row in rows if row["test"]), [])
    for span in ("validation", "test"):
        for name in figures:
            own = [None if row[span] is None else row[span][name] for row in rows]
            columns[f"{span}_{name}"] = np.array(own, dtype=float)
    texts = dict.fromkeys(("digest", "state", "error", "link"), "str")
    return pd.DataFrame(columns).astype(texts)


def returns_table(plan: SweepPlan, found: Mapping[str, Outcome | str]) -> pd.DataFrame:
    """Return one column a finished trial, by number; NaN where it was not tested."""
    columns = {
        str(trial.number): pd.Series(outcome.returns, index=outcome.sessions.astype("M8[ms]"))
        for trial in plan.trials
        if isinstance(outcome := found.get(trial.key), Outcome)
    }
    table = pd.DataFrame(columns).sort_index()
    return table.rename_axis(index="date")


def summary_lines(metrics: Mapping[str, Any]) -> list[str]:
    """Return the few lines that a terminal or a notebook shows of a sweep."""
    counts, told = metrics["counts"], metrics["statistics"]
    lines = [("Trials", f"{counts['done']} done, {counts['failed']} failed, {counts['ever']} ever")]
    chosen = next((t for t in metrics["trials"] if t["chosen"]), None)
    setting = shown_setting(metrics)
    if chosen is not None:
        told_by = chosen["settings"] if setting is None else setting["settings"]
        settings = ", ".join(f"{k}={shown(v)}" for k, v in told_by.items())
        settings += "" if setting is None else f", by the mean of {len(setting['trials'])} seeds"
        lines += [
            ("Chosen", f"trial {chosen['number']}: {settings}"),
            ("Objective on validation", number(chosen["validation"]["objective"], 4)),
        ]
        lines.append(("Sharpe of the chosen, test", number(told["chosen_sharpe"], 2)))
        lines.append(("Deflated Sharpe ratio", number(told["deflated_sharpe"], 3)))
    if setting is not None and setting["test"]["sharpe"] is not None:
        over = setting["test"]["sharpe"]
        name = f"Sharpe over {over['n']} seeds, test"
        lines.append((name, f"{number(over['low'], 2)} to {number(over['high'], 2)}"))
    if told["median"] is not None:
        lines += [
            ("Best of as many without skill", number(told["expected_best"], 2)),
            ("Sharpe, median trial", number(told["median"]["sharpe"], 2)),
            ("Overfitting (PBO)", percent(told["pbo"])),
            (
                "SPA, reality check",
                f"p {number(told['spa'], 3)}, {number(told['reality_check'], 3)}",
            ),
        ]
    if metrics["rolling"] is not None:
        figures = metrics["rolling"]["figures"]
        lines.append(("Rolling choice, net", percent(figures["total_return"], sign=True)))
    idle = untraded_trials(metrics["trials"], speak("en"))
    return [*(f"{label:<31}{value}" for label, value in lines), *([idle] if idle else [])]
