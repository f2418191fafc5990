"""The family cnn2d: convolutions of the window as a picture of days by channels."""

from typing import Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from rollsight.base.errors import RollsightError
from rollsight.training.architectures.codes import Codes, tell
from rollsight.training.models.family import Capabilities
from rollsight.training.models.product import linear
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise, initialise
from rollsight.training.regression.spec import TaskSpec

WIDTHS = {"baseline": (2, 4), "deep": (8, 16)}
SHORTEST = 4  # sessions: the picture is halved twice


class CNN2DSpec(TaskSpec):
    """The two-dimensional convolution."""

    task: Literal["classify", "regress"] = Field(
        "regress", description="what is learnt: the return of the trade, or its class"
    )
    channels: Literal["baseline", "deep"] = Field(
        "deep", description="planes of the two convolutions: baseline 2 and 4, deep 8 and 16"
    )
    ticker: Literal["off", "integer", "embedding"] = Field(
        "off",
        description="the channel ticker: left blank; a number as any other; or a learnt vector of "
        "each code, and one of all codes that the train span has not",
    )
    embedding: int = Field(4, ge=4, le=8, description="numbers of a code's learnt vector")


class CNN2D(nn.Module):
    """Two convolutions of 3 x 3, each rectified and halved by its maxima, and a linear layer.

    A network of LeCun, Bottou, Bengio and Haffner's kind (Gradient-Based Learning Applied to
    Document Recognition, 1998). A side of one cell is not halved.
    """

    def __init__(self, channels: int, lookback: int, spec: CNN2DSpec) -> None:
        super().__init__()
        first, second = WIDTHS[spec.channels]
        half = channels // 2 or 1
        sizes = (min(2, channels), min(2, half))
        quarter = half // 2 or 1
        self.body = nn.Sequential(
            nn.Conv2d(1, first, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d((2, sizes[0])),
            nn.Conv2d(first, second, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d((2, sizes[1])),
            nn.Flatten(),
        )
        width = second * (lookback // 4) * quarter
        self.codes = None
        if spec.ticker != "integer":
            self.codes = Codes(spec.embedding if spec.ticker == "embedding" else 0)
            width += self.codes.width
        self.last = nn.Linear(width, spec.outputs)

    def penalised(self) -> list[Tensor]:
        """Return the weights that L1 and weight decay act on: those of the last layer."""
        return [self.last.weight]

    def forward(self, x: Tensor) -> Tensor:
        """Return returns (n, 1), or scores (n, 3), of windows (n, channels, lookback)."""
        own: list[Tensor] = []
        if self.codes is not None:
            x, own = self.codes(x)
        seen = torch.cat([self.body(x.transpose(1, 2).unsqueeze(1)), *own], dim=1)
        return linear(seen, self.last)


def build(channels: int, lookback: int, spec: CNN2DSpec) -> Windowwise:
    """Return an initialised network; its weights follow torch's current random state.

    The last layer starts at zero: the network starts as what its bias says.

    Raises
    ------
    RollsightError
        If the lookback is too short to be halved twice.
    """
    if lookback < SHORTEST:
        raise RollsightError(
            f"features.lookback={lookback} is shorter than the {SHORTEST} sessions that model.name="
            "'cnn2d' halves twice: lengthen it, or take mlp"
        )
    network = CNN2D(channels, lookback, spec)
    initialise(network, "kaiming", zero=[network.last.weight])
    return Windowwise(network, lookback, bias=network.last.bias)


CNN2D_FAMILY = TorchFamily(
    options=CNN2DSpec,
    build=build,
    can=Capabilities(
        differentiable=True,
        sources=("models/product.py", "architectures/cnn2d.py", "architectures/codes.py"),
    ),
    tell=tell,
)
