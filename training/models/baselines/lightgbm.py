"""The family lightgbm: gradient-boosted trees of LightGBM on means of each channel."""

from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import Field

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import Label
from rollsight.training.models.baselines.boosted import boosted
from rollsight.training.models.baselines.classes import ABSENT
from rollsight.training.models.baselines.growth import BoostedSpec, Growth
from rollsight.training.models.baselines.trees import LEAF, Trees, stacked

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

# One thread, which sums in one order, and one seed: two fits give the same bytes.
FIXED = {
    "objective": "multiclass", "deterministic": True, "force_row_wise": True, "num_threads": 1,
    "seed": 0, "verbosity": -1,
}  # fmt: skip


class LightGBMSpec(BoostedSpec):
    """The boosted trees of LightGBM."""

    row_share: float | None = Field(
        None,
        gt=0,
        le=1,
        description="of the rows, drawn for each round; 1, or 0.5 of one day",
        examples=[0.5],
    )


def library() -> Any:
    """Return the package lightgbm.

    Raises
    ------
    RollsightError
        If it is not installed, or cannot be loaded.
    """
    try:
        import lightgbm
    except ImportError as error:
        raise RollsightError(
            "the family 'lightgbm' needs the package lightgbm: pip install 'rollsight[lightgbm]', "
            "or name 'boosting' in its place"
        ) from error
    except OSError as error:
        raise RollsightError(
            f"the family 'lightgbm' cannot load the package lightgbm ({error}): install the "
            "system's library that it lacks (libgomp.so.1 is of the package libgomp1), or name "
            "'boosting' in its place"
        ) from error
    return lightgbm


def grown(x: npt.NDArray[np.float32], target: Ints, growth: Growth, weight: Float64) -> Trees:
    """Return the trees of all rounds."""
    lightgbm = library()
    present, label = np.unique(target, return_inverse=True)
    start = np.full(len(Label), ABSENT)
    counts = np.bincount(label, weight)
    start[present] = np.log(counts / counts.sum())
    data = lightgbm.Dataset(
        x, label, weight=weight, init_score=np.tile(start[present], (len(x), 1))
    )
    chosen = {
        "num_class": len(present),
        "learning_rate": growth.learning_rate,
        "num_leaves": growth.leaves,
        "min_data_in_leaf": growth.fewest_rows(len(x)),
        "max_bin": growth.bins,
        "lambda_l2": growth.l2,
        "feature_fraction": growth.feature_share,
        "bagging_fraction": growth.row_share,
        "bagging_freq": int(growth.row_share < 1),
    }
    model = lightgbm.train(FIXED | chosen, data, num_boost_round=growth.rounds)
    return trees_of(model, start, growth.rounds)


def trees_of(model: Any, start: Float64, rounds: int) -> Trees:
    """Return LightGBM's trees after scores to start from, which ``ABSENT`` classes keep.

    Where no leaf can be split any more, it ends before the last round.
    """
    present = np.flatnonzero(start > ABSENT)
    texts = model.model_to_string().split("\nend of trees")[0].split("\nTree=")[1:]
    each = [[LEAF] * len(Label) for _ in range(rounds)]
    for number, text in enumerate(texts):
        each[number // len(present)][present[number % len(present)]] = _columns(text)
    return stacked(start, each)


def _columns(text: str) -> dict[str, npt.NDArray[Any]]:
    """Return the nodes of a tree: its splits, then its leaves, which LightGBM counts -1, -2, ..."""
    own = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    feature, threshold, left, right, value = (
        np.array(own.get(name, "").split(), dtype=np.float64)
        for name in ("split_feature", "threshold", "left_child", "right_child", "leaf_value")
    )
    splits, leaves = len(feature), len(value)
    leaf = np.arange(splits, splits + leaves)
    below = [np.where(child < 0, splits - 1 - child, child) for child in (left, right)]
    return {
        "feature": np.append(feature, np.zeros(leaves)),
        "threshold": np.append(_rounded_down(threshold), np.zeros(leaves)),
        "left": np.append(below[0], leaf),
        "right": np.append(below[1], leaf),
        "value": np.append(np.zeros(splits), value),
    }


def _rounded_down(threshold: Float64) -> npt.NDArray[np.float32]:
    """Return the greatest single-precision numbers that are not above: they part the same."""
    near = threshold.astype(np.float32)
    return np.where(near > threshold, np.nextafter(near, np.float32(-np.inf)), near)


LIGHTGBM = boosted(grown, LightGBMSpec, Growth(), "models/baselines/lightgbm.py")
