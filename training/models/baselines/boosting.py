"""The family boosting: gradient-boosted trees of scikit-learn on means of each channel."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field
from threadpoolctl import threadpool_limits
from torch import Tensor

from rollsight.signals.inputs.labels import Label
from rollsight.training.models.baselines.classes import ABSENT, EQUAL, class_weights, log_loss
from rollsight.training.models.baselines.means import means_of
from rollsight.training.models.baselines.trees import LEAF, Trees, stacked
from rollsight.training.models.basis import raised_cosines
from rollsight.training.models.blocks import date_blocks, thinned
from rollsight.training.models.family import Capabilities, Learnt, Predecessor, WindowData
from rollsight.training.models.model import Weights
from rollsight.training.spec import ModelSpec, TrainingSpec

MEANS = 6  # of each channel, and of its absolute values
MOST_ROWS = 4000  # train rows that are fitted on
LEAVES, BINS = 3, 15  # of a tree; of a feature's values
LEAST = 40  # part of the rows that a leaf has at least

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class BoostingSpec(ModelSpec):
    """The boosted trees."""

    rounds: int = Field(
        12,
        ge=1,
        description="rounds of trees, one a class, at most; what is kept of them is best on "
        "blocks of train dates left out",
    )
    learning_rate: float = Field(0.15, gt=0, le=1, description="what a round's trees are times")


@dataclass(frozen=True)
class Boosting:
    """Trees of three leaves, each round's on what the rounds before left over."""

    options: type[ModelSpec] = BoostingSpec
    can: Capabilities = Capabilities(  # noqa: RUF009 - frozen
        seeded=False,
        training=frozenset({"class_weights"}),
        sources=(
            "fitting/rows.py", "models/baselines/boosting.py", "models/baselines/classes.py",
            "models/baselines/means.py", "models/baselines/trees.py", "models/basis.py",
            "models/blocks.py",
        ),
    )  # fmt: skip

    def fit(
        self,
        data: WindowData,
        options: ModelSpec,
        training: TrainingSpec,
        *,
        seed: int,  # noqa: ARG002 - nothing is drawn
        before: Predecessor | None,  # noqa: ARG002 - it starts anew
    ) -> Learnt:
        """Return the rounds that are best on blocks of train dates left out; validation has no say.

        No round at all, which gives the class frequencies, is a candidate.
        """
        assert isinstance(options, BoostingSpec)
        of_class = class_weights(data, training)
        train = thinned(data.train, data.samples.labels, MOST_ROWS)
        plain, size = means_of(data, MEANS), means_of(data, MEANS, absolute=True)
        x, valid = (
            np.concatenate([plain.of(r), size.of(r)], axis=1).astype(np.float32)
            for r in (train, data.validation)
        )
        target = data.labels(train)
        left_out, count = np.zeros(options.rounds + 1), 0
        for learn, left in date_blocks(train, data.samples.labels):
            trees = _grown(x[learn], target[learn], options, of_class)
            left_out += left.sum() * np.array(_losses(trees, x[left], target[left], of_class))
            count += left.sum()
        trees = _grown(x, target, options, of_class)
        best = int(np.argmin(left_out))
        curve = _losses(trees, valid, data.labels(data.validation), of_class)
        weights = dict(vars(trees.first(best)))
        train_loss = [float(loss) for loss in left_out[1:] / max(count, 1)]
        return Learnt(weights, train_loss, curve, best)

    def restore(
        self,
        weights: Weights,
        channels: int,  # noqa: ARG002 - they are those of the fit
        lookback: int,
        options: ModelSpec,  # noqa: ARG002 - they are in the weights
    ) -> Callable[[Tensor], Tensor]:
        """Return the sum of the leaves that a row falls in."""
        trees, basis = Trees(**weights), torch.from_numpy(raised_cosines(lookback, MEANS))

        def scoring(x: Tensor) -> Tensor:
            wide = x.double()
            means = [(wide @ basis).flatten(1), (wide.abs() @ basis).flatten(1)]
            return trees.staged(torch.cat(means, 1).float())[-1]

        return scoring


BOOSTING = Boosting()


def _grown(
    x: npt.NDArray[np.float32], target: Ints, options: BoostingSpec, of_class: Float64
) -> Trees:
    """Return the trees of all rounds."""
    # Limited after the import, which brings threads of its own.
    from sklearn.ensemble import HistGradientBoostingClassifier

    present = np.unique(target)
    start = np.full(len(Label), ABSENT)
    if len(present) == 1:
        start[present] = 0
        return stacked(start, [])
    model = HistGradientBoostingClassifier(
        max_iter=options.rounds,
        learning_rate=options.learning_rate,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=max(len(x) // LEAST, 1),
        l2_regularization=1.0,
        max_bins=BINS,
        early_stopping=False,
        random_state=0,
    )
    # Weighed, it takes seconds to find the bins.
    weight = None if np.array_equal(of_class, EQUAL) else of_class[target]
    with threadpool_limits(1):
        model.fit(x, target, sample_weight=weight)
    return trees_of(model, present)


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


def _losses(
    trees: Trees, x: npt.NDArray[np.float32], target: Ints, of_class: Float64
) -> list[float]:
    """Return the mean log-loss of rows before the first round and after each."""
    stages = trees.staged(torch.from_numpy(x)).double().log_softmax(-1).numpy()
    return [log_loss(stage, target, of_class) for stage in stages]
