"""The specification of a run: read from TOML or a preset, changed by key, written back in full."""

import hashlib
import json
import tomllib
import types
from collections.abc import Mapping, Set
from copy import deepcopy
from importlib import resources
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    Field,
    SerializeAsAny,
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic.fields import FieldInfo

from rollsight.backtests.baselines.names import DEFAULT_BASELINES, Baselines
from rollsight.backtests.holdout.spec import HoldoutSpec, fault_between, refuse_opening
from rollsight.backtests.specs.faults import first_fault
from rollsight.backtests.specs.keys import Changes, read_changes
from rollsight.base import toml
from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.signals.spec import DEFAULTS, FeatureSpec, LabelSpec, MarketSpec, Spec, UniverseSpec
from rollsight.signals.teacher.spec import TeacherSpec
from rollsight.strategies.spec import CostSpec, StrategySpec
from rollsight.training.gate.spec import GateSpec
from rollsight.training.spec import (
    AttributionSpec,
    ModelSpec,
    NetworkSpec,
    ThresholdSpec,
    TrainingSpec,
    WindowSpec,
)

DEFAULT_FAMILY = NetworkSpec().name


class RunSpec(Spec):
    """Everything that a run depends on; same spec and data, same bytes."""

    name: str = Field("run", min_length=1, description="title of the report")
    baselines: Baselines = Field(
        DEFAULT_BASELINES,
        description="families of models that are walked forward beside [model]'s, each with its "
        "default keys, with the same windows, inputs, thresholds, rule and account; [] has none",
    )
    market: MarketSpec = MarketSpec()
    holdout: HoldoutSpec = HoldoutSpec()
    universe: UniverseSpec = UniverseSpec()
    features: FeatureSpec = FeatureSpec()
    label: LabelSpec = LabelSpec()
    windows: WindowSpec = WindowSpec()
    model: SerializeAsAny[ModelSpec] = NetworkSpec()
    training: TrainingSpec = TrainingSpec()
    teacher: TeacherSpec = TeacherSpec()
    gate: GateSpec = GateSpec()
    threshold: ThresholdSpec = ThresholdSpec()
    attribution: AttributionSpec = AttributionSpec()
    strategy: StrategySpec = StrategySpec()
    costs: CostSpec = CostSpec()

    @field_validator("model", mode="wrap")
    @classmethod
    def _of_its_family(cls, value: object, handler: ValidatorFunctionWrapHandler) -> ModelSpec:
        """Take the keys of the section for those of the family that it names."""
        if isinstance(value, ModelSpec) or not isinstance(value, Mapping):
            found: ModelSpec = handler(value)
            return found
        return model_options(value).model_validate(value)

    @model_validator(mode="after")
    def _holds_out(self) -> "RunSpec":
        if (fault := fault_between(self.market, self.holdout)) is not None:
            raise ValueError(fault)
        return self

    @property
    def digest(self) -> str:
        """SHA-256 of the spec; where the data lies does not enter, the data's own digest does.

        Nor do keys that are as by default: see `Spec.chosen` and `DEFAULTS`.
        """
        content = self.chosen(exclude={"market": {"folder"}})
        return hashlib.sha256(json.dumps([DEFAULTS, content], sort_keys=True).encode()).hexdigest()


def preset_names() -> list[str]:
    """Return the names of the presets."""
    folder = resources.files("rollsight.backtests") / "presets"
    return sorted(
        p.name.removesuffix(".toml") for p in folder.iterdir() if p.name.endswith(".toml")
    )


def read_spec(
    source: str | Path, changes: Changes = (), market: str | Path | None = None
) -> RunSpec:
    """Return the spec of a preset or TOML file, with changes applied.

    Parameters
    ----------
    source
        a preset's name, or the path of a TOML file
    changes
        values by ``section.key``, None unsets one, or ``section.key=value`` strings, of which
        values are TOML and bare words are text
    market
        market folder that takes the place of the spec's

    Raises
    ------
    RollsightError
        If there is no such preset or file, or a key or value is not allowed.
    """
    content = read_toml(str(source))
    content.pop("sweep", None)  # a sweep's own table
    return with_changes(content, changes, market, str(source))


def with_changes(
    content: dict[str, Any], changes: Changes, market: str | Path | None, source: str
) -> RunSpec:
    """Return the spec of a nested mapping, with changes applied as `read_spec` does."""
    family, held_out = _family(content), deepcopy(content.get("holdout", {}))
    asked = read_changes(changes)
    for change in asked:
        _apply(content, *change)
    if _family(content) != family:
        _leave_out(content, {".".join(parts) for _, parts, _ in asked})
    if market is not None and isinstance(content.setdefault("market", {}), dict):
        content["market"]["folder"] = str(market)
    spec = check_spec(content, source)
    if content.get("holdout", {}) != held_out:  # as the file was read, however it is written
        refuse_opening(check_spec({"holdout": held_out}, source).holdout, spec.holdout)
    return spec


def _family(content: Mapping[str, Any]) -> object:
    section = content.get("model")
    return section.get("name", DEFAULT_FAMILY) if isinstance(section, Mapping) else DEFAULT_FAMILY


def _leave_out(content: dict[str, Any], asked: Set[str]) -> None:
    """Leave out the file's keys of a model that another family, which was chosen, has not."""
    known = model_kind(content["model"]).model_fields
    kept = {k: v for k, v in content["model"].items() if k in known or f"model.{k}" in asked}
    content["model"] = kept


def check_spec(content: Mapping[str, Any], source: str) -> RunSpec:
    """Return the spec of a nested mapping, or raise one line about its first fault."""
    try:
        return RunSpec.model_validate(content)
    except ValidationError as error:
        fault = first_fault(error, RunSpec, model_kind(content.get("model")))
        raise RollsightError(f"{source}: {fault}") from error


def model_options(section: Mapping[str, Any]) -> type[ModelSpec]:
    """Return the type of a section ``[model]``: its family's own.

    Raises
    ------
    ValueError
        If there is no such family.
    """
    # Torch takes seconds to import: it is fetched where a model is named.
    from rollsight.training.models.families import options_of

    name = section.get("name", DEFAULT_FAMILY)
    if not isinstance(name, str):
        return ModelSpec  # which says what a name must be
    return options_of(name.strip())


def model_kind(section: object) -> type[ModelSpec]:
    """Return the type of a section ``[model]``, whatever else is wrong with it."""
    try:
        return model_options(section) if isinstance(section, Mapping) else NetworkSpec
    except RollsightError:
        return ModelSpec


def to_toml(spec: RunSpec) -> str:
    """Return the spec as TOML, every key explained; unset ones are commented out."""
    lines = []
    for key, info in RunSpec.model_fields.items():
        part = getattr(spec, key)
        if isinstance(part, BaseModel):
            lines += ["", *toml_lines(key, part)]
        else:
            lines.append(_toml_line(key, part, info))
    return "\n".join(lines) + "\n"


def toml_lines(section: str, part: BaseModel) -> list[str]:
    """Return a section as lines of TOML, as `to_toml` does."""
    about = (type(part).__doc__ or "").strip().splitlines()[0]
    lines = [f"# {about}", f"[{section}]"]
    fields = type(part).model_fields
    return lines + [_toml_line(key, getattr(part, key), info) for key, info in fields.items()]


def _toml_line(key: str, value: object, info: FieldInfo) -> str:
    text = f"# {key} =" if value is None else f"{key} = {toml.toml_value(value)}"
    note = "; ".join(n for n in (info.description or "", _choices(info.annotation)) if n)
    return f"{text}  # {note}" if note else text


def read_toml(source: str) -> dict[str, Any]:
    """Return the content of a preset or of a TOML file.

    Raises
    ------
    RollsightError
        If there is no such preset or file, or it is no TOML in UTF-8.
    """
    if source in preset_names():
        preset = resources.files("rollsight.backtests") / "presets" / f"{source}.toml"
        return tomllib.loads(preset.read_text(encoding="utf-8"))
    path = Path(source)
    try:
        found = path.is_file()
    except OSError:  # the text cannot be a file's name, too long a one for instance
        found = False
    if not found:
        raise RollsightError(f"{source!r} is neither a preset nor a TOML file {_instead_of(path)}")
    return toml.read_toml(path)


def _instead_of(path: Path) -> str:
    """Return what may be meant by a path that is no file: a file beside it, or a preset."""
    try:
        beside = [
            p for p in (path.with_name(f"{path.name}.toml"), path / "run.toml") if p.is_file()
        ]
        files = [str(p) for p in sorted(path.parent.glob("*.toml"))]
    except (OSError, ValueError):  # no name of a file, as "" and what is too long
        beside, files = [], []
    if beside:
        return f"(there is {beside[0]}); did you mean {str(beside[0])!r}?"
    return did_you_mean(str(path), [*preset_names(), *files])


def _apply(content: dict[str, Any], told: str, parts: list[str], value: Any) -> None:
    target = content
    for part in parts[:-1]:
        target = target.setdefault(part, {})
        if not isinstance(target, dict):
            raise RollsightError(f"{told}: {part!r} has no keys of its own")
    unset = value is None or (isinstance(value, str) and value == "none")
    if unset and may_be_unset(parts):
        target.pop(parts[-1], None)
    else:
        target[parts[-1]] = value


def may_be_unset(parts: list[str]) -> bool:
    """Return whether a section's key may have no value."""
    section = RunSpec.model_fields.get(parts[0])
    model = section.annotation if section is not None and len(parts) == 2 else None
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return False
    field = model.model_fields.get(parts[1])
    kinds = () if field is None else get_args(field.annotation)
    # Where none is one of the choices, it is that choice.
    return type(None) in kinds and not any("none" in get_args(kind) for kind in kinds)


def _choices(annotation: Any) -> str:
    if get_origin(annotation) in (Union, types.UnionType):
        return ""
    return " | ".join(str(c) for c in get_args(annotation) if isinstance(c, str))
