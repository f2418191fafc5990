"""Bars as changes: of which prices, what stands in where one is missing, and whose they are."""

from dataclasses import replace
from zlib import crc32

import numpy as np
import numpy.typing as npt
import pytest

from rollsight.signals.features import STOCK_SETS
from rollsight.signals.features.daily.bars import BARS
from rollsight.signals.features.panel import StockPanel
from rollsight.signals.inputs.samples import SampleSet, build_samples
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec
from tests.support.markets import Recipe, small_market

NAN = float("nan")
COLUMNS = {  # of one stock, which is listed in the second session and not traded in the fourth
    "Open": [NAN, 10, 11, 12, 13],
    "High": [NAN, 12, 13, 12, 14],
    "Low": [NAN, 9, 10, 12, 11],
    "Close": [NAN, 10, 12, 12, 12],
    "Volume": [NAN, 100, 200, 0, 50],
    "Amount": [NAN, 1_100, 2_300, 0, 50 * 13 * 50],  # the last as of before a split
}


def panel(*columns: str) -> StockPanel:
    held = {name: np.array([COLUMNS[name]], float) for name in columns}
    traded, leaps = np.array([[False, True, True, False, True]]), np.zeros((1, 5), bool)
    sessions = np.datetime64("2024-01-02", "D") + np.arange(5)
    return StockPanel(sessions, ("005930",), held, leaps, traded, np.zeros(5))


def values(name: str, *more: str) -> npt.NDArray[np.float64]:
    return BARS[name](panel(*BARS[name].needs, *more))[0]


def test_prices_are_changes_from_the_close_before_and_flat_without_trade() -> None:
    assert values("open") == pytest.approx([NAN, NAN, 0.1, 0, 1 / 12], nan_ok=True)
    assert values("high") == pytest.approx([NAN, NAN, 0.3, 0, 1 / 6], nan_ok=True)
    assert values("low") == pytest.approx([NAN, NAN, 0, 0, -1 / 12], nan_ok=True)


def test_a_price_beside_a_close_that_cannot_be_right_says_nothing() -> None:
    leaping = replace(panel("Open", "Close"), leaps=np.array([[False, False, True, False, False]]))
    assert BARS["open"](leaping)[0, 2] == 0


def test_volume_is_a_log_change_and_0_beside_a_session_without_trade() -> None:
    assert values("volume") == pytest.approx([NAN, NAN, np.log(2), 0, 0], nan_ok=True)


def test_the_average_price_is_amount_over_volume_where_it_lies_in_the_range() -> None:
    found = values("vwap", "Volume", "Amount")
    assert found == pytest.approx(
        [NAN, 11 / 10 - 1, 11.5 / 12 - 1, 0, (14 + 11 + 12) / 3 / 12 - 1], nan_ok=True
    )


def test_without_amount_the_middle_of_high_low_and_close_stands_in() -> None:
    typical = [NAN, 31 / 30 - 1, 35 / 36 - 1, 0, 37 / 36 - 1]
    assert values("vwap") == pytest.approx(typical, nan_ok=True)


def test_a_ticker_is_one_number_of_its_code_that_float32_holds() -> None:
    wanted = crc32(b"005930") & 0xFFFFF
    assert values("ticker")[1:].tolist() == [wanted] * 4
    assert np.float32(wanted) == wanted


def built(market: Market) -> SampleSet:
    spec = FeatureSpec(lookback=2, stock=("bars",))
    return build_samples(market, MarketSpec(), spec, LabelSpec(horizon=2))[0]


def test_a_folder_names_what_it_lacks_and_that_a_proxy_stands_in(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    market = small_market(tmp_path_factory.mktemp("m"), Recipe())
    samples = built(market)
    names = ("open", "close", "high", "low", "volume", "vwap", "ticker")
    assert samples.channels[:7] == names
    assert STOCK_SETS["bars"] == tuple("change" if name == "close" else name for name in names)
    assert samples.notes == (
        "prices has no Amount beside Volume: vwap is a proxy, (high + low + close) / 3",
    )
    closes = built(replace(market, closes_only=True, volume=None))
    assert closes.channels[:2] == ("close", "ticker")
    assert closes.notes == (
        "prices has no High, Low, Open, Volume beside its closes: 5 features of 'bars' left out, "
        "open, high, low, volume, vwap",
    )
    assert market.volume is not None
    paid = (market.high + market.low) / 2 * market.volume
    assert built(replace(market, amount=paid)).notes == ()
