"""A share of the volume caps every fill; slippage in ticks and each board's tax are paid."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import MarketSpec
from rollsight.strategies.costs import dated_costs
from rollsight.strategies.spec import CostSpec
from tests.support.examples import examples
from tests.support.markets import Recipe, write_market
from tests.support.panels import (
    ALL_IN,
    ROOMY,
    buys_in,
    costs_in,
    costs_of,
    filled_on,
    flat,
    markets,
    panel,
    traded,
)

A, B = "000010", "000020"
CAPPED = ALL_IN.model_copy(update={"participation": 0.25})


def test_a_buy_beyond_the_share_of_the_volume_is_filled_in_part() -> None:
    market = panel(flat(1, 6), volume=[[400, 119, 400, 400, 400, 400]])
    done = traded(market, [(0, 0, 0.9)], spec=CAPPED)
    # A quarter of 119 shares is 29.75; 100 were wanted.
    bought, sold = done.orders.itertuples()
    assert (bought.shares, bought.filled, bought.status) == (100, 29, "partial")
    assert bought.reason == "volume cap"
    assert (sold.shares, sold.filled, sold.status, sold.reason) == (29, 29, "completed", "")
    assert done.action.tolist() == ["bought"]
    assert done.trades["shares"].tolist() == [29]
    assert done.equity["cash"].tolist() == [10_000, 7_100, 7_100, 10_000, 10_000, 10_000]


def test_a_buy_of_a_stock_too_thin_for_one_share_is_cancelled() -> None:
    market = panel(flat(1, 6), volume=[[400, 3, 400, 400, 400, 400]])
    done = traded(market, [(0, 0, 0.9)], spec=CAPPED)
    (order,) = done.orders.itertuples()
    assert (order.status, order.reason, order.filled) == ("canceled", "volume cap", 0)
    assert done.action.tolist() == ["volume cap"]


def test_a_sale_beyond_the_share_of_the_volume_goes_on_in_the_next_sessions() -> None:
    market = panel(
        [[100, 100, 100, 110, 120, 130, 140, 150]], volume=[[400, 400, 400, 200, 3, 0, 60, 400]],
    )  # fmt: skip
    costs = costs_of(market, commission=0.001, tax=0.002)
    spec = CAPPED.model_copy(update={"cash_buffer": 0.01})
    done = traded(market, [(0, 0, 0.9)], spec=spec, costs=costs)
    # 99 shares; 50 of them sold in session 3, none in 4 and 5, 15 in 6, and 34 in 7.
    orders = done.orders
    assert orders["shares"].tolist() == [99, 99, 49, 34]
    assert orders["filled"].tolist() == [99, 50, 15, 34]
    assert orders["status"].tolist() == ["completed", "partial", "partial", "completed"]
    assert orders["reason"].tolist() == ["", "volume cap", "volume cap", ""]
    assert [o[1:] for o in filled_on(done, market)] == [
        ("buy", 1, 100.0), ("sell", 3, 110.0), ("sell", 6, 140.0), ("sell", 7, 150.0)
    ]  # fmt: skip
    (trip,) = done.trades.itertuples()
    brought = 50 * 110 + 15 * 140 + 34 * 150  # 12,700
    assert (trip.exit_at, trip.exit_reason) == (market.sessions[7], "horizon")
    assert trip.exit_price == brought / 99
    assert trip.gross_return == pytest.approx(12_700 / 9_900 - 1)
    assert trip.commission == pytest.approx(0.001 * (9_900 + 12_700))
    assert trip.tax == pytest.approx(0.002 * 12_700)
    profit = 12_700 * 0.997 - 9_900 * 1.001
    assert trip.profit == pytest.approx(profit)
    assert trip.net_return == pytest.approx(profit / (9_900 * 1.001))
    assert done.equity["equity"].iloc[-1] == pytest.approx(10_000 + profit)


def test_what_is_left_of_a_sale_at_the_end_is_valued_at_the_last_close() -> None:
    market = panel(flat(1, 5), [[100, 100, 100, 100, 90]], volume=[[400, 400, 400, 100, 60]])
    done = traded(market, [(0, 0, 0.9)], spec=CAPPED)
    # 25 sold in session 3 and 15 in 4, at 100 each; the other 60 stand at 90.
    (trip,) = done.trades.itertuples()
    assert (trip.exit_reason, trip.exit_price) == ("end", (40 * 100 + 60 * 90) / 100)
    assert trip.profit == -600.0
    assert done.equity["equity"].iloc[-1] == 9_400.0


def test_a_holding_sold_in_parts_keeps_its_place() -> None:
    market = panel(flat(2, 8), volume=[[400] * 3 + [200] * 5, [400] * 8])
    done = traded(market, [(0, 0, 0.9), (1, 2, 0.8), (1, 4, 0.8)], spec=CAPPED)
    assert done.action.tolist() == ["bought", "positions full: a sale did not fill", "bought"]


def test_a_terminal_value_is_paid_for_every_share() -> None:
    market = panel(flat(1, 8), volume=[[400, 400, 400, 100, 0, 0, 0, 0]], ends={0: (4, 40.0)})
    done = traded(market, [(0, 0, 0.9)], spec=CAPPED)
    assert done.orders["filled"].tolist() == [100, 25, 75]
    (trip,) = done.trades.itertuples()
    assert (trip.exit_reason, trip.exit_price) == ("delisted", (25 * 100 + 75 * 40) / 100)


def test_a_share_of_the_volume_is_counted_in_whole_shares() -> None:
    market = panel(flat(1, 5), volume=[[100.0] * 5])
    spec = ALL_IN.model_copy(update={"participation": 0.29})  # 0.29 * 100 is a hair below 29
    assert traded(market, [(0, 0, 0.9)], spec=spec).orders["filled"].tolist() == [29, 29]


def test_a_market_without_volumes_refuses_a_share_of_them(tmp_path: Path) -> None:
    words = r"strategy.participation=0.25 is a share of the volume, and the prices have no column"
    with pytest.raises(RollsightError, match=words):
        traded(panel(flat(1, 5)), [(0, 0, 0.9)], spec=CAPPED)
    folder = write_market(tmp_path / "market", Recipe(n_days=70, volume=False))
    spec = RunSpec(market=MarketSpec(folder=str(folder)), strategy=CAPPED)
    with pytest.raises(RollsightError, match=words) as refusal:
        prepare(spec)
    assert "\n" not in str(refusal.value)


@examples(60)
@given(st.data(), markets(), st.integers(1, 4))
def test_no_fill_is_larger_than_the_volume_allows_and_no_order_fills_twice(
    data: st.DataObject, market: Market, horizon: int
) -> None:
    costs, buys = data.draw(costs_in(market)), data.draw(buys_in(market))
    done = traded(market, buys, horizon=horizon, spec=CAPPED, costs=costs)
    assert market.volume is not None
    for code, side, at, _ in filled_on(done, market):
        stock = market.codes.index(code)
        own = done.orders[(done.orders["code"] == code) & (done.orders["side"] == side)]
        shares = own.loc[own["filled_at"] == market.sessions[at], "filled"]
        assert len(shares) == 1
        if at != market.endings.session[stock]:
            assert shares.iloc[0] <= 0.25 * market.volume[stock, at]


def test_slippage_in_ticks_is_paid_by_trade_and_label_alike() -> None:
    market = panel([[100_000, 100_000, 101_000, 112_000, 99_900, 99_900]], book="krx")
    costs = dated_costs(CostSpec(commission=0.0, slippage=0.001, slippage_ticks=2.0), market)
    spec = ROOMY.model_copy(update={"cash": 1_000_000.0})
    done = traded(market, [(0, 0, 0.9)], horizon=3, spec=spec, costs=costs)
    bought, sold = done.orders.itertuples()
    # Since 2023 a tick is 100 won at 99,900 and at 100,000; nine shares.
    assert (bought.price, sold.price) == (100_000, 99_900)
    assert bought.slippage == pytest.approx(9 * (100 + 200))
    assert sold.slippage == pytest.approx(9 * (99.9 + 200))
    assert sold.tax == pytest.approx(9 * (99_900 - 299.9) * 0.0018)
    (trip,) = done.trades.itertuples()
    net = costs.net(np.array([-0.001]), np.array([0]), np.array([1]), np.array([4]))
    assert trip.net_return == pytest.approx(net[0])


def test_a_fill_may_slip_beyond_the_daily_limit() -> None:
    # 12,990 is a tick below the limit of 13,000. What slips is a cost, and no price of the day.
    market = panel([[10_000, 12_990, 12_990, 12_990, 12_990]], book="krx")
    costs = dated_costs(CostSpec(commission=0.0, slippage=0.0, slippage_ticks=5.0), market)
    spec = ALL_IN.model_copy(update={"cash": 100_000.0, "cash_buffer": 0.3})
    done = traded(market, [(0, 0, 0.9)], spec=spec, costs=costs)
    assert done.orders["slippage"].tolist() == pytest.approx([7 * 50, 7 * 50])


def test_the_sell_tax_of_a_trade_is_that_of_its_board() -> None:
    market = panel(flat(2, 6), book="krx")
    market = replace(market, boards=("KOSPI", "KONEX"))
    costs = dated_costs(CostSpec(commission=0.0, slippage=0.0), market)
    spec = ALL_IN.model_copy(update={"max_positions": 2})
    done = traded(market, [(0, 0, 0.9), (1, 0, 0.9)], spec=spec, costs=costs)
    # 50 shares of 100 each; 0.18 % in January 2024, 0.10 % on KONEX.
    assert done.trades.set_index("code")["tax"].to_dict() == pytest.approx({A: 9.0, B: 5.0})
