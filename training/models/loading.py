"""A fitted window's networks, ready to score inputs."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import Label
from rollsight.training.models.families import family_of
from rollsight.training.models.family import Attending, CamLayer
from rollsight.training.models.model import FittedModel
from rollsight.training.models.pooling import log_mean
from rollsight.training.models.shrinkage import LEAST


class Ensemble(nn.Module):
    """The networks of one window; its score is the log of their mean probability, shrunk.

    Parameters
    ----------
    cam
        where Grad-CAM looks in each network, if anywhere
    frequencies, weight
        what the probability is shrunk towards, (3,), and what weight the networks have, see
        `shrunk`; None shrinks nothing
    """

    def __init__(
        self,
        networks: list[nn.Module],
        cam: CamLayer | None = None,
        *,
        frequencies: Sequence[float] | None = None,
        weight: float = 1.0,
    ) -> None:
        super().__init__()
        self.networks, self.cam, self.weight = nn.ModuleList(networks), cam, weight
        known = np.log(np.maximum(frequencies or [1.0] * len(Label), LEAST))
        self.known = torch.from_numpy(known).float()

    def each(self, x: Tensor) -> Tensor:
        """Return each network's log-probabilities (networks, n, 3) of windows x."""
        return torch.stack([window_scores(n, x).log_softmax(-1) for n in self.networks])

    def forward(self, x: Tensor) -> Tensor:
        """Return log-probabilities (n, 3) of windows (n, channels, lookback)."""
        each = self.each(x)
        pooled = log_mean(each)
        if self.weight == 1:
            return pooled
        return (self.known + self.weight * (pooled - self.known)).log_softmax(-1)


class Foreign(nn.Module):
    """What another library scores with, as a module: no gradient flows through it."""

    def __init__(self, scoring: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.scoring = scoring

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3) of windows (n, channels, lookback)."""
        return self.scoring(x)


def window_scores(network: nn.Module, x: Tensor) -> Tensor:
    """Return one network's scores (n, 3) of windows (n, channels, lookback).

    A network that is trained on stretches gives those of one decision, (n, 3, 1).
    """
    score: Tensor = network(x)
    return score[..., 0] if score.ndim == 3 else score


def attention_of(network: nn.Module, x: Tensor) -> Tensor:
    """Return a network's attention (n, heads, lookback) to the days of windows x.

    Raises
    ------
    RollsightError
        If no module of it is `Attending`.
    """
    found = next((m for m in network.modules() if isinstance(m, Attending)), None)
    if found is None:
        raise RollsightError("can.attends, but no module of the model has a method attention")
    return found.attention(x)


def load_networks(model: FittedModel) -> Ensemble:
    """Return the model's networks in eval mode, every weight matched strictly by name and shape."""
    family, networks = family_of(model.spec.name), list[nn.Module]()
    for weights in model.weights:
        found = family.restore(weights, len(model.channels), model.lookback, model.spec)
        networks.append(found if isinstance(found, nn.Module) else Foreign(found))
    ensemble = Ensemble(
        networks, family.can.cam, frequencies=model.frequencies, weight=model.weight
    )
    return ensemble.eval().requires_grad_(requires_grad=False)
