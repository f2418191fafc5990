"""Some of a window's networks alone: what they would decide tells how much a seed matters."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

Places = tuple[int, ...]

MOST_HALVES = 20


@dataclass(frozen=True, eq=False)
class Part:
    """What some of a window's networks decide by themselves.

    Attributes
    ----------
    places
        which of the networks, by their order
    weight, threshold
        chosen for them alone; NaN where the window does not trade
    score
        (n,) of the window's rows, held against the threshold
    """

    places: Places
    weight: float
    threshold: float
    score: npt.NDArray[np.float32]


def parts_of(networks: int) -> list[Places]:
    """Return each network alone, and each half of them; nothing of one network.

    A half of an odd number is the larger one. Of very many halves some stand for all.

    >>> parts_of(3)
    [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]
    """
    if networks == 1:
        return []
    alone = [(place,) for place in range(networks)]
    halves = list(combinations(range(networks), -(-networks // 2)))
    at = np.unique(np.linspace(0, len(halves) - 1, MOST_HALVES).round().astype(int))
    return alone + [halves[i] for i in at if len(halves[i]) > 1]


def part_name(places: Places) -> str:
    """Return the name of a part's column, as in ``0+2``."""
    return "+".join(map(str, places))
