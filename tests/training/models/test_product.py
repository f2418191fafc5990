"""A product whose sizes are filled up is the product, and so is its gradient."""

import pytest
import torch

from rollsight.training.models.product import product


@pytest.mark.parametrize(("n", "m", "k"), [(1, 1, 1), (3, 200, 11), (12, 12, 12), (250, 5, 300)])
def test_a_filled_product_is_the_product_and_has_its_gradient(n: int, m: int, k: int) -> None:
    torch.manual_seed(0)
    # Small whole numbers: every order of a sum has the same bits.
    a, b, by = (torch.randint(-4, 5, size).float() for size in ((2, n, m), (m, k), (2, n, k)))
    found = product(a.requires_grad_(), b.requires_grad_())
    assert torch.equal(found, a @ b)
    one = torch.autograd.grad((found * by).sum(), (a, b))
    other = torch.autograd.grad((a @ b * by).sum(), (a, b))
    assert all(torch.equal(x, y) for x, y in zip(one, other, strict=True))
