"""The family attention: an LSTM whose last state asks all states of the window."""

import math

import torch
from pydantic import Field
from torch import Tensor, nn

from rollsight.training.models.family import Capabilities
from rollsight.training.models.product import product
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise
from rollsight.training.regression.spec import TaskSpec


class AttentionSpec(TaskSpec):
    """The LSTM with attention."""

    hidden: int = Field(32, ge=1, le=512, description="units of the LSTM's state")
    dropout: float = Field(
        0.1, ge=0, lt=1, description="share of what the last layer weighs dropped in training"
    )


class Attention(nn.Module):
    """An LSTM encoder with dot-product attention over its states (Luong et al., 2015).

    The last state asks, all states answer; what they say together stands beside the last state.
    """

    def __init__(self, channels: int, spec: AttentionSpec) -> None:
        super().__init__()
        self.body = nn.LSTM(channels, spec.hidden, batch_first=True)
        self.drop = nn.Dropout(spec.dropout)
        self.last = nn.Linear(2 * spec.hidden, spec.outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3), or returns, of windows (n, channels, lookback)."""
        states, _ = self.body(x.transpose(1, 2))  # (n, lookback, hidden)
        said = (self._weights(states)[..., None] * states).sum(1)  # (n, hidden)
        h = self.drop(torch.cat([said, states[:, -1]], dim=1))
        return product(h, self.last.weight.T) + self.last.bias

    def attention(self, x: Tensor) -> Tensor:
        """Return the weights (n, heads, lookback) of the days in a window's score, oldest first."""
        states, _ = self.body(x.transpose(1, 2))
        return self._weights(states)[:, None]

    def _weights(self, states: Tensor) -> Tensor:
        asked = (states * states[:, -1:]).sum(-1) / math.sqrt(states.shape[-1])
        return asked.softmax(-1)


def build(channels: int, lookback: int, spec: AttentionSpec) -> Windowwise:
    """Return an initialised network; its weights follow torch's current random state.

    The last layer starts at zero: the network starts as what its bias says.
    """
    network = Attention(channels, spec)
    nn.init.zeros_(network.last.weight)
    nn.init.zeros_(network.last.bias)
    return Windowwise(network, lookback, bias=network.last.bias)


ATTENTION = TorchFamily(
    options=AttentionSpec,
    build=build,
    can=Capabilities(
        differentiable=True, sources=("models/product.py", "architectures/attention.py")
    ),
)
