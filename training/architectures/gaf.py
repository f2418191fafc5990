"""The family gaf: Gramian angular fields of each channel, and convolutions over them."""

from typing import Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from rollsight.base.errors import RollsightError
from rollsight.training.models.family import CamLayer, Capabilities, Days
from rollsight.training.models.product import linear
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise
from rollsight.training.regression.spec import TaskSpec

WIDTHS = (16, 32, 64)
STRIDE = 2 ** len(WIDTHS)  # days from one output of the last block to the next
MOST = 0.99  # of a cosine: at 1 the gradient of its sine is infinite
CLIP = 5.0  # standard deviations that make a cosine of 1, where the train span scales
AT_ONCE = 32  # windows whose fields stay near the processor: 256 take 2.5 times as long a row
LEAST = 8  # days: each of the convolutions halves them


class GAFSpec(TaskSpec):
    """The convolutions over Gramian angular fields."""

    scaling: Literal["window", "span"] = Field(
        "window",
        description="what makes a cosine of a value: its place between a window's least and most, "
        "or its standard deviations from the train span's mean",
    )
    dropout: float = Field(
        0.1, ge=0, lt=1, description="share of the last layer's inputs dropped in training"
    )


def cosines(x: Tensor, scaling: str) -> Tensor:
    """Return values of windows (..., lookback) within -.99 and .99.

    A window that does not move is 0 all over.
    """
    if scaling == "span":
        return (x / CLIP).clamp(-1, 1) * MOST
    low, high = x.amin(-1, keepdim=True), x.amax(-1, keepdim=True)
    apart = high - low
    moves = apart > 0
    return torch.where(moves, (2 * x - low - high) / torch.where(moves, apart, 1.0), 0.0) * MOST


def fields(cosine: Tensor) -> Tensor:
    """Return the summation and the difference field of cosines (..., days): (..., 2, days, days).

    With angles whose cosines they are, cos(a_i + a_j) and sin(a_i - a_j) (Wang and Oates, Imaging
    Time-Series to Improve Classification and Imputation, 2015).
    """
    sine = (1 - cosine**2).clamp(min=0).sqrt()
    x, s = cosine.unsqueeze(-1), sine.unsqueeze(-1)
    y, r = cosine.unsqueeze(-2), sine.unsqueeze(-2)
    return torch.stack([x * y - s * r, s * y - x * r], dim=-3)


class PictureBlock(nn.Module):
    """A padded convolution of three by three days at every second one, and rectified units."""

    def __init__(self, inner: int, outer: int) -> None:
        super().__init__()
        self.layer, self.act = nn.Conv2d(inner, outer, 3, 2, padding=1), nn.ReLU()

    def forward(self, planes: Tensor) -> Tensor:
        """Return (n, outer, days / 2, days / 2) of (n, inner, days, days)."""
        out: Tensor = self.act(self.layer(planes))
        return out


class GAF(nn.Module):
    """Three convolutions of stride 2 over the fields of all channels, formed inside the graph."""

    def __init__(self, channels: int, spec: GAFSpec) -> None:
        super().__init__()
        self.scaling = spec.scaling
        each = zip((2 * channels, *WIDTHS[:-1]), WIDTHS, strict=True)
        self.body = nn.Sequential(*(PictureBlock(inner, outer) for inner, outer in each))
        self.drop = nn.Dropout(spec.dropout)
        self.last = nn.Linear(WIDTHS[-1], spec.outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3), or returns, of windows (n, channels, lookback)."""
        if torch.is_grad_enabled() and not self.training:
            return self._scores(x)  # explained: Grad-CAM looks at the blocks of one pass
        return torch.cat([self._scores(some) for some in torch.split(x, AT_ONCE)])

    def _scores(self, x: Tensor) -> Tensor:
        image = fields(cosines(x, self.scaling)).flatten(1, 2)  # (n, 2 channels, days, days)
        h = self.drop(self.body(image).mean((-1, -2)))
        return linear(h, self.last)

    def penalised(self) -> list[Tensor]:
        """Return the last layer's weights alone."""
        return [self.last.weight]


def build(channels: int, lookback: int, spec: GAFSpec) -> Windowwise:
    """Return an initialised network; its weights follow torch's current random state.

    The last layer starts at zero: the network starts as what its bias says.

    Raises
    ------
    RollsightError
        If the lookback is too short for three halvings.
    """
    if lookback < LEAST:
        raise RollsightError(
            f"features.lookback={lookback} makes an image of {lookback} x {lookback}, which three "
            f"convolutions cannot halve: lengthen it to {LEAST} or more, or take another model.name"
        )
    network = GAF(channels, spec)
    nn.init.zeros_(network.last.weight)
    nn.init.zeros_(network.last.bias)
    return Windowwise(network, lookback, bias=network.last.bias)


def strided_days(outputs: int, lookback: int) -> Days:  # noqa: ARG001 - of every family alike
    """Return the day of the input that each row and column of the last block's outputs is on."""
    return np.arange(0, STRIDE * outputs, STRIDE)


GAF_FAMILY = TorchFamily(
    options=GAFSpec,
    build=build,
    can=Capabilities(
        differentiable=True,
        cam=CamLayer((PictureBlock,), strided_days),
        sources=("models/product.py", "architectures/gaf.py"),
    ),
)
