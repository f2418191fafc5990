"""The size of the leak avoided: the same run with same-date joins, beside the honest one."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rollsight.backtests.directory.directory import SPEC
from rollsight.backtests.directory.result import Result, read_manifest
from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.base.errors import RollsightError

FIGURES = {
    "log_loss_gain": "Log-loss gained on the class frequencies",
    "precision": "Precision of buys",
    "edge": "Precision less base rate",
    "crucial_fail": "Crucial-fail of buys",
    "net_return": "Mean net return of a buy",
    "annual_return": "Net return, a year",
    "sharpe": "Sharpe ratio",
}

OF = ("data_digest", "chain_digest", "spec_digest")


def leaking(spec: RunSpec) -> RunSpec:
    """Return the same run with every index joined by its date, known by then or not.

    Raises
    ------
    RollsightError
        If the spec does so already.
    """
    if spec.features.join == "same-date":
        raise RollsightError(
            "--leak compares features.join='as-of' with 'same-date', and the spec has 'same-date' "
            "already: unset features.join, or leave --leak out"
        )
    joined = spec.features.model_copy(update={"join": "same-date"})
    return spec.model_copy(update={"features": joined, "name": f"{spec.name}, same-date joins"})


@dataclass(frozen=True)
class LeakFigure:
    """A figure of the honest run and of the leaking one: a fraction, or nats for log-loss.

    Attributes
    ----------
    key, title
        from `FIGURES`
    """

    key: str
    title: str
    honest: float | None
    leaked: float | None


def leak_figures(honest: dict[str, Any], leaked: dict[str, Any]) -> tuple[LeakFigure, ...]:
    """Return each figure of the honest and of the leaking run."""
    one, other = _figures(honest), _figures(leaked)
    return tuple(
        LeakFigure(key, title, honest=one[key], leaked=other[key]) for key, title in FIGURES.items()
    )


def read_leaked(out: Path, result: Result) -> dict[str, Any] | None:
    """Return the metrics of the leaking run in ``out``, where it has this run's data and code."""
    path = out / "leak" / "metrics.json"
    if result.spec.features.join == "same-date" or not path.is_file():
        return None
    try:
        read_manifest(out / "leak")
        leaked: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        found = [leaked["digests"].get(key) for key in OF]
    except (RollsightError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    wanted = result.manifest | {"spec_digest": leaking(result.spec).digest}
    return leaked if found == [wanted.get(key) for key in OF] else None


def is_leak_of(folder: Path, spec: RunSpec) -> bool:
    """Return whether a folder holds the leaking run of a spec, finished or not."""
    try:
        return read_spec(str(folder / SPEC)).digest == leaking(spec).digest
    except RollsightError:
        return False


def _figures(metrics: dict[str, Any]) -> dict[str, Any]:
    buys, skill = metrics["overall"]["all_buys"], metrics["skill"]
    own, constant = skill["log_loss"], skill["frequency_log_loss"]
    return {
        "log_loss_gain": None if own is None else constant - own,
        **{key: buys[key] for key in ("precision", "edge", "crucial_fail", "net_return")},
        **{key: metrics["headline"]["strategy"][key] for key in ("annual_return", "sharpe")},
    }
