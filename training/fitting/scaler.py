"""Standardise inputs by what the train span alone shows."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.windows import Span

Scaling = Literal["standard", "minmax"]
Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Scaler:
    """Mean and standard deviation of each channel.

    Attributes
    ----------
    mean, std
        (channels,) float32, in the channel's unit, the stocks' own first; where the span goes from
        -1 to 1, the middle and half of what lies between its least and greatest value
    clip
        standardised values are cut at plus and minus this
    """

    mean: Float32
    std: Float32
    clip: float

    def stocks(self, values: Float32) -> Float32:
        """Return the stocks' own channels standardised, (..., c)."""
        own = slice(0, values.shape[-1])
        return self._clipped((values - self.mean[own]) / self.std[own])

    def indices(self, values: Float32) -> Float32:
        """Return the shared channels standardised, (..., k)."""
        shared = slice(len(self.mean) - values.shape[-1], None)
        return self._clipped((values - self.mean[shared]) / self.std[shared])

    def _clipped(self, standardised: Float32) -> Float32:
        return np.asarray(np.clip(standardised, -self.clip, self.clip), dtype=np.float32)


def fit_scaler(
    samples: SampleSet, train: Span, clip: float, scaling: Scaling = "standard"
) -> Scaler:
    """Return the scaler of a train span; a channel that never moves is only centred."""
    days = slice(train.start, train.stop)
    seen = samples.usable[:, days]
    stocks = samples.stocks[:, days][seen].astype(np.float64)
    indices = samples.indices[days][seen.any(axis=0)].astype(np.float64)
    if scaling == "standard":
        mean = np.concatenate([stocks.mean(axis=0), indices.mean(axis=0)])
        std = np.concatenate([stocks.std(axis=0), indices.std(axis=0)])
    else:
        low = np.concatenate([stocks.min(axis=0), indices.min(axis=0)])
        high = np.concatenate([stocks.max(axis=0), indices.max(axis=0)])
        mean, std = (low + high) / 2, (high - low) / 2
    std = np.where(std > 0, std, 1.0)
    return Scaler(mean.astype(np.float32), std.astype(np.float32), clip)
