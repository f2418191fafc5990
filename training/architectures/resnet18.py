"""The family resnet18: the padded ResNet-18-1D, which strides, window by window."""

import numpy as np
from torch import Tensor, nn

from rollsight.signals.inputs.labels import Label
from rollsight.training.models.family import CamLayer, Capabilities, Days
from rollsight.training.models.product import linear
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise, initialise
from rollsight.training.spec import NetworkSpec

STRIDE = 2**5  # days from one output of the last block to the next


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
        sources=("models/product.py", "architectures/resnet18.py"),
    ),
)
