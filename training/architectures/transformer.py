"""The family transformer: causal self-attention over the days of a window."""

import math
from typing import Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn import functional

from rollsight.training.models.family import Capabilities
from rollsight.training.models.product import product
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise
from rollsight.training.regression.spec import TaskSpec


class TransformerSpec(TaskSpec):
    """The transformer."""

    width: int = Field(32, ge=1, le=512, description="of the state of a day")
    heads: int = Field(4, ge=1, description="of each layer's attention; width is a multiple")
    layers: int = Field(1, ge=1, le=12, description="one upon the other")
    feed_forward: int = Field(64, ge=1, le=2048, description="units between two layers")
    dropout: float = Field(0.1, ge=0, lt=1, description="share of units dropped in training")

    @model_validator(mode="after")
    def _divides(self) -> Self:
        if self.width % self.heads:
            raise ValueError(
                f"width={self.width} is no multiple of heads={self.heads}: each head takes as much"
            )
        return self


class Layer(nn.Module):
    """Self-attention and a feed-forward, each on what was normalised before."""

    def __init__(self, spec: TransformerSpec) -> None:
        super().__init__()
        self.heads = spec.heads
        self.first, self.second = nn.LayerNorm(spec.width), nn.LayerNorm(spec.width)
        self.asked = nn.Linear(spec.width, 3 * spec.width)
        self.joined = nn.Linear(spec.width, spec.width)
        self.inner = nn.Linear(spec.width, spec.feed_forward)
        self.outer = nn.Linear(spec.feed_forward, spec.width)
        self.drop = nn.Dropout(spec.dropout)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, days, width) of (n, days, width)."""
        query, key, value = self._parts(x)
        said = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + self.drop(self.joined(said.transpose(1, 2).flatten(2)))
        inner = functional.gelu(self.inner(self.second(x)))
        out: Tensor = x + self.drop(self.outer(inner))
        return out

    def last_weights(self, x: Tensor) -> Tensor:
        """Return the weights (n, heads, days) with which the last day asks the others."""
        query, key, _ = self._parts(x)
        asked = query[:, :, -1:] @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
        return asked.softmax(-1).squeeze(2)

    def _parts(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        n, days, width = x.shape
        parts = self.asked(self.first(x)).view(n, days, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)  # each (n, heads, days, width / heads)
        return query, key, value


class Transformer(nn.Module):
    """An encoder with causal attention and learnt positions (Vaswani et al., 2017).

    Normalised before each part (Xiong et al., On Layer Normalization in the Transformer
    Architecture, 2020); the state of the newest day is weighed.
    """

    def __init__(self, channels: int, lookback: int, spec: TransformerSpec) -> None:
        super().__init__()
        self.first = nn.Linear(channels, spec.width)
        self.position = nn.Parameter(0.02 * torch.randn(lookback, spec.width))
        self.layers = nn.ModuleList(Layer(spec) for _ in range(spec.layers))
        self.norm = nn.LayerNorm(spec.width)
        self.drop = nn.Dropout(spec.dropout)
        self.last = nn.Linear(spec.width, spec.outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3), or returns, of windows (n, channels, lookback)."""
        h = self._placed(x)
        for layer in self.layers:
            h = layer(h)
        return product(self.norm(h[:, -1]), self.last.weight.T) + self.last.bias

    def attention(self, x: Tensor) -> Tensor:
        """Return the last layer's weights (n, heads, lookback) of the days, oldest first."""
        h = self._placed(x)
        for layer in self.layers[:-1]:
            h = layer(h)
        last = self.layers[-1]
        assert isinstance(last, Layer)
        return last.last_weights(h)

    def penalised(self) -> list[Tensor]:
        """Return the last layer's weights alone: the others' sizes are set by what norms follow."""
        return [self.last.weight]

    def _placed(self, x: Tensor) -> Tensor:
        placed: Tensor = self.drop(self.first(x.transpose(1, 2)) + self.position)
        return placed


def build(channels: int, lookback: int, spec: TransformerSpec) -> Windowwise:
    """Return an initialised network; its weights follow torch's current random state.

    The last layer starts at zero: the network starts as what its bias says.
    """
    network = Transformer(channels, lookback, spec)
    nn.init.zeros_(network.last.weight)
    nn.init.zeros_(network.last.bias)
    return Windowwise(network, lookback, bias=network.last.bias)


TRANSFORMER = TorchFamily(
    options=TransformerSpec,
    build=build,
    can=Capabilities(
        differentiable=True, sources=("models/product.py", "architectures/transformer.py")
    ),
)
