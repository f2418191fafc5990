"""The family resnet34: the padded ResNet-34-1D, told where a day stands, with noisy inputs."""

import torch
from pydantic import Field
from torch import Tensor, nn

from rollsight.training.architectures.resnet18 import (
    PaddedBlock,
    PaddedResNet,
    started,
    strided_days,
)
from rollsight.training.models.family import CamLayer, Capabilities
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise
from rollsight.training.spec import NetworkSpec

DEPTHS = (3, 4, 6, 3)
NOISY = 0.5  # share of the samples of a step that have noise


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


def build(channels: int, lookback: int, spec: ResNet34Spec) -> Windowwise:
    """Return an initialised network; its weights follow torch's current random state."""
    return started(ResNet34(channels, spec), lookback, spec)


RESNET34 = TorchFamily(
    options=ResNet34Spec,
    build=build,
    can=Capabilities(
        differentiable=True,
        cam=CamLayer((PaddedBlock,), strided_days),
        sources=(
            "models/product.py",
            "architectures/resnet18.py",
            "architectures/resnet34.py",
        ),
    ),
)
