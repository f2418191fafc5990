"""Rows, each a stock on a day, and their standardised inputs."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.scaler import Scaler

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows to decide.

    Attributes
    ----------
    stock, day
        (n,) positions in the panel
    """

    stock: Ints
    day: Ints

    def __len__(self) -> int:
        return len(self.stock)

    def some(self, most: int) -> "Rows":
        """Return rows at even distances, so many at most."""
        at = np.unique(np.linspace(0, len(self) - 1, most).round().astype(np.int64))
        return Rows(self.stock[at], self.day[at])


def rows_of(usable: npt.NDArray[np.bool_], first_day: int) -> Rows:
    """Return the set rows of a (n_stocks, days) mask, by day, then by stock."""
    day, stock = np.nonzero(usable.T)
    return Rows(stock, day + first_day)


def date_weights(day: Ints) -> npt.NDArray[np.float64]:
    """Return what rows of some days weigh where each day weighs the same, 1 in the mean.

    >>> date_weights(np.array([3, 3, 3, 5])).round(2).tolist()
    [0.67, 0.67, 0.67, 2.0]
    """
    _, at, count = np.unique(day, return_inverse=True, return_counts=True)
    return np.asarray(len(day) / len(count) / count[at])


def standardised(samples: SampleSet, scaler: Scaler, rows: Rows) -> npt.NDArray[np.float32]:
    """Return rows' inputs in a scaler's units, (n, channels, lookback), the newest day last."""
    days = rows.day[:, None] + np.arange(-samples.lookback + 1, 1)  # (n, lookback)
    x = np.empty((len(rows), len(samples.channels), samples.lookback), dtype=np.float32)
    own = scaler.stocks(samples.stocks[rows.stock[:, None], days])  # (n, lookback, c)
    x[:, : own.shape[2]] = own.transpose(0, 2, 1)
    x[:, own.shape[2] :] = scaler.indices(samples.indices[days]).transpose(0, 2, 1)
    return x
