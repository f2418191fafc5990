"""What Backtrader charges, and at what price it fills."""

from collections.abc import Iterator, Mapping
from typing import Any

import backtrader as bt


class DatedCosts(bt.CommInfoBase):  # type: ignore[misc]  # backtrader has no types
    """One feed's commission, and its slippage and sell tax of the clock's current session."""

    params = (
        ("costs", None),
        ("feed", 0),
        ("clock", None),
        ("stocklike", True),
        ("commtype", bt.CommInfoBase.COMM_PERC),
        ("percabs", True),
    )

    def _getcommission(
        self,
        size: float,
        price: float,
        pseudoexec: bool,  # noqa: ARG002 - the broker passes it by name
    ) -> float:
        value = abs(size) * price
        tax = self.p.costs.tax(self.p.feed, len(self.p.clock) - 1) if size < 0 else 0.0
        return float(value * self.p.costs.commission + value * tax)

    def slipped(self, price: float, *, buy: bool) -> float:
        """Return the price at which an order fills in this session."""
        slip = float(self.p.costs.slip[self.p.feed, len(self.p.clock) - 1])
        return price * (1 + slip) if buy else price * (1 - slip)


class Positions(Mapping[Any, bt.Position]):
    """Positions by feed, of which only the open ones are walked over, however many there were.

    They stand in the order of their feeds' first orders, which is Backtrader's own: the last bit
    of a sum depends on it.
    """

    def __init__(self) -> None:
        self.all: dict[Any, bt.Position] = {}
        self.place: dict[Any, int] = {}
        self.open: dict[int, Any] = {}  # feed by place, ascending

    def __getitem__(self, feed: Any) -> bt.Position:
        if feed not in self.all:
            self.all[feed], self.place[feed] = bt.Position(), len(self.all)
        return self.all[feed]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.open.values())

    def __len__(self) -> int:
        return len(self.open)

    def settle(self, feed: Any) -> None:
        """Note whether a feed's position is open, after an order was tried."""
        place = self.place[feed]
        if bool(self.all[feed]) == (place in self.open):
            return
        if self.open.pop(place, None) is None:
            self.open = dict(sorted([*self.open.items(), (place, feed)]))


class OpenBroker(bt.brokers.BackBroker):  # type: ignore[misc]  # backtrader has no types
    """Fill at the next open, slipped by the feed's own allowance of that session.

    Cash is checked where an order fills, and nowhere before: Backtrader's ``checksubmit`` would
    check it at the close of the decision's session once more, which is not the price of the fill.

    Slippage stands for costs that bars do not show, so it is cut neither to the bar nor to the
    daily limit: where a fill is hardest it must not get cheaper. This overrides one private method
    of Backtrader and its table of positions; all the rest is its own, and ends with the same bits.
    """

    params = (("checksubmit", False),)

    def init(self) -> None:
        """Start without a position."""
        super().init()
        self.positions = Positions()

    def receive(self, money: float) -> None:
        """Take in money at the close of a session, whose value it is part of."""
        self.cash += money
        self._get_value()

    def _try_exec_market(
        self,
        order: bt.Order,
        popen: float,
        phigh: float,  # noqa: ARG002 - the broker passes all three
        plow: float,  # noqa: ARG002
    ) -> None:
        if order.data.datetime[0] > order.created.dt:
            costs = self.getcommissioninfo(order.data)
            self._execute(order, ago=0, price=costs.slipped(popen, buy=order.isbuy()))
            self.positions.settle(order.data)
