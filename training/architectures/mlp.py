"""The family mlp: a multilayer perceptron on the channels of the last day."""

from itertools import pairwise

import torch
from pydantic import Field, field_validator
from torch import Tensor, nn

from rollsight.training.models.family import Capabilities
from rollsight.training.models.product import product
from rollsight.training.networks.learner import StretchNetwork
from rollsight.training.networks.table import tables_of
from rollsight.training.networks.torchfamily import TorchFamily, initialise
from rollsight.training.regression.spec import TaskSpec


class MLPSpec(TaskSpec):
    """The multilayer perceptron."""

    hidden: tuple[int, ...] = Field(
        (64, 32), min_length=1, description="units of each hidden layer, from the inputs on"
    )
    dropout: float = Field(0.1, ge=0, lt=1, description="share of hidden units dropped in training")

    @field_validator("hidden")
    @classmethod
    def _of_some_width(cls, hidden: tuple[int, ...]) -> tuple[int, ...]:
        for width in hidden:
            if not 1 <= width <= 1024:
                raise ValueError(f"{width} units: a hidden layer has 1 to 1024")
        return hidden


class MLP(StretchNetwork):
    """Linear layers with rectified units between them, on the newest day of each window."""

    def __init__(self, channels: int, spec: MLPSpec) -> None:
        super().__init__()
        widths = [channels, *spec.hidden, spec.outputs]
        self.layers = nn.ModuleList(nn.Linear(inner, outer) for inner, outer in pairwise(widths))
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

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3, 1), or returns, of windows (n, channels, lookback)."""
        h = x[..., -1]  # (n, channels)
        for layer in self.layers[:-1]:
            h = self.drop(torch.relu(_linear(h, layer)))  # (n, units)
        return _linear(h, self.last).unsqueeze(-1)


def _linear(x: Tensor, layer: nn.Module) -> Tensor:
    assert isinstance(layer, nn.Linear)
    return product(x, layer.weight.T) + layer.bias


def build(channels: int, lookback: int, spec: MLPSpec) -> MLP:  # noqa: ARG001 - of the last day
    """Return an initialised network; its weights follow torch's current random state.

    The last layer starts at zero: the network starts as what its bias says.
    """
    network = MLP(channels, spec)
    initialise(network, "kaiming", zero=[network.last.weight])
    return network


MLP_FAMILY = TorchFamily(
    options=MLPSpec,
    build=build,
    can=Capabilities(
        differentiable=True,
        sources=("models/product.py", "architectures/mlp.py", "networks/table.py"),
    ),
    examples=tables_of,
)
