"""The one path from a row to its probabilities: windows in batches of one fixed shape."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.fit import one_thread
from rollsight.training.fitting.rows import Rows, standardised
from rollsight.training.given.family import GivenSpec, answers_of
from rollsight.training.models.loading import load_networks
from rollsight.training.models.model import FittedModel
from rollsight.training.models.shrinkage import shrunk
from rollsight.training.regression.residuals import Forecasting
from rollsight.training.regression.spec import task_of

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

BATCH = 256  # every forward pass has this many rows, the last one filled up with zeros


def predict(model: FittedModel, samples: SampleSet, rows: Rows) -> Float64:
    """Return probabilities (n, 3) of DOWN, HOLD and UP, shrunk as the model says.

    A row's bits do not depend on which other rows are asked for: every pass has the same shape.
    """
    each = log_probabilities(model, samples, rows)
    return pooled(each, np.array(model.frequencies), model.weight)


def log_probabilities(model: FittedModel, samples: SampleSet, rows: Rows) -> Float32 | Float64:
    """Return the log-probabilities (networks, n, 3) of each network alone, in nats."""
    if isinstance(model.spec, GivenSpec):
        return answers_of(model, samples, rows)
    ensemble = load_networks(model)
    out = np.empty((len(model.weights), len(rows), len(Label)), dtype=np.float32)
    with torch.no_grad(), one_thread():
        for start, x in windows(model, samples, rows):
            stop = min(start + BATCH, len(rows))
            out[:, start:stop] = ensemble.each(x)[:, : stop - start].numpy()
    return out


def expected_returns(model: FittedModel, samples: SampleSet, rows: Rows) -> Float64 | None:
    """Return the mean return (n,) that networks forecast of rows, fractions.

    None of a family that learns classes.
    """
    if task_of(model.spec) is None:
        return None
    networks = [n for n in load_networks(model).networks if isinstance(n, Forecasting)]
    out = np.empty((len(networks), len(rows)), dtype=np.float32)
    with torch.no_grad(), one_thread():
        for start, x in windows(model, samples, rows):
            stop = min(start + BATCH, len(rows))
            for at, network in enumerate(networks):
                out[at, start:stop] = network.expected(x)[: stop - start, 0].numpy()
    return np.asarray(out.mean(axis=0, dtype=np.float64))


def pooled(each: Float32 | Float64, frequencies: Float64, weight: float) -> Float64:
    """Return the networks' mean probabilities (n, 3), shrunk towards the frequencies.

    Parameters
    ----------
    each
        (networks, n, 3) log-probabilities
    frequencies
        (3,) of the train rows
    weight
        of the networks, see `shrunk`
    """
    p = np.exp(shrunk(log_mean(each), frequencies, weight))
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def log_mean(each: Float32 | Float64) -> Float64:
    """Return the logarithm (n, 3) of the mean of probabilities, of (networks, n, 3) logarithms."""
    wide = each.astype(np.float64)
    with np.errstate(invalid="ignore"):  # a network's outputs may be no numbers, and stay so
        return np.asarray(np.logaddexp.reduce(wide, axis=0) - np.log(len(each)))


def windows(model: FittedModel, samples: SampleSet, rows: Rows) -> Iterator[tuple[int, Tensor]]:
    """Yield (first row, standardised inputs (BATCH, channels, lookback)); missing rows are 0."""
    for start in range(0, len(rows), BATCH):
        some = Rows(rows.stock[start : start + BATCH], rows.day[start : start + BATCH])
        x = np.zeros((BATCH, len(model.channels), model.lookback), dtype=np.float32)
        x[: len(some)] = standardised(samples, model.scaler, some)
        yield start, torch.from_numpy(x)


def log_loss(probability: Float64, label: npt.NDArray[np.int8]) -> float:
    """Return the mean negative log-probability of the labels, in nats."""
    return float(log_losses(probability, label).mean())


def log_losses(probability: Float64, label: npt.NDArray[np.int8]) -> Float64:
    """Return the negative log-probability of each row's label, in nats."""
    own = probability[np.arange(len(label)), label]
    return np.asarray(-np.log(np.maximum(own, 1e-12)))
