"""Families of boosted trees: features, number of rounds and scoring, whoever grows the trees."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field
from torch import Tensor

from rollsight.signals.inputs.labels import Label
from rollsight.training.models.baselines.classes import ABSENT, class_weights, log_loss
from rollsight.training.models.baselines.means import means_of, over_lags
from rollsight.training.models.baselines.trees import Trees, stacked
from rollsight.training.models.basis import raised_cosines
from rollsight.training.models.blocks import date_blocks, thinned
from rollsight.training.models.family import Capabilities, Learnt, Predecessor, WindowData
from rollsight.training.models.model import Weights
from rollsight.training.spec import ModelSpec, TrainingSpec

MEANS = 6  # of each channel, and of its absolute values
MOST_ROWS = 4000  # train rows that are fitted on
LEAVES = 3  # of a tree
LEAST = 40  # part of the rows that a leaf has at least

Float64 = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

SOURCES = (
    "fitting/rows.py", "models/baselines/boosted.py", "models/baselines/classes.py",
    "models/baselines/means.py", "models/baselines/trees.py", "models/basis.py",
    "models/blocks.py",
)  # fmt: skip


class BoostedSpec(ModelSpec):
    """The boosted trees."""

    rounds: int = Field(
        12,
        ge=1,
        description="rounds of trees, one a class, at most; what is kept of them is best on "
        "blocks of train dates left out",
    )
    learning_rate: float = Field(0.15, gt=0, le=1, description="what a round's trees are times")


# Features (n, features), classes (n,) of two kinds or more, and what a row of each class weighs.
Grow = Callable[[Float32, Ints, BoostedSpec, Float64], Trees]


@dataclass(frozen=True)
class Boosted:
    """Trees of three leaves, each round's on what the rounds before left over.

    Attributes
    ----------
    grow
        returns the trees of all rounds
    """

    grow: Grow
    can: Capabilities
    options: type[ModelSpec] = BoostedSpec

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
        assert isinstance(options, BoostedSpec)
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
            trees = self._grown(x[learn], target[learn], options, of_class)
            left_out += left.sum() * np.array(_losses(trees, x[left], target[left], of_class))
            count += left.sum()
        trees = self._grown(x, target, options, of_class)
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
        trees, basis = Trees(**weights), raised_cosines(lookback, MEANS)

        def scoring(x: Tensor) -> Tensor:
            wide = x.numpy().transpose(0, 2, 1).astype(np.float64)  # (n, lookback, channels)
            means = [over_lags(each, basis).reshape(len(x), -1) for each in (wide, np.abs(wide))]
            return trees.staged(torch.from_numpy(np.concatenate(means, 1)).float())[-1]

        return scoring

    def _grown(self, x: Float32, target: Ints, options: BoostedSpec, of_class: Float64) -> Trees:
        present = np.unique(target)
        if len(present) > 1:
            return self.grow(x, target, options, of_class)
        start = np.full(len(Label), ABSENT)
        start[present] = 0
        return stacked(start, [])


def boosted(grow: Grow, source: str) -> Boosted:
    """Return the family of what grows its trees, and of the file that this stands in."""
    training, sources = frozenset({"class_weights"}), tuple(sorted((*SOURCES, source)))
    return Boosted(grow, Capabilities(seeded=False, training=training, sources=sources))


def fewest_rows(x: Float32) -> int:
    """Return how many rows a leaf has at least."""
    return max(len(x) // LEAST, 1)


def _losses(trees: Trees, x: Float32, target: Ints, of_class: Float64) -> list[float]:
    """Return the mean log-loss of rows before the first round and after each."""
    stages = trees.staged(torch.from_numpy(x)).double().log_softmax(-1).numpy()
    return [log_loss(stage, target, of_class) for stage in stages]
