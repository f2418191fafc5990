"""A fitted window's networks, ready to score inputs."""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor, nn

from rollsight.training.models.families import family_of
from rollsight.training.models.family import CamLayer
from rollsight.training.models.model import FittedModel


class Ensemble(nn.Module):
    """The networks of one window; its score is the log of their mean probability.

    Parameters
    ----------
    cam
        where Grad-CAM looks in each network, if anywhere
    """

    def __init__(self, networks: list[nn.Module], cam: CamLayer | None = None) -> None:
        super().__init__()
        self.networks, self.cam = nn.ModuleList(networks), cam

    def forward(self, x: Tensor) -> Tensor:
        """Return log-probabilities (n, 3) of windows (n, channels, lookback)."""
        each = torch.stack([window_scores(n, x).log_softmax(-1) for n in self.networks])
        return each.logsumexp(0) - float(np.log(len(self.networks)))


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


def load_networks(model: FittedModel) -> Ensemble:
    """Return the model's networks in eval mode, every weight matched strictly by name and shape."""
    family, networks = family_of(model.spec.name), list[nn.Module]()
    for weights in model.weights:
        found = family.restore(weights, len(model.channels), model.lookback, model.spec)
        networks.append(found if isinstance(found, nn.Module) else Foreign(found))
    return Ensemble(networks, family.can.cam).eval().requires_grad_(requires_grad=False)
