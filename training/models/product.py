"""A matrix product with the same bits on the processors of all makers.

Intel's library multiplies float32 matrices of some sizes with other kernels on AMD's processors,
whatever it is told: those with fewer than 4 rows or 12 columns, and those that sum from 193 to 383
terms. A size is a number of terms in one of the two products of a gradient, so zeros fill all
three up to sizes at which the kernels are the same.
"""

from torch import Tensor, nn
from torch.nn import functional

LEAST = 12
APART, TOGETHER = 192, 384  # what lies between is filled up to the latter


def product(a: Tensor, b: Tensor) -> Tensor:
    """Return ``a @ b`` (..., n) of float32 a (..., m) and b (m, n).

    >>> import torch
    >>> product(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0], [4.0]])).tolist()
    [[11.0]]
    """
    n, columns = a.shape[:-1], b.shape[1]
    wide = _filled(a, columns=True).flatten(0, -2)
    rows = len(wide)
    found = _filled(wide, rows=True) @ _filled(b, rows=True, columns=True)
    if found.shape != (rows, columns):  # a slice of the whole would cost its gradient a copy
        found = found[:rows, :columns]
    return found.reshape(*n, columns)


def linear(x: Tensor, layer: nn.Module) -> Tensor:
    """Return (..., n) of a linear layer, whose product is such a one."""
    assert isinstance(layer, nn.Linear)
    return product(x, layer.weight.T) + layer.bias


def filled(size: int) -> int:
    """Return the size that one is filled up to.

    >>> [filled(size) for size in (1, 12, 84, 192, 193, 383, 384)]
    [12, 12, 84, 192, 384, 384, 384]
    """
    return TOGETHER if APART < size < TOGETHER else max(size, LEAST)


def _filled(x: Tensor, *, rows: bool = False, columns: bool = False) -> Tensor:
    below = filled(x.shape[-2]) - x.shape[-2] if rows else 0
    beside = filled(x.shape[-1]) - x.shape[-1] if columns else 0
    return functional.pad(x, (0, beside, 0, below)) if below or beside else x
