"""Small decision trees as plain arrays, and the sum of their leaves."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

Float32 = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

ROWS = 256  # scored at a time: what they fall through fits a processor's cache

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
        """Return the scores (rounds + 1, n, classes) after each round, see `Forest`."""
        return Forest.of(self).staged(x)


@dataclass(frozen=True, eq=False)
class Forest:
    """The nodes of all trees, counted through, as rows fall through them level by level.

    Attributes
    ----------
    start
        (classes,) scores before the first tree
    root
        (trees,) the first node of each tree, round by round
    depth
        levels below the first
    feature, threshold, value
        (nodes,) as in `Trees`
    below
        (2 * nodes,) of each node where a row goes whose feature is above the threshold, and where
        one whose feature is not
    """

    start: Float32
    root: Ints
    depth: int
    feature: Ints
    threshold: Float32
    below: Ints
    value: Float32

    @classmethod
    def of(cls, trees: Trees) -> "Forest":
        """Return the nodes of some trees."""
        *each, nodes = trees.value.shape
        root = np.arange(int(np.prod(each))) * nodes
        below = np.stack([trees.right, trees.left], axis=-1).astype(np.int64)
        below = below.reshape(len(root), 2 * nodes) + root[:, None]
        return cls(
            start=trees.start,
            root=root,
            depth=_depth(root, below.ravel()),
            feature=trees.feature.ravel().astype(np.int64),
            threshold=trees.threshold.ravel(),
            below=below.ravel(),
            value=trees.value.ravel(),
        )

    def staged(self, x: Tensor) -> Tensor:
        """Return the scores (rounds + 1, n, classes) after each round, of features (n, features).

        They are added one by one: a row's bits do not depend on the other rows.
        """
        parts = [self._stages(x[at : at + ROWS].numpy()) for at in range(0, len(x), ROWS)]
        return torch.from_numpy(np.concatenate(parts, axis=1))

    def _stages(self, x: Float32) -> Float32:
        leaves = self._leaves(x).reshape(len(x), -1, len(self.start))  # (n, rounds, classes)
        each = np.empty((leaves.shape[1] + 1, len(x), len(self.start)), dtype=np.float32)
        each[0], each[1:] = self.start, leaves.swapaxes(0, 1)
        return np.asarray(np.add.accumulate(each, axis=0))

    def _leaves(self, x: Float32) -> Float32:
        """Return the values (n, trees) of the leaves that rows fall in."""
        node = np.tile(self.root, (len(x), 1))
        first, flat = np.arange(len(x))[:, None] * x.shape[1], x.ravel()
        for _ in range(self.depth):
            seen = flat.take(first + self.feature.take(node))
            goes_left = seen <= self.threshold.take(node)
            node = self.below.take(2 * node + goes_left)
        return self.value.take(node)


@dataclass(frozen=True, eq=False)
class TreeScores:
    """What scores inputs by trees, and can be explained by Shapley values of its features.

    Attributes
    ----------
    features
        maps inputs (n, channels, lookback) to features (n, features)
    channel
        (features,) of which channel each is made
    """

    trees: Trees
    features: Callable[[Tensor], Tensor]
    channel: Ints

    @cached_property
    def forest(self) -> Forest:
        """The trees as rows fall through them."""
        return Forest.of(self.trees)

    def __call__(self, x: Tensor) -> Tensor:
        """Return the sums (n, classes) of the leaves that rows (n, channels, lookback) fall in."""
        return self.forest.staged(self.features(x))[-1]


def _depth(root: Ints, below: Ints) -> int:
    """Return how many levels lie below the first: a leaf's own number stands below it."""
    depth, splits = 0, root[below[2 * root] != root]
    while len(splits):
        under = np.unique(below[2 * splits[:, None] + np.arange(2)])
        depth, splits = depth + 1, under[below[2 * under] != under]
    return depth


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
