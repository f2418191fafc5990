"""Runs side by side: what differs in their specs, and in what they predicted and earned."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rollsight.backtests.directory.differences import flat
from rollsight.backtests.directory.result import read_result
from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.base.resampling import mean_estimate
from rollsight.reports.page.html import number, percent
from rollsight.reports.page.language import Say, speak
from rollsight.reports.run.learning.modes import modes_data, modes_rows

OF = ("spec_digest", "data_digest", "model_digests")  # by which numbers are a run's own
# Key, where it stands in metrics.json, and how it is shown.
FIGURES = (
    ("Windows with skill", ("skill", "skilled"), "count"),
    ("Log-loss of all test rows", ("skill", "log_loss"), "nats"),
    ("Log-loss of the class frequencies", ("skill", "frequency_log_loss"), "nats"),
    ("Accuracy", ("overall", "figures", "accuracy"), "percent"),
    ("Buys", ("overall", "all_buys", "buys"), "count"),
    ("Precision of buys", ("overall", "all_buys", "precision"), "percent"),
    ("Precision less base rate", ("overall", "all_buys", "edge"), "percent"),
    ("Crucial-fail of buys", ("overall", "all_buys", "crucial_fail"), "percent"),
    ("Soso-fail of buys", ("overall", "all_buys", "soso_fail"), "percent"),
    ("Mean net return of a buy", ("overall", "all_buys", "net_return"), "percent"),
    ("Trades", ("headline", "trades"), "count"),
    ("Mean net return of a trade", ("overall", "taken", "net_return"), "percent"),
    ("Total return, net", ("headline", "strategy", "total_return"), "percent"),
    ("A year, net", ("headline", "strategy", "annual_return"), "percent"),
    ("Sharpe ratio", ("headline", "strategy", "sharpe"), "ratio"),
    ("Deepest drawdown", ("headline", "strategy", "max_drawdown"), "percent"),
)


@dataclass(frozen=True, eq=False)
class Compared:
    """A finished run as it is compared.

    Attributes
    ----------
    folder
        as the user named it
    metrics
        the numbers of its report
    data_digest
        of the market that it was made on
    timings
        of the call that finished it; empty where they are not known
    """

    folder: Path
    spec: RunSpec
    metrics: dict[str, Any]
    data_digest: str
    timings: Mapping[str, Any] = field(default_factory=dict)


def read_compared(folder: Path) -> Compared:
    """Return a finished run's spec and numbers.

    Raises
    ------
    RollsightError
        If the folder holds no finished run, as `read_result` has it, or the numbers of another one.
    """
    found = read_result(folder)
    path, digests = folder / "metrics.json", {k: found.manifest[k] for k in OF}
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"))
        own = {key: metrics["digests"][key] for key in OF} == digests
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RollsightError(
            f"{path} cannot be read: call rollsight report {folder} to write it again"
        ) from error
    if not own:
        raise RollsightError(
            f"{path} has the numbers of another run: call rollsight report {folder} to write it "
            "again"
        )
    return Compared(folder, found.spec, metrics, digests["data_digest"], _timings(folder))


def _timings(folder: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads((folder / "timings.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def compare_data(runs: Sequence[Compared]) -> dict[str, Any]:
    """Return what differs between runs, ready for JSON; fractions, nats for log-loss.

    The first run is the one that the others are held against: ``gains`` has the mean daily return
    of each over the sessions that both share, less the first's, with its 95 % interval.

    Raises
    ------
    RollsightError
        If there are fewer than two runs.
    """
    if len(runs) < 2:
        raise RollsightError(f"compare was given {len(runs)} run: name two or more directories")
    return {
        "runs": [_about(run) for run in runs],
        "same_data": len({run.data_digest for run in runs}) == 1,
        "same_span": len({_span(run) for run in runs}) == 1,
        "spec": _spec_differences(runs),
        "figures": [
            {"title": title, "unit": unit, "values": [_at(run.metrics, path) for run in runs]}
            for title, path, unit in FIGURES
        ],
        "modes": modes_data(
            [r.spec for r in runs], [r.metrics for r in runs], [r.timings for r in runs]
        ),
        "gains": [_gain(run, runs[0]) for run in runs[1:]],
        "equity": [
            {"date": run.metrics["equity"]["date"], "equity": run.metrics["equity"]["equity"]}
            for run in runs
        ],
    }


def compare_lines(data: dict[str, Any]) -> list[str]:
    """Return a comparison as lines of text."""
    names = [run["label"] for run in data["runs"]]
    rows = [["", *names], *([s["key"], *s["values"]] for s in data["spec"])]
    rows += [["", *[""] * len(names)]]
    rows += [[f["title"], *(shown(v, f["unit"]) for v in f["values"])] for f in data["figures"]]
    rows += [["A day, less the first", "", *(gained(g) for g in data["gains"])]]
    if data["modes"] is not None:
        rows += [[""] * (len(names) + 1), *modes_rows(data["modes"], speak("en"))]
    widths = [max(len(row[i]) for row in rows) for i in range(len(names) + 1)]
    lines = [
        f"{row[0]:<{widths[0]}}  "
        + "  ".join(f"{cell:>{w}}" for cell, w in zip(row[1:], widths[1:], strict=True))
        for row in rows
    ]
    return [*(line.rstrip() for line in lines), *remarks(data)]


def remarks(data: dict[str, Any]) -> list[str]:
    """Return what keeps the runs from being compared figure by figure."""
    said = []
    if not data["same_data"]:
        said.append("The runs were made on different data: figures differ by that too.")
    if not data["same_span"]:
        said.append("The runs were tested over different sessions: figures differ by that too.")
    return [*said, *untraded_runs(data, speak("en"))]


def untraded_runs(data: dict[str, Any], say: Say) -> list[str]:
    """Return which runs never traded: ahead of others that lost, by no skill."""
    return [
        say("{run} made no trade: its figures are those of cash, and it is tested against none.",
            run=run["label"])
        for run in data["runs"] if not run["trades"]
    ]  # fmt: skip


def shown(value: float | None, unit: str) -> str:
    """Return a figure as text."""
    if unit == "percent":
        return percent(value, 2)
    return number(value, {"count": 0, "nats": 4, "ratio": 2}[unit])


def gained(gain: dict[str, Any]) -> str:
    """Return a run's gain over the first as text, with its interval where there is one."""
    if gain["value"] is None:
        return percent(None)
    said = percent(gain["value"], 3, sign=True)
    if gain["low"] is None:
        return said
    return f"{said} ({percent(gain['low'], 3, sign=True)} … {percent(gain['high'], 3, sign=True)})"


def _about(run: Compared) -> dict[str, Any]:
    first, last = _span(run)
    return {
        "label": f"{run.metrics['name']} ({run.folder.name})",
        "folder": str(run.folder),
        "first_session": first,
        "last_session": last,
        "spec_digest": run.spec.digest,
        "data_digest": run.data_digest,
        "trades": run.metrics["headline"]["trades"],
    }


def _span(run: Compared) -> tuple[str, str]:
    return run.metrics["headline"]["first_session"], run.metrics["headline"]["last_session"]


def _spec_differences(runs: Sequence[Compared]) -> list[dict[str, Any]]:
    every = [flat(run.spec) for run in runs]
    keys = [k for k in every[0] if k != "name" and len({repr(f[k]) for f in every}) > 1]
    return [{"key": k, "values": [str(f[k]) for f in every]} for k in keys]


def _at(metrics: Any, path: Sequence[str]) -> float | None:
    for key in path:
        metrics = metrics[key]
    return None if metrics is None else float(metrics)


def _gain(run: Compared, first: Compared) -> dict[str, Any]:
    own, other = (_returns(r) for r in (run, first))
    # The first return of either is the start's 0.
    gain = (own.iloc[1:] - other.iloc[1:]).dropna().to_numpy()
    found = mean_estimate(gain, np.arange(len(gain)), span=run.spec.label.horizon + 1)
    both_traded = run.metrics["headline"]["trades"] and first.metrics["headline"]["trades"]
    low, high = (found.low, found.high) if both_traded else (None, None)
    return {"value": found.value, "low": low, "high": high, "sessions": len(gain)}


def _returns(run: Compared) -> pd.Series:
    equity = run.metrics["equity"]
    return pd.Series(np.array(equity["return"], dtype=float), pd.DatetimeIndex(equity["date"]))
