"""The settings of a sweep: keys of a specification, and the values that each is to take."""

import itertools
import math
import random
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from rollsight.backtests.changes import change_of, check_value
from rollsight.backtests.spec import DEFAULT_FAMILY
from rollsight.base.errors import RollsightError
from rollsight.base.faults import value_text

MOST = 10_000  # trials that are laid out without being asked twice
# Between commas that are outside brackets and quotes.
RANGE = re.compile(r"[^/\\]+\.\.[^/\\]+")  # no path
EMPTY = re.compile(r"(?:^|,)\s*(?:,|$)")
PART = re.compile(r"""(?:\[[^\]]*\]|"[^"]*"|'[^']*'|[^,])+""")

Settings = dict[str, Any]  # a value of each key, None where it is unset
Given = Mapping[str, Sequence[Any]] | Iterable[str]


@dataclass(frozen=True)
class Range:
    """Every number from ``low`` to ``high``, both included; whole numbers where both are."""

    low: float
    high: float

    def draw(self, rng: random.Random) -> float:
        """Return one of them, each as probable as the others."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            return rng.randint(self.low, self.high)
        return rng.uniform(self.low, self.high)


@dataclass(frozen=True)
class Axis:
    """A key and what it takes: values in the order asked for, or a range."""

    key: str
    values: tuple[Any, ...] | Range

    @property
    def told(self) -> tuple[Any, ...]:
        """The values as a specification has them."""
        if isinstance(self.values, Range):
            return (f"{self.values.low}..{self.values.high}",)
        return tuple("none" if value is None else value for value in self.values)

    def draw(self, rng: random.Random) -> Any:
        """Return one value at random."""
        return self.values.draw(rng) if isinstance(self.values, Range) else rng.choice(self.values)


@dataclass(frozen=True)
class Grid:
    """The axes of a sweep, in the order asked for."""

    axes: tuple[Axis, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are swept."""
        return tuple(axis.key for axis in self.axes)

    def count(self) -> int:
        """Return how many settings the whole grid has.

        Raises
        ------
        RollsightError
            If a range has no end of values.
        """
        return math.prod(len(values) for values in self._listed())

    def every(self) -> Iterator[Settings]:
        """Yield every combination, the last key's values changing first."""
        for values in itertools.product(*self._listed()):
            yield dict(zip(self.keys, values, strict=True))

    def sample(self, count: int, *, seed: int) -> list[Settings]:
        """Return settings at random, none twice: ``count``, or all where the grid has fewer."""
        rng = random.Random(seed)
        if not any(isinstance(axis.values, Range) for axis in self.axes):
            whole = self.count()
            if count >= whole:
                return list(self.every())
            places: dict[int, None] = {}
            while len(places) < count:
                places[rng.randrange(whole)] = None
            return [self._at(place) for place in places]
        found: dict[str, Settings] = {}
        # A range of few whole numbers has an end too.
        for _ in range(100 * count):
            drawn = {axis.key: axis.draw(rng) for axis in self.axes}
            found.setdefault(repr(drawn), drawn)
            if len(found) == count:
                break
        return list(found.values())

    def _at(self, place: int) -> Settings:
        found: Settings = {}
        for key, values in zip(reversed(self.keys), reversed(self._listed()), strict=True):
            place, at = divmod(place, len(values))
            found[key] = values[at]
        return {key: found[key] for key in self.keys}

    def _listed(self) -> list[tuple[Any, ...]]:
        for axis in self.axes:
            if isinstance(axis.values, Range):
                raise RollsightError(
                    f"{axis.key}={axis.values.low}..{axis.values.high} has no end of values: name "
                    "them, or draw from the range with --random N or --sampler tpe --trials N"
                )
        return [axis.values for axis in self.axes if not isinstance(axis.values, Range)]


def read_grid(
    table: Mapping[str, Sequence[Any]], given: Given = (), family: str = DEFAULT_FAMILY
) -> Grid:
    """Return the grid of a ``[sweep]`` table and of what was given beside it.

    What was given takes the place of the table's values of its key. ``lo..hi`` is a range.

    Parameters
    ----------
    given
        values by ``section.key``, or ``section.key=v1,v2`` strings
    family
        of models, of the spec that is swept; its keys and those of the grid's own families
        may be swept

    Raises
    ------
    RollsightError
        If a key does not exist, a value is not allowed, or nothing is to be swept.
    """
    if isinstance(given, str):
        given = [given]
    own = given if isinstance(given, Mapping) else _options(given)
    listed = {**table, **own}
    families = {family, *_texts(listed.get("model.name"))}
    asked = {key: _values(key, values, families) for key, values in listed.items()}
    if not asked:
        raise RollsightError(
            "a sweep needs something to sweep: name it with --grid section.key=v1,v2, or in the "
            "spec's table [sweep.grid]"
        )
    return Grid(tuple(Axis(key, values) for key, values in asked.items()))


def shown(value: Any) -> str:
    """Return a setting's value as it is written on the command line.

    >>> shown(None), shown(0.05), shown(("GC", "NG"))
    ('none', '0.05', 'GC+NG')
    """
    if value is None:
        return "none"
    if isinstance(value, tuple | list):
        return "+".join(map(str, value)) or "[]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _texts(values: Any) -> list[str]:
    return [v for v in values if isinstance(v, str)] if isinstance(values, list | tuple) else []


def _options(given: Iterable[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for option in given:
        key, values = _parsed(option)
        if key in found:
            raise RollsightError(f"--grid names {key} twice: name each key once")
        found[key] = values
    return found


def _parsed(option: str) -> tuple[str, list[Any]]:
    key, equals, text = option.partition("=")
    key = key.strip()
    if not equals or EMPTY.search(text) or key.count(".") != 1:
        raise RollsightError(
            f"--grid {option!r} is not section.key=v1,v2, such as strategy.stop_loss=none,0.05"
        )
    return key, [_value(part) for part in PART.findall(text)]


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"x = {text.strip()}")["x"]
    except (ValueError, RecursionError):
        return text.strip()


def _values(key: str, values: Sequence[Any], families: Set[str]) -> tuple[Any, ...] | Range:
    if isinstance(values, str) or not isinstance(values, Sequence) or not values:
        raise RollsightError(
            f"[sweep.grid] {key}={value_text(values)} is no list of values: write [v1, v2]"
        )
    if key.count(".") != 1:
        raise RollsightError(f"the grid's key {key!r} is not section.key, as in label.horizon")
    if len(values) == 1 and isinstance(values[0], str) and RANGE.fullmatch(values[0]):
        return _range(key, values[0], families)
    plain = [value.item() if isinstance(value, np.generic) else value for value in values]
    found = [change_of(key, value) for value in plain]
    for value in found:
        check_value(key, value, families)
    return tuple({repr(value): value for value in found}.values())


def _range(key: str, text: str, families: Set[str]) -> Range:
    low, _, high = text.partition("..")
    ends = [_value(low), _value(high)]
    numbers = all(isinstance(e, int | float) and not isinstance(e, bool) for e in ends)
    if not numbers or not ends[0] < ends[1]:
        raise RollsightError(f"{key}={text!r} is no range: write a number, .., and a larger one")
    # Between fractions lie fractions.
    between = ends[0] + 0.37 * (ends[1] - ends[0])
    for value in (*ends, *([between] if float in map(type, ends) else [])):
        check_value(key, value, families)
    return Range(*ends)
