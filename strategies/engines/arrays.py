"""The account over arrays: the orders, cash and values of Backtrader, in the order of its sums."""

from bisect import insort
from dataclasses import dataclass

from rollsight.strategies.account import Account
from rollsight.strategies.diary import Diary
from rollsight.strategies.engines.garbage import no_garbage
from rollsight.strategies.plan import OrderPlan


@dataclass(slots=True)
class _Position:
    """Shares of a stock, and what one was bought at, slipped.

    ``place`` counts the stocks in the order of their first tries.
    """

    place: int
    shares: int = 0
    price: float = 0.0


class Arrays:
    """Cash, positions and orders, stepped through session by session.

    Every sum is Backtrader's, term by term: of a sale what was paid for the shares, then what was
    made on them, then costs; of a value each position's cost and its gain, in the order in which
    the feeds were first tried.
    """

    def __init__(self, plan: OrderPlan) -> None:
        self.plan, costs = plan, plan.costs
        self._cash = self._value = float(plan.terms[0].spec.cash)
        self.now = 0
        self.waiting: dict[int, tuple[int, bool, int]] = {}  # number -> feed, a buy, shares
        self.positions: dict[int, _Position] = {}  # by feed
        self.open: list[tuple[int, int]] = []  # place and feed of what is held, ascending
        self.opens, self.closes = plan.opens, plan.closes
        self.slips, self.taxes, self.commission = costs.slips, costs.taxes, costs.commission
        self.account = Account(plan, self)

    def cash(self) -> float:
        """Return the cash, quote currency."""
        return self._cash

    def value(self) -> float:
        """Return cash and every position at its close, quote currency."""
        return self._value

    def receive(self, money: float) -> None:
        """Take in money at the close of a session, whose value it is part of."""
        self._cash += money
        self._revalue()

    def submit(self, number: int, feed: int, side: str, shares: int) -> None:
        """Take an order for the next open."""
        self.waiting[number] = feed, side == "buy", shares

    def cancel(self, number: int) -> None:
        """Drop an order, or what is left of it."""
        del self.waiting[number]

    def run(self) -> Diary:
        """Step through the sessions and return the account's diary."""
        for now in range(len(self.plan.bars[0].close)):
            self.now = now
            self._open()
            self.account.close(now)
        return self.account.stop()

    def _open(self) -> None:
        """Fill what may fill, value what is held, and tell what became of the orders."""
        ended: list[tuple[int, str, int, float]] = []
        for number, (feed, buy, wanted) in list(self.waiting.items()):
            shares = self.account.fillable(number, self.now, len(self.open))
            if feed not in self.positions:
                self.positions[feed] = _Position(len(self.positions))
            if not shares:
                continue
            slip = self.slips[feed][self.now]
            price = self.opens[feed][self.now] * (1 + slip if buy else 1 - slip)
            if not buy:
                self._sell(feed, shares, price)
            elif not self._buy(feed, shares, price):
                ended.append((number, "margin", 0, 0.0))
                continue
            size = shares if buy else -shares
            mean = (0.0 + size * price) / size  # Backtrader's over the fills of an order
            if shares == wanted:
                ended.append((number, "completed", shares, mean))
            else:
                self.account.partly[number] = shares, mean
        self._revalue()
        for number, status, shares, price in ended:
            del self.waiting[number]
            self.account.ended(number, self.now, status, shares, price)

    def _buy(self, feed: int, shares: int, price: float) -> bool:
        """Pay for shares, and return whether the cash did."""
        value = shares * price
        cash = self._cash - value
        cash -= value * self.commission
        if cash < 0.0:
            return False
        self._cash = cash
        own = self.positions[feed]
        own.shares, own.price = shares, price
        insort(self.open, (own.place, feed))
        return True

    def _sell(self, feed: int, shares: int, price: float) -> None:
        own, value = self.positions[feed], shares * price
        self._cash += shares * own.price + shares * (price - own.price)
        self._cash -= value * self.commission + value * self.taxes[feed][self.now]
        own.shares -= shares
        if not own.shares:
            self.open.remove((own.place, feed))

    def _revalue(self) -> None:
        held, now = 0.0, self.now
        positions, closes = self.positions, self.closes
        for _, feed in self.open:
            own, close = positions[feed], closes[feed][now]
            shares = own.shares
            value = shares * close
            if value > 0:
                gain = shares * (close - own.price)
                held = held + (value - gain) + gain
            else:
                held += value
        self._value = self._cash + held


@no_garbage()
def run_arrays(plan: OrderPlan) -> Diary:
    """Return the diary of a plan's account, to the last bit that of `run_backtrader`."""
    engine = Arrays(plan)
    try:
        return engine.run()
    finally:
        del engine.account  # it holds the engine, and garbage would have to be looked for
