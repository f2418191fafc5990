"""Families of boosted trees: features, number of rounds and scoring, whoever grows the trees."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rollsight.signals.inputs.labels import Label
from rollsight.training.fitting.rows import Rows
from rollsight.training.models.baselines.classes import ABSENT, WEIGHTS, log_loss, row_weights
from rollsight.training.models.baselines.growth import DAILY, BoostedSpec, Growth
from rollsight.training.models.baselines.means import means_of, over_lags
from rollsight.training.models.baselines.trees import Trees, TreeScores, stacked
from rollsight.training.models.basis import raised_cosines
from rollsight.training.models.blocks import date_blocks, thinned
from rollsight.training.models.family import Capabilities, Learnt, Predecessor, WindowData
from rollsight.training.models.model import Weights
from rollsight.training.spec import ModelSpec, TrainingSpec

MEANS = 6  # of each channel, and of its absolute values
JUDGES = 10_000  # validation rows that show how the fit went, at most: they choose nothing

Float64 = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

SOURCES = (
    "fitting/rows.py", "models/baselines/boosted.py", "models/baselines/classes.py",
    "models/baselines/growth.py", "models/baselines/means.py", "models/baselines/trees.py",
    "models/basis.py", "models/blocks.py",
)  # fmt: skip


# Features (n, features), classes (n,) of two kinds or more, and what each row weighs.
Grow = Callable[[Float32, Ints, Growth, Float64], Trees]


@dataclass(frozen=True)
class Boosted:
    """Small trees, each round's on what the rounds before left over.

    Attributes
    ----------
    grow
        returns the trees of all rounds
    growth
        how they are grown on means of a window, where no key says otherwise
    """

    grow: Grow
    can: Capabilities
    options: type[ModelSpec]
    growth: Growth

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
        growth = (DAILY if data.samples.lookback == 1 else self.growth).as_set(options)
        train = thinned(data.train, data.samples.labels, growth.most_rows)
        judge = data.validation.some(JUDGES)
        x, valid = _features(data, train, judge)
        weight, judged = (row_weights(data, training, rows) for rows in (train, judge))
        target = data.labels(train)
        left_out, count = np.zeros(growth.rounds + 1), 0
        blocks = islice(date_blocks(train, data.samples.labels), growth.blocks_left_out)
        for learn, left in blocks:
            trees = self._grown(x[learn], target[learn], growth, weight[learn])
            found = _losses(trees, x[left], target[left], weight[left])
            left_out += left.sum() * np.array(found)
            count += left.sum()
        trees = self._grown(x, target, growth, weight)
        best = int(np.argmin(left_out)) if count else len(trees.value)
        curve = _losses(trees, valid, data.labels(judge), judged)
        weights = dict(vars(trees.first(best)))
        train_loss = [float(loss) for loss in left_out[1:] / max(count, 1)]
        return Learnt(weights, train_loss, curve, best)

    def restore(
        self,
        weights: Weights,
        channels: int,
        lookback: int,
        options: ModelSpec,  # noqa: ARG002 - they are in the weights
    ) -> TreeScores:
        """Return the sum of the leaves that a row falls in."""
        trees, own, basis = Trees(**weights), np.arange(channels), raised_cosines(lookback, MEANS)
        if lookback == 1:
            return TreeScores(trees, lambda x: x[..., 0], own)

        def features(x: Tensor) -> Tensor:
            wide = x.numpy().transpose(0, 2, 1).astype(np.float64)  # (n, lookback, channels)
            means = [over_lags(each, basis).reshape(len(x), -1) for each in (wide, np.abs(wide))]
            return torch.from_numpy(np.concatenate(means, 1)).float()

        # A channel's means stand beside each other, those of absolute values after all others.
        return TreeScores(trees, features, np.tile(np.repeat(own, basis.shape[1]), 2))

    def _grown(self, x: Float32, target: Ints, growth: Growth, weight: Float64) -> Trees:
        present = np.unique(target)
        if len(present) > 1:
            return self.grow(x, target, growth, weight)
        start = np.full(len(Label), ABSENT)
        start[present] = 0
        return stacked(start, [])


def boosted(grow: Grow, options: type[BoostedSpec], growth: Growth, source: str) -> Boosted:
    """Return the family of what grows its trees, its keys, and the file that this stands in."""
    can = Capabilities(seeded=False, training=WEIGHTS, sources=tuple(sorted((*SOURCES, source))))
    return Boosted(grow, can, options, growth)


def _features(data: WindowData, *each: Rows) -> list[Float32]:
    """Return the features (n, features) of rows: means of channels, or the day's as they are."""
    if data.samples.lookback == 1:
        return [data.inputs(rows)[..., 0] for rows in each]
    plain, size = means_of(data, MEANS), means_of(data, MEANS, absolute=True)
    return [np.concatenate([plain.of(r), size.of(r)], axis=1).astype(np.float32) for r in each]


def _losses(trees: Trees, x: Float32, target: Ints, weight: Float64) -> list[float]:
    """Return the mean log-loss of rows before the first round and after each."""
    stages = trees.staged(torch.from_numpy(x)).double().log_softmax(-1).numpy()
    return [log_loss(stage, target, weight) for stage in stages]
