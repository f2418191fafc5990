"""Explanations of trees, through which no gradient flows, and whether they may be believed."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import BATCH, windows
from rollsight.training.explaining.checks import correlation, deletion, validation_inputs
from rollsight.training.explaining.gate import Gate
from rollsight.training.explaining.grouping import agreement, judged_by
from rollsight.training.explaining.shapley import Boxes, boxes, shapley
from rollsight.training.explaining.target import Scores
from rollsight.training.fitting.fit import one_thread
from rollsight.training.fitting.rows import Rows, rows_of, standardised
from rollsight.training.fitting.windows import Span, Window, known_rows, spaced
from rollsight.training.models.baselines.trees import TreeScores
from rollsight.training.models.families import family_of
from rollsight.training.models.family import WindowData
from rollsight.training.models.loading import Foreign, load_networks
from rollsight.training.models.model import FittedModel
from rollsight.training.spec import TargetName, TrainingSpec

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

BACKGROUND = 512  # train rows, at even distances
OCCLUDED, OTHERS = 32, 16  # validation rows whose channels become those of how many train rows


def tree_scores(model: FittedModel) -> list[TreeScores]:
    """Return the trees of a window's models; none where one of them is something else."""
    networks = load_networks(model).networks
    found = [n.scoring for n in networks if isinstance(n, Foreign)]
    trees = [scoring for scoring in found if isinstance(scoring, TreeScores)]
    return trees if len(trees) == len(networks) else []


class TreeMaps:
    """Exact Shapley values of a window's trees, over the mean of some of its train rows.

    Parameters
    ----------
    target
        ``log_odds``: of UP's score less the mean of the other classes' scores, which are those of
        the log-odds of UP against the geometric mean of the others; ``predicted`` the same of the
        class that the row is given; ``up_logit``: of UP's score as it is
    """

    def __init__(
        self, model: FittedModel, samples: SampleSet, window: Window, target: TargetName
    ) -> None:
        self.scores = Scores(load_networks(model), target)
        self.weight = model.weight
        self.trees = tree_scores(model)
        self.background = _train_inputs(model, samples, window)
        self.boxes = [boxes(t.trees, t.features(self.background).numpy()) for t in self.trees]

    def of(self, x: Tensor) -> Float64:
        """Return what each channel adds to the score of windows x, (n, channels), natural logs."""
        each = [_by_class(t, b, x) for t, b in zip(self.trees, self.boxes, strict=True)]
        return self._explained(np.mean(each, axis=0), self.scores.target(x))

    def score(self, x: Tensor, label: Tensor) -> Float64:
        """Return the score (n,) of windows x that is explained, of each row's class label (n,)."""
        each = np.mean([t(x).double().numpy() for t in self.trees], axis=0)
        return self._explained(each[..., None], label)[:, 0]

    def _explained(self, by_class: Float64, label: Tensor) -> Float64:
        own = by_class[np.arange(len(label)), label.numpy()]
        if self.scores.kind == "up_logit":
            return np.asarray(own)
        return np.asarray(self.weight * (own - (by_class.sum(axis=1) - own) / (len(Label) - 1)))


def _by_class(scoring: TreeScores, leaves: Boxes, x: Tensor) -> Float64:
    return shapley(leaves, scoring.features(x).numpy(), scoring.channel, len(Label))


def explain_trees(
    model: FittedModel, samples: SampleSet, window: Window, rows: Rows, target: TargetName
) -> Float32:
    """Return what channels add to rows' scores, (n, channels, lookback), even over the lags."""
    contribution = np.empty((len(rows), len(model.channels), model.lookback), dtype=np.float32)
    if not len(rows):
        return contribution
    with one_thread():
        maps = TreeMaps(model, samples, window, target)
        for start, x in windows(model, samples, rows):
            n = min(BATCH, len(rows) - start)
            own = maps.of(x[:n])[..., None] / model.lookback
            contribution[start : start + n] = own
    return contribution


def judge_trees(
    model: FittedModel,
    samples: SampleSet,
    window: Window,
    *,
    skilled: bool,
    target: TargetName,
    training: TrainingSpec,
) -> Gate:
    """Return the gate of a window's trees, from some of its validation rows.

    Trees that no seed changes have no seeds to agree: in their place two are fitted, on the older
    and on the newer half of the train dates, whose maps must agree. What is explained is compared
    with what the score loses where a channel is that of other rows. Weights that could be drawn at
    random there are none.
    """
    groups = judged_by(samples)
    with one_thread():
        x = validation_inputs(model, samples, window)
        maps = TreeMaps(model, samples, window, target)
        own = torch.from_numpy(maps.of(x))
        if not own.any():
            return Gate(skilled, None, None, None, None, len(model.weights), trees=True)
        few = slice(None, None, len(x) // OCCLUDED + 1)
        lost = _occlusion(maps, x[few], maps.background[:: BACKGROUND // OTHERS])
        one, other = (
            torch.from_numpy(TreeMaps(half, samples, window, target).of(x))
            for half in _halves(model, samples, window, training)
        )
        return Gate(
            skilled=skilled,
            seeds=_alike(one, other, groups),
            randomised=None,
            deletion=deletion(maps.scores, x, own[..., None]),
            methods=correlation(own[few], lost),
            seeds_trained=len(model.weights),
            trees=True,
            by_group=groups is not None,
        )


def _halves(
    model: FittedModel, samples: SampleSet, window: Window, training: TrainingSpec
) -> list[FittedModel]:
    """Return a model of the older half of the train dates, and one of the newer."""
    middle = (window.train.start + window.train.stop) // 2
    spans = (Span(window.train.start, middle), Span(middle, window.train.stop))
    family, found = family_of(model.spec.name), []
    learnt_from = spaced(samples, window, training.every)
    for span in spans:
        data = WindowData(learnt_from, replace(window, train=span), model.scaler)
        learnt = family.fit(data, model.spec, training, seed=training.network_seeds[0], before=None)
        found.append(replace(model, weights=(learnt.weights,)))
    return found


def _alike(one: Tensor, other: Tensor, groups: Tensor | None) -> float:
    if groups is None:
        return correlation(one, other)
    return agreement(one @ groups.double(), other @ groups.double())


def _occlusion(maps: TreeMaps, x: Tensor, others: Tensor) -> Tensor:
    """Return by how much each channel moves the score from where it is other rows', (n, c)."""
    label = maps.scores.target(x)
    lost = np.empty(x.shape[:2])
    own = maps.score(x, label)
    for channel in range(x.shape[1]):
        other = x.repeat(len(others), 1, 1)
        other[:, channel] = others[:, channel].repeat_interleave(len(x), 0)
        there = maps.score(other, label.repeat(len(others)))
        lost[:, channel] = own - there.reshape(len(others), -1).mean(axis=0)
    return torch.from_numpy(lost)


def _train_inputs(model: FittedModel, samples: SampleSet, window: Window) -> Tensor:
    known = known_rows(samples, window.train, window.validation.start)
    rows = rows_of(known, window.train.start)
    at = np.unique(np.linspace(0, len(rows) - 1, BACKGROUND).astype(np.int64))
    own = Rows(rows.stock[at], rows.day[at])
    return torch.from_numpy(standardised(samples, model.scaler, own))
