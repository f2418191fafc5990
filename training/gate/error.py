"""A fitted gate: what rebuilds a row's inputs, and how far off is far."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.rows import Rows, standardised
from rollsight.training.fitting.scaler import Scaler
from rollsight.training.gate.autoencoder import Autoencoder
from rollsight.training.gate.pca import Components

Float32 = npt.NDArray[np.float32]
Arrays = Mapping[str, Float32]

BATCH = 256  # rows of every pass, the last one filled up with zeros


@dataclass(frozen=True)
class Facts:
    """What a gate found where it was fitted.

    Attributes
    ----------
    thresholds
        quantile of the validation errors, of the gate and of its twin, squared standard deviations
    train_threshold
        the same quantile of the train rows' errors
    train_rows, train_beyond, validation_rows, validation_beyond
        rows of each span that can be decided, and those beyond the gate's threshold
    explained
        share of the validation rows' squared distance from the train mean that is rebuilt, by the
        gate and by its twin
    """

    thresholds: tuple[float, ...]
    train_threshold: float
    train_rows: int
    train_beyond: int
    validation_rows: int
    validation_beyond: int
    explained: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class OutlierGate:
    """What a window's gate is: fitted on its train inputs, its thresholds on its validation's.

    Attributes
    ----------
    scaler
        of all rows of the train span, whatever of them a model learns
    arrays
        by name: of the principal components, and of the autoencoder where that is the gate and
        they its twin
    """

    scaler: Scaler
    arrays: Arrays
    facts: Facts

    def outlier(self, samples: SampleSet, rows: Rows) -> Float32:
        """Return rows' errors over the threshold, (1, n), or (2, n) with the twin's.

        Beyond 1 a row is an outlier. A row's bits do not depend on which others are asked for.
        """
        found = errors(self.rebuilding, self.scaler, samples, rows)
        each = zip(found, self.facts.thresholds, strict=True)
        return np.stack([over(error, threshold) for error, threshold in each])

    @cached_property
    def rebuilding(self) -> tuple[nn.Module, ...]:
        """What rebuilds inputs: the gate, and its twin if it has one."""
        linear = Components(*self.arrays["pca.directions"].shape[::-1])
        own: dict[str, nn.Module] = {"pca": linear}
        encoder = [a for name, a in self.arrays.items() if name.startswith("autoencoder.encoder")]
        if encoder:
            layers = [len(array) for array in encoder if array.ndim == 2]
            own = {"autoencoder": Autoencoder(encoder[0].shape[1], layers), **own}
        for name, module in own.items():
            module.load_state_dict(
                {
                    key.removeprefix(f"{name}."): torch.from_numpy(np.array(array))
                    for key, array in self.arrays.items()
                    if key.startswith(f"{name}.")
                }
            )
        return tuple(module.eval().requires_grad_(requires_grad=False) for module in own.values())

    @classmethod
    def read(cls, content: Mapping[str, Any]) -> Self:
        """Return the gate that `content` gave."""
        arrays = {name: tensor.numpy() for name, tensor in content["arrays"].items()}
        mean, std = arrays.pop("mean"), arrays.pop("std")
        about = dict(content["about"])
        clip = about.pop("clip")
        pairs = {name: tuple(about[name]) for name in ("thresholds", "explained")}
        return cls(Scaler(mean, std, clip), arrays, Facts(**about | pairs))

    def content(self) -> dict[str, Any]:
        """Return all that `read` needs: tensors by name, and numbers as JSON knows them."""
        arrays = {"mean": self.scaler.mean, "std": self.scaler.std, **self.arrays}
        return {
            "arrays": {name: torch.from_numpy(np.array(a)) for name, a in arrays.items()},
            "about": {"clip": float(self.scaler.clip)}
            | {k: list(v) if isinstance(v, tuple) else v for k, v in vars(self.facts).items()},
        }


def over(error: Float32, threshold: float) -> Float32:
    """Return errors over a threshold."""
    return error / np.float32(threshold)


def beyond(error: Float32, threshold: float) -> npt.NDArray[np.bool_]:
    """Return which errors are those of outliers."""
    return np.asarray(over(error, threshold) > 1)


def errors(
    rebuilding: tuple[nn.Module, ...], scaler: Scaler, samples: SampleSet, rows: Rows
) -> Float32:
    """Return the mean squared error (modules, n) of each row's inputs as they are rebuilt."""
    out = np.empty((len(rebuilding), len(rows)), dtype=np.float32)
    for start in range(0, len(rows), BATCH):
        some = Rows(rows.stock[start : start + BATCH], rows.day[start : start + BATCH])
        x = torch.zeros(BATCH, len(samples.channels) * samples.lookback)
        x[: len(some)] = flattened(scaler, samples, some)
        with torch.no_grad():
            for at, module in enumerate(rebuilding):
                error = ((module(x) - x) ** 2).mean(1)
                out[at, start : start + len(some)] = error[: len(some)].numpy()
    return out


def flattened(scaler: Scaler, samples: SampleSet, rows: Rows) -> torch.Tensor:
    """Return the standardised inputs of rows, (n, channels * lookback)."""
    return torch.from_numpy(standardised(samples, scaler, rows)).flatten(1)
