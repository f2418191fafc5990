"""The families cnn1d and cnn2d: a window as a strip of days, and as a picture of channels."""

from typing import Literal

from pydantic import Field
from torch import Tensor, nn
from torch.nn import functional

from rollsight.base.errors import RollsightError
from rollsight.training.models.family import Capabilities
from rollsight.training.models.product import product
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise
from rollsight.training.regression.spec import TaskSpec

WIDTHS = (32, 32, 64, 64, 128, 128)
FILTERS = {"baseline": (2, 4), "deep": (8, 16)}
POOLED = 4  # two max-pools halve a picture twice


class ForecastSpec(TaskSpec):
    """A family that forecasts returns unless it is told to give classes."""

    task: Literal["classify", "regress"] = Field(
        "regress",
        description="what is learnt: classes; or the return of the trade, squared error, from "
        "which probabilities follow by how far forecasts were off on validation",
    )


class CNN1DSpec(ForecastSpec):
    """The convolutions over days."""

    width: float = Field(0.5, gt=0, le=4, description="of the six blocks, times 32 to 128")
    dropout: float = Field(
        0.1, ge=0, lt=1, description="share of the last layer's inputs dropped in training"
    )


class CNN2DSpec(ForecastSpec):
    """The convolutions over a picture of days by channels."""

    filters: Literal["baseline", "deep"] = Field(
        "baseline", description="of the two convolutions: 2 and 4, or 8 and 16"
    )


class Strip(nn.Module):
    """Six blocks of convolution, batch norm and ReLU over the days, every second with stride 2."""

    def __init__(self, channels: int, spec: CNN1DSpec) -> None:
        super().__init__()
        widths = [max(round(spec.width * width), 1) for width in WIDTHS]
        layers: list[nn.Module] = []
        for at, (inner, outer) in enumerate(zip((channels, *widths[:-1]), widths, strict=True)):
            conv = nn.Conv1d(inner, outer, 3, 1 + at % 2, padding=1, bias=False)
            layers += [conv, nn.BatchNorm1d(outer), nn.ReLU()]
        self.body = nn.Sequential(*layers)
        self.drop = nn.Dropout(spec.dropout)
        self.last = nn.Linear(widths[-1], spec.outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return returns (n, 1), or scores, of windows (n, channels, lookback)."""
        h = self.drop(self.body(x).mean(-1))
        return product(h, self.last.weight.T) + self.last.bias

    def penalised(self) -> list[Tensor]:
        """Return the last layer's weights alone."""
        return [self.last.weight]


class Picture(nn.Module):
    """Two convolutions of 3 x 3, each with ReLU and max-pool, over days by channels."""

    def __init__(self, channels: int, lookback: int, spec: CNN2DSpec) -> None:
        super().__init__()
        first, second = FILTERS[spec.filters]
        self.body = nn.Sequential(
            nn.Conv2d(1, first, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(first, second, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        )  # fmt: skip
        self.missing = max(POOLED - channels, 0)  # columns of zeros beside a narrow picture
        seen = second * (lookback // POOLED) * ((channels + self.missing) // POOLED)
        self.last = nn.Linear(seen, spec.outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return returns (n, 1), or scores, of windows (n, channels, lookback)."""
        picture = functional.pad(x.transpose(1, 2), (0, self.missing)).unsqueeze(1)
        h = self.body(picture).flatten(1)
        return product(h, self.last.weight.T) + self.last.bias

    def penalised(self) -> list[Tensor]:
        """Return no weights: a picture's few filters need no penalty."""
        return []


def build_strip(channels: int, lookback: int, spec: CNN1DSpec) -> Windowwise:
    """Return an initialised network of days; its weights follow torch's current random state."""
    return _started(Strip(channels, spec), lookback)


def build_picture(channels: int, lookback: int, spec: CNN2DSpec) -> Windowwise:
    """Return an initialised network of pictures; its weights follow torch's random state.

    Raises
    ------
    RollsightError
        If the picture cannot be halved twice.
    """
    if lookback < POOLED:
        raise RollsightError(
            f"features.lookback={lookback}: model.name='cnn2d' halves a picture of days by "
            f"channels twice: lengthen it to {POOLED} or more, or take model.name='cnn1d'"
        )
    return _started(Picture(channels, lookback, spec), lookback)


def _started(network: Strip | Picture, lookback: int) -> Windowwise:
    """Return a network whose last layer starts at zero: it starts as what its bias says."""
    nn.init.zeros_(network.last.weight)
    nn.init.zeros_(network.last.bias)
    return Windowwise(network, lookback, bias=network.last.bias)


SOURCES = ("models/product.py", "architectures/cnn.py")
CNN1D = TorchFamily(
    options=CNN1DSpec,
    build=build_strip,
    can=Capabilities(differentiable=True, sources=SOURCES),
)
CNN2D = TorchFamily(
    options=CNN2DSpec,
    build=build_picture,
    can=Capabilities(differentiable=True, sources=SOURCES),
)
