"""Principal components of inputs: the best that a linear map can rebuild them from few numbers."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from rollsight.training.models.product import product


class Components(nn.Module):
    """The mean of inputs, and the directions along which they vary most (Pearson, 1901).

    Parameters
    ----------
    inputs, code
        width of a row, and how many directions are kept
    """

    def __init__(self, inputs: int, code: int) -> None:
        super().__init__()
        self.mean: Tensor
        self.directions: Tensor
        self.register_buffer("mean", torch.zeros(inputs))
        self.register_buffer("directions", torch.zeros(code, inputs))

    def forward(self, x: Tensor) -> Tensor:
        """Return inputs (n, inputs) as they are rebuilt."""
        code = product(x - self.mean, self.directions.T)
        return product(code, self.directions) + self.mean


def components(batches: Iterable[Tensor], code: int) -> Components:
    """Return the components of rows (n, inputs), whose batches are read once.

    By the eigenvectors of their covariance, summed in double precision.
    """
    count, total, square = 0, torch.zeros(()), torch.zeros(())
    for batch in batches:
        x = batch.double()
        count, total, square = count + len(x), total + x.sum(0), square + x.T @ x
    mean = total / count
    _, vectors = torch.linalg.eigh(square / count - mean[:, None] * mean)  # smallest first
    found = Components(len(mean), code)
    found.mean.copy_(mean)
    found.directions.copy_(vectors[:, -code:].T.flip(0))
    return found
