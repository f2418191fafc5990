"""The size of the leak avoided: the same run with same-date joins, beside the honest one."""

import json
from pathlib import Path

from rollsight.backtests.baselines.specs import without_others
from rollsight.backtests.directory.claims import read_run_spec
from rollsight.backtests.directory.result import Result, read_manifest
from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.base.records import record
from rollsight.reports.run.data.datafacts import LeakFigure
from rollsight.reports.run.numbers import RunNumbers

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
    name = f"{spec.name}, same-date joins"
    # What is compared is the run's own model.
    return without_others(spec.model_copy(update={"features": joined, "name": name}))


def leak_figures(honest: RunNumbers, leaked: RunNumbers) -> tuple[LeakFigure, ...]:
    """Return each figure of the honest and of the leaking run."""
    one, other = _figures(honest), _figures(leaked)
    return tuple(
        LeakFigure(key, title, honest=one[key], leaked=other[key]) for key, title in FIGURES.items()
    )


def read_leaked(out: Path, result: Result) -> RunNumbers | None:
    """Return the numbers of the leaking run in ``out``, where it has this run's data and code."""
    path = out / "leak" / "metrics.json"
    if result.spec.features.join == "same-date" or not path.is_file():
        return None
    try:
        read_manifest(out / "leak")
        leaked = record(RunNumbers, json.loads(path.read_text(encoding="utf-8")))
    except (RollsightError, OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    wanted = result.manifest | {"spec_digest": leaking(result.spec).digest}
    same = all(getattr(leaked.digests, key) == wanted.get(key) for key in OF)
    return leaked if same else None


def is_leak_of(folder: Path, spec: RunSpec) -> bool:
    """Return whether a folder holds the leaking run of a spec, finished or not."""
    try:
        return read_run_spec(folder).digest == leaking(spec).digest
    except RollsightError:
        return False


def _figures(numbers: RunNumbers) -> dict[str, float | None]:
    buys, made = numbers.overall.all_buys, numbers.headline.strategy
    own, constant = numbers.skill.log_loss, numbers.skill.frequency_log_loss
    return {
        "log_loss_gain": None if own is None or constant is None else constant - own,
        "precision": buys.precision,
        "edge": buys.edge,
        "crucial_fail": buys.crucial_fail,
        "net_return": buys.net_return,
        "annual_return": made.annual_return,
        "sharpe": made.sharpe,
    }
