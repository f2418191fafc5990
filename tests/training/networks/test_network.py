"""The dense network is the same function as the network window by window."""

import pytest
import torch

from rollsight.base.errors import RollsightError
from rollsight.training.architectures.padded import PaddedBlock
from rollsight.training.models.basis import raised_cosines
from rollsight.training.networks.heads import CURVES, LagHead
from rollsight.training.networks.resnet import ACTIVATIONS, Block, Dropout
from rollsight.training.networks.torchfamily import INITS
from rollsight.training.spec import NetworkSpec
from tests.support.networks import build_network

LOOKBACK = 40
STRETCH = 9


def randomised(
    spec: NetworkSpec, *, channels: int = 3, lookback: int = LOOKBACK
) -> torch.nn.Module:
    """Return a network in eval mode whose every weight, the zeroed ones too, is random."""
    torch.manual_seed(0)
    network = build_network(channels, lookback, spec).eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(0.3 * torch.randn_like(parameter))
    return network


def assert_dense_is_windowed(network: torch.nn.Module, x: torch.Tensor, lookback: int) -> None:
    with torch.no_grad():
        dense = network(x)
        assert dense.shape == (len(x), 3, x.shape[-1] - lookback + 1)
        for k in range(dense.shape[-1]):
            alone = network(x[..., k : k + lookback])
            assert alone.shape == (len(x), 3, 1)
            torch.testing.assert_close(dense[..., k], alone[..., 0], atol=1e-5, rtol=1e-5)
        assert dense.std(-1).min() > 1e-3  # the windows do differ


@pytest.mark.parametrize("width", [1, 4, 7])
@pytest.mark.parametrize(("kernel", "blocks"), [(1, 3), (2, 2), (3, 1), (3, 3), (5, 2)])
def test_a_dense_pass_gives_the_scores_of_every_window_alone(
    width: int, kernel: int, blocks: int
) -> None:
    network = randomised(NetworkSpec(width=width, kernel=kernel, blocks=blocks))
    assert_dense_is_windowed(network, torch.randn(2, 3, LOOKBACK + STRETCH - 1), LOOKBACK)


def test_stretches_without_a_shared_channel_have_the_scores_of_their_own() -> None:
    network, x = randomised(NetworkSpec(width=4)), torch.randn(2, 3, LOOKBACK + STRETCH - 1)
    none, tile = torch.empty(1, 0, x.shape[-1]), torch.zeros(2, dtype=torch.int64)
    assert torch.equal(network.dense(x, none, tile), network(x))


@pytest.mark.parametrize("lookback", [12, 20])
def test_resnet18_gives_the_scores_of_every_window_alone(lookback: int) -> None:
    torch.manual_seed(0)
    network = build_network(3, lookback, NetworkSpec(name="resnet18", width=1))
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(0.5 * torch.randn_like(parameter))
        network(torch.randn(16, 3, lookback))  # moves the running statistics
    assert_dense_is_windowed(network.eval(), torch.randn(2, 3, lookback + 2), lookback)


def test_the_newest_day_and_the_oldest_day_reach_the_score_and_no_other() -> None:
    network = randomised(NetworkSpec(width=4, activation="tanh"))
    x = torch.randn(1, 3, LOOKBACK + 2, requires_grad=True)
    network(x)[0, 2, 1].backward()
    assert x.grad is not None
    reached = x.grad[0].abs().sum(0) > 0
    # The middle of three windows: not the first day, not the last.
    assert reached.tolist() == [False, *[True] * LOOKBACK, False]


@pytest.mark.parametrize("activation", ["relu", "silu"])
def test_every_block_starts_as_the_identity_of_the_newest_days(activation: str) -> None:
    torch.manual_seed(0)
    network = build_network(
        3, LOOKBACK, NetworkSpec.model_validate({"activation": activation, "blocks": 3})
    )
    blocks = [m for m in network.modules() if isinstance(m, Block)]
    assert [b.first.dilation[0] for b in blocks] == [1, 2, 4]
    x = torch.randn(2, 16, 30)
    for block in blocks:
        reach = 2 * 2 * block.first.dilation[0]
        newest = ACTIVATIONS[activation]()(x[..., reach:])
        torch.testing.assert_close(block.eval()(x), newest, atol=1e-6, rtol=0)


def test_every_block_of_resnet18_starts_as_its_skip() -> None:
    torch.manual_seed(0)
    network = build_network(3, LOOKBACK, NetworkSpec(name="resnet18", width=1)).eval()
    blocks = [m for m in network.modules() if isinstance(m, PaddedBlock)]
    assert len(blocks) == 8
    for block in blocks:
        x = torch.randn(2, block.body[0].in_channels, 20)
        torch.testing.assert_close(block(x), block.skip(x).relu(), atol=0, rtol=0)


def test_a_lookback_that_the_blocks_do_not_fit_in_is_refused() -> None:
    # 4 days of the stem, 2 * 2 * (1 + 2 + 4) of the blocks, and one that remains: 33.
    build_network(2, 33, NetworkSpec(blocks=3))
    with pytest.raises(RollsightError, match=r"lookback=32 is shorter than the 33 days that"):
        build_network(2, 32, NetworkSpec(blocks=3))


@pytest.mark.parametrize("init", INITS)
@pytest.mark.parametrize("name", ["resnet", "resnet18"])
def test_every_init_gives_other_weights_and_small_scores(name: str, init: str) -> None:
    spec = NetworkSpec.model_validate({"name": name, "init": init, "width": 2})
    networks = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        networks.append(build_network(3, LOOKBACK, spec).eval())
    first, again, other = (torch.cat([p.flatten() for p in n.parameters()]) for n in networks)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    with torch.no_grad():
        assert networks[0](torch.randn(8, 3, LOOKBACK)).abs().max() < 2


@pytest.mark.parametrize("c", [1, 3])
@pytest.mark.parametrize("name", ["resnet", "resnet18"])
def test_indices_given_once_for_all_their_stocks_give_the_same_scores(name: str, c: int) -> None:
    network = randomised(NetworkSpec.model_validate({"name": name, "width": 2}), channels=c + 3)
    days = LOOKBACK + STRETCH - 1
    own, shared = torch.randn(5, c, days), torch.randn(2, 3, days)
    tile = torch.tensor([1, 0, 0, 1, 1])
    with torch.no_grad():
        found = network.dense(own, shared, tile)  # type: ignore[operator]
        expected = network(torch.cat([own, shared[tile]], dim=1))
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    assert found.shape == (5, 3, STRETCH)


@pytest.mark.parametrize("k", [1, 2, 6])
def test_a_head_is_a_convolution_with_smooth_weights_over_the_lags(k: int) -> None:
    torch.manual_seed(0)
    head, taps = LagHead(4, 5), 5
    curves = torch.from_numpy(raised_cosines(taps, CURVES)).float()  # (taps, curves)
    x, weights = torch.randn(2, 4, taps + k - 1, requires_grad=True), torch.randn(2, 3, k)
    kernel = torch.einsum("tm,mkc->kct", curves, head.weight.view(-1, 3, 4))
    found, expected = head(x), torch.nn.functional.conv1d(x, kernel)
    torch.testing.assert_close(found, expected)
    (one,) = torch.autograd.grad((found * weights).sum(), x)
    (other,) = torch.autograd.grad((expected * weights).sum(), x)
    torch.testing.assert_close(one, other)


def test_absolute_values_and_inputs_reach_the_score_without_a_convolution() -> None:
    network = randomised(NetworkSpec(width=2))
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if not name.startswith("linear"):
                parameter.zero_()
        x = torch.randn(1, 3, LOOKBACK)
        odd = (network(x) - network(-x)) / 2
        even = (network(x) + network(-x)) / 2
        torch.testing.assert_close((network(3 * x) - network(-3 * x)) / 2, 3 * odd)
        assert even.abs().min() > 1e-3
        # |3 x| - m is 3 (|x| - m) + 2 m: what is even grows by 3 and a constant.
        nothing = network(torch.zeros(1, 3, LOOKBACK))
        torch.testing.assert_close(network(3 * x).add(network(-3 * x)) / 2, 3 * even - 2 * nothing)


@pytest.mark.parametrize("share", [0.05, 0.3, 0.999])
def test_dropout_drops_its_share_and_keeps_the_mean(share: float) -> None:
    torch.manual_seed(0)
    drop, x = Dropout(share), torch.ones(101, 3, 997)
    out = drop(x)
    dropped = min(round(256 * share), 255) / 256
    assert out.unique().tolist() == pytest.approx([0.0, 1 / (1 - dropped)])
    # 302,091 values: four standard errors of a share are at most .0037.
    assert float((out == 0).float().mean()) == pytest.approx(dropped, abs=0.0037)
    assert torch.equal(drop.eval()(x), x)


def test_dropout_of_nothing_changes_nothing() -> None:
    x = torch.randn(2, 3, 5)
    assert torch.equal(Dropout(0.0)(x), x)
