"""Families of models as a user would write them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from rollsight.training.models.family import Capabilities, Learnt, Predecessor, WindowData
from rollsight.training.models.model import Weights
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise
from rollsight.training.spec import ModelSpec, TrainingSpec


class CentroidSpec(ModelSpec):
    """The centroids."""

    sharpness: float = Field(1.0, gt=0, description="of the scores")


@dataclass(frozen=True)
class Centroids:
    """Scores by the distance to the mean input of each class; no gradient is wanted of it."""

    options: type[ModelSpec] = CentroidSpec
    can: Capabilities = Capabilities(seeded=False, training=frozenset())  # noqa: RUF009

    def fit(
        self,
        data: WindowData,
        options: ModelSpec,
        training: TrainingSpec,
        *,
        seed: int,
        before: Predecessor | None,
    ) -> Learnt:
        assert isinstance(options, CentroidSpec)
        x, label = data.inputs(data.train), data.labels(data.train)
        means = np.stack([x[label == c].mean(axis=0) if (label == c).any() else 0 * x[0]
                          for c in range(3)])  # fmt: skip
        log_share = np.log(np.maximum(data.counts, 1) / data.counts.sum())
        weights = {"means": options.sharpness * means, "log_share": log_share}
        with torch.no_grad():
            scoring = self.restore(weights, x.shape[1], x.shape[2], options)
            loss = nn.functional.cross_entropy(
                scoring(torch.from_numpy(data.inputs(data.validation))),
                torch.from_numpy(data.labels(data.validation)),
            )
        return Learnt(weights, [float(loss)], [float(loss)], 1)

    def restore(
        self, weights: Weights, channels: int, lookback: int, options: ModelSpec
    ) -> Callable[[Tensor], Tensor]:
        means, share = weights["means"], weights["log_share"]

        def scoring(x: Tensor) -> Tensor:
            near = (x.detach().numpy()[:, None] * means).mean(axis=(2, 3))
            return torch.from_numpy((near + share).astype(np.float32))

        return scoring


centroids = Centroids()


class PoolSpec(ModelSpec):
    """The pooled network."""

    width: int = Field(4, ge=1, description="features")


class Pool(nn.Module):
    """Features of each day, summed."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.features = nn.Conv1d(channels, width, 3)
        self.last = nn.Linear(width, 3)

    def forward(self, x: Tensor) -> Tensor:
        score: Tensor = self.last(torch.relu(self.features(x)).mean(-1))
        return score


pool = TorchFamily(
    options=PoolSpec,
    build=lambda channels, lookback, own: Windowwise(Pool(channels, own.width), lookback),
    can=Capabilities(differentiable=True),
)
