"""Small decision trees as plain arrays, and the sum of their leaves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Float32 = npt.NDArray[np.float32]

LEAF = {name: np.zeros(1) for name in ("feature", "threshold", "left", "right", "value")}


@dataclass(frozen=True, eq=False)
class Trees:
    """Trees of rounds of boosting, one a class and round.

    Attributes
    ----------
    start
        (classes,) scores before the first tree
    feature, threshold
        (rounds, classes, nodes) a node sends a row left whose feature is at most the threshold
    left, right
        (rounds, classes, nodes) numbers of the nodes below; a leaf's own
    value
        (rounds, classes, nodes) what a leaf adds to its class's score
    """

    start: Float32
    feature: Float32
    threshold: Float32
    left: Float32
    right: Float32
    value: Float32

    def first(self, rounds: int) -> "Trees":
        """Return the trees of the first rounds."""
        each = {n: a if n == "start" else a[:rounds] for n, a in vars(self).items()}
        return Trees(**each)

    def staged(self, x: Tensor) -> Tensor:
        """Return the scores (rounds + 1, n, classes) after each round, of features (n, features).

        They are added one by one: a row's bits do not depend on the other rows.
        """
        at = {name: torch.from_numpy(np.array(array)) for name, array in vars(self).items()}
        scores = [at["start"].repeat(len(x), 1)]
        for own in range(len(self.value)):
            each = {name: array[own] for name, array in at.items() if name != "start"}
            scores.append(scores[-1] + _leaves(x, each))
        return torch.stack(scores)


def _leaves(x: Tensor, at: Mapping[str, Tensor]) -> Tensor:
    """Return the values (n, classes) of the leaves of one round's trees, (classes, nodes)."""
    classes, nodes = at["value"].shape
    tree = torch.arange(classes)
    node = torch.zeros(len(x), classes, dtype=torch.int64)
    for _ in range(nodes // 2):  # no tree is deeper
        seen = x.gather(1, at["feature"][tree, node].long())
        goes_left = seen <= at["threshold"][tree, node]
        node = torch.where(goes_left, at["left"][tree, node], at["right"][tree, node]).long()
    return at["value"][tree, node]


def stacked(start: npt.NDArray[np.float64], rounds: list[list[dict[str, Any]]]) -> Trees:
    """Return trees of nodes' columns by name, of each round and class, filled up with leaves."""
    nodes = max((len(tree["value"]) for each in rounds for tree in each), default=1)
    shape = (len(rounds), len(start), nodes)
    columns = {n: np.zeros(shape, dtype=np.float32) for n in LEAF}
    for i, each in enumerate(rounds):
        for k, tree in enumerate(each):
            for name, column in columns.items():
                column[i, k, : len(tree["value"])] = tree[name]
    return Trees(start=start.astype(np.float32), **columns)
