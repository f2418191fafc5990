"""A window's channels in units of their own: what is fitted on no other day than it has."""

from typing import Literal

from pydantic import Field
from torch import Tensor

from rollsight.training.regression.spec import TaskSpec

Scaling = Literal["span", "standard", "minmax"]


class SequenceSpec(TaskSpec):
    """A family of networks that reads whole windows."""

    scaling: Scaling = Field(
        "span",
        description="units of a window's channels: those of features.scaling; or each window's "
        "own, by its mean and standard deviation, or from -1 at its least to 1 at its most",
    )


def scaled(x: Tensor, how: Scaling) -> Tensor:
    """Return windows (n, channels, lookback) in such units; a channel that stands still is 0.

    >>> import torch
    >>> x = torch.tensor([[[1.0, 2.0, 5.0], [4.0, 4.0, 4.0]]])
    >>> scaled(x, "minmax").tolist()
    [[[-1.0, -0.5, 1.0], [0.0, 0.0, 0.0]]]
    """
    if how == "span":
        return x
    if how == "minmax":
        low, high = x.amin(-1, keepdim=True), x.amax(-1, keepdim=True)
        centre, half = (low + high) / 2, (high - low) / 2
    else:
        centre, half = x.mean(-1, keepdim=True), x.std(-1, keepdim=True, correction=0)
    away = x - centre
    # A mean of equal numbers may be off by their last bit.
    still = half <= 1e-6 * (1 + centre.abs())
    return (away / half.masked_fill(still, 1.0)).masked_fill(still, 0.0)
