"""From a forecast return to the three classes: by how far forecasts were off on validation."""

import math
from typing import Self

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from rollsight.training.models.model import Weights
from rollsight.training.networks.learner import StretchNetwork

QUANTILES = 100  # of the residuals, that stand for all
LEAST = 1e-6  # probability of a class


class Forecasting(StretchNetwork):
    """A network that forecasts returns, and what of it makes probabilities of classes.

    A class is as probable as the forecast plus a residual falls between its bands. The residuals
    are those of the validation rows, since on rows that were learnt they are too small; each
    quantile of theirs is a normal kernel as wide as Silverman's rule says (Density Estimation,
    1986, 3.31), so that gradients flow.

    Parameters
    ----------
    network
        from stretches (n, channels, lookback + k - 1) to returns (n, steps, k), times the scale
    limits
        (2,) returns below which a trade is DOWN, and from which on it is UP, times the scale
    scale
        that the returns are multiplied by
    """

    def __init__(self, network: StretchNetwork, limits: Tensor, scale: float) -> None:
        super().__init__()
        self.network, self.scale = network, scale
        self.limits: Tensor
        self.residuals: Tensor
        self.width: Tensor
        self.register_buffer("limits", limits)
        self.register_buffer("residuals", torch.zeros(QUANTILES))
        self.register_buffer("width", torch.ones(()))

    def take(self, residual: npt.NDArray[np.float64]) -> Self:
        """Take residuals (n,), outcome less forecast, times the scale, and return itself."""
        q = np.quantile(residual, (np.arange(QUANTILES) + 0.5) / QUANTILES)
        low, high = np.quantile(q, [0.25, 0.75])
        width = 0.9 * min(q.std(), (high - low) / 1.34) * len(residual) ** -0.2
        self.residuals.copy_(torch.from_numpy(q))
        self.width.fill_(max(width, 1e-6))
        return self

    def expected(self, x: Tensor) -> Tensor:
        """Return the returns (n, k) that are forecast of stretches, fractions."""
        return self._trade(x) / self.scale

    def forward(self, x: Tensor) -> Tensor:
        """Return log-probabilities (n, 3, k) of a stretch (n, channels, lookback + k - 1)."""
        forecast = self._trade(x)
        outcome = forecast[..., None] + self.residuals  # (n, k, quantiles)
        down = _normal((self.limits[0] - outcome) / self.width).mean(-1)
        up = _normal((outcome - self.limits[1]) / self.width).mean(-1)
        each = torch.stack([down, 1 - down - up, up], dim=1).clamp(min=LEAST)
        return (each / each.sum(1, keepdim=True)).log()

    def _trade(self, x: Tensor) -> Tensor:
        found: Tensor = self.network(x)
        return found[:, -1]

    @property
    def arrays(self) -> Weights:
        """All that `restored` needs."""
        return {name: t.detach().cpu().numpy().copy() for name, t in self.state_dict().items()}


def restored(network: nn.Module, scale: float) -> Forecasting:
    """Return a network of returns without its weights, into which they are loaded."""
    assert isinstance(network, StretchNetwork)
    return Forecasting(network, torch.zeros(2), scale)


def _normal(z: Tensor) -> Tensor:
    """Return the standard normal distribution function."""
    return 0.5 * (1 + torch.erf(z / math.sqrt(2)))
