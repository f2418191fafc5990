"""Gramian angular fields are those of the formula, and gradients through them are finite."""

import pytest
import torch

from rollsight.base.errors import RollsightError
from rollsight.training.architectures.gaf import GAFSpec, build, cosines, fields

X = torch.tensor([-1, -0.6, -0.2, 0.2, 0.6, 1])


def test_fields_have_the_values_that_were_counted_by_hand() -> None:
    summation, difference = fields(X)
    assert torch.allclose(
        summation[1], torch.tensor([0.6, -0.28, -0.664, -0.904, -1, -0.6]), atol=1e-3
    )
    assert torch.allclose(difference[0], torch.tensor([0, 0.8, 0.98, 0.98, 0.8, 0]), atol=1e-3)


def test_fields_are_the_cosine_of_sums_and_the_sine_of_differences_of_angles() -> None:
    angle = torch.arccos(X)
    summation, difference = fields(X)
    assert torch.allclose(summation, torch.cos(angle[:, None] + angle), atol=1e-6)
    assert torch.allclose(difference, torch.sin(angle[:, None] - angle), atol=1e-6)


@pytest.mark.parametrize("scaling", ["window", "span"])
def test_gradients_are_finite_at_the_ends_of_a_window_and_where_it_stands_still(
    scaling: str,
) -> None:
    x = torch.randn(4, 2, 16)
    x[1], x[2] = 0.3, 9.0
    x.requires_grad_()
    torch.autograd.backward(fields(cosines(x, scaling)).square().sum())
    assert x.grad is not None
    assert torch.isfinite(x.grad).all()
    assert x.grad[0].any()
    assert cosines(x, scaling).abs().max() <= 0.99 + 1e-6


def test_a_window_scaled_by_itself_says_the_same_at_any_level_and_scale() -> None:
    x = torch.randn(4, 2, 16)
    assert torch.allclose(cosines(x, "window"), cosines(3 * x + 2, "window"), atol=1e-5)


def test_a_lookback_that_cannot_be_halved_three_times_is_refused() -> None:
    with pytest.raises(RollsightError, match=r"features\.lookback=7 .* lengthen it to 8 or more"):
        build(2, 7, GAFSpec())
