"""How much a network weighs each day of its windows, beside what each day does to its score."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.explaining.target import Scores, gradient_of
from rollsight.training.fitting.fit import one_thread
from rollsight.training.fitting.rows import Rows, standardised
from rollsight.training.models.loading import attention_of, load_networks
from rollsight.training.models.model import FittedModel
from rollsight.training.spec import TargetName

Float64 = npt.NDArray[np.float64]
MOST = 64  # rows that stand for all: each is scored once more for each day


@dataclass(frozen=True, eq=False)
class Profile:
    """Means over rows and networks, by day, the newest last.

    Attributes
    ----------
    heads
        (heads, lookback) weights, whose sum is 1; of each network its heads stand in the order of
        how far back they look in the mean, the nearest first
    gradient
        (lookback,) absolute gradients of the explained score, summed over channels
    occlusion
        (lookback,) by how much the score moves where a day's channels are set to their mean
    """

    heads: Float64
    gradient: Float64
    occlusion: Float64


def attention_profile(
    model: FittedModel, samples: SampleSet, rows: Rows, kind: TargetName
) -> Profile | None:
    """Return the profile of some of the rows; None where there is none."""
    if not len(rows):
        return None
    scores = Scores(load_networks(model), kind)
    x = torch.from_numpy(standardised(samples, model.scaler, rows.some(MOST)))
    with one_thread():
        target = scores.target(x)
        gradient = gradient_of(scores, x, target).abs().sum(1).mean(0)
        with torch.no_grad():
            weights = [attention_of(n, x).mean(0).double() for n in scores.ensemble.networks]
            own, moved = scores(x).gather(1, target[:, None]), []
            for day in range(model.lookback):
                without = x.clone()
                without[..., day] = 0.0
                moved.append((scores(without).gather(1, target[:, None]) - own).abs().mean())
    return Profile(
        heads=np.mean([_nearest_first(one.numpy()) for one in weights], axis=0),
        gradient=gradient.double().numpy(),
        occlusion=torch.stack(moved).double().numpy(),
    )


def _nearest_first(heads: Float64) -> Float64:
    """Return weights (heads, lookback) in the order of how far back they look."""
    return heads[np.argsort(-(heads @ np.arange(heads.shape[1])), kind="stable")]
