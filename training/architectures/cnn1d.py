"""The family cnn1d: six narrow convolutions over the days of a window."""

from typing import Literal

import numpy as np
from pydantic import Field
from torch import Tensor, nn

from rollsight.training.architectures.scaling import SequenceSpec, scaled
from rollsight.training.models.family import CamLayer, Capabilities, Days
from rollsight.training.models.product import linear
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise, initialise

WIDTHS = (32, 32, 64, 64, 128, 128)
STRIDE = 2**3  # days from one output of the last block to the next


class CNN1DSpec(SequenceSpec):
    """The narrow one-dimensional convolution."""

    task: Literal["classify", "regress"] = Field(
        "regress", description="what is learnt: the return of the trade, or its class"
    )
    width: float = Field(
        1.0, ge=0.125, le=8, description="what the channels of the six layers, 32 to 128, times"
    )
    dropout: float = Field(0.1, ge=0, lt=1, description="share of features dropped in training")


class NarrowBlock(nn.Module):
    """A padded convolution of three days, batch norm and rectified units."""

    def __init__(self, inner: int, outer: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv1d(inner, outer, 3, stride, padding=1, bias=False),
            nn.BatchNorm1d(outer),
            nn.ReLU(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, outer, days / stride) of (n, inner, days)."""
        out: Tensor = self.body(x)
        return out


class CNN1D(nn.Module):
    """Six blocks, every second of which takes every second day, and a linear layer."""

    def __init__(self, channels: int, lookback: int, spec: CNN1DSpec) -> None:
        super().__init__()
        self.scaling = spec.scaling
        blocks, inner, days = list[nn.Module](), channels, lookback
        for at, width in enumerate(WIDTHS):
            outer, stride = max(round(spec.width * width), 1), 1 + at % 2
            blocks.append(NarrowBlock(inner, outer, stride))
            inner, days = outer, -(-days // stride)
        self.body = nn.Sequential(*blocks, nn.Flatten())
        self.drop = nn.Dropout(spec.dropout)
        self.last = nn.Linear(inner * days, spec.outputs)

    def penalised(self) -> list[Tensor]:
        """Return the weights that L1 and weight decay act on: those of the last layer."""
        return [self.last.weight]

    def forward(self, x: Tensor) -> Tensor:
        """Return returns (n, 1), or scores (n, 3), of windows (n, channels, lookback)."""
        return linear(self.drop(self.body(scaled(x, self.scaling))), self.last)


def build(channels: int, lookback: int, spec: CNN1DSpec) -> Windowwise:
    """Return an initialised network; its weights follow torch's current random state.

    The last layer starts at zero: the network starts as what its bias says.
    """
    network = CNN1D(channels, lookback, spec)
    initialise(network, "kaiming", zero=[network.last.weight])
    return Windowwise(network, lookback, bias=network.last.bias)


def strided_days(outputs: int, lookback: int) -> Days:  # noqa: ARG001 - of every family alike
    """Return the day of the input that each of the last block's outputs is on."""
    return STRIDE * np.arange(outputs)


CNN1D_FAMILY = TorchFamily(
    options=CNN1DSpec,
    build=build,
    can=Capabilities(
        differentiable=True,
        cam=CamLayer((NarrowBlock,), strided_days),
        sources=("models/product.py", "architectures/cnn1d.py", "architectures/scaling.py"),
    ),
)
