"""The family attention: an LSTM whose last state looks back at the states of all days."""

import math

import torch
from torch import Tensor, nn

from rollsight.training.architectures.recurrent import RecurrentSpec
from rollsight.training.architectures.scaling import scaled
from rollsight.training.models.family import Capabilities
from rollsight.training.models.product import linear
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise


class AttentionSpec(RecurrentSpec):
    """The LSTM with attention."""


class Attention(nn.Module):
    """An LSTM's last state, joined with the mean of all states, weighed by their product with it.

    Luong et al. (Effective Approaches to Attention-based Neural Machine Translation, 2015), dot;
    over the root of the state's units, as Vaswani et al. (Attention Is All You Need, 2017) do.
    The query is the last state, keys and values are the states of all days.
    """

    def __init__(self, channels: int, spec: AttentionSpec) -> None:
        super().__init__()
        self.scaling = spec.scaling
        self.body = nn.LSTM(channels, spec.hidden, spec.layers, batch_first=True)
        self.drop = nn.Dropout(spec.dropout)
        self.last = nn.Linear(2 * spec.hidden, spec.outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3), or returns (n, steps), of windows (n, channels, lookback)."""
        states = self._states(x)
        context = (_weights(states)[..., None] * states).sum(1)  # (n, hidden)
        joined = self.drop(torch.cat([context, states[:, -1]], dim=1))
        return linear(joined, self.last)

    def attention(self, x: Tensor) -> Tensor:
        """Return each day's weight (n, 1, lookback), whose sum is 1."""
        return _weights(self._states(x))[:, None]

    def _states(self, x: Tensor) -> Tensor:
        states: Tensor = self.body(scaled(x, self.scaling).transpose(1, 2))[0]
        return states  # (n, lookback, hidden)


def _weights(states: Tensor) -> Tensor:
    """Return the weights (n, lookback) of states (n, lookback, hidden) for the last of them."""
    found = (states * states[:, -1:]).sum(-1) / math.sqrt(states.shape[-1])
    return found.softmax(-1)


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
        differentiable=True,
        attends=True,
        sources=(
            "models/product.py",
            "architectures/attention.py",
            "architectures/recurrent.py",
            "architectures/scaling.py",
        ),
    ),
)
