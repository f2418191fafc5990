"""The last layer of a network that looks back: a few smooth curves over the lags of a channel."""

import numpy as np
import torch
from torch import Tensor, nn

from rollsight.signals.inputs.labels import Label
from rollsight.training.models.basis import raised_cosines
from rollsight.training.models.product import product

CURVES = 8  # over the lags, at most


class LagHead(nn.Linear):
    """Scores that are linear in every channel of every day, smooth over the lags.

    The weight of a class, channel and lag is a sum of few raised cosines in the logarithm of the
    lag (Pillow et al., 2008): as many weights of the newest days as of all the older ones.

    Parameters
    ----------
    channels
        of the input
    taps
        days that a decision sees
    """

    def __init__(self, channels: int, taps: int) -> None:
        over = raised_cosines(taps, CURVES).astype(np.float32)  # (taps, curves)
        super().__init__(channels, over.shape[1] * len(Label), bias=False)
        self.over, (self.taps, self.curves) = over, over.shape
        self._sums: dict[int, Tensor] = {}

    def weighted(self, x: Tensor, first: int = 0) -> Tensor:
        """Return what each day adds to each curve of each class, (n, days, curves * 3).

        Parameters
        ----------
        x
            (n, c, days)
        first
            which of the channels is the first of x
        """
        return product(x.transpose(1, 2), self.weight[:, first : first + x.shape[1]].T)

    def over_lags(self, z: Tensor) -> Tensor:
        """Return scores (n, 3, k) of what `weighted` returns, of taps + k - 1 days."""
        n, days = z.shape[:2]
        sums = self._summed(days - self.taps + 1).to(z)
        each = z.reshape(n, days * self.curves, len(Label)).transpose(0, 1)
        scores = product(sums, each.reshape(days * self.curves, -1))  # (k, n * 3)
        return scores.view(-1, n, len(Label)).permute(1, 2, 0)

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3, k) of (n, channels, taps + k - 1)."""
        return self.over_lags(self.weighted(x))

    def _summed(self, k: int) -> Tensor:
        """Return (k, days * curves): which days' curves each of k decisions sums, and how much."""
        if k not in self._sums:
            sums = np.zeros((k, k + self.taps - 1, self.curves), dtype=np.float32)
            for decision in range(k):
                sums[decision, decision : decision + self.taps] = self.over
            self._sums[k] = torch.from_numpy(sums.reshape(k, -1))
        return self._sums[k]
