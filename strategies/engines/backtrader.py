"""The account in Backtrader: what a run's own money is made with."""

from collections.abc import Sequence
from typing import Any

import backtrader as bt

from rollsight.strategies.account import Account
from rollsight.strategies.diary import Diary
from rollsight.strategies.engines.broker import DatedCosts, OpenBroker
from rollsight.strategies.feed import Clock, Stock
from rollsight.strategies.plan import OrderPlan


class AccountStrategy(bt.Strategy):  # type: ignore[misc]  # backtrader has no types
    """An account whose orders Backtrader fills."""

    params = (("plan", None), ("stocks", ()))  # feeds in the order of the plan's bars

    def __init__(self) -> None:
        self.engine = _Engine(self)
        self.account = Account(self.p.plan, self.engine)
        self.broker.set_filler(self._fillable)

    def next(self) -> None:
        """Decide at this session's close."""
        self.account.close(len(self) - 1)

    def notify_order(self, order: bt.Order) -> None:
        """Tell the account what became of an order."""
        number = self.engine.numbers.get(order.ref)
        if number is None:
            return
        shares, price = int(abs(order.executed.size)), order.executed.price
        if not order.alive():
            self.engine.forget(number)
            status = order.getstatusname().lower()
            self.account.ended(number, len(self) - 1, status, shares, price)
        elif shares:
            self.account.partly[number] = shares, price

    def _fillable(self, order: bt.Order, _price: float, _ago: int) -> int:
        held = sum(1 for position in self.broker.positions.values() if position.size)
        return self.account.fillable(self.engine.numbers[order.ref], len(order.data) - 1, held)


class _Engine:
    """Backtrader, as an account speaks to it."""

    def __init__(self, strategy: bt.Strategy) -> None:
        self.strategy, self.broker = strategy, strategy.broker
        self.orders: dict[int, bt.Order] = {}  # by the account's number, while alive
        self.numbers: dict[int, int] = {}  # by Backtrader's own

    def cash(self) -> float:
        return float(self.broker.getcash())

    def value(self) -> float:
        return float(self.broker.getvalue())

    def receive(self, money: float) -> None:
        self.broker.receive(money)

    def submit(self, number: int, feed: int, side: str, shares: int) -> None:
        act = self.strategy.buy if side == "buy" else self.strategy.sell
        order = act(data=self.strategy.p.stocks[feed], size=shares, exectype=bt.Order.Market)
        self.orders[number], self.numbers[order.ref] = order, number

    def cancel(self, number: int) -> None:
        self.broker.cancel(self.forget(number))

    def forget(self, number: int) -> bt.Order:
        """Return an order of which there is nothing more to hear."""
        order = self.orders.pop(number)
        del self.numbers[order.ref]
        return order


def run_backtrader(plan: OrderPlan) -> Diary:
    """Run a plan in Backtrader and return the account's diary."""
    cerebro = bt.Cerebro(stdstats=False)
    clock = Clock(sessions=plan.bars[0].sessions)
    cerebro.adddata(clock)
    cerebro.broker = OpenBroker(cash=plan.terms[0].spec.cash)
    return run_cerebro(cerebro, plan, [Stock(bars, clock) for bars in plan.bars])


def run_cerebro(cerebro: bt.Cerebro, plan: OrderPlan, stocks: Sequence[Any]) -> Diary:
    """Run the plan on a Cerebro that has its clock and broker; return the account's diary.

    Parameters
    ----------
    stocks
        feeds in the order of the plan's bars, named by their codes
    """
    for feed, bars in enumerate(plan.bars):
        costs = DatedCosts(costs=plan.costs, feed=feed, clock=cerebro.datas[0])
        cerebro.broker.addcommissioninfo(costs, name=bars.code)
    cerebro.addstrategy(AccountStrategy, plan=plan, stocks=stocks)
    (strategy,) = cerebro.run()
    account: Account = strategy.account
    return account.stop()
