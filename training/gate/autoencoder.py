"""A network that rebuilds inputs from a few numbers, and the loop that trains it."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw

from rollsight.training.models.product import linear

Flags = npt.NDArray[np.bool_]

BATCH, STEPS, RATE = 256, 32, 1e-3
JUDGED = 2_048  # rows, at even distances
PATIENCE = 4  # epochs that rebuild them no better


class Encoder(nn.Module):
    """Linear layers with rectified units between them, and none after the last.

    Parameters
    ----------
    widths
        of the inputs, and of each layer
    """

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(inner, outer) for inner, outer in pairwise(widths))
        for layer in self.layers:
            assert isinstance(layer, nn.Linear)
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, last width) of inputs (n, first width)."""
        for at, layer in enumerate(self.layers):
            x = linear(torch.relu(x) if at else x, layer)
        return x


class Autoencoder(nn.Module):
    """An encoder, and its mirror image, whose output is linear.

    Parameters
    ----------
    inputs
        width of a row
    layers
        widths down to the code
    """

    def __init__(self, inputs: int, layers: Sequence[int]) -> None:
        super().__init__()
        widths = (inputs, *layers)
        self.encoder, self.decoder = Encoder(widths), Encoder(widths[::-1])

    def forward(self, x: Tensor) -> Tensor:
        """Return inputs (n, inputs) as they are rebuilt."""
        out: Tensor = self.decoder(self.encoder(x))
        return out


def learn(
    network: nn.Module,
    rows: int,
    inputs: Callable[[npt.NDArray[np.int64]], Tensor],
    judged: Tensor | None,
    *,
    epochs: int,
    seed: int,
) -> None:
    """Train a network to rebuild rows: mean squared error, Adam (Kingma and Ba, 2015).

    Each epoch takes the rows in another order, and of many rows another part. The network is left
    as it was after the epoch that rebuilds the judged rows best.

    Parameters
    ----------
    rows
        how many there are
    inputs
        flattened inputs (n, inputs) of the rows at some places
    judged
        those of rows that are not learnt; None leaves it as it is after the last epoch
    """
    best, best_epoch, kept = np.inf, 0, deepcopy(network.state_dict())
    rng, size = np.random.default_rng(seed), min(BATCH, -(-rows // STEPS))
    weights: list[Tensor] = list(network.parameters())
    means, squares = ([torch.zeros_like(w) for w in weights] for _ in range(2))
    counts = [torch.zeros(()) for _ in weights]
    for epoch in range(1, epochs + 1):
        order = rng.permutation(rows)[: STEPS * size]
        for at in range(0, len(order), size):
            x = inputs(order[at : at + size])
            found = torch.autograd.grad(((network(x) - x) ** 2).mean(), weights)
            # The fused step takes values in the order in which they lie.
            gradient = [g.contiguous() for g in found]
            with torch.no_grad():
                adamw(
                    weights, gradient, means, squares, [], counts, fused=True, lr=RATE,
                    beta1=0.9, beta2=0.999, weight_decay=0.0, eps=1e-8, amsgrad=False,
                    maximize=False,
                )  # fmt: skip
        if judged is None:
            continue
        with torch.no_grad():
            error = float(((network(judged) - judged) ** 2).mean())
        if error < best:
            best, best_epoch, kept = error, epoch, deepcopy(network.state_dict())
        elif epoch - best_epoch >= PATIENCE:
            break
    if judged is not None:
        network.load_state_dict(kept)


def split(day: npt.NDArray[np.int64], lookback: int) -> tuple[Flags, Flags]:
    """Return which rows, by their day (n,), an autoencoder learns, and which judge it.

    The last fifth of the dates judges, of it the rows that share no session with one that is
    learnt. Where there are none, all rows are learnt and none judges.
    """
    dates = np.unique(day)
    first = dates[len(dates) * 4 // 5]
    judge = day >= first + lookback - 1
    if not judge.any() or first == dates[0]:
        return np.ones(len(day), dtype=bool), np.zeros(len(day), dtype=bool)
    return day < first, judge
