"""Exact Shapley values of trees: what each feature of a row adds to the sum of its leaves.

A leaf is a box: its path allows each feature an interval. With a set S of the features known, the
leaf's part is the product over its features of 1 or 0 (known: the row's value lies inside or not)
or of the share of rows that the path keeps (unknown: as they split at its nodes). That is the
path-dependent game of TreeSHAP (Lundberg et al., 2018, "Consistent individualized feature
attribution for tree ensembles"; 2020, Nature Machine Intelligence 2), which LightGBM's
``pred_contrib`` solves too. The Shapley value of a product is the integral of the product of the
others between unknown and known (Owen, 1972, "Multilinear extensions of games"), a polynomial,
which Gauss-Legendre quadrature sums exactly.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from rollsight.training.models.baselines.trees import Trees

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CELLS = 4_000_000  # rows times leaves times features of a path that are held at once
EVERYWHERE = (-np.inf, np.inf, 1.0)  # an interval without bounds, which keeps all rows
Path = dict[int, tuple[float, float, float]]  # of each feature: above, at most, share of rows kept


@dataclass(frozen=True, eq=False)
class Boxes:
    """The leaves of trees, which have a value; paths are filled up with features without bounds.

    Attributes
    ----------
    value, label
        (leaves,) what it adds, and to which class's score
    feature
        (leaves, depth) features that its path asks for
    low, high
        (leaves, depth) a value lies inside that is above low and at most high
    kept
        (leaves, depth) share of the background that the path keeps at the feature's nodes
    """

    value: Float64
    label: Ints
    feature: Ints
    low: Float64
    high: Float64
    kept: Float64


def boxes(trees: Trees, background: Float32) -> Boxes:
    """Return the leaves of trees, of background rows (n, features) that are split as they split.

    At a node that no background row comes to, half are taken to go either way.
    """
    rounds, classes, _ = trees.value.shape
    found = [
        (label, value, path)
        for own in range(rounds)
        for label in range(classes)
        for value, path in _leaves(trees, (own, label), background)
        if path
    ]
    depth = max((len(path) for _, _, path in found), default=1)
    feature = np.zeros((len(found), depth), dtype=np.int64)
    bounds = np.tile(np.array(EVERYWHERE), (len(found), depth, 1))
    for row, (_, _, path) in enumerate(found):
        feature[row, : len(path)] = list(path)
        bounds[row, : len(path)] = list(path.values())
    return Boxes(
        value=np.array([value for _, value, _ in found]),
        label=np.array([label for label, _, _ in found], dtype=np.int64),
        feature=feature,
        low=bounds[..., 0],
        high=bounds[..., 1],
        kept=bounds[..., 2],
    )


def _leaves(
    trees: Trees, tree: tuple[int, int], background: Float32
) -> Iterator[tuple[float, Path]]:
    """Yield value and path of each leaf of the tree of a round and class."""
    at = {name: array[tree] for name, array in vars(trees).items() if name != "start"}
    open_nodes: list[tuple[int, Path, npt.NDArray[np.bool_]]] = [
        (0, {}, np.ones(len(background), dtype=bool))
    ]
    while open_nodes:
        node, path, there = open_nodes.pop()
        if int(at["left"][node]) == node:
            yield float(at["value"][node]), path
            continue
        feature, threshold = int(at["feature"][node]), at["threshold"][node]
        low, high, kept = path.get(feature, EVERYWHERE)
        left = background[:, feature] <= threshold
        share = float(left[there].mean()) if there.any() else 0.5
        bound = float(threshold)
        for child, own in (
            (int(at["left"][node]), (low, min(high, bound), kept * share)),
            (int(at["right"][node]), (max(low, bound), high, kept * (1 - share))),
        ):
            goes = left if child == int(at["left"][node]) else ~left
            open_nodes.append((child, path | {feature: own}, there & goes))


def shapley(leaves: Boxes, x: Float32, player: Ints, classes: int) -> Float64:
    """Return what players add to rows' scores, (n, classes, players), over the background's mean.

    Parameters
    ----------
    x
        (n, features)
    player
        (features,) to which player a feature's value counts, such as its channel
    """
    players = int(player.max()) + 1
    total = np.zeros((len(x), classes * players))
    count, depth = leaves.feature.shape
    step = max(1, CELLS // max(1, len(x) * depth))
    for start in range(0, count, step):
        some = slice(start, start + step)
        own = _of_leaves(leaves, some, x)  # (n, leaves, depth)
        cell = leaves.label[some, None] * players + player[leaves.feature[some]]
        flat = np.arange(cell.size)
        to_cell = csr_array((np.ones(cell.size), (cell.ravel(), flat)), (total.shape[1], cell.size))
        total += (to_cell @ own.reshape(len(x), -1).T).T
    return total.reshape(len(x), classes, players)


def _of_leaves(leaves: Boxes, some: slice, x: Float32) -> Float64:
    """Return what each feature of each leaf's path adds, (n, leaves, depth)."""
    seen = x[:, leaves.feature[some]]  # (n, leaves, depth)
    inside = ((seen > leaves.low[some]) & (seen <= leaves.high[some])).astype(np.float64)
    kept = leaves.kept[some]
    # Of a product of so many features the others are a polynomial of one degree less.
    at, weight = np.polynomial.legendre.leggauss((kept.shape[1] + 1) // 2)
    others = np.zeros_like(inside)
    for t, w in zip(0.5 * (at + 1), 0.5 * weight, strict=True):
        others += w * _product_of_others(t * inside + (1 - t) * kept)
    return np.asarray(leaves.value[some, None] * (inside - kept) * others)


def _product_of_others(factor: Float64) -> Float64:
    """Return along the last axis the product of all factors but each; a factor may be 0."""
    before, after = np.ones_like(factor), np.ones_like(factor)
    np.cumprod(factor[..., :-1], axis=-1, out=before[..., 1:])
    after[..., :-1] = np.cumprod(factor[..., :0:-1], axis=-1)[..., ::-1]
    return before * after
