"""The account of a list of buys, share by share, in plain Python."""

import math
from dataclasses import dataclass, field
from datetime import date

from tests.recomputed.rules import COMMISSION, DIVIDEND_TAX, SETTLES_AFTER, tax, tick
from tests.recomputed.stocks import Stock


@dataclass(frozen=True)
class Rules:
    """What of the specification decides orders and money."""

    horizon: int
    cash: float
    max_positions: int
    cash_buffer: float
    stop_loss: float | None
    take_profit: float | None
    participation: float | None
    capacity: float | None
    extend: bool
    slippage: float
    slippage_ticks: float
    commission: float | None
    dividend_tax: float | None
    trailing_stop: float | None


@dataclass
class Order:
    """An order; a sale lives until it fills, a buy for one open."""

    stock: int
    submitted: int
    side: str
    shares: int
    filled: int = 0
    at: int | None = None
    price: float = math.nan
    slippage: float = 0.0
    commission: float = 0.0
    tax: float = 0.0
    reason: str = ""


@dataclass
class Holding:
    """Shares of one stock, from one buy, and what its sales brought, costs taken off."""

    shares: int
    entry_price: float
    due: int
    bought: Order
    brought: float = 0.0
    leaving: bool = False


@dataclass(frozen=True)
class Trip:
    """A buy and its sales; a holding that is left stands at its last close."""

    stock: int
    entry: int
    exit: int
    shares: int
    profit: float


@dataclass
class Account:
    """Cash and shares, session by session."""

    stocks: list[Stock]
    calendar: list[date]
    n: int
    rules: Rules
    cash: float = 0.0
    due: float = 0.0
    held: dict[int, Holding] = field(default_factory=dict)
    waiting: list[Order] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    equity: list[float] = field(default_factory=list)
    cashes: list[float] = field(default_factory=list)
    trips: list[Trip] = field(default_factory=list)

    def run(self, buys: dict[int, list[tuple[float, int]]]) -> None:
        """Walk through every session; buys are (score, stock) by the session that decides them."""
        self.cash = self.rules.cash
        for session in range(self.n):
            self._open(session)
            self._close(session, buys.get(session, []))
        for number, holding in self.held.items():
            stock = self.stocks[number]
            traded = max(s for s in stock.bars if stock.traded(s))
            self._leave(number, traded, holding.shares * self._price(number, self.n - 1))

    def _open(self, session: int) -> None:
        # Whatever is sold now was held at the close before.
        self.due = 0.0
        rate = self.rules.dividend_tax
        for number, holding in self.held.items():
            bar = self.stocks[number].bars.get(session)
            gross = holding.shares * bar.dividend if bar else 0.0
            net = gross - gross * (DIVIDEND_TAX if rate is None else rate)
            holding.brought += net
            self.due += net
        waiting, self.waiting = self.waiting, []
        for order in waiting:
            if order.side == "sell":
                self._try_sale(order, session)
            else:
                self._try_buy(order, session)

    def _try_sale(self, order: Order, session: int) -> None:
        stock = self.stocks[order.stock]
        if session == stock.ends:
            price, most = stock.worth, math.inf
        elif stock.can_sell(session):
            price, most = stock.bars[session].open, self._most(stock, session)
        else:
            order.reason = self._why_not(stock, session, "lower")
            self.waiting.append(order)
            return
        self._fill(order, session, price, int(min(order.shares, most)))
        if not order.filled:
            order.reason = "volume cap"
            self.waiting.append(order)
            return
        holding = self.held[order.stock]
        holding.shares -= order.filled
        brought = order.filled * price - order.slippage - order.commission - order.tax
        if holding.shares:
            holding.brought += brought
        else:
            self._leave(order.stock, session, brought)
            del self.held[order.stock]

    def _leave(self, number: int, session: int, brought: float) -> None:
        holding = self.held[number]
        buy = holding.bought
        assert buy.at is not None
        paid = buy.filled * buy.price + buy.slippage + buy.commission
        profit = holding.brought + brought - paid
        self.trips.append(Trip(number, buy.at, session, buy.filled, profit))

    def _try_buy(self, order: Order, session: int) -> None:
        stock = self.stocks[order.stock]
        if not stock.can_buy(session):
            order.reason = self._why_not(stock, session, "upper")
        elif len(self.held) >= self.rules.max_positions:
            order.reason = "positions full: a sale did not fill"
        else:
            price = stock.bars[session].open
            size = int(min(order.shares, self._most(stock, session)))
            charged = price * (1 + self._slip(stock, session, price)) * (1 + self._commission)
            if size * charged > self.cash:
                order.reason = "not enough cash at the open"
                return
            self._fill(order, session, price, size)
            if order.filled:
                due = session + self.rules.horizon
                self.held[order.stock] = Holding(order.filled, price, due, order)

    def _why_not(self, stock: Stock, session: int, side: str) -> str:
        return f"locked at the {side} limit" if stock.traded(session) else "did not trade"

    def _fill(self, order: Order, session: int, price: float, size: int) -> None:
        order.reason = "" if size == order.shares else "volume cap"
        if not size:
            return
        stock, buy = self.stocks[order.stock], order.side == "buy"
        slip = self._slip(stock, session, price)
        paid = size * price * (1 + slip if buy else 1 - slip)
        order.filled, order.at, order.price = size, session, price
        order.slippage = size * price * slip
        order.commission = paid * self._commission
        order.tax = 0.0 if buy else paid * tax(self.calendar[session + SETTLES_AFTER])
        self.cash += (-paid if buy else paid) - order.commission - order.tax

    @property
    def _commission(self) -> float:
        return COMMISSION if self.rules.commission is None else self.rules.commission

    def _slip(self, stock: Stock, session: int, price: float) -> float:
        if not price:
            return self.rules.slippage
        step = tick(stock.board, self.calendar[session], price) / price
        return min(self.rules.slippage + self.rules.slippage_ticks * step, 1.0)

    def _most(self, stock: Stock, session: int) -> float:
        share = self.rules.participation
        if share is None:
            return math.inf
        return math.floor(round(share * stock.bars[session].volume, 6))

    def _close(self, session: int, buys: list[tuple[float, int]]) -> None:
        self.waiting = [order for order in self.waiting if order.side == "sell"]
        self.cash += self.due
        value = sum(h.shares * self._price(s, session) for s, h in self.held.items())
        self.equity.append(self.cash + value)
        self.cashes.append(self.cash)
        if session + 1 == self.n:
            return
        self._sell_leftovers(session)
        fresh = sorted(buys, key=lambda buy: (-buy[0], buy[1]))
        if self.rules.extend:
            for _, s in fresh:
                if s in self.held and not self.held[s].leaving:
                    self.held[s].due = session + 1 + self.rules.horizon
        freed, slots = self._sell(session)
        self._buy([s for _, s in fresh if s not in self.held], session, freed, slots)

    def _price(self, number: int, session: int) -> float:
        stock = self.stocks[number]
        if stock.ends is not None and session >= stock.ends:
            return stock.worth
        return stock.bars[max(s for s in stock.bars if s <= session)].close

    def _sell_leftovers(self, session: int) -> None:
        orderly = {order.stock for order in self.waiting}
        for order in list(self.orders):
            if order.side == "sell" and order.at == session and order.stock in self.held:
                assert order.stock not in orderly
                self._submit(order.stock, session, "sell", self.held[order.stock].shares)

    def _sell(self, session: int) -> tuple[float, int]:
        freed, leaving = 0.0, 0
        for s, holding in self.held.items():
            leaves = self._leaves(s, holding, session)
            if holding.leaving or not (leaves or self.stocks[s].ends == session + 1):
                continue
            holding.leaving = True
            self._submit(s, session if leaves else session + 1, "sell", holding.shares)
            if self.stocks[s].traded(session) and leaves:
                freed += holding.shares * self._price(s, session)
                leaving += 1
        return freed, max(self.rules.max_positions - len(self.held) + leaving, 0)

    def _leaves(self, number: int, holding: Holding, session: int) -> bool:
        return holding.due <= session + 1 or self._stops(number, holding, session)

    def _stops(self, number: int, holding: Holding, session: int) -> bool:
        own, close = self.rules, self._price(number, session)
        highest = max(self._price(number, s) for s in range(holding.bought.at or 0, session + 1))
        change, fall = (round(close / price - 1, 12) for price in (holding.entry_price, highest))
        kept, moved = (own.stop_loss, own.take_profit, own.trailing_stop), (-change, change, -fall)
        return any(at is not None and by >= at for at, by in zip(kept, moved, strict=True))

    def _bears(self, number: int, session: int) -> float:
        """Return how many shares the value traded in the last twenty sessions allows to buy."""
        if self.rules.capacity is None:
            return math.inf
        bars = self.stocks[number].bars
        last = [bars[s] for s in range(session - 19, session + 1) if s in bars]
        mean = sum(bar.volume * bar.close for bar in last) / 20
        most = self.rules.capacity * mean / self._price(number, session)
        return math.floor(round(most, 6))

    def _buy(self, wanted: list[int], session: int, freed: float, slots: int) -> None:
        wanted = [s for s in wanted if self._bears(s, session) >= 1]
        closes = [self._price(s, session) for s in wanted if self.stocks[s].traded(session)]
        number, money = self._openings(closes, session, freed, slots)
        opened = 0
        for s in wanted:
            if opened == slots:
                return
            shares = math.floor(money / self._price(s, session))
            if not self.stocks[s].traded(session):
                self._refuse(s, session, "did not trade at the decision")
            elif not shares:
                self._refuse(s, session, "one share costs more than the position")
            elif opened == number:
                self._refuse(s, session, "too little cash for another position")
            else:
                self._submit(s, session, "buy", int(min(shares, self._bears(s, session))))
                opened += 1

    def _openings(
        self, closes: list[float], session: int, freed: float, slots: int
    ) -> tuple[int, float]:
        """Return the most positions that equal money can open, and that money."""

        def money(positions: int) -> float:
            equal = self.equity[session] / self.rules.max_positions
            return min(equal, (self.cash + freed) / positions) * (1 - self.rules.cash_buffer)

        for number in range(min(slots, len(closes)), 0, -1):
            if sum(math.floor(money(number) / close) >= 1 for close in closes) >= number:
                return number, money(number)
        return 0, money(1)

    def _submit(self, stock: int, session: int, side: str, shares: int) -> None:
        order = Order(stock, session, side, shares)
        self.orders.append(order)
        self.waiting.append(order)

    def _refuse(self, stock: int, session: int, reason: str) -> None:
        self.orders.append(Order(stock, session, "buy", 0, reason=reason))
