"""The families resnet18 and resnet34: padded ResNets that stride, window by window.

The deeper one is told where a day stands, and learns noisy inputs.
"""

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from rollsight.signals.inputs.labels import Label
from rollsight.training.models.family import CamLayer, Capabilities, Days
from rollsight.training.models.product import linear
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise, initialise
from rollsight.training.spec import NetworkSpec

STRIDE = 2**5  # days from one output of the last block to the next
DEPTHS = (3, 4, 6, 3)
NOISY = 0.5  # share of the samples of a step that have noise


class PaddedBlock(nn.Module):
    """A basic block of ResNet-18 and 34: padding, batch norm, stride.

    Parameters
    ----------
    conv
        type of its first convolution
    """

    def __init__(
        self, inner: int, outer: int, stride: int, conv: type[nn.Conv1d] = nn.Conv1d
    ) -> None:
        super().__init__()
        self.scale = nn.BatchNorm1d(outer)
        self.body = nn.Sequential(
            conv(inner, outer, 3, stride, padding=1, bias=False),
            nn.BatchNorm1d(outer),
            nn.ReLU(),
            nn.Conv1d(outer, outer, 3, padding=1, bias=False),
            self.scale,
        )
        self.act = nn.ReLU()
        self.skip: nn.Module = nn.Identity()
        if stride > 1 or inner != outer:
            self.skip = nn.Sequential(
                nn.Conv1d(inner, outer, 1, stride, bias=False), nn.BatchNorm1d(outer)
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, outer, days / stride) of (n, inner, days)."""
        out: Tensor = self.act(self.body(x) + self.skip(x))
        return out


class PaddedResNet(nn.Module):
    """ResNet-18 or deeper with 1D convolutions (He et al., 2016).

    Parameters
    ----------
    depths
        blocks of each width
    conv
        type of the first convolution of each block
    """

    def __init__(
        self,
        channels: int,
        spec: NetworkSpec,
        depths: tuple[int, ...] = (2, 2, 2, 2),
        conv: type[nn.Conv1d] = nn.Conv1d,
    ) -> None:
        super().__init__()
        widths = [4 * spec.width * 2**i for i in range(len(depths))]
        blocks, inner = [], widths[0]
        for outer, depth in zip(widths, depths, strict=True):
            blocks += [PaddedBlock(inner, outer, 1 if outer == inner else 2, conv)]
            blocks += [PaddedBlock(outer, outer, 1, conv) for _ in range(depth - 1)]
            inner = outer
        self.body = nn.Sequential(
            nn.Conv1d(channels, widths[0], 7, 2, padding=3, bias=False),
            nn.BatchNorm1d(widths[0]),
            nn.ReLU(),
            nn.MaxPool1d(3, 2, padding=1),
            *blocks,
        )
        self.drop = nn.Dropout(spec.dropout)
        self.last = nn.Linear(inner, len(Label))

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3) of windows (n, channels, lookback)."""
        h = self.drop(self.body(x).mean(-1))
        return linear(h, self.last)


def build(channels: int, lookback: int, spec: NetworkSpec) -> Windowwise:
    """Return an initialised network; its weights follow torch's current random state."""
    return started(PaddedResNet(channels, spec), lookback, spec)


def started(network: PaddedResNet, lookback: int, spec: NetworkSpec) -> Windowwise:
    """Return a network with initial weights.

    The last batch norm of each residual branch starts at zero, so that every block starts as the
    identity, and the last layer starts small.
    """
    zero = [m.scale.weight for m in network.modules() if isinstance(m, PaddedBlock)]
    initialise(network, spec.init, zero=[*zero, network.last.weight])
    return Windowwise(network, lookback, bias=network.last.bias)


def strided_days(outputs: int, lookback: int) -> Days:  # noqa: ARG001 - of every family alike
    """Return the day of the input that each of the last block's outputs is on.

    Striding, and padded at both ends alike, they lie around every 32nd day, from the oldest on.
    """
    return STRIDE * np.arange(outputs)


RESNET18 = TorchFamily(
    options=NetworkSpec,
    build=build,
    can=Capabilities(
        differentiable=True,
        cam=CamLayer((PaddedBlock,), strided_days),
        sources=("models/product.py", "architectures/padded.py"),
    ),
)


class ResNet34Spec(NetworkSpec):
    """The deeper padded network."""

    coordinates: bool = Field(
        True, description="the first convolution of each block is told where a day stands"
    )
    noise: float = Field(
        0.2,
        ge=0,
        description="standard deviation of what is added to the inputs of every second sample in "
        "training, in the inputs' units",
    )


class CoordConv1d(nn.Conv1d):
    """A convolution of the inputs and of two channels more: the place of a day, and its distance.

    The place goes from -1 at the oldest day to 1 at the newest, the distance is that from the
    middle (Liu et al., An Intriguing Failing of Convolutional Neural Networks and the CoordConv
    Solution, 2018).
    """

    def __init__(
        self,
        inner: int,
        outer: int,
        kernel: int,
        stride: int = 1,
        padding: int = 0,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(inner + 2, outer, kernel, stride, padding, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, outer, days / stride) of (n, inner, days)."""
        days = x.shape[-1]
        place = torch.linspace(-1, 1, days, device=x.device) if days > 1 else x.new_zeros(1)
        both = torch.stack([place, place.abs()]).expand(len(x), -1, -1)
        return super().forward(torch.cat([x, both], dim=1))


class ResNet34(PaddedResNet):
    """ResNet-34 with noise on the inputs of some samples while it learns."""

    def __init__(self, channels: int, spec: ResNet34Spec) -> None:
        conv = CoordConv1d if spec.coordinates else nn.Conv1d
        super().__init__(channels, spec, DEPTHS, conv)
        self.noise = spec.noise

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3) of windows (n, channels, lookback)."""
        if self.training and self.noise:
            noisy = torch.rand(len(x), 1, 1, device=x.device) < NOISY
            x = x + self.noise * noisy * torch.randn_like(x)
        return super().forward(x)


def build_deep(channels: int, lookback: int, spec: ResNet34Spec) -> Windowwise:
    """Return an initialised network; its weights follow torch's current random state."""
    return started(ResNet34(channels, spec), lookback, spec)


RESNET34 = TorchFamily(
    options=ResNet34Spec,
    build=build_deep,
    can=Capabilities(
        differentiable=True,
        cam=CamLayer((PaddedBlock,), strided_days),
        sources=("models/product.py", "architectures/padded.py"),
    ),
)
