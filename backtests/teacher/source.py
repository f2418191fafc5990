"""Where a teacher's soft labels are read from: a file, or the signals of a finished run."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from rollsight.backtests.directory.directory import is_run
from rollsight.backtests.directory.result import of_one_run, read_table
from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.signals.folder import tablefiles
from rollsight.signals.inputs.samples import SampleSet
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import LabelSpec
from rollsight.signals.teacher.softlabels import SoftLabels, Targets, laid_out, require_met
from rollsight.signals.teacher.spec import DRAWN, TeacherSpec
from rollsight.signals.teacher.table import COLUMNS, checked
from rollsight.training.models.families import family_of
from rollsight.training.networks.torchfamily import TorchFamily
from rollsight.training.regression.spec import task_of
from rollsight.training.spec import ModelSpec

# Keys of [label] that make its classes, beside horizon and band, by band.
SHARES = ("up_share", "down_share")
CLASSES_OF = {"fixed": ("up", "down"), "volatility": ("multiple",), "date": SHARES,
              "date-volatility": SHARES}  # fmt: skip


def soft_labels(spec: RunSpec, market: Market) -> SoftLabels | None:
    """Return the soft labels of a market's rows that a spec asks for; None where it has no teacher.

    Raises
    ------
    RollsightError
        If there is no such file or run, or it cannot be a teacher of this market or label.
    """
    own = spec.teacher
    if not own.is_set:
        return None
    probability, said = None, None
    if own.path is not None:
        path = Path(own.path)
        probability, said = laid_out(checked(_read(path, market, spec), path), market, path)
    return SoftLabels(
        probability, said, targets_of(own), own.entropy, own.alpha, own.temperature, own.seed
    )


def taught(samples: SampleSet, spec: TeacherSpec) -> SampleSet:
    """Return samples with the soft labels of one of their run's baselines, if it has any."""
    if not spec.is_set:
        return replace(samples, soft=None)
    assert samples.soft is not None
    return replace(samples, soft=replace(samples.soft, targets=targets_of(spec)))


def require_teachable(spec: TeacherSpec, soft: SoftLabels | None, model: ModelSpec) -> None:
    """Raise unless a family can learn soft labels, and the teacher's are of this market.

    Raises
    ------
    RollsightError
        If so.
    """
    if not spec.is_set:
        return
    if not isinstance(family_of(model.name), TorchFamily):
        raise RollsightError(
            f"teacher.source={spec.source!r}: model.name={model.name!r} learns labels alone: take "
            "a network, such as model.name='resnet', or set teacher.source='none'"
        )
    if task_of(model) is not None:
        raise RollsightError(
            f"teacher.source={spec.source!r}: model.name={model.name!r} forecasts returns, and "
            "soft labels are of classes: set model.task='classify', or teacher.source='none'"
        )
    if soft is not None and soft.said is not None:
        require_met(soft.said)


def can_be_taught(model: ModelSpec) -> bool:
    """Return whether a model can learn soft labels: a network of classes."""
    return isinstance(family_of(model.name), TorchFamily) and task_of(model) is None


def targets_of(spec: TeacherSpec) -> Targets:
    """Return what is learnt of the rows with soft labels."""
    return next((one for one in ("smoothing", "random") if one == spec.source), "teacher")


def _read(path: Path, market: Market, spec: RunSpec) -> pd.DataFrame:
    if path.is_dir() and is_run(path):
        return of_one_run(path, partial(_of_run, path, market, spec))
    if path.is_file() and path.suffix in {".parquet", ".csv"}:
        way_out = "write a row a decision"
        return tablefiles.read_table(path, way_out=way_out, text=("code",))
    raise RollsightError(
        f"teacher: {str(path)!r} is neither a parquet or csv file nor a finished run's directory: "
        f"name a file with the columns {', '.join(COLUMNS)}, or a run's --out, or take one of "
        f"{', '.join(DRAWN)} and none"
    )


def _of_run(path: Path, market: Market, spec: RunSpec, manifest: dict[str, Any]) -> pd.DataFrame:
    """Return the signals of a run, each known at its decision.

    Raises
    ------
    RollsightError
        If the run is of another market or label, or saw what came after its decisions.
    """
    for key, own in (("exchange", market.exchange), ("currency", market.currency)):
        if manifest["market"][key] != own:
            raise RollsightError(
                f"{path} is a run on {manifest['market'][key]} ({key}), and this market is of "
                f"{own}: name a run on the same market as teacher"
            )
    _require_same_classes(path, spec, manifest["spec"])
    if manifest["spec"]["features"]["join"] != "as-of":
        raise RollsightError(
            f"{path} joins indices by date (features.join='same-date'), which shows it what came "
            "after its decisions: name a run with features.join='as-of' as teacher"
        )
    signals = read_table(path, "signals")
    windows = read_table(path, "windows").set_index("number")
    learnt = signals["window"].map(windows["validation_stop"])
    seen = signals["decided_at"] < learnt
    if seen.any():
        row = signals[seen].iloc[0]
        raise RollsightError(
            f"{path} decides on {row['decided_at']:%Y-%m-%d} what its window {row['window']} was "
            f"trained on, up to {learnt[seen].iloc[0]:%Y-%m-%d}: a teacher must have learnt before "
            "the rows that it scores; make the run again"
        )
    return signals.assign(known_at=signals["decided_at"])[list(COLUMNS)]


def _require_same_classes(path: Path, spec: RunSpec, other: Mapping[str, Any]) -> None:
    """Raise unless a teacher's run forecasts the classes that are learnt of it.

    Raises
    ------
    RollsightError
        Naming the first key that makes them others.
    """
    label = LabelSpec.model_validate(other["label"])
    for key in ("horizon", "band", *CLASSES_OF[spec.label.band]):
        own, said = getattr(spec.label, key), getattr(label, key)
        if own != said:
            raise RollsightError(
                f"{path} is a run with label.{key}={said!r}, and this spec has {own!r}: a teacher "
                "speaks of the classes that are learnt; name a run with the same [label] as teacher"
            )
    if other["model"].get("task") == "regress":
        raise RollsightError(
            f"{path} is a run with model.task='regress' (model.name={other['model']['name']!r}), "
            "which learnt returns, and a teacher must have learnt classes: name a run with "
            "model.task='classify' as teacher"
        )
