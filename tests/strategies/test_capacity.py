"""No buy is larger than a share of what was traded: by hand, for either rule."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.account.backtest import Traded, trade
from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.tradedvalue import mean_value, traded_value
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import MarketSpec
from rollsight.strategies.capacity import THIN, largest_orders
from rollsight.strategies.plan import Terms
from rollsight.strategies.spec import StrategySpec
from tests.support.markets import Recipe, write_market
from tests.support.panels import costs_of, flat, panel, signals_of

TWO = StrategySpec(cash=10_000.0, max_positions=2, cash_buffer=0.0)
HOLD = TWO.model_copy(update={"capacity": 0.05})
RANK = HOLD.model_copy(update={"rule": "rank", "every": 1})  # it chooses in every session
DAY = 19  # the twentieth session
# A share costs 100. Twenty sessions of 600 shares are worth 60,000 each: 5 % of that buys 30.
THICK, CUT, NONE = 100_000.0, 600.0, 19.0


def bought(volume: list[float], spec: StrategySpec, market: Market | None = None) -> Traded:
    """Trade a buy of each stock, the first the best, decided at the twentieth session's close."""
    if market is None:
        market = panel(flat(len(volume), 24), volume=[[own] * 24 for own in volume])
    value = traded_value(market)
    rows = [(s, DAY, -float(s)) for s in range(len(volume))]
    table = signals_of(market, rows, horizon=2)
    if value is not None:
        at = table["stock"].to_numpy(), table["day"].to_numpy()
        table = table.assign(traded_value=mean_value(value, *at))
    return trade(market, table, first=0, horizon=2, spec=spec, costs=costs_of(market))


def buys_of(done: Traded) -> pd.DataFrame:
    return done.orders[done.orders["side"] == "buy"]


@pytest.mark.parametrize("spec", [HOLD, RANK], ids=["hold", "rank"])
def test_a_buy_is_cut_and_the_rest_of_its_money_stays_cash(spec: StrategySpec) -> None:
    done = bought([CUT, THICK], spec)
    orders = buys_of(done)
    # 5,000 for each; no other buy gets the 2,000 that are left of the first.
    assert orders["wanted"].tolist() == [50, 50]
    assert orders["shares"].tolist() == orders["filled"].tolist() == [30, 50]
    assert done.equity["cash"].tolist()[DAY + 1] == 2_000
    assert done.action.tolist() == ["bought", "bought"]


@pytest.mark.parametrize("spec", [HOLD, RANK], ids=["hold", "rank"])
def test_a_stock_too_thin_for_one_share_leaves_its_place_to_the_next(spec: StrategySpec) -> None:
    done = bought([NONE, THICK, THICK, THICK], spec)
    assert done.action.tolist() == [THIN, "bought", "bought", "no free position"]
    # It is no order, and no part among which the cash is divided.
    assert buys_of(done)["shares"].tolist() == [50, 50]


def test_without_a_free_place_nothing_is_said_of_the_capacity() -> None:
    market = panel(flat(2, 24), volume=[[THICK] * 24, [NONE] * 24])
    table = signals_of(market, [(0, DAY, 0.9), (1, DAY + 1, 0.8)], horizon=4)
    table = table.assign(traded_value=[THICK * 100, NONE * 100])
    spec = HOLD.model_copy(update={"max_positions": 1})
    done = trade(market, table, first=0, horizon=4, spec=spec, costs=costs_of(market))
    assert done.action.tolist() == ["bought", "no free position"]


def test_of_what_is_held_nothing_is_said_of_the_capacity() -> None:
    market = panel(flat(2, 24), volume=[[THICK] * 24] * 2)
    table = signals_of(market, [(0, DAY, 0.9), (0, DAY + 1, 0.8), (1, DAY + 1, 0.7)], horizon=3)
    table = table.assign(traded_value=[THICK * 100, NONE * 100, THICK * 100])
    done = trade(market, table, first=0, horizon=3, spec=HOLD, costs=costs_of(market))
    assert done.action.tolist() == ["bought", "already held", "bought"]


def test_a_buy_of_a_session_without_a_capacity_takes_what_it_wants() -> None:
    market = panel(flat(1, 4), volume=[[0.0] * 4])
    terms = [Terms(1, own) for own in (HOLD, HOLD.model_copy(update={"capacity": None}))] * 2
    chosen = pd.DataFrame({"day": [2, 3], "traded_value": [500.0, 0.0]})
    assert HOLD.capacity is not None
    assert largest_orders(market, chosen, terms, 0).tolist() == [500 * HOLD.capacity, np.inf]


def test_a_capacity_that_cuts_nothing_changes_nothing() -> None:
    free, wide = bought([CUT, THICK], TWO), bought([CUT, THICK], HOLD.model_copy(
        update={"capacity": 1.0}
    ))  # fmt: skip
    assert "wanted" not in free.orders
    pd.testing.assert_frame_equal(wide.orders.drop(columns="wanted"), free.orders)
    pd.testing.assert_frame_equal(wide.equity, free.equity)


def test_the_mean_is_of_twenty_sessions_up_to_the_close_that_decides() -> None:
    volume = np.full((1, 24), 600.0)
    volume[0, [0, DAY, DAY + 1]] = 12_600, 6_600, 1e9
    market = panel(flat(1, 24), volume=volume)
    value = traded_value(market)
    assert value is not None
    stock, day = np.zeros(3, dtype=np.int64), np.array([DAY - 1, DAY, DAY + 1])
    # 60,000 on average, 60,000 more from the first session and 30,000 from the twentieth; where
    # there are nineteen sessions yet, the twentieth counts 0, and session 20 has the billion.
    assert mean_value(value, stock, day).tolist() == [117_000, 150_000, 90_000 + 5e9 - 3_000]
    # 5 % of 150,000 are 75 shares of 100.
    done = bought([0.0], HOLD.model_copy(update={"max_positions": 1}), market)
    assert buys_of(done)["shares"].tolist() == [75]


def test_sessions_without_a_row_count_as_nothing_and_an_own_amount_comes_first() -> None:
    missing = [(0, day) for day in range(10)]
    market = panel(flat(1, 24), missing=missing, volume=[[1_200.0] * 24])
    market = replace(market, volume=np.where(market.has_bar, 1_200.0, np.nan))
    done = bought([0.0], HOLD, market)
    assert buys_of(done)["shares"].tolist() == [30]
    amount = np.where(market.has_bar, 40_000.0, np.nan)
    done = bought([0.0], HOLD, replace(market, volume=None, amount=amount))
    assert buys_of(done)["shares"].tolist() == [10]
    # What members were ranked by comes before both: there volumes are repaired.
    assert traded_value(market, amount) is amount


def test_a_market_without_volumes_refuses_a_share_of_the_traded_value(tmp_path: Path) -> None:
    words = "strategy.capacity=0.05 is a share of the traded value, and the market folder has"
    with pytest.raises(RollsightError, match=words):
        bought([0.0], HOLD, panel(flat(1, 24)))
    folder = write_market(tmp_path / "market", Recipe(n_days=70, volume=False))
    spec = RunSpec(market=MarketSpec(folder=str(folder)), strategy=HOLD)
    with pytest.raises(RollsightError, match=words) as refusal:
        prepare(spec)
    assert "\n" not in str(refusal.value)
