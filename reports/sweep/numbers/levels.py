"""The values that a key of a sweep takes, in order, or in ranges where they are many."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

MOST_LEVELS = 12  # distinct values of a key that are looked at one by one
BINS = 5  # of a key that has more of them, all numbers
Level = tuple[Any, ...]  # its one value, or its lowest and its highest


@dataclass(frozen=True, eq=False)
class Levels:
    """The values of a key, or ranges of them where they are many.

    Attributes
    ----------
    of
        (n_trials,) which level each trial has
    """

    names: tuple[Level, ...]
    of: npt.NDArray[np.int64]


def distinct(values: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """Return the values in order, and the place of each: unset, numbers by size, others as given.

    >>> distinct([10, 2, None, 2, "b", True, "a"])
    ([None, 2, 10, 'b', True, 'a'], [2, 1, 0, 1, 3, 4, 5])
    """
    found = {_name(value): value for value in values}
    numbers = sorted((value, name) for name, value in found.items() if is_number(value))
    others = [name for name, value in found.items() if not is_number(value)]
    names = [
        *(name for name in others if found[name] is None),
        *(name for _, name in numbers),
        *(name for name in others if found[name] is not None),
    ]
    place = {name: at for at, name in enumerate(names)}
    return [found[name] for name in names], [place[_name(value)] for value in values]


def is_number(value: object) -> bool:
    """Return whether a value is a number, which true and false are not here."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def levels(values: Sequence[Any]) -> Levels:
    """Return the distinct values in order; more than a dozen numbers go into five even ranges."""
    known, places = distinct(values)
    if len(known) <= MOST_LEVELS or not all(map(is_number, known)):
        return Levels(tuple((value,) for value in known), np.array(places, dtype=np.int64))
    numbers = np.array(values, dtype=float)
    edges = np.quantile(numbers, np.linspace(0, 1, BINS + 1)[1:-1])
    _, binned = np.unique(np.searchsorted(edges, numbers), return_inverse=True)
    ranges = [numbers[binned == at] for at in range(binned.max() + 1)]
    return Levels(tuple((float(r.min()), float(r.max())) for r in ranges), binned.astype(np.int64))


def _name(value: Any) -> str:
    """Return what tells values apart; 1 and 1.0 are one value, 1 and true are not."""
    plain = int(value) if isinstance(value, float) and value.is_integer() else value
    return json.dumps(plain, sort_keys=True, default=str)
