"""The family transformer: an encoder in which each day looks at the days before it."""

import math
from typing import Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from rollsight.training.architectures.scaling import SequenceSpec, scaled
from rollsight.training.models.family import Capabilities
from rollsight.training.models.product import linear
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise, initialise


class TransformerSpec(SequenceSpec):
    """The transformer."""

    width: int = Field(32, ge=1, le=512, description="units of a day; a multiple of heads")
    heads: int = Field(4, ge=1, le=64, description="of each layer, each with its own weights")
    layers: int = Field(2, ge=1, le=12, description="one upon the other")
    feed_forward: int = Field(64, ge=1, le=2048, description="hidden units of a layer's perceptron")
    dropout: float = Field(
        0.1, ge=0, lt=1, description="share of what a layer adds that is dropped in training"
    )

    @model_validator(mode="after")
    def _of_whole_heads(self) -> Self:
        if self.width % self.heads:
            near = self.heads * max(round(self.width / self.heads), 1)
            raise ValueError(
                f"width={self.width} is no multiple of heads={self.heads}: set width={near}"
            )
        return self


class Layer(nn.Module):
    """Causal self-attention and a perceptron, each normed before and added after.

    Vaswani et al. (Attention Is All You Need, 2017), with the norm first: Xiong et al. (On Layer
    Normalization in the Transformer Architecture, 2020).
    """

    def __init__(self, spec: TransformerSpec) -> None:
        super().__init__()
        width, self.heads = spec.width, spec.heads
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query, self.joined = nn.Linear(width, width), nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.wide, self.narrow = (
            nn.Linear(width, spec.feed_forward),
            nn.Linear(spec.feed_forward, width),
        )
        self.drop = nn.Dropout(spec.dropout)

    def forward(self, h: Tensor) -> Tensor:
        """Return days (n, lookback, width) of days of the same shape."""
        q, k, v = self._projected(h, h)
        found = scaled_dot_product_attention(q, k, v, is_causal=True)
        return self._added(h, found)

    def newest(self, h: Tensor) -> tuple[Tensor, Tensor]:
        """Return the last day (n, 1, width) alone, and its weights (n, heads, lookback).

        What lies upon the last layer reads that day alone: the others' are not worked out.
        """
        q, k, v = self._projected(h[:, -1:], h)
        weights = ((q * k).sum(-1) / math.sqrt(k.shape[-1])).softmax(-1)
        found = (weights[..., None] * v).sum(2, keepdim=True)  # (n, heads, 1, width / heads)
        return self._added(h[:, -1:], found), weights

    def _projected(self, asking: Tensor, asked: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return queries, keys and values, (n, heads, days, width / heads) each."""
        normed = self.before(asked)
        own = normed[:, -asking.shape[1] :]
        key, value = linear(normed, self.key_value).chunk(2, dim=-1)
        q, k, v = (self._split(t) for t in (linear(own, self.query), key, value))
        return q, k, v

    def _split(self, t: Tensor) -> Tensor:
        return t.reshape(*t.shape[:-1], self.heads, -1).transpose(1, 2)

    def _added(self, h: Tensor, found: Tensor) -> Tensor:
        h = h + self.drop(linear(found.transpose(1, 2).flatten(2), self.joined))
        inner = torch.relu(linear(self.between(h), self.wide))
        out: Tensor = h + self.drop(linear(inner, self.narrow))
        return out


class Transformer(nn.Module):
    """Layers over the days of a window, with learnt positions; the last day is weighed."""

    def __init__(self, channels: int, lookback: int, spec: TransformerSpec) -> None:
        super().__init__()
        self.scaling = spec.scaling
        self.first = nn.Linear(channels, spec.width)
        self.position = nn.Parameter(0.02 * torch.randn(lookback, spec.width))
        self.body = nn.ModuleList(Layer(spec) for _ in range(spec.layers))
        self.norm = nn.LayerNorm(spec.width)
        self.last = nn.Linear(spec.width, spec.outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3), or returns (n, steps), of windows (n, channels, lookback)."""
        return linear(self.norm(self._newest(x)[0][:, 0]), self.last)

    def attention(self, x: Tensor) -> Tensor:
        """Return the last layer's weights of the last day (n, heads, lookback), whose sum is 1."""
        return self._newest(x)[1]

    def _newest(self, x: Tensor) -> tuple[Tensor, Tensor]:
        h = linear(scaled(x, self.scaling).transpose(1, 2), self.first) + self.position
        for layer in self.body[:-1]:
            h = layer(h)
        top = self.body[-1]
        assert isinstance(top, Layer)
        return top.newest(h)


def build(channels: int, lookback: int, spec: TransformerSpec) -> Windowwise:
    """Return an initialised network; its weights follow torch's current random state.

    The last layer starts at zero: the network starts as what its bias says.
    """
    network = Transformer(channels, lookback, spec)
    initialise(network, "xavier", zero=[network.last.weight])
    return Windowwise(network, lookback, bias=network.last.bias)


TRANSFORMER = TorchFamily(
    options=TransformerSpec,
    build=build,
    can=Capabilities(
        differentiable=True,
        attends=True,
        sources=(
            "models/product.py",
            "architectures/transformer.py",
            "architectures/scaling.py",
        ),
    ),
)
