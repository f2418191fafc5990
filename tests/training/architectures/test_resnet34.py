"""ResNet-34 equals its layers written out, and has noise only while it learns."""

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rollsight.training.architectures.padded import CoordConv1d, ResNet34, ResNet34Spec, build_deep

State = dict[str, Tensor]
SPEC = ResNet34Spec(width=1, dropout=0)


def normed(x: Tensor, state: State, at: str) -> Tensor:
    mean, var = state[f"{at}.running_mean"], state[f"{at}.running_var"]
    scale, shift = state[f"{at}.weight"], state[f"{at}.bias"]
    return (x - mean[:, None]) / (var[:, None] + 1e-5).sqrt() * scale[:, None] + shift[:, None]


def told(x: Tensor) -> Tensor:
    days = x.shape[-1]
    place = torch.tensor([2 * t / (days - 1) - 1 if days > 1 else 0.0 for t in range(days)])
    return torch.cat([x, torch.stack([place, place.abs()]).repeat(len(x), 1, 1)], 1)


def written_out(x: Tensor, state: State) -> Tensor:
    """Return the scores of ResNet-34 with its published strides: 2 and 2, then 2 at each width."""
    h = functional.conv1d(x, state["body.0.weight"], stride=2, padding=3)
    h = functional.max_pool1d(normed(h, state, "body.1").relu(), 3, 2, padding=1)
    first_of_a_width = {7, 11, 17}  # after 3, 4 and 6 blocks, which stand from place 4 on
    for at in range(4, 4 + 16):
        block, stride = f"body.{at}", 2 if at in first_of_a_width else 1
        inner = functional.conv1d(
            told(h), state[f"{block}.body.0.weight"], stride=stride, padding=1
        )
        inner = normed(inner, state, f"{block}.body.1").relu()
        inner = functional.conv1d(inner, state[f"{block}.body.3.weight"], padding=1)
        inner = normed(inner, state, f"{block}.scale")
        if at in first_of_a_width:
            short = functional.conv1d(h, state[f"{block}.skip.0.weight"], stride=stride)
            h = normed(short, state, f"{block}.skip.1")
        h = (inner + h).relu()
    return functional.linear(h.mean(-1), state["last.weight"], state["last.bias"])


def test_it_equals_its_layers_written_out() -> None:
    torch.manual_seed(0)
    network = ResNet34(3, SPEC).eval()
    state = network.state_dict()
    for name, t in state.items():
        if t.dtype == torch.float32:
            t.copy_(
                0.5 + torch.rand_like(t) if "running_var" in name else 0.3 * torch.randn_like(t)
            )
    x = torch.randn(4, 3, 70)
    with torch.no_grad():
        found, wanted = network(x), written_out(x, state)
    assert float(wanted.abs().max()) > 0.1
    np.testing.assert_allclose(found, wanted, rtol=1e-3, atol=1e-3 * float(wanted.abs().max()))


def test_a_convolution_can_say_where_a_day_stands() -> None:
    conv = CoordConv1d(1, 2, 1)
    with torch.no_grad():
        conv.weight.copy_(torch.tensor([[[0.0], [1.0], [0.0]], [[0.0], [0.0], [1.0]]]))
        conv.bias.zero_()  # type: ignore[union-attr]
        found = conv(torch.zeros(1, 1, 5))[0]
    assert found.tolist() == [[-1, -0.5, 0, 0.5, 1], [1, 0.5, 0, 0.5, 1]]
    assert conv(torch.zeros(1, 1, 1)).isfinite().all()


def test_noise_is_put_on_half_of_the_samples_while_it_learns_and_on_none_afterwards() -> None:
    torch.manual_seed(0)
    network = ResNet34(2, SPEC)
    seen: list[Tensor] = []
    network.body[0].register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    x = torch.zeros(400, 2, 40)
    network.train()(x)
    network.eval()(x)
    noisy = (seen[0] != 0).flatten(1)
    assert set(noisy.float().mean(1).tolist()) == {0.0, 1.0}
    assert 0.4 < float(noisy[:, 0].float().mean()) < 0.6
    assert 0.19 < float(seen[0][noisy[:, 0]].std()) < 0.21
    assert not seen[1].any()


def test_without_its_extras_it_is_the_classic_of_its_depth() -> None:
    plain = build_deep(12, 60, ResNet34Spec(width=16, coordinates=False, noise=0))
    convolutions = [m for m in plain.modules() if isinstance(m, torch.nn.Conv1d)]
    assert len(convolutions) == 33 + 3  # and the three of the skips
    assert not any(isinstance(m, CoordConv1d) for m in convolutions)
    assert [c.out_channels for c in convolutions][:2] == [64, 64]
