"""A specification with other values of some keys."""

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from rollsight.backtests.holdout.spec import fault_between
from rollsight.backtests.spec import (
    DEFAULT_FAMILY,
    RunSpec,
    may_be_unset,
    model_options,
    read_spec,
    with_changes,
)
from rollsight.backtests.specs.faults import first_fault, key_fault, no_key
from rollsight.backtests.specs.keys import Changes
from rollsight.backtests.standin import with_stand_in
from rollsight.base.errors import RollsightError
from rollsight.base.faults import key_of
from rollsight.signals.folder.reading import EMBEDDED, MEMORY, Folder
from rollsight.signals.spec import Spec
from rollsight.training.given.family import GivenSpec
from rollsight.training.spec import ModelSpec


def changed(spec: RunSpec, values: Mapping[str, Any]) -> RunSpec:
    """Return the spec with other values of some ``section.key``, each allowed by `check_value`.

    Raises
    ------
    RollsightError
        If the values do not go together.
    """
    parts: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        section, _, name = key.partition(".")
        parts.setdefault(section, {})[name] = value
    update = {}
    for section, part in parts.items():
        kind, whole = _section_changed(getattr(spec, section), part)
        try:
            update[section] = kind.model_validate(whole)
        except ValidationError as error:
            fault = error.errors()[0]
            if fault["type"] == "extra_forbidden":
                key = str(fault["loc"][-1])
                raise RollsightError(no_key(f"[{section}] has no key", key, kind)) from error
            key = ".".join([section, *key_of(error)[:1]])
            raise RollsightError(key_fault(key, error)) from error
    found = spec.model_copy(update=update)
    if (together := fault_between(found.market, found.holdout)) is not None:
        raise RollsightError(together)
    return found


def _section_changed(whole: Spec, part: dict[str, Any]) -> tuple[type[Spec], dict[str, Any]]:
    """Return the type and the keys of a section with some changed.

    Where another family of models is named, the keys that it does not know are left out.
    """
    if not isinstance(whole, ModelSpec):
        return type(whole), whole.model_dump() | part
    kind = model_options(whole.model_dump() | part)
    kept = {k: v for k, v in whole.model_dump().items() if k in kind.model_fields}
    return kind, kept | part


def spec_at(
    spec: RunSpec | str | Path,
    market: str | Path | Folder | None = None,
    changes: Changes = (),
) -> RunSpec:
    """Return a spec, a preset or a TOML file's, with changes and another market.

    Where the market has no indices, it asks for none, see `with_stand_in`.

    Parameters
    ----------
    changes
        as `read_spec` takes them
    """
    folder = market.path if isinstance(market, Folder) else market
    if not isinstance(spec, RunSpec):
        spec = read_spec(spec, changes, folder)
    elif changes:
        # What another family has by default is not what this one has.
        own = {"name": spec.model.name} | spec.model.model_dump(exclude_defaults=True)
        spec = with_changes(spec.model_dump() | {"model": own}, changes, folder, "the spec")
    elif folder is not None:
        moved = spec.market.model_copy(update={"folder": str(folder)})
        spec = spec.model_copy(update={"market": moved})
    return with_stand_in(spec, market)


def placed(spec: RunSpec) -> RunSpec:
    """Return the spec with whole paths of all that it reads: workers start anywhere."""
    folder, teacher = spec.market.folder, spec.teacher
    if folder not in {*EMBEDDED, MEMORY}:
        market = spec.market.model_copy(update={"folder": str(Path(folder).absolute())})
        spec = spec.model_copy(update={"market": market})
    if teacher.path is not None:
        key = "source" if teacher.path == teacher.source else "like"
        teacher = teacher.model_copy(update={key: str(Path(teacher.path).absolute())})
        spec = spec.model_copy(update={"teacher": teacher})
    if isinstance(spec.model, GivenSpec) and spec.model.source is not None:
        model = spec.model.model_copy(update={"source": str(Path(spec.model.source).absolute())})
        spec = spec.model_copy(update={"model": model})
    return spec


def opened(spec: RunSpec) -> RunSpec:
    """Return a spec whose held-out sessions are read: a reveal's, and what it made."""
    return spec.model_copy(update={"holdout": spec.holdout.open()})


def sealed(spec: RunSpec) -> RunSpec:
    """Return a spec whose held-out sessions are not read, even where it is a revealed run's."""
    return spec.model_copy(update={"holdout": spec.holdout.seal()})


def check_value(key: str, value: Any, families: Iterable[str] = (DEFAULT_FAMILY,)) -> None:
    """Raise unless a key exists and may have this value, whatever the others are.

    Parameters
    ----------
    families
        of models, one of which must have a key of ``[model]``

    Raises
    ------
    RollsightError
        Naming the nearest key, or what the value must be.
    """
    section, _, name = key.partition(".")
    if not isinstance(getattr(RunSpec(), section, Spec()), Spec):
        raise RollsightError(f"{key}: {section!r} has no keys of its own, and is the same for all")
    if section == "holdout":
        raise RollsightError(
            f"{key}: what is held out is the same for every trial: set it in the spec's own "
            "[holdout]"
        )
    if key == "market.risk_free":
        raise RollsightError(
            f"{key}: it changes how trials are measured and not what they do: set it in the spec's "
            "own [market]"
        )
    contents: list[dict[str, Any]] = [{name: value}]
    if section == "model" and name != "name":
        contents = [{"name": family, name: value} for family in sorted(families)]
    faults = [fault for fault in map(partial(_fault, section), contents) if fault is not None]
    if len(faults) == len(contents):
        # What a family says of its own key tells more than that another has none.
        raise min(faults, key=lambda fault: "has no key" in str(fault))


def _fault(section: str, content: dict[str, Any]) -> RollsightError | None:
    try:
        kind = model_options(content) if section == "model" else ModelSpec
        RunSpec.model_validate({section: content})
    except ValidationError as error:
        # A fault of the section as a whole is one of values that do not go together.
        if len(error.errors()[0]["loc"]) > 1 or error.errors()[0]["type"] == "extra_forbidden":
            return RollsightError(first_fault(error, RunSpec, kind))
    except RollsightError as error:
        return error
    return None


def change_of(key: str, value: Any) -> Any:
    """Return a value as the spec has it: None for the text ``none`` where a key may be unset."""
    return None if value == "none" and may_be_unset(key.split(".")) else value
