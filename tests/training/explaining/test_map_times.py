"""Every map shows an impulse on its own day, in every network: weights set by hand say which."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rollsight.signals.inputs.labels import Label
from rollsight.training.architectures.padded import RESNET18, PaddedBlock, PaddedResNet
from rollsight.training.explaining.attribution import saliency
from rollsight.training.explaining.methods import METHODS
from rollsight.training.explaining.target import Scores
from rollsight.training.models.loading import Ensemble
from rollsight.training.networks.heads import LagHead
from rollsight.training.networks.resnet import RESNET, STEM, Block, Conv, ResNet
from rollsight.training.networks.torchfamily import Windowwise
from rollsight.training.spec import NetworkSpec

LOOKBACK = 40
UP = torch.tensor([int(Label.UP)])
ACTIVATIONS = ["relu", "gelu", "silu", "tanh", "elu"]
SHAPES = [(1, 3), (2, 3), (2, 2), (1, 1)]  # blocks, kernel


def identity(activation: str, blocks: int, kernel: int, *, lag: int | None = None) -> ResNet:
    """Return a network whose every convolution hands on a day's own value, the newest tap's.

    Its score of UP is the second channel's, summed over the days that are left, or of one lag.
    """
    spec = NetworkSpec.model_validate(
        {"width": 2, "blocks": blocks, "kernel": kernel, "activation": activation, "dropout": 0}
    )
    network = ResNet(2, LOOKBACK, spec)
    for module in network.modules():
        if isinstance(module, Conv | LagHead):
            module.weight.data.zero_()
            if module.bias is not None:
                module.bias.data.zero_()
    network.stem.weight.data[0, 1, STEM - 1] = 1.0
    for block in network.blocks:
        assert isinstance(block, Block)
        block.first.weight.data[0, 0, -1] = block.second.weight.data[0, 0, -1] = 0.5
    days = slice(None) if lag is None else slice(-lag - 1, -lag or None)
    # Of the curves over the lags one, which is flat, or of one day.
    network.last.over[:] = 0
    network.last.over[days, 0] = 1.0
    network.last.weight.data[Label.UP, 0] = 1.0
    return network.eval()


def impulse(lag: int, lookback: int = LOOKBACK) -> Tensor:
    x = torch.zeros(1, 2, lookback)
    x[0, 1, lookback - 1 - lag] = 1.0
    return x


def peaks(found: Tensor) -> list[int]:
    """Return the lags at which a map's second channel is largest, all of equals."""
    own = found[0, 1].abs()
    assert own.max() > 0
    largest = (own >= own.max() - 1e-6).nonzero().flatten()
    return sorted(len(own) - 1 - int(day) for day in largest)


def mapped(name: str, network: nn.Module, x: Tensor) -> Tensor:
    cam = (RESNET18 if isinstance(network, Windowwise) else RESNET).can.cam
    scores = Scores(Ensemble([network], cam).eval(), "log_odds")
    if name in ("gradient", "contribution"):
        return dict(zip(("gradient", "contribution"), saliency(scores, x), strict=True))[name]
    return METHODS[name](scores, x.requires_grad_(), UP).detach()  # type: ignore[index]


def remaining(network: ResNet) -> int:
    return network.last.taps


@pytest.mark.parametrize(("blocks", "kernel"), SHAPES)
@pytest.mark.parametrize("name", ["contribution", "integrated_gradients", "grad_cam",
                                  "guided_grad_cam", "temporal_rescaling"])  # fmt: skip
def test_an_impulse_peaks_at_its_own_lag(name: str, blocks: int, kernel: int) -> None:
    network = identity("relu", blocks, kernel)
    for lag in {0, 7, remaining(network) - 1}:
        assert peaks(mapped(name, network, impulse(lag))) == [lag]


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("name", ["gradient", "contribution", "integrated_gradients", "grad_cam"])
def test_the_one_lag_that_a_network_weighs_is_where_its_maps_peak(
    name: str, activation: str
) -> None:
    for lag in (0, 11, 23):
        network = identity(activation, 2, 3, lag=lag)
        assert peaks(mapped(name, network, impulse(lag))) == [lag]


def test_a_day_without_a_position_of_its_own_is_zero_in_grad_cam_alone() -> None:
    # 40 days less 4 of the stem and 4 of the block leave 32: lag 35 comes in by an older tap.
    network = identity("relu", 1, 3)
    assert remaining(network) == 32
    network.stem.weight.data[0, 1] = torch.tensor([1.0, 0, 0, 0, 0])
    assert peaks(mapped("grad_cam", network, impulse(35))) == [31]  # what saw it lies there
    for name in ("contribution", "integrated_gradients", "temporal_rescaling", "guided_grad_cam"):
        assert peaks(mapped(name, network, impulse(35))) == [35]


def test_occlusion_names_the_channel_and_no_day() -> None:
    found = mapped("occlusion", identity("relu", 1, 3), impulse(7))[0]
    assert found[0].eq(0).all()
    assert (found[1] == found[1, 0]).all()
    assert found[1, 0] > 0


def padded(lookback: int) -> Windowwise:
    """Return the padded network with the middle tap alone of every convolution it cannot skip."""
    network = PaddedResNet(2, NetworkSpec(name="resnet18", width=1, dropout=0))
    for module in network.modules():
        if isinstance(module, nn.Conv1d):
            module.weight.data.zero_()
            module.weight.data[0, min(1, module.in_channels - 1) if module.in_channels == 2 else 0,
                               module.kernel_size[0] // 2] = 1.0  # fmt: skip
        if isinstance(module, PaddedBlock):
            nn.init.zeros_(module.scale.weight)
    network.last.weight.data.zero_()
    network.last.bias.data.zero_()
    network.last.weight.data[Label.UP, 0] = 1.0
    return Windowwise(network, lookback).eval()


@pytest.mark.parametrize("lookback", [60, 96])
@pytest.mark.parametrize("name", ["gradient", "contribution", "integrated_gradients", "grad_cam",
                                  "guided_grad_cam", "temporal_rescaling"])  # fmt: skip
def test_a_strided_networks_positions_lie_every_32_days_from_the_oldest_on(
    name: str, lookback: int
) -> None:
    network = padded(lookback)
    for day in range(0, lookback, 32):
        lag = lookback - 1 - day
        found = peaks(mapped(name, network, impulse(lag, lookback)))
        # Grad-CAM has nothing newer than its last position, which stands for all days after it.
        last = name == "grad_cam" and day + 32 >= lookback
        assert found == (list(range(lag + 1)) if last else [lag])


def test_grad_cam_is_a_line_between_the_positions_of_a_strided_network() -> None:
    found = mapped("grad_cam", padded(100), impulse(99 - 64, 100))[0, 1]
    expected = np.interp(np.arange(100), [0, 32, 64, 96], [0, 0, 1, 0])
    torch.testing.assert_close(found / found.max(), torch.from_numpy(expected).float())
