"""Means over lags of the standardised channels, as features of a row."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.training.fitting.rows import Rows
from rollsight.training.models.basis import raised_cosines
from rollsight.training.models.family import WindowData

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Means:
    """Means of every stock and session before a window's test span, made once.

    Attributes
    ----------
    stocks
        (n_stocks, days, c, m) of the stocks' own channels
    shared
        (days, k, m) of the channels that all stocks share
    first
        session of the first of these days
    """

    stocks: Float64
    shared: Float64
    first: int

    def of(self, rows: Rows) -> Float64:
        """Return rows' features (n, (c + k) * m): a channel's m beside each other, own first."""
        day = rows.day - self.first
        own, shared = self.stocks[rows.stock, day], self.shared[day]
        return np.concatenate([own, shared], axis=1).reshape(len(rows), -1)


def means_of(data: WindowData, m: int, *, absolute: bool = False) -> Means:
    """Return the means of a window's channels, weighted by m raised cosines.

    Parameters
    ----------
    absolute
        of each channel's absolute values, in the place of its values
    """
    samples, window = data.samples, data.window
    basis = raised_cosines(samples.lookback, m)
    first = max(window.train.start, samples.lookback - 1)
    days = slice(first - samples.lookback + 1, window.test.start)
    own = data.scaler.stocks(samples.stocks[:, days]).astype(np.float64)
    shared = data.scaler.indices(samples.indices[days]).astype(np.float64)
    if absolute:
        own, shared = np.abs(own), np.abs(shared)
    return Means(over_lags(own, basis), over_lags(shared, basis), first)


def over_lags(values: Float64, basis: Float64) -> Float64:
    """Return (..., days - lookback + 1, c, m) of values (..., days, c)."""
    views = np.lib.stride_tricks.sliding_window_view(values, len(basis), axis=-2)
    # Not by BLAS, which would first copy every view.
    return np.asarray(np.einsum("...l,lm->...m", views, basis))
