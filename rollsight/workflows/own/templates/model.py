"""A model of your own: a network of torch that maps windows of channels to three scores.

Change the network, and the keys that it takes; keep the last lines, which name it.
A specification names it by one line, and its keys below that:

    [model]
    name = "NAME:model"
    width = 8

rollsight check NAME:model holds it to the rules of models. What is no network of torch brings a
fit of its own: see Family in rollsight/training/models/family.py.
"""

import torch
from pydantic import Field
from torch import Tensor, nn

from rollsight.training.models.family import Capabilities
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise
from rollsight.training.spec import ModelSpec


class Keys(ModelSpec):
    """The keys of the section [model], each with a default."""

    width: int = Field(16, ge=1, description="features of each day")


class Network(nn.Module):
    """A convolution over days, averaged over the window."""

    def __init__(self, channels: int, width: int) -> None:
        super().__init__()
        self.features = nn.Conv1d(channels, width, 1)
        self.last = nn.Linear(width, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores of DOWN, HOLD and UP (n, 3) of windows (n, channels, lookback)."""
        scores: Tensor = self.last(torch.relu(self.features(x)).mean(-1))
        return scores


def build(channels: int, lookback: int, keys: Keys) -> Windowwise:
    """Return an initialised network."""
    return Windowwise(Network(channels, keys.width), lookback)


model = TorchFamily(options=Keys, build=build, can=Capabilities(differentiable=True))
