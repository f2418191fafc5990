"""Gradient saliency: what each input of a row did to the odds of UP."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from rollsight.signals.labels import Label
from rollsight.signals.samples import SampleSet
from rollsight.training.fit import one_thread
from rollsight.training.inference import BATCH, Rows, windows
from rollsight.training.model import FittedModel, load_networks

Float32 = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Maps:
    """Saliency maps, each of exactly its input's shape.

    Attributes
    ----------
    gradient : (n, channels, lookback) derivative of the log-odds of UP with respect to each
        standardised input, natural-log units per standard deviation; the last column is the
        decision's own session
    contribution : gradient times standardised input, natural-log units
    """

    gradient: Float32
    contribution: Float32


def log_odds_up(log_probability: Tensor) -> Tensor:
    """Return log(p_up / (1 - p_up)), (n,), of log-probabilities (n, 3).

    For one network this is ``z_up - logsumexp(z_down, z_hold)`` of its scores: what the softmax
    ignores, a shift common to all three scores, does not show in it.
    """
    others = log_probability[:, [Label.DOWN, Label.HOLD]].logsumexp(-1)
    return log_probability[:, Label.UP] - others


def saliency(ensemble: nn.Module, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return gradient and contribution of windows x (n, channels, lookback), shaped as x."""
    x = x.detach().requires_grad_()
    (gradient,) = torch.autograd.grad(log_odds_up(ensemble(x)).sum(), x)
    return gradient, gradient * x.detach()


def explain(model: FittedModel, samples: SampleSet, rows: Rows) -> Maps:
    """Return the saliency maps of rows under a window's model, weights loaded strictly."""
    ensemble = load_networks(model)
    shape = (len(rows), len(model.channels), model.lookback)
    maps = Maps(np.empty(shape, np.float32), np.empty(shape, np.float32))
    with one_thread():
        for start, x in windows(model, samples, rows):
            stop = min(start + BATCH, len(rows))
            gradient, contribution = saliency(ensemble, x)
            maps.gradient[start:stop] = gradient[: stop - start].numpy()
            maps.contribution[start:stop] = contribution[: stop - start].numpy()
    return maps


def shares(gradient: Float32) -> npt.NDArray[np.float64]:
    """Return each channel's share (channels,) of the summed absolute gradient of maps (n, c, l).

    A map's shares sum to 1. They rank what the network looks at; all zero where it looks at
    nothing.
    """
    looked = np.abs(gradient).sum(axis=(0, 2), dtype=np.float64)
    return np.asarray(looked / looked.sum() if looked.sum() > 0 else looked)
