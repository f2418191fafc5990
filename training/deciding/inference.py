"""The one path from a row to its probabilities: windows in batches of one fixed shape."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.fit import one_thread
from rollsight.training.models.model import FittedModel, load_networks

Ints = npt.NDArray[np.int64]
Float64 = npt.NDArray[np.float64]

BATCH = 256  # every forward pass has this many rows, the last one filled up with zeros


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows to decide.

    Attributes
    ----------
    stock, day : (n,) positions in the panel
    """

    stock: Ints
    day: Ints

    def __len__(self) -> int:
        return len(self.stock)


def rows_of(usable: npt.NDArray[np.bool_], first_day: int) -> Rows:
    """Return the set rows of a (n_stocks, days) mask, by day, then by stock."""
    day, stock = np.nonzero(usable.T)
    return Rows(stock, day + first_day)


def predict(model: FittedModel, samples: SampleSet, rows: Rows) -> Float64:
    """Return probabilities (n, 3) of DOWN, HOLD and UP.

    A row's bits do not depend on which other rows are asked for: every pass has the same shape.
    """
    ensemble = load_networks(model)
    out = np.empty((len(rows), 3))
    with torch.no_grad(), one_thread():
        for start, x in windows(model, samples, rows):
            stop = min(start + BATCH, len(rows))
            out[start:stop] = _probabilities(ensemble(x))[: stop - start]
    return out


def windows(model: FittedModel, samples: SampleSet, rows: Rows) -> Iterator[tuple[int, Tensor]]:
    """Yield (first row, standardised inputs (BATCH, channels, lookback)); missing rows are 0."""
    back, c = np.arange(-model.lookback + 1, 1), samples.stocks.shape[2]
    for start in range(0, len(rows), BATCH):
        stock, day = rows.stock[start : start + BATCH], rows.day[start : start + BATCH]
        days = day[:, None] + back  # (n, lookback)
        x = np.zeros((BATCH, len(model.channels), model.lookback), dtype=np.float32)
        own = model.scaler.stocks(samples.stocks[stock[:, None], days])  # (n, lookback, c)
        x[: len(day), :c] = own.transpose(0, 2, 1)
        x[: len(day), c:] = model.scaler.indices(samples.indices[days]).transpose(0, 2, 1)
        yield start, torch.from_numpy(x)


def _probabilities(log_probability: Tensor) -> Float64:
    p = np.exp(log_probability.double().numpy())
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def log_loss(probability: Float64, label: npt.NDArray[np.int8]) -> float:
    """Return the mean negative log-probability of the labels, in nats."""
    return float(log_losses(probability, label).mean())


def log_losses(probability: Float64, label: npt.NDArray[np.int8]) -> Float64:
    """Return the negative log-probability of each row's label, in nats."""
    own = probability[np.arange(len(label)), label]
    return np.asarray(-np.log(np.maximum(own, 1e-12)))
