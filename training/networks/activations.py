"""Activations by name: what a unit makes of the sum that reaches it."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

Activation = Literal[
    "identity", "sigmoid", "tanh", "arctan", "relu", "prelu", "elu", "gelu", "silu", "softplus"
]


class Arctan(nn.Module):
    """The arcus tangent, radians."""

    def forward(self, x: Tensor) -> Tensor:
        """Return values of x's shape, within half of pi."""
        return torch.atan(x)


# Modules, not functions: guided backpropagation hooks them. PReLU alone has a weight to store.
ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "identity": nn.Identity,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "arctan": Arctan,
    "relu": nn.ReLU,
    "prelu": nn.PReLU,
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
}


def require_gradient(name: object) -> object:
    """Return an activation's name.

    Raises
    ------
    ValueError
        If it is a step, through which no gradient flows.

    >>> require_gradient("relu")
    'relu'
    """
    if name in ("step", "heaviside"):
        raise ValueError(
            f"{name!r} has a gradient of 0 wherever it has one, and nothing is learnt: take "
            "'sigmoid', which is a smooth step, or another"
        )
    return name
