"""The family boosting: gradient-boosted trees of scikit-learn on means of each channel."""

from typing import Any

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from rollsight.signals.inputs.labels import Label
from rollsight.training.models.baselines.boosted import boosted
from rollsight.training.models.baselines.classes import ABSENT
from rollsight.training.models.baselines.growth import BoostedSpec, Growth
from rollsight.training.models.baselines.trees import LEAF, Trees, stacked

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def grown(x: npt.NDArray[np.float32], target: Ints, growth: Growth, weight: Float64) -> Trees:
    """Return the trees of all rounds."""
    # Limited after the import, which brings threads of its own.
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=growth.rounds,
        learning_rate=growth.learning_rate,
        max_leaf_nodes=growth.leaves,
        min_samples_leaf=growth.fewest_rows(len(x)),
        l2_regularization=growth.l2,
        max_bins=growth.bins,
        max_features=growth.feature_share,
        early_stopping=False,
        random_state=0,
    )
    # Weighed, it takes seconds to find the bins.
    own = None if (weight == 1).all() else weight
    with threadpool_limits(1):
        model.fit(x, target, sample_weight=own)
    return trees_of(model, np.unique(target))


def trees_of(model: Any, present: Ints) -> Trees:
    """Return scikit-learn's trees, of which it shows none, and of two classes grows one's alone."""
    start = np.full(len(Label), ABSENT)
    own = model._baseline_prediction.ravel()
    grown = present if len(own) > 1 else present[1:]
    start[present] = 0
    start[grown] = own
    rounds = []
    for each in model._predictors:
        trees = [LEAF] * len(Label)
        for label, predictor in zip(grown, each, strict=True):
            trees[label] = _columns(predictor.nodes)
        rounds.append(trees)
    return stacked(start, rounds)


def _columns(nodes: npt.NDArray[Any]) -> dict[str, npt.NDArray[Any]]:
    leaf, own = nodes["is_leaf"] == 1, np.arange(len(nodes))
    return {
        "feature": nodes["feature_idx"],
        "threshold": nodes["num_threshold"],
        "left": np.where(leaf, own, nodes["left"]),
        "right": np.where(leaf, own, nodes["right"]),
        "value": np.where(leaf, nodes["value"], 0),
    }


BOOSTING = boosted(grown, BoostedSpec, Growth(bins=15, l2=1.0), "models/baselines/boosting.py")
