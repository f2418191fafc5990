"""The families mlp and linear: perceptrons on the channels of the last day, or of all."""

from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator
from torch import Tensor, nn

from rollsight.training.architectures.scaling import SequenceSpec, scaled
from rollsight.training.models.family import Capabilities, WindowData
from rollsight.training.models.product import linear
from rollsight.training.networks.activations import ACTIVATIONS, Activation, require_gradient
from rollsight.training.networks.learner import StretchNetwork
from rollsight.training.networks.leftout import Split
from rollsight.training.networks.stretches import Examples, stretches_of
from rollsight.training.networks.table import tables_of
from rollsight.training.networks.torchfamily import TorchFamily, Windowwise, initialise
from rollsight.training.spec import Init, TrainingSpec

MOST = 1024  # units of a layer


class LinearSpec(SequenceSpec):
    """The linear layer."""

    inputs: Literal["last", "window"] = Field(
        "window", description="what is read: the newest day, or every day of the lookback"
    )

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each hidden layer: there is none."""
        return ()

    @model_validator(mode="after")
    def _of_a_window(self) -> Self:
        if self.scaling != "span" and self.inputs == "last":
            raise ValueError(
                f"scaling={self.scaling!r} needs the days of a window, and inputs='last' reads "
                "one: set inputs='window', or scaling='span'"
            )
        return self


class MLPSpec(LinearSpec):
    """The multilayer perceptron."""

    inputs: Literal["last", "window"] = Field(
        "last", description="what is read: the newest day, or every day of the lookback"
    )
    hidden: tuple[int, ...] = Field(
        (64, 32), min_length=1, description="units of each hidden layer, from the inputs on"
    )
    activation: Activation = Field("relu", description="of the hidden units")
    init: Init = Field(
        "kaiming",
        description="initial weights of the hidden layers: normal with a standard deviation of "
        "0.05, the same cut at two of them, He's, Glorot's, or orthogonal",
    )
    dropout: float = Field(0.1, ge=0, lt=1, description="share of hidden units dropped in training")

    @property
    def widths(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        return self.hidden

    @field_validator("hidden")
    @classmethod
    def _of_some_width(cls, hidden: tuple[int, ...]) -> tuple[int, ...]:
        for width in hidden:
            if not 1 <= width <= MOST:
                raise ValueError(f"{width} units: a hidden layer has 1 to {MOST}")
        return hidden

    @field_validator("activation", mode="before")
    @classmethod
    def _learnable(cls, activation: object) -> object:
        return require_gradient(activation)

    @field_validator("init", mode="before")
    @classmethod
    def _apart(cls, init: object) -> object:
        if init in ("constant", "zeros", "ones"):
            raise ValueError(
                f"{init!r} starts all units of a layer alike, and alike they stay: take 'kaiming' "
                "or another that draws"
            )
        return init


class MLP(StretchNetwork):
    """Linear layers with units between them, on the newest day of each window or on all days."""

    def __init__(self, channels: int, lookback: int, spec: LinearSpec) -> None:
        super().__init__()
        self.inputs, self.scaling = spec.inputs, spec.scaling
        first = channels * (lookback if spec.inputs == "window" else 1)
        widths = [first, *spec.widths, spec.outputs]
        self.layers = nn.ModuleList(nn.Linear(inner, outer) for inner, outer in pairwise(widths))
        self.acts, self.drop = nn.ModuleList(), nn.Dropout(0.0)
        if isinstance(spec, MLPSpec):
            self.acts.extend(ACTIVATIONS[spec.activation]() for _ in spec.hidden)
            self.drop = nn.Dropout(spec.dropout)

    @property
    def last(self) -> nn.Linear:
        """The layer of the scores."""
        layer = self.layers[-1]
        assert isinstance(layer, nn.Linear)
        return layer

    @property
    def base(self) -> nn.Parameter:
        """The bias of the scores."""
        return self.last.bias

    def penalised(self) -> list[Tensor]:
        """Return the weights that L1 and weight decay act on: of whole windows the last layer's.

        Where the first reads hundreds of inputs, L1 on all layers leaves none.
        """
        return [self.last.weight] if self.inputs == "window" else super().penalised()

    def forward(self, x: Tensor) -> Tensor:
        """Return scores of windows (n, channels, lookback), or returns.

        They are (n, 3, 1) of the last day, and (n, 3) of all days.
        """
        whole = self.inputs == "window"
        h = scaled(x, self.scaling).flatten(1) if whole else x[..., -1]
        for layer, act in zip(self.layers[:-1], self.acts, strict=True):
            h = self.drop(act(linear(h, layer)))  # (n, units)
        found = linear(h, self.last)
        return found if whole else found.unsqueeze(-1)


def build(channels: int, lookback: int, spec: LinearSpec) -> StretchNetwork:
    """Return an initialised network; its weights follow torch's current random state.

    The last layer starts at zero: the network starts as what its bias says.
    """
    network = MLP(channels, lookback, spec)
    init = spec.init if isinstance(spec, MLPSpec) else "kaiming"
    initialise(network, init, zero=[network.last.weight])
    if spec.inputs == "last":
        return network
    return Windowwise(network, lookback, bias=network.last.bias)


def examples(
    data: WindowData, training: TrainingSpec, split: Split | None, options: LinearSpec
) -> tuple[Examples, Examples]:
    """Return what is learnt, and what it is stopped on: rows of the last day, or stretches."""
    cut = tables_of if options.inputs == "last" else stretches_of
    return cut(data, training, split, options)


MLP_FAMILY, LINEAR = (
    TorchFamily(
        options=options,
        build=build,
        can=Capabilities(
            differentiable=True,
            sources=(
                "models/product.py",
                "architectures/mlp.py",
                "architectures/scaling.py",
                "networks/activations.py",
                "networks/table.py",
            ),
        ),
        examples=examples,
    )
    for options in (MLPSpec, LinearSpec)
)
