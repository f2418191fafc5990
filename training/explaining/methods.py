"""Saliency methods beside the gradient, by name: Captum's, and temporal saliency rescaling."""

import warnings
from collections.abc import Callable, Iterable
from functools import partial, reduce
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from rollsight.base.errors import RollsightError
from rollsight.training.explaining.target import Scores, gradient_of
from rollsight.training.models.families import family_of
from rollsight.training.models.family import CamLayer, Days
from rollsight.training.models.loading import Ensemble
from rollsight.training.spec import MethodName, ModelSpec

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

STEPS = 50  # of the path from the mean input to the row's own
LAYERED = ("grad_cam", "guided_grad_cam")
CHUNK = 64  # masked copies of a row in one pass


class Method(Protocol):
    """One map of one row."""

    def __call__(self, scores: Scores, x: Tensor, target: Tensor) -> Tensor:
        """Return a map (1, channels, lookback) of the scores' class target (1,) at x, its shape."""
        ...


def require_methods(methods: Iterable[MethodName], model: ModelSpec) -> None:
    """Raise where a method cannot be had with a family of models.

    Raises
    ------
    RollsightError
        If no gradient flows through it, it has no layer for Grad-CAM, or guided backpropagation,
        which is defined for ReLU alone, is asked of another activation.
    """
    can, asked = family_of(model.name).can, tuple(methods)
    if asked and not can.differentiable:
        raise RollsightError(
            f"attribution.methods has {asked[0]!r}, but no gradient flows through model.name="
            f"{model.name!r}: leave the methods out"
        )
    layers = [method for method in asked if method in LAYERED]
    if layers and can.cam is None:
        raise RollsightError(
            f"attribution.methods has {layers[0]!r}, but model.name={model.name!r} has no layer "
            "for Grad-CAM: leave the method out"
        )
    key = can.relu_only
    if "guided_grad_cam" in asked and key is not None and getattr(model, key) != "relu":
        raise RollsightError(
            f"attribution.methods has 'guided_grad_cam', which needs ReLU, but model.{key}="
            f"{getattr(model, key)!r}: set model.{key}=relu, or leave the method out"
        )


def integrated_gradients(
    scores: Scores, x: Tensor, target: Tensor, *, steps: int, together: int
) -> Tensor:
    """Return integrated gradients from the mean input (Sundararajan et al., 2017), shaped as x.

    The path is summed by Gauss-Legendre quadrature.

    Parameters
    ----------
    target
        (n,) the class that is explained of each row
    steps
        of the path
    together
        steps of all rows in one pass
    """
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    alphas, sizes = 0.5 * (1 + nodes), torch.from_numpy(0.5 * weights).float()
    parts = []
    for start in range(0, steps, together):
        size = sizes[start : start + together, None]
        path = torch.cat([alpha * x for alpha in alphas[start : start + together].tolist()])
        gradient = gradient_of(scores, path, target.repeat(len(size)))
        summed = (gradient.reshape(len(size), -1) * size).reshape(len(size), *x.shape).sum(0)
        parts.append(summed * x.detach())
    return reduce(torch.add, parts)


def grad_cam(scores: Scores, x: Tensor, target: Tensor) -> Tensor:
    """Return Grad-CAM of the last block (Selvaraju et al., 2017), the same for every channel.

    A heat map of a picture of days by days mixes its channels. On its days, see `_days_of`, each
    channel has the share of the day's heat that it has of the day's absolute gradient: what it
    says of days is Grad-CAM's, what it says of channels is the gradient's.

    Each position of the block's output lies on its own day, as `CamLayer` says. Between the
    positions of a network that strides the map is a line, outside them as at the nearest. Of an
    unpadded network the oldest days have no position of their own: the map is 0 there, which says
    nothing of them.
    """

    def one(alone: Scores, layer: nn.Module, cam: CamLayer) -> Tensor:
        found, pictured = _cam(alone, layer, x, target, cam.days, oldest=cam.oldest)
        if not pictured:
            return found.expand_as(x)
        steep = gradient_of(alone, x, target).abs()
        of_day = steep.sum(1, keepdim=True)
        even = torch.full_like(steep, 1 / x.shape[1])
        return found * torch.where(of_day > 0, steep / of_day, even)

    return _by_network(scores, one)


def guided_grad_cam(scores: Scores, x: Tensor, target: Tensor) -> Tensor:
    """Return guided backpropagation times Grad-CAM (Selvaraju et al., 2017); ReLU networks only.

    Days older than the oldest position take its value: they are what it sees beside its own day,
    and guided backpropagation tells them apart.
    """
    from captum.attr import GuidedBackprop

    def one(alone: Scores, layer: nn.Module, cam: CamLayer) -> Tensor:
        with warnings.catch_warnings():
            # Captum announces its hooks, which it takes off again.
            warnings.filterwarnings("ignore", "Setting backward hooks on ReLU", UserWarning)
            guided: Tensor = GuidedBackprop(alone).attribute(x, target=target)
        return guided * _cam(alone, layer, x, target, cam.days)[0]

    return _by_network(scores, one)


def occlusion(scores: Scores, x: Tensor, target: Tensor) -> Tensor:
    """Return what a channel adds to the score over its mean, spread evenly over its lags."""
    from captum.attr import Occlusion

    _, channels, lookback = x.shape
    found: Tensor = Occlusion(scores).attribute(
        x,
        sliding_window_shapes=(1, lookback),
        target=target,
        perturbations_per_eval=channels,
    )
    return found / lookback


def temporal_rescaling(scores: Scores, x: Tensor, target: Tensor) -> Tensor:
    """Return the gradient's temporal saliency rescaling (Ismail et al., 2020, algorithm 1).

    How much the absolute gradient changes where a day is set to its mean, times how much it
    changes where one input of that day is; no day is skipped (their alpha is 0).
    """
    _, channels, lookback = x.shape
    day, cell = torch.eye(lookback), torch.eye(channels * lookback)
    of_day = _gradient_change(scores, x, target, masks=day[:, None, :].expand(-1, channels, -1))
    of_cell = _gradient_change(scores, x, target, masks=cell.reshape(-1, channels, lookback))
    return of_day * of_cell.reshape(1, channels, lookback)


METHODS: dict[MethodName, Method] = {
    "integrated_gradients": partial(integrated_gradients, steps=STEPS, together=STEPS),
    "grad_cam": grad_cam,
    "guided_grad_cam": guided_grad_cam,
    "occlusion": occlusion,
    "temporal_rescaling": temporal_rescaling,
}


def _cam(
    alone: Scores,
    layer: nn.Module,
    x: Tensor,
    target: Tensor,
    days_of: Callable[[int, int], Days],
    *,
    oldest: float | None = None,
) -> tuple[Tensor, bool]:
    """Return Grad-CAM (1, 1, lookback) of one network's layer, on the days of the input.

    And whether it is of a picture, whose rows and columns are days.

    Parameters
    ----------
    oldest
        of the days before the first position; None is that position's value
    """
    from captum.attr import LayerGradCam

    found = LayerGradCam(alone, layer).attribute(x, target=target, relu_attributions=True)
    heat, lookback = found.detach()[0, 0].numpy(), x.shape[-1]
    days = days_of(len(heat), lookback)

    def drawn(values: Float32) -> Float64:
        return np.interp(np.arange(lookback), days, values, left=oldest)

    for axis in range(heat.ndim):
        heat = np.apply_along_axis(drawn, axis, heat)
    return torch.from_numpy(_days_of(heat)).to(x.dtype)[None, None], heat.ndim > 1


def _days_of(heat: Float64) -> Float64:
    """Return the heat (days,) of each day of a map of days, or of a map (days, days) of pairs.

    Half the heat of a pair goes to each of its days, so that the sum stays:
    R_t = (sum_j H_tj + sum_i H_it) / 2.

    >>> _days_of(np.array([[4.0, 1.0], [3.0, 0.0]])).tolist()
    [6.0, 2.0]
    """
    return heat if heat.ndim == 1 else np.asarray((heat.sum(1) + heat.sum(0)) / 2)


def _by_network(scores: Scores, one: Callable[[Scores, nn.Module, CamLayer], Tensor]) -> Tensor:
    """Return the mean over the networks: what happens in a layer has no meaning for several."""
    maps, cam = [], scores.ensemble.cam
    assert cam is not None  # `require_methods`
    for network in scores.ensemble.networks:
        blocks = [m for m in network.modules() if isinstance(m, cam.blocks)]
        maps.append(one(Scores(Ensemble([network]), scores.kind), blocks[-1], cam).detach())
    return torch.stack(maps).mean(0)


def _gradient_change(scores: Scores, x: Tensor, target: Tensor, *, masks: Tensor) -> Tensor:
    """Return (masks,): summed change of the absolute gradient where a mask's inputs are 0."""
    own = gradient_of(scores, x, target).abs()  # (1, channels, lookback)
    changes = []
    for some in torch.split(masks, CHUNK):
        masked = torch.where(some > 0, 0.0, x)  # (chunk, channels, lookback)
        there = gradient_of(scores, masked, target.expand(len(masked))).abs()
        changes.append((own - there).abs().sum((1, 2)))
    return torch.cat(changes)
