"""A fitted window: its networks' weights and everything needed to use them again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from rollsight.training.fitting.scaler import Scaler
from rollsight.training.models.network import build_network
from rollsight.training.spec import ModelSpec

Weights = Mapping[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class FittedModel:
    """What one window's training left behind.

    Attributes
    ----------
    keys : one a network, digest of the tensors, spec, seed and code that it was fitted on
    channels : names of the inputs, in order
    weights : one mapping a seed, parameter name to array
    train_loss, validation_loss : one tuple a seed, log-loss by epoch, in nats; where a network
        started from another's weights, its first validation loss is theirs, before any epoch
    best_epoch : one a seed, counted from 1: the epoch whose weights are kept; 0 where no epoch was
        better than the weights that a network started from
    frequencies : (3,) class frequencies of the train rows
    """

    keys: tuple[str, ...]
    channels: tuple[str, ...]
    lookback: int
    spec: ModelSpec
    scaler: Scaler
    weights: tuple[Weights, ...]
    train_loss: tuple[tuple[float, ...], ...]
    validation_loss: tuple[tuple[float, ...], ...]
    best_epoch: tuple[int, ...]
    frequencies: tuple[float, float, float]


def joined(models: Sequence[FittedModel]) -> FittedModel:
    """Return one model of the networks of several that were fitted on the same window."""
    each = ("keys", "weights", "train_loss", "validation_loss", "best_epoch")
    parts: dict[str, Any] = {
        name: tuple(chain.from_iterable(getattr(m, name) for m in models)) for name in each
    }
    return replace(models[0], **parts)


class Ensemble(nn.Module):
    """The networks of one window; its score is the log of their mean probability."""

    def __init__(self, networks: list[nn.Module]) -> None:
        super().__init__()
        self.networks = nn.ModuleList(networks)

    def forward(self, x: Tensor) -> Tensor:
        """Return log-probabilities (n, 3) of windows (n, channels, lookback)."""
        each = torch.stack([n(x)[..., 0].log_softmax(-1) for n in self.networks])  # (seeds, n, 3)
        return each.logsumexp(0) - float(np.log(len(self.networks)))


def load_networks(model: FittedModel) -> Ensemble:
    """Return the model's networks in eval mode, every weight matched strictly by name and shape."""
    networks: list[nn.Module] = []
    for weights in model.weights:
        network = build_network(len(model.channels), model.lookback, model.spec)
        load_weights(network, weights)
        networks.append(network)
    return Ensemble(networks).eval().requires_grad_(requires_grad=False)


def load_weights(network: nn.Module, weights: Weights) -> None:
    """Give a network its weights, every one matched strictly by name and shape."""
    state = {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}
    network.load_state_dict(state, strict=True)
