"""The money, once more, by a cash ledger that knows nothing of the engine."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.backtests.account.accounts import reconcile
from rollsight.backtests.account.backtest import Traded
from rollsight.base.errors import RollsightError
from rollsight.signals.prices.market import Market
from rollsight.strategies.costs import Costs
from rollsight.strategies.feed import bars_of
from rollsight.strategies.plan import Buys, OrderPlan, Terms
from rollsight.strategies.rules import rule_of
from rollsight.strategies.spec import StrategySpec
from tests.support.examples import examples
from tests.support.panels import (
    buys_in,
    costs_in,
    costs_of,
    flat,
    markets,
    panel,
    signals_of,
    traded,
)

SPEC = StrategySpec(cash=50_000.0, max_positions=2, cash_buffer=0.02)
STOPS = {"stop_loss": 0.1, "trailing_stop": 0.08, "take_profit": 0.1}
STOPPED = SPEC.model_copy(update={**STOPS, "extend": True})
CAPPED = SPEC.model_copy(update={"participation": 0.25})
OWN = CAPPED.model_copy(update={"rule": "tests.support.toys.rules:fading"})


def ledger(done: Traded, market: Market, costs: Costs, cash: float) -> list[float]:
    """Return the equity of every session, from who bought what and the market's own prices."""
    held: Counter[int] = Counter()
    last_close = [np.nan] * len(market.codes)
    worth = []
    for day, date in enumerate(market.sessions.astype("datetime64[ms]")):
        for order in done.orders[done.orders["filled_at"] == date].itertuples():
            stock = market.codes.index(order.code)
            gone = day == market.endings.session[stock]
            price = market.endings.value[stock] if gone else market.open[stock, day]
            if order.side == "buy":
                held[stock] += order.filled
                paid = order.filled * price * (1 + costs.slip[stock, day])
                cash -= paid * (1 + costs.commission)
            else:
                held[stock] -= order.filled
                received = order.filled * price * (1 - costs.slip[stock, day])
                tax = costs.sell_tax[costs.board[stock], day]
                cash += received * (1 - costs.commission - tax)
        for stock in range(len(market.codes)):
            if market.has_bar[stock, day]:
                last_close[stock] = market.close[stock, day]
        worth.append(cash + sum(n * last_close[stock] for stock, n in held.items() if n))
    return worth


@examples(40)
@given(st.data(), markets(), st.integers(1, 4), st.sampled_from([SPEC, STOPPED, CAPPED, OWN]))
def test_equity_is_what_a_plain_cash_ledger_gives_to_the_cent(
    data: st.DataObject, market: Market, horizon: int, spec: StrategySpec
) -> None:
    costs, buys = data.draw(costs_in(market)), data.draw(buys_in(market))
    done = traded(market, buys, horizon=horizon, spec=spec, costs=costs)
    worth = ledger(done, market, costs, spec.cash)
    assert done.equity["equity"].tolist() == pytest.approx(worth, abs=0.005, rel=0)
    assert done.residual < 0.01


@examples(60)
@given(st.data(), markets(), st.integers(1, 4), st.sampled_from([SPEC, STOPPED, CAPPED, OWN]))
def test_profits_of_all_trades_sum_to_what_the_equity_gained(
    data: st.DataObject, market: Market, horizon: int, spec: StrategySpec
) -> None:
    costs, buys = data.draw(costs_in(market)), data.draw(buys_in(market))
    done = traded(market, buys, horizon=horizon, spec=spec, costs=costs)
    # What is still open is marked at its last close within its trade's profit.
    gained = done.equity["equity"].iloc[-1] - spec.cash
    assert done.trades["profit"].sum() == pytest.approx(gained, abs=0.01)
    for cost in ("commission", "tax", "slippage"):
        assert done.trades[cost].sum() == pytest.approx(done.orders[cost].sum(), abs=0.01)


@examples(80)
@given(st.data(), markets(), st.integers(1, 4))
def test_a_trade_held_to_its_horizon_earns_exactly_its_label(
    data: st.DataObject, market: Market, horizon: int
) -> None:
    costs, buys = data.draw(costs_in(market)), data.draw(buys_in(market))
    done = traded(market, buys, horizon=horizon, spec=SPEC, costs=costs)
    signals = signals_of(market, buys, horizon=horizon).loc[done.trades["signal"]]
    closed = (done.trades["exit_reason"] != "end").to_numpy()
    trades, signals = done.trades[closed], signals[closed]
    assert set(trades["exit_reason"]) <= {"horizon", "delisted"}
    assert trades["gross_return"].tolist() == signals["label_return"].tolist()
    assert trades["label_return"].tolist() == signals["label_return"].tolist()
    sold_at = signals["settled_day"].to_numpy()
    assert (trades["exit_at"].to_numpy() == market.sessions[sold_at]).all()
    stock, bought_at = signals["stock"].to_numpy(), signals["day"].to_numpy() + 1
    net = costs.net(signals["label_return"].to_numpy(), stock, bought_at, sold_at)
    assert trades["net_return"].tolist() == pytest.approx(net.tolist(), abs=1e-9, rel=0)
    # And a trade is open at the end just where its label is not settled.
    assert done.trades["label_return"].isna().tolist() == (~closed).tolist()


RATE = st.integers(0, 60).map(lambda n: n / 10_000)


@examples(40)
@given(st.data(), markets(), st.tuples(RATE, RATE, RATE), st.tuples(RATE, RATE, RATE))
def test_more_cost_never_ends_richer_on_the_same_trades(
    data: st.DataObject,
    market: Market,
    rates: tuple[float, float, float],
    more: tuple[float, float, float],
) -> None:
    # All is decided in one session with money to spare, so that costs change no order.
    stocks = sorted(data.draw(st.sets(st.integers(0, len(market.codes) - 1))))
    buys = [(stock, 0, 0.9) for stock in stocks]
    spec = StrategySpec(cash=50_000.0, max_positions=4, cash_buffer=0.5)

    def outcome(commission: float, slippage: float, tax: float) -> Traded:
        costs = costs_of(market, commission=commission, slippage=slippage, tax=tax)
        return traded(market, buys, spec=spec, costs=costs)

    cheap = outcome(*rates)
    dear = outcome(*(rate + extra for rate, extra in zip(rates, more, strict=True)))
    same = ["code", "side", "shares", "price", "filled_at"]
    pd.testing.assert_frame_equal(cheap.orders[same], dear.orders[same])
    assert dear.equity["equity"].iloc[-1] <= cheap.equity["equity"].iloc[-1] + 1e-6


def round_trip() -> tuple[Market, Traded]:
    market = panel(flat(2, 6), flat(2, 6, 101.0))
    return market, traded(market, [(0, 0, 0.9)], spec=SPEC)


def plan_of(market: Market, **rates: float) -> OrderPlan:
    bars = (bars_of(market, 0, 0), bars_of(market, 1, 0))
    terms, costs = [Terms(2, SPEC)] * len(bars[0].close), costs_of(market, **rates).part([0, 1], 0)
    return OrderPlan(
        Buys.none(), bars, terms, costs, np.full((2, len(terms)), np.nan), rule_of("hold")
    )


def test_accounts_agree_with_the_engine_they_check() -> None:
    market, done = round_trip()
    assert len(done.orders) == 2
    assert reconcile(done.orders, done.equity, plan_of(market), SPEC.cash) == 0.0


@pytest.mark.parametrize(
    ("column", "add"),
    [("price", 1.0), ("filled", 1), ("commission", 0.02), ("slippage", 0.02), ("tax", -0.02)],
)
@pytest.mark.parametrize("order", [0, 1])
def test_an_order_that_is_tampered_with_is_found_out(column: str, add: float, order: int) -> None:
    market, done = round_trip()
    orders = done.orders.copy()
    orders.loc[order, column] += add
    with pytest.raises(RollsightError, match=r"is not the .* that orders and prices give"):
        reconcile(orders, done.equity, plan_of(market), SPEC.cash)


@pytest.mark.parametrize("rate", ["commission", "slippage", "tax"])
def test_a_rate_that_is_not_the_books_is_found_out(rate: str) -> None:
    market, _ = round_trip()
    costs = costs_of(market, commission=0.001, slippage=0.001, tax=0.001)
    done = traded(market, [(0, 0, 0.9)], spec=SPEC, costs=costs)
    rates = {"commission": 0.001, "slippage": 0.001, "tax": 0.001}
    reconcile(done.orders, done.equity, plan_of(market, **rates), SPEC.cash)
    # Orders and equity agree with each other all the same.
    with pytest.raises(RollsightError, match=f"{rate} .* of a .* of '000010' on 2024-01-0"):
        reconcile(done.orders, done.equity, plan_of(market, **rates | {rate: 0.002}), SPEC.cash)


def test_a_close_that_is_tampered_with_is_found_out() -> None:
    market, done = round_trip()
    plan = plan_of(market)
    close = plan.bars[0].close.copy()
    close[1] += 1.0  # A holding's close: bought at 1, sold at 3.
    plan = replace(plan, bars=(replace(plan.bars[0], close=close),))
    with pytest.raises(RollsightError, match="2024-01-03"):
        reconcile(done.orders, done.equity, plan, SPEC.cash)


def test_less_than_a_cent_is_rounding() -> None:
    market, done = round_trip()
    equity = done.equity.assign(equity=done.equity["equity"] + 0.009)
    gap = reconcile(done.orders, equity, plan_of(market), SPEC.cash)
    assert gap == pytest.approx(0.009)
