"""Saliency maps of rows: what each input did to the odds of UP."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import BATCH, windows
from rollsight.training.explaining.methods import METHODS, Method
from rollsight.training.explaining.target import Scores, gradient_of
from rollsight.training.fitting.fit import one_thread
from rollsight.training.fitting.rows import Rows
from rollsight.training.models.loading import load_networks
from rollsight.training.models.model import FittedModel
from rollsight.training.spec import AttributionSpec

Float32 = npt.NDArray[np.float32]

GRADIENT = AttributionSpec()  # nothing beside it, for the log-odds of UP


@dataclass(frozen=True, eq=False)
class Maps:
    """Saliency maps, each of exactly its input's shape.

    Attributes
    ----------
    gradient
        (n, channels, lookback) derivative of the explained score, by default the log-odds
        of UP, with respect to each standardised input, natural-log units per standard deviation;
        the last column is the decision's own session
    contribution
        gradient times standardised input, natural-log units
    others
        maps (n, channels, lookback) of further methods by name
    """

    gradient: Float32
    contribution: Float32
    others: Mapping[str, Float32]


def saliency(scores: Scores, x: Tensor) -> tuple[Tensor, Tensor]:
    """Return gradient and contribution of windows x (n, channels, lookback), shaped as x."""
    gradient = gradient_of(scores, x, scores.target(x))
    return gradient, gradient * x.detach()


def explain(
    model: FittedModel,
    samples: SampleSet,
    rows: Rows,
    *,
    spec: AttributionSpec = GRADIENT,
) -> Maps:
    """Return the saliency maps of rows under a window's model, weights loaded strictly.

    A row's bits do not depend on which other rows are asked for.
    """
    scores = Scores(load_networks(model), spec.target)
    shape = (len(rows), len(model.channels), model.lookback)
    others: dict[str, Float32] = {name: np.empty(shape, np.float32) for name in spec.methods}
    maps = Maps(np.empty(shape, np.float32), np.empty(shape, np.float32), others)
    with one_thread():
        for start, x in windows(model, samples, rows):
            n = min(BATCH, len(rows) - start)
            gradient, contribution = saliency(scores, x)
            maps.gradient[start : start + n] = gradient[:n].numpy()
            maps.contribution[start : start + n] = contribution[:n].numpy()
            for name in spec.methods:
                others[name][start : start + n] = _each(scores, x[:n], METHODS[name])
    return maps


def _each(scores: Scores, x: Tensor, method: Method) -> Float32:
    """Return a method's maps row by row: its passes then have one shape, whatever the rows."""
    target = scores.target(x)
    maps = []
    for row in range(len(x)):
        own = x[row : row + 1].clone().requires_grad_()
        maps.append(method(scores, own, target[row : row + 1]).detach())
    return np.asarray(torch.cat(maps).numpy(), dtype=np.float32)


def shares(gradient: Float32) -> npt.NDArray[np.float64]:
    """Return each channel's share (channels,) of the summed absolute values of maps (n, c, l).

    A map's shares sum to 1. They rank what the network looks at; all zero where it looks at
    nothing.
    """
    looked = np.abs(gradient).sum(axis=(0, 2), dtype=np.float64)
    return np.asarray(looked / looked.sum() if looked.sum() > 0 else looked)
