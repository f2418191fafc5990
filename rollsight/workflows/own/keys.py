"""What the keys of a specification mean, read off the types that check them."""

import types
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, time
from difflib import get_close_matches
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from rollsight.backtests.spec import RunSpec, preset_names, read_toml
from rollsight.backtests.sweeps.spec import SweepSpec
from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.base.faults import NUMBER, TRUTH, WHOLE
from rollsight.base.toml import toml_value

KINDS = {bool: TRUTH, int: WHOLE, float: NUMBER, str: "a text", date: "a date", time: "a time"}
MANY = {int: "whole numbers", float: "numbers", str: "texts"}
BOUNDS = {"ge": "{} or more", "gt": "above {}", "le": "{} at most", "lt": "below {}"}
UNSET = "unset"


@dataclass(frozen=True)
class Key:
    """A key of a specification.

    Attributes
    ----------
    section, name
        of its table and its own; a key above all tables has an empty section
    meaning
        one sentence
    kind
        what a value must be, in words
    default
        as TOML has it, or "unset"
    families
        those of models that have it alike, of a key of ``[model]``
    value
        a value that is allowed
    """

    section: str
    name: str
    meaning: str
    kind: str
    default: str
    value: Any
    families: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The key as ``--set`` takes it."""
        return f"{self.section}.{self.name}" if self.section else self.name

    @property
    def presets(self) -> dict[str, str]:
        """The value of each preset that sets it, as TOML has it."""
        found = {}
        for preset in preset_names():
            content = read_toml(preset)
            table = content.get(self.section, {}) if self.section else content
            another = self.families and table.get("name", "resnet") not in self.families
            if self.name in table and not another:
                found[preset] = toml_value(table[self.name])
        return found

    @property
    def example(self) -> str:
        """The key with a value, as ``--set`` takes it."""
        text = self.value if isinstance(self.value, str) else toml_value(self.value)
        return f"{self.path}={text}"


@dataclass(frozen=True)
class Section:
    """A table of a specification: its name, what it is, and its keys.

    A key that families of models have in several senses is there once for each.
    """

    name: str
    meaning: str
    keys: tuple[Key, ...]


def sections() -> list[str]:
    """Return the names of all sections, in the order of a written spec."""
    return [*(name for name, info in RunSpec.model_fields.items() if _is_section(info)), "sweep"]


def section_of(name: str) -> Section:
    """Return a section; ``run`` has the keys that stand above all others.

    Raises
    ------
    RollsightError
        If there is none.
    """
    if name == "run":
        own = ((k, f) for k, f in RunSpec.model_fields.items() if not _is_section(f))
        return Section(name, "The keys above all sections.", tuple(_key("", *of) for of in own))
    if name not in sections():
        raise RollsightError(f"there is no section {name!r} {did_you_mean(name, sections())}")
    kind: Any = SweepSpec if name == "sweep" else RunSpec.model_fields[name].annotation
    keys = (
        _of_models() if name == "model" else (_key(name, *of) for of in kind.model_fields.items())
    )
    return Section(name, (kind.__doc__ or "").strip().splitlines()[0], tuple(keys))


def keys_of(asked: str) -> tuple[Key, ...]:
    """Return the key that a name stands for, or its senses where families of models differ.

    Its section may be left out where one alone has it.

    Raises
    ------
    RollsightError
        Naming the nearest.
    """
    section, dot, name = asked.rpartition(".")
    if dot:
        have = section_of(section).keys
        if found := tuple(key for key in have if key.name == name):
            return found
        hint = did_you_mean(name, {key.name for key in have})
        raise RollsightError(f"[{section}] has no key {name!r} {hint}")
    keys = [key for name in ("run", *sections()) for key in section_of(name).keys]
    found = tuple(key for key in keys if key.name == asked)
    paths = list(dict.fromkeys(key.path for key in found))
    if len(paths) == 1:
        return found
    if paths:
        raise RollsightError(
            f"several sections have a key {asked!r}: name one of {', '.join(paths)}"
        )
    near = get_close_matches(asked, [*sections(), *(key.name for key in keys)], n=1)
    meant = [*(key.path for key in keys if key.name in near), *near]
    hint = f"did you mean {meant[0]!r}?" if meant else "rollsight show lists the sections"
    raise RollsightError(f"a spec has no section or key {asked!r}; {hint}")


def _is_section(info: FieldInfo) -> bool:
    return isinstance(info.annotation, type) and issubclass(info.annotation, BaseModel)


def _of_models() -> Iterator[Key]:
    """Yield each key of the families of models, once for all that have it alike."""
    # Torch takes seconds to import: it is fetched where a model is asked about.
    from rollsight.training.models.families import FAMILIES

    found: dict[str, dict[tuple[str, str, str], list[Key]]] = {}
    for family, own in FAMILIES.items():
        for name, info in own.options.model_fields.items():
            key = replace(_key("model", name, info), families=(family,))
            alike = found.setdefault(name, {})
            alike.setdefault((key.kind, key.default, key.meaning), []).append(key)
    for senses in found.values():
        for keys in senses.values():
            yield replace(keys[0], families=tuple(key.families[0] for key in keys))


def _key(section: str, name: str, info: FieldInfo) -> Key:
    default = info.get_default(call_default_factory=True)
    return Key(
        section=section,
        name=name,
        meaning=info.description or "",
        kind=_kind(info),
        default=UNSET if default is None else toml_value(default),
        value=_value(info, default),
    )


def _value(info: FieldInfo, default: Any) -> Any:
    """Return a value that is allowed, another than the default where one is known."""
    if info.examples:
        return info.examples[0]
    if isinstance(default, bool):
        return not default
    other = [choice for choice in _choices(info.annotation) if choice != default]
    return other[0] if other else default


def _kind(info: FieldInfo) -> str:
    parts = [part for part in _parts(info.annotation) if part is not type(None)]
    said = " or ".join(dict.fromkeys(_word(part) for part in parts))
    bounds = [
        text.format(toml_value(value))
        for rule in info.metadata
        for bound, text in BOUNDS.items()
        if (value := getattr(rule, bound, None)) is not None
    ]
    optional = ["or unset"] if len(parts) < len(_parts(info.annotation)) else []
    return ", ".join([said, *bounds, *optional])


def _word(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(toml_value(choice) for choice in get_args(kind))
    if get_origin(kind) is tuple:
        inner = get_args(kind)[0]
        choices = ", ".join(_choices(inner))
        return f"a list of {MANY.get(inner, choices)}"
    return KINDS.get(kind, "a table")


def _choices(annotation: Any) -> list[str]:
    kinds: Iterable[Any] = _parts(annotation)
    return [c for kind in kinds if get_origin(kind) is Literal for c in get_args(kind)]


def _parts(annotation: Any) -> tuple[Any, ...]:
    union = get_origin(annotation) in (Union, types.UnionType)
    return get_args(annotation) if union else (annotation,)
