"""Convolutions of windows are those of plain layers, and know a stock by its code."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from rollsight.base.errors import RollsightError
from rollsight.signals.features.channels import Channel
from rollsight.signals.features.daily.bars import CODE
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.architectures import cnn1d, cnn2d
from rollsight.training.architectures.codes import Codes, tell
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.models.family import WindowData
from tests.support.markets import random_samples

CODES = (7.0, 900_000.0, 900_001.0, 55.0)
Ticker = Literal["off", "integer", "embedding"]


def drawn(network: nn.Module) -> nn.Module:
    """Give every weight and statistic of a network a value of its own."""
    torch.manual_seed(1)
    for tensor in network.state_dict().values():
        if tensor.is_floating_point() and tensor.isfinite().all():
            tensor.copy_(torch.rand(tensor.shape) + 0.1)
    return network.eval()


@pytest.mark.parametrize("channels", ["baseline", "deep"])
@pytest.mark.parametrize(("wide", "long"), [(7, 96), (3, 40), (1, 4), (2, 9)])
def test_a_picture_is_convolved_as_by_plain_layers(
    channels: Literal["baseline", "deep"], wide: int, long: int
) -> None:
    spec = cnn2d.CNN2DSpec(channels=channels, ticker="integer")
    network = drawn(cnn2d.build(wide, long, spec))
    held = network.state_dict()
    x = torch.randn(5, wide, long)
    h = x.permute(0, 2, 1)[:, None]
    for at in (0, 3):
        w, b = (held[f"network.body.{at}.{name}"] for name in ("weight", "bias"))
        h = functional.conv2d(functional.pad(h, (1, 1, 1, 1)), w, b).clamp(min=0)
        h = h[:, :, : 2 * (h.shape[2] // 2)]
        h = torch.maximum(h[:, :, ::2], h[:, :, 1::2])
        if h.shape[3] > 1:
            h = h[..., : 2 * (h.shape[3] // 2)]
            h = torch.maximum(h[..., ::2], h[..., 1::2])
    wanted = h.flatten(1) @ held["network.last.weight"].T + held["network.last.bias"]
    assert torch.allclose(network(x)[..., 0], wanted, rtol=1e-4)


def test_days_are_convolved_as_by_plain_layers() -> None:
    network = drawn(cnn1d.build(3, 21, cnn1d.CNN1DSpec(width=0.25)))
    held = network.state_dict()
    x = h = torch.randn(5, 3, 21)
    for at in range(6):
        norm = [
            held[f"network.body.{at}.body.1.{name}"]
            for name in ("running_mean", "running_var", "weight", "bias")
        ]
        h = functional.conv1d(h, held[f"network.body.{at}.body.0.weight"], padding=1)
        h = functional.batch_norm(h[..., :: 1 + at % 2], *norm).relu()
    assert h.shape[1:] == (32, 3)
    wanted = h.flatten(1) @ held["network.last.weight"].T + held["network.last.bias"]
    assert torch.allclose(network(x)[..., 0], wanted, rtol=1e-4)


def test_a_lookback_that_cannot_be_halved_twice_is_refused() -> None:
    with pytest.raises(
        RollsightError, match=r"features\.lookback=3 is shorter than the 4 sessions"
    ):
        cnn2d.build(7, 3, cnn2d.CNN2DSpec())


@pytest.mark.parametrize("family", [cnn1d.CNN1D_FAMILY, cnn2d.CNN2D_FAMILY])
def test_it_forecasts_returns_unless_classes_are_asked_for(family: cnn2d.TorchFamily) -> None:
    x = torch.randn(2, 7, 12)
    assert family.build(7, 12, family.options())(x).shape == (2, 1, 1)
    assert family.build(7, 12, family.options(task="classify"))(x).shape == (2, 3, 1)


def coded(**changes: object) -> WindowData:
    """Return a window of four stocks, of which the last has no row in the train span."""
    made = random_samples(4, 300, lookback=8, c=2)
    stocks = made.stocks.copy()
    stocks[..., 1] = np.array(CODES)[:, None]
    usable = made.usable.copy()
    usable[3, :200] = False
    own = (made.own[0], replace(Channel("ticker", CODE, "Code"), **changes))  # type: ignore[arg-type]
    samples: SampleSet = replace(made, stocks=stocks, usable=usable, own=own)
    window = Window(0, Span(15, 200), Span(200, 250), Span(250, 290))
    return WindowData(samples, window, fit_scaler(samples, window.train, 5.0))


def inputs(data: WindowData) -> Tensor:
    """Return the same window of random values as if of each stock, (4, channels, lookback)."""
    x = torch.randn(1, len(data.samples.channels), 8).repeat(4, 1, 1)
    wide = np.stack([np.zeros(4), CODES], axis=1).astype(np.float32)
    x[:, 1] = torch.from_numpy(data.scaler.stocks(wide)[:, 1])[:, None]
    return x


def of_each_stock(ticker: Ticker) -> Tensor:
    data = coded()
    network = cnn2d.build(len(data.samples.channels), 8, cnn2d.CNN2DSpec(ticker=ticker))
    for name, weight in network.named_parameters():
        nn.init.normal_(weight, 1.0 if "last" in name else 0.0)
    tell(network, data)
    found: Tensor = network.eval()(inputs(data))[:, 0, 0].detach()
    return found


def test_without_its_ticker_a_window_is_the_same_whatever_the_stock() -> None:
    assert len(of_each_stock("off").unique()) == 1
    assert len(of_each_stock("integer").unique()) == 4


def test_each_code_of_the_train_span_has_a_vector_and_the_others_that_of_unknown_ones() -> None:
    data = coded()
    network = cnn2d.build(len(data.samples.channels), 8, cnn2d.CNN2DSpec(ticker="embedding"))
    tell(network, data)
    (codes,) = (m for m in network.eval().modules() if isinstance(m, Codes))
    nn.init.normal_(codes.vector.weight)
    blank, (vector,) = codes(inputs(data))
    rows = [1, 2, 3, 0]  # by their numbers; the fourth is not in the train span
    assert torch.equal(vector, codes.vector.weight[rows])
    assert not blank[:, 1].any()
    assert len(of_each_stock("embedding").unique()) == 4


def test_codes_are_hidden_now_and_then_so_that_unknown_is_learnt() -> None:
    data = coded()
    network = cnn2d.build(len(data.samples.channels), 8, cnn2d.CNN2DSpec(ticker="embedding"))
    tell(network, data)
    (codes,) = (m for m in network.train().modules() if isinstance(m, Codes))
    nn.init.normal_(codes.vector.weight)
    torch.manual_seed(0)
    _, (vector,) = codes(inputs(data)[:1].repeat(1000, 1, 1))
    hidden = (vector == codes.vector.weight[0]).all(1).float().mean()
    assert 0.07 < hidden < 0.13


def test_codes_that_are_not_there_or_ranked_are_refused() -> None:
    network = cnn2d.build(4, 8, cnn2d.CNN2DSpec(ticker="embedding"))
    with pytest.raises(
        RollsightError, match=r"needs the channel ticker: add it to features\.stock"
    ):
        tell(network, coded(name="other"))
    with pytest.raises(
        RollsightError, match=r"is a rank within the date: add ticker to features\.a"
    ):
        tell(network, coded(unit="rank within the date"))
