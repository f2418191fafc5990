"""Every decision and every open once more, by plain sums that know nothing of the engine."""

from collections.abc import Iterator
from itertools import count, takewhile
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.backtests.account.backtest import Traded
from rollsight.signals.prices.market import Market
from rollsight.strategies.costs import Costs
from rollsight.strategies.spec import StrategySpec
from tests.support.examples import examples
from tests.support.panels import buys_in, costs_in, markets, traded

HELD, FULL = "already held", "no free position"
DEAR, POOR = "one share costs more than the position", "too little cash for another position"
HALTED, UNPAID = "did not trade at the decision", "not enough cash at the open"
SPECS = [
    StrategySpec(cash=10_000.0, max_positions=2, cash_buffer=0.0),
    StrategySpec(cash=3_000.0, max_positions=3, cash_buffer=0.0),
    StrategySpec(cash=20_000.0, max_positions=2, cash_buffer=0.01, participation=0.25),
]


class Orders:
    """The orders of a backtest by side and by session: when decided, and when filled."""

    def __init__(self, done: Traded, market: Market) -> None:
        self.of: dict[tuple[str, str, int], list[tuple[int, Any]]] = {}
        day = {str(session): n for n, session in enumerate(market.sessions)}
        for order in done.orders.itertuples():
            for column in ("submitted_at", "filled_at"):
                session = day.get(str(getattr(order, column))[:10], -1)
                own = self.of.setdefault((order.side, column, session), [])
                own.append((market.codes.index(order.code), order))

    def __call__(self, side: str, column: str, day: int) -> list[tuple[int, Any]]:
        """Return (stock, order) of a side whose ``column`` is a session, as they were submitted."""
        return self.of.get((side, column, day), [])


def received(order: Any, stock: int, day: int, market: Market, costs: Costs) -> float:
    ends = day == market.endings.session[stock]
    price = market.endings.value[stock] if ends else market.open[stock, day]
    charged = costs.commission + costs.sell_tax[costs.board[stock], day]
    return float(order.filled * price * (1 - costs.slip[stock, day]) * (1 - charged))


def price_of(
    order: Any, stock: int, day: int, market: Market, costs: Costs, spec: StrategySpec
) -> float:
    """Return what an order costs at an open: what filled, or all that the volume allows."""
    shares = order.filled or order.shares
    if spec.participation is not None and market.volume is not None and not order.filled:
        shares = min(shares, np.floor(spec.participation * market.volume[stock, day]))
    slipped = market.open[stock, day] * (1 + costs.slip[stock, day])
    return float(shares * slipped * (1 + costs.commission))


@examples(40)
@given(st.data(), markets(), st.integers(1, 4), st.sampled_from(SPECS))
def test_every_buy_that_filled_could_be_paid_and_one_refused_for_want_of_cash_could_not(
    data: st.DataObject, market: Market, horizon: int, spec: StrategySpec
) -> None:
    costs, buys = data.draw(costs_in(market)), data.draw(buys_in(market))
    done = traded(market, buys, horizon=horizon, spec=spec, costs=costs)
    orders, cash = Orders(done, market), spec.cash
    for day in range(1, len(market.sessions)):
        for stock, order in orders("sell", "filled_at", day):
            cash += received(order, stock, day, market, costs)
        for stock, order in orders("buy", "submitted_at", day - 1):
            due = price_of(order, stock, day, market, costs, spec)
            if order.filled:
                assert due <= cash + 1e-6
                cash -= due
            elif order.reason == UNPAID:
                assert due > cash - 1e-6
        assert done.equity["cash"].iloc[day] == pytest.approx(cash, abs=1e-4)


def last_close(market: Market, stock: int, day: int) -> float:
    return float(market.close[stock, : day + 1][market.has_bar[stock, : day + 1]][-1])


def account(
    orders: Orders, market: Market, spec: StrategySpec, horizon: int, day: int, cash: float
) -> tuple[set[int], float, int]:
    """Return the stocks held at a close, the cash that is counted on, and the free slots."""
    shares, bought = dict.fromkeys(range(len(market.codes)), 0), dict[int, int]()
    for past in range(day + 1):
        for side, sign in (("buy", 1), ("sell", -1)):
            for stock, order in orders(side, "filled_at", past):
                shares[stock] += sign * order.filled
                if side == "buy":
                    bought[stock] = past
    held = {stock for stock, number in shares.items() if number}
    free, slots = cash, spec.max_positions - len(held)
    # What is left of a sale that filled in part is a new order, and no new sale.
    parts = {stock for stock, _ in orders("sell", "filled_at", day)}
    for stock, order in orders("sell", "submitted_at", day):
        # One that is sold only because it ends is sold by what is known in the next session.
        sure = market.traded[stock, day] and bought[stock] + horizon == day + 1
        if sure and stock not in parts:
            free, slots = free + order.shares * last_close(market, stock, day), slots + 1
    return held, free, slots


def fates(
    done: Traded,
    market: Market,
    spec: StrategySpec,
    orders: Orders,
    ranked: list[int],
    day: int,
    horizon: int,
) -> Iterator[str]:
    """Yield what becomes of the ranked buys of a day before any is sent, "" for those sent."""
    cash = float(done.equity["cash"].iloc[day])
    held, free, slots = account(orders, market, spec, horizon, day, cash)
    slot = done.equity["equity"].iloc[day] / spec.max_positions
    able = [s for s in ranked if s not in held and market.traded[s, day]]

    def fit(number: int) -> list[int]:
        part = min(slot, free / number) * (1 - spec.cash_buffer)
        return [stock for stock in able if market.close[stock, day] <= part]

    # Fewer positions have more money each, so they fit wherever more of them do.
    most = max(takewhile(lambda n: n <= slots and len(fit(n)) >= n, count(1)), default=0)
    sent = 0
    for stock in ranked:
        checks = {
            HELD: stock in held,
            FULL: sent == slots,
            HALTED: not market.traded[stock, day],
            DEAR: stock not in fit(max(most, 1)),
            POOR: sent == most,
        }
        why = next((reason for reason, holds in checks.items() if holds), "")
        sent += not why
        yield why


@examples(40)
@given(st.data(), markets(), st.integers(1, 4), st.sampled_from(SPECS))
def test_the_slots_go_to_the_first_buys_that_the_close_can_pay(
    data: st.DataObject, market: Market, horizon: int, spec: StrategySpec
) -> None:
    buys = data.draw(buys_in(market))
    done = traded(market, buys, horizon=horizon, spec=spec)
    orders = Orders(done, market)
    decided = zip(buys, done.action, strict=True)
    of_day: dict[int, list[tuple[float, int, str]]] = {}
    for (stock, day, score), action in decided:
        of_day.setdefault(day, []).append((-score, stock, str(action)))
    of_day.pop(len(market.sessions) - 1, None)
    unsent = {HELD, FULL, HALTED, DEAR, POOR}
    for day, own in of_day.items():
        stocks = [stock for _, stock, _ in sorted(own)]
        said = [action if action in unsent else "" for _, _, action in sorted(own)]
        assert said == list(fates(done, market, spec, orders, stocks, day, horizon))
