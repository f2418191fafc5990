"""Integrated gradients, without the seconds that a library takes to import."""

from functools import reduce

import numpy as np
import torch
from torch import Tensor

from rollsight.training.explaining.target import Scores, gradient_of


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
