"""Buys become positions: when they fill, at what price, how many, and which are left out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.backtests.account.backtest import trade
from rollsight.signals.prices.market import Market
from rollsight.strategies.spec import StrategySpec
from tests.support.examples import examples
from tests.support.panels import (
    ALL_IN,
    ROOMY,
    buys_in,
    costs_of,
    filled_on,
    flat,
    markets,
    most_held,
    panel,
    signals_of,
    traded,
)

RISING = [[100.0, 101, 102, 103, 104, 105, 106, 107]]
TWO = StrategySpec(cash=10_000.0, max_positions=2, cash_buffer=0.0)
A, B, C = "000010", "000020", "000030"


def test_a_buy_fills_at_the_next_open_and_is_sold_a_horizon_later() -> None:
    market = panel(RISING, [[100.5, 101.5, 102.5, 103.5, 104.5, 105.5, 106.5, 107.5]])
    done = traded(market, [(0, 1, 0.9)], horizon=3)
    # Decided at the close of session 1: bought at the open of 2, sold at that of 2 + 3.
    assert filled_on(done, market) == [(A, "buy", 2, 102.0), (A, "sell", 5, 105.0)]
    (trip,) = done.trades.itertuples()
    assert (trip.entry_price, trip.exit_price, trip.exit_reason) == (102.0, 105.0, "horizon")
    assert trip.gross_return == 105 / 102 - 1
    assert done.action.tolist() == ["bought"]


def test_tables_name_the_sessions_of_decision_entry_and_exit() -> None:
    market = panel(RISING)
    done = traded(market, [(0, 1, 0.9)], horizon=3, spec=ROOMY)
    (trip,) = done.trades.itertuples()
    dates = market.sessions.astype("datetime64[ms]")
    assert [trip.decided_at, trip.entry_at, trip.exit_at] == [dates[1], dates[2], dates[5]]
    assert done.orders["submitted_at"].tolist() == [dates[1], dates[4]]
    assert done.orders["filled_at"].tolist() == [dates[2], dates[5]]
    assert done.equity["date"].tolist() == list(dates)


def test_trading_begins_at_the_first_session_of_the_test_spans() -> None:
    market = panel(RISING)
    signals = signals_of(market, [(0, 3, 0.9)], horizon=2)
    done = trade(market, signals, first=3, horizon=2, spec=ROOMY, costs=costs_of(market))
    assert filled_on(done, market) == [(A, "buy", 4, 104.0), (A, "sell", 6, 106.0)]
    assert len(done.equity) == 5


def test_prices_are_recorded_unslipped_and_slippage_is_charged_beside_them() -> None:
    market = panel(RISING)
    done = traded(
        market, [(0, 1, 0.9)], horizon=3,
        spec=StrategySpec(cash=10_000.0, max_positions=1, cash_buffer=0.05),
        costs=costs_of(market, commission=0.001, slippage=0.01, tax=0.002),
    )  # fmt: skip
    # 9,500 money buys 94 shares at the close of 101.
    bought, sold = done.orders.itertuples()
    assert (bought.shares, bought.price, sold.price) == (94, 102.0, 105.0)
    # Bought at 102 * 1.01 = 103.02, sold at 105 * 0.99 = 103.95; high equals low all along.
    assert bought.slippage == pytest.approx(94 * 1.02)
    assert bought.commission == pytest.approx(94 * 103.02 * 0.001)
    assert bought.tax == 0.0
    assert sold.slippage == pytest.approx(94 * 1.05)
    assert sold.commission == pytest.approx(94 * 103.95 * 0.001)
    assert sold.tax == pytest.approx(94 * 103.95 * 0.002)
    paid, kept = 94 * 103.02 * 1.001, 94 * 103.95 * 0.997
    (trip,) = done.trades.itertuples()
    assert trip.profit == pytest.approx(kept - paid)
    assert trip.net_return == pytest.approx(kept / paid - 1)
    assert done.equity["equity"].iloc[-1] == pytest.approx(10_000 + kept - paid)


def test_a_full_book_rotates_on_one_open_without_missing_cash() -> None:
    market = panel(flat(2, 7))
    done = traded(market, [(0, 0, 0.9), (1, 2, 0.8)])
    # A is held from 1 to 3; B, decided at 2, needs the whole cash that A's sale brings at 3.
    assert filled_on(done, market) == [
        (A, "buy", 1, 100.0),
        (A, "sell", 3, 100.0),
        (B, "buy", 3, 100.0),
        (B, "sell", 5, 100.0),
    ]
    assert done.orders["shares"].tolist() == [100] * 4
    assert done.equity["cash"].tolist() == [10_000, 0, 0, 0, 0, 10_000, 10_000]


def test_a_buy_is_cancelled_where_a_halt_keeps_the_sale_from_making_room() -> None:
    market = panel(flat(2, 7), halted=[(0, 3)])
    done = traded(market, [(0, 0, 0.9), (1, 2, 0.8)])
    assert filled_on(done, market) == [(A, "buy", 1, 100.0), (A, "sell", 4, 100.0)]
    unfilled = done.orders[done.orders["filled_at"].isna()]
    assert unfilled["reason"].tolist() == ["positions full: a sale did not fill"]
    assert unfilled["status"].tolist() == ["canceled"]
    assert done.action.tolist() == ["bought", "positions full: a sale did not fill"]


def test_two_sales_of_which_one_is_stuck_make_room_for_one_buy() -> None:
    market = panel(flat(4, 7), halted=[(0, 3)])
    done = traded(market, [(0, 0, 0.9), (1, 0, 0.8), (2, 2, 0.6), (3, 2, 0.7)], spec=TWO)
    bought = [o for o in filled_on(done, market) if o[1] == "buy"]
    assert bought == [(A, "buy", 1, 100.0), (B, "buy", 1, 100.0), ("000040", "buy", 3, 100.0)]
    assert done.action.tolist()[2] == "positions full: a sale did not fill"
    assert most_held(done, market) == 2


def test_the_most_probable_buys_take_the_free_positions() -> None:
    done = traded(panel(flat(3, 6)), [(0, 1, 0.6), (1, 1, 0.7), (2, 1, 0.9)], spec=TWO)
    assert done.action.tolist() == ["no free position", "bought", "bought"]
    assert done.orders["code"].tolist()[:2] == [C, B]


def test_equal_probabilities_are_taken_in_the_order_of_codes() -> None:
    done = traded(panel(flat(3, 6)), [(0, 1, 0.7), (1, 1, 0.7), (2, 1, 0.7)], spec=TWO)
    assert done.action.tolist() == ["bought", "bought", "no free position"]


def test_a_signal_for_a_stock_that_is_held_changes_nothing() -> None:
    market = panel(RISING)
    done = traded(market, [(0, 1, 0.9), (0, 2, 0.9), (0, 3, 0.9)], horizon=3, spec=ROOMY)
    assert filled_on(done, market) == [(A, "buy", 2, 102.0), (A, "sell", 5, 105.0)]
    assert done.action.tolist() == ["bought", "already held", "already held"]


def test_a_signal_for_a_stock_that_is_held_restarts_its_horizon_where_asked() -> None:
    market = panel(RISING)
    spec = ROOMY.model_copy(update={"extend": True})
    done = traded(market, [(0, 1, 0.9), (0, 3, 0.9)], horizon=3, spec=spec)
    # The second would have been bought at 4, and so sold at 7.
    assert filled_on(done, market) == [(A, "buy", 2, 102.0), (A, "sell", 7, 107.0)]
    assert done.action.tolist() == ["bought", "extended"]


def test_a_signal_on_the_eve_of_a_sale_extends_it_but_one_on_its_day_buys_anew() -> None:
    market = panel(flat(1, 10))
    spec = StrategySpec(cash=10_000.0, max_positions=1, cash_buffer=0.0, extend=True)
    # Bought at 1, due at 3: the close of 2 is the last at which the sale can be put off.
    done = traded(market, [(0, 0, 0.9), (0, 2, 0.9)], spec=spec)
    assert [o[2] for o in filled_on(done, market)] == [1, 5]
    done = traded(market, [(0, 0, 0.9), (0, 3, 0.9)], spec=spec)
    assert [o[2] for o in filled_on(done, market)] == [1, 3, 4, 6]


def test_the_buffer_keeps_a_share_of_the_cash() -> None:
    market = panel(flat(1, 5))
    spec = StrategySpec(cash=10_000.0, max_positions=1, cash_buffer=0.25)
    done = traded(market, [(0, 0, 0.9)], spec=spec)
    assert done.orders["shares"].iloc[0] == 75
    assert done.equity["cash"].iloc[1] == 2_500


def test_each_position_is_an_equal_part_of_the_equity_of_the_day() -> None:
    market = panel([[100, 100, 120, 120, 120, 120], [50, 50, 50, 50, 50, 50]])
    done = traded(market, [(0, 0, 0.9), (1, 2, 0.9)], horizon=3, spec=TWO)
    # 10,000 / 2 buys 50 shares at 100; at 120 the equity is 11,000, but 5,000 of cash is left.
    assert done.orders["shares"].tolist()[:2] == [50, 100]
    spec = StrategySpec(cash=10_000.0, max_positions=4, cash_buffer=0.0)
    done = traded(market, [(0, 0, 0.9), (1, 2, 0.9)], horizon=3, spec=spec)
    # 2,500 buys 25 at 100; the equity is then 10,500, a quarter of it 2,625, or 52 shares.
    assert done.orders["shares"].tolist()[:2] == [25, 52]


def test_a_buy_that_is_no_buy_row_is_not_traded() -> None:
    market = panel(flat(2, 6))
    signals = signals_of(market, [(0, 1, 0.9), (1, 1, 0.8)], horizon=2)
    signals["buy"] = [False, True]
    done = trade(market, signals, first=0, horizon=2, spec=ALL_IN, costs=costs_of(market))
    assert done.trades["code"].tolist() == [B]
    assert done.trades["signal"].tolist() == [1]
    assert done.action.tolist() == ["", "bought"]


@examples(60)
@given(st.data(), markets(), st.integers(1, 3), st.integers(1, 4))
def test_positions_are_never_more_than_allowed_and_cash_is_never_owed(
    data: st.DataObject, market: Market, most: int, horizon: int
) -> None:
    buys = data.draw(buys_in(market))
    spec = StrategySpec(cash=10_000.0, max_positions=most, cash_buffer=0.0)
    done = traded(market, buys, horizon=horizon, spec=spec)
    assert most_held(done, market) <= most
    assert (done.equity["cash"] >= -1e-6).all()
    assert np.isfinite(done.equity[["equity", "cash", "return"]].to_numpy()).all()


@examples(60)
@given(st.data(), markets(), st.integers(1, 4))
def test_every_buy_fills_at_the_next_traded_open_or_says_why_not(
    data: st.DataObject, market: Market, horizon: int
) -> None:
    buys = data.draw(buys_in(market))
    spec = StrategySpec(cash=10_000.0, max_positions=2, cash_buffer=0.0)
    done = traded(market, buys, horizon=horizon, spec=spec)
    bought = [(o[0], o[2], o[3]) for o in filled_on(done, market) if o[1] == "buy"]
    expected = [
        (market.codes[stock], day + 1, market.open[stock, day + 1])
        for (stock, day, _), action in zip(buys, done.action, strict=True)
        if action == "bought"
    ]
    assert sorted(bought) == sorted(expected)
    assert all(market.buyable[market.codes.index(code), at] for code, at, _ in bought)
    assert set(done.action) <= {
        "bought",
        "already held",
        "no free position",
        "did not trade",
        "did not trade at the decision",
        "locked at the upper limit",
        "positions full: a sale did not fill",
        "not enough cash at the open",
        "one share costs more than the position",
        "too little cash for another position",
        "the data ends",
    }
