"""The one path from a row to its probabilities: windows in batches of one fixed shape."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.fit import one_thread
from rollsight.training.fitting.rows import Rows, standardised
from rollsight.training.models.loading import load_networks
from rollsight.training.models.model import FittedModel

Float64 = npt.NDArray[np.float64]

BATCH = 256  # every forward pass has this many rows, the last one filled up with zeros


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
    for start in range(0, len(rows), BATCH):
        some = Rows(rows.stock[start : start + BATCH], rows.day[start : start + BATCH])
        x = np.zeros((BATCH, len(model.channels), model.lookback), dtype=np.float32)
        x[: len(some)] = standardised(samples, model.scaler, some)
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
