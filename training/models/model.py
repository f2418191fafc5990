"""A fitted window: its networks' weights and everything needed to use them again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from rollsight.training.fitting.scaler import Scaler
from rollsight.training.models.shrinkage import Evidence
from rollsight.training.spec import ModelSpec

Weights = Mapping[str, npt.NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class FittedModel:
    """What one window's training left behind.

    Attributes
    ----------
    keys
        one a network, digest of the tensors, spec, seed and code that it was fitted on
    channels
        names of the inputs, in order
    weights
        one mapping a seed, parameter name to array
    train_loss, validation_loss
        one tuple a seed, loss by epoch, in the units that `Learnt` has; where a network
        started from another's weights, its first validation loss is theirs, before any epoch
    best_epoch
        one a seed, counted from 1: the epoch whose weights are kept; 0 where no epoch was
        better than the weights that a network started from
    frequencies
        (3,) class frequencies of the train rows
    evidence
        one a seed, what it gains on train rows that were left out of it; None where none were
    weight
        of the networks in the probabilities, see `shrunk`; chosen where the window is used
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
    evidence: tuple[Evidence | None, ...]
    weight: float = 1.0


def joined(models: Sequence[FittedModel]) -> FittedModel:
    """Return one model of the networks of several that were fitted on the same window."""
    each = ("keys", "weights", "train_loss", "validation_loss", "best_epoch", "evidence")
    parts: dict[str, Any] = {
        name: tuple(chain.from_iterable(getattr(m, name) for m in models)) for name in each
    }
    return replace(models[0], **parts)


def load_weights(network: nn.Module, weights: Weights) -> None:
    """Give a network its weights, every one matched strictly by name and shape."""
    state = {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}
    network.load_state_dict(state, strict=True)
