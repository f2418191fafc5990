"""What the buys are of what is traded, and what of the cash lay idle, by hand."""

from dataclasses import replace

import numpy as np
import pytest

from rollsight.backtests.account.backtest import Traded, trade
from rollsight.backtests.capacity import capacity_facts
from rollsight.reports.page.language import speak
from rollsight.reports.run.account.capacity import capacity_data, capacity_sentence
from rollsight.signals.inputs.tradedvalue import mean_value
from rollsight.signals.prices.market import Market
from rollsight.strategies.spec import StrategySpec
from tests.support.panels import costs_of, flat, panel, signals_of

# Shares cost 100. In twenty sessions 600, 1,000 and 10,000 of them are worth 60,000, 100,000 and
# a million each; half of the cash buys 50.
VOLUME = np.array([[600.0], [1_000.0], [10_000.0]]) * np.ones(30)
SPEC = StrategySpec(cash=10_000.0, max_positions=2, cash_buffer=0.0)


def account(capacity: float | None) -> tuple[Market, Traded]:
    """Buy the first two at the 20th session's close, and after three sessions the third."""
    market = panel(flat(3, 30), volume=VOLUME)
    table = signals_of(market, [(0, 19, 0.9), (1, 19, 0.8), (2, 22, 0.7)], horizon=3)
    at = table["stock"].to_numpy(), table["day"].to_numpy()
    table = table.assign(traded_value=mean_value(VOLUME * market.close, *at))
    spec = SPEC.model_copy(update={"capacity": capacity})
    done = trade(market, table, first=10, horizon=3, spec=spec, costs=costs_of(market))
    assert done.action.tolist() == ["bought"] * 3
    return market, done


def test_buys_are_held_against_the_traded_value_of_their_stock() -> None:
    found = capacity_facts(*_of(None))
    assert found is not None
    # 5,000 of 60,000, 100,000 and a million: 1/12, 1/20 and 1/200.
    assert found["median"] == pytest.approx(1 / 20)
    assert found["high"] == pytest.approx(np.quantile([1 / 12, 1 / 20, 1 / 200], 0.95))
    # At 1 % half of the account may be 600, 1,000 and 10,000.
    assert found["account"] == pytest.approx(2_000)
    assert found["tenth"] == pytest.approx(1_200 + 0.2 * 800)
    assert (found["buys"], found["cut"], found["idle"], found["capacity"]) == (3, 0, 0.0, None)


def test_what_is_cut_lies_idle_while_the_rest_is_held() -> None:
    found = capacity_facts(*_of(0.04))
    assert found is not None
    # 4 % are 24, 40 and 400 shares: 26 and 10 of 50 are cut, 2,600 and 1,000 of 10,000.
    assert found["cut"] == 2
    # They are held for three of the account's twenty sessions.
    assert found["idle"] == pytest.approx((0.26 + 0.1) * 3 / 20)
    # What was ordered is 4 % at most; the account that fits is that of what was wanted.
    assert found["high"] == pytest.approx(0.04)
    assert found["account"] == pytest.approx(2_000)


def _of(capacity: float | None) -> tuple[Market, None, Traded, float | None]:
    market, done = account(capacity)
    return market, None, done, capacity


def test_without_volumes_or_buys_nothing_is_said() -> None:
    market, done = account(None)
    assert capacity_facts(replace(market, volume=None), None, done, None) is None
    idle = replace(done, orders=done.orders.iloc[:0])
    assert capacity_facts(market, None, idle, None) is None
    assert capacity_facts(replace(market, volume=0 * VOLUME), None, done, None) is None
    assert capacity_data(None) is None


def test_the_page_says_up_to_which_account_it_goes() -> None:
    found = capacity_data(capacity_facts(*_of(0.04)))
    assert found is not None
    said = capacity_sentence(found, "KRW", speak("en"))
    assert said == (
        "The money of the median buy is 4.000 % of the mean traded value of its stock in 20 "
        "sessions, that of the 95th percentile 4.000 %. At 1 % of it the median buy allows an "
        "account of ₩2,000, a tenth of the buys less than ₩1,360. strategy.capacity=0.04 cut 2 of "
        "3 buys, for which 5.4 % of the equity lay idle on average."
    )
    korean = capacity_sentence(found, "KRW", speak("ko"))
    assert "매수 3건 중 2건" in korean
    assert "₩2,000" in korean
    whole = capacity_data(capacity_facts(*_of(None)))
    assert whole is not None
    assert "strategy.capacity" not in capacity_sentence(whole, "KRW", speak("en"))
