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


def rows_of(usable: npt.NDArray[np.bool_], first_day: int) -> Rows:
    """Return the set rows of a (n_stocks, days) mask, by day, then by stock."""
    day, stock = np.nonzero(usable.T)
    return Rows(stock, day + first_day)


def standardised(samples: SampleSet, scaler: Scaler, rows: Rows) -> npt.NDArray[np.float32]:
    """Return rows' inputs in a scaler's units, (n, channels, lookback), the newest day last."""
    days = rows.day[:, None] + np.arange(-samples.lookback + 1, 1)  # (n, lookback)
    x = np.empty((len(rows), len(samples.channels), samples.lookback), dtype=np.float32)
    own = scaler.stocks(samples.stocks[rows.stock[:, None], days])  # (n, lookback, c)
    x[:, : own.shape[2]] = own.transpose(0, 2, 1)
    x[:, own.shape[2] :] = scaler.indices(samples.indices[days]).transpose(0, 2, 1)
    return x
