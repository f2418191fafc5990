"""Gramian angular fields are those of the formula, and gradients through them are finite."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import Label
from rollsight.training.architectures.gaf import (
    GAF,
    GAF_FAMILY,
    GAFSpec,
    PictureBlock,
    build,
    cosines,
    fields,
)
from rollsight.training.explaining.methods import METHODS
from rollsight.training.explaining.target import Scores, gradient_of
from rollsight.training.models.loading import Ensemble
from rollsight.training.spec import MethodName

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


UP = torch.tensor([int(Label.UP)])


def drawn(channels: int, lookback: int, spec: GAFSpec) -> tuple[nn.Module, GAF]:
    """Return a network all of whose weights are random, and what it is made of."""
    torch.manual_seed(1)
    network = build(channels, lookback, spec).eval()
    for weight in network.parameters():
        nn.init.normal_(weight, std=0.2)
    (inner,) = (m for m in network.modules() if isinstance(m, GAF))
    return network, inner


@pytest.mark.parametrize("scaling", ["window", "span"])
def test_windows_are_scored_as_by_plain_layers(scaling: str) -> None:
    network, _ = drawn(3, 21, GAFSpec.model_validate({"scaling": scaling}))
    held = {name.removeprefix("network."): w for name, w in network.state_dict().items()}
    x = torch.randn(70, 3, 21)
    low, high = x.amin(-1, keepdim=True), x.amax(-1, keepdim=True)
    cosine = 0.99 * ((x - low) / (high - low) * 2 - 1) if scaling == "window" else 0.99 * x / 5
    h = torch.stack(
        [
            picture
            for own in cosine.arccos().unbind(1)
            for picture in (
                (own[:, :, None] + own[:, None]).cos(), (own[:, :, None] - own[:, None]).sin(),
            )
        ],
        dim=1,
    )  # fmt: skip
    for at in range(3):
        weight, bias = (held[f"body.{at}.layer.{name}"] for name in ("weight", "bias"))
        h = functional.conv2d(functional.pad(h, (1, 1, 1, 1)), weight, bias)[..., ::2, ::2].relu()
    wanted = h.mean((2, 3)) @ held["last.weight"].T + held["last.bias"]
    assert torch.allclose(network(x)[..., 0], wanted, atol=1e-4)


def test_grad_cam_of_a_picture_goes_to_days_by_halves_and_to_channels_by_their_gradient() -> None:
    network, inner = drawn(3, 21, GAFSpec())
    scores = Scores(Ensemble([network], GAF_FAMILY.can.cam), "up_logit")
    x = torch.randn(1, 3, 21, requires_grad=True)
    kept: list[Tensor] = []
    (*_, block) = (m for m in inner.modules() if isinstance(m, PictureBlock))
    handle = block.register_forward_hook(lambda _m, _i, out: kept.append(out))
    score = scores(x)[0, Label.UP]
    handle.remove()
    (slope,) = torch.autograd.grad(score, kept[0])
    heat = (slope.mean((2, 3), keepdim=True) * kept[0]).sum(1).relu()[0].detach()
    assert heat.shape == (3, 3)  # on days 0, 8 and 16
    assert heat.max() > 0
    share = torch.zeros(21, 3)  # of each day in each position
    for day in range(21):
        at = min(day / 8, 2)
        share[day, int(at)] = 1 - (at - int(at))
        if at > int(at):
            share[day, int(at) + 1] = at - int(at)
    wide = share @ heat @ share.T
    found = METHODS["grad_cam"](scores, x, UP)[0]
    assert torch.allclose(found.sum(0), (wide.sum(0) + wide.sum(1)) / 2, rtol=1e-4)
    assert float(found.sum()) == pytest.approx(float(wide.sum()), rel=1e-4)
    steep = gradient_of(scores, x, UP)[0].abs()
    assert torch.allclose(found * steep.sum(0), found.sum(0) * steep, atol=1e-4)


@pytest.mark.parametrize("name", sorted(METHODS))
def test_every_map_is_finite_where_a_channel_stands_still(name: MethodName) -> None:
    network, _ = drawn(3, 16, GAFSpec())
    x = torch.randn(1, 3, 16)
    x[0, 1] = 0.5
    scores = Scores(Ensemble([network], GAF_FAMILY.can.cam), "up_logit")
    found = METHODS[name](scores, x.requires_grad_(), UP)[0].detach()
    assert found.isfinite().all()
    assert found[0].any()
