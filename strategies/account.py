"""The account: decided at a close by a rule, filled at the next open by an engine."""

from functools import partial

from rollsight.strategies.capacity import THIN
from rollsight.strategies.diary import Diary, Holding, OrderRecord, Payment, Trip
from rollsight.strategies.engines.engine import Engine
from rollsight.strategies.exits import exit_reason, quiet, watched
from rollsight.strategies.feed import Views
from rollsight.strategies.plan import Buy, Offer, OrderPlan, asleep, most_shares
from rollsight.strategies.rules import Order, Session
from rollsight.strategies.seen import session_of
from rollsight.strategies.shares import refusal

HAIR = 1e-12  # parts of the free cash may sum up to so much more than the whole


class Account:
    """Ask the rule what to sell and what to buy, and keep to what holds for every rule.

    That is: at most ``max_positions`` at a time, stops, and that nothing is bought which did not
    trade. At an open all sales come first, those that waited longest before the new ones, then the
    buys in the order of the rule. Each buy fills if the cash that is left by then pays for its
    shares at the slipped open, commission included; else it is refused, whole. A dividend is paid
    at the close of its ex-date, less tax, to what was held at the close before.
    """

    def __init__(self, plan: OrderPlan, engine: Engine) -> None:
        self.plan, self.engine = plan, engine
        self.diary = Diary()
        self.holdings: dict[int, Holding] = {}
        self.pending: dict[int, OrderRecord] = {}  # by number, what the engine has not ended
        self.partly: dict[int, tuple[int, float]] = {}  # shares and price of what filled in part
        self.unsold: list[int] = []  # feeds of which a sale filled in part
        self.entitled: list[tuple[int, int]] = []  # feed, and its shares at the close before
        self.watching = any(watched(own.spec) for own in {id(t): t for t in plan.terms}.values())
        self.asleep = asleep(plan.rule, plan.terms)
        self.endings = {bars.ends for bars in plan.bars}

    def close(self, now: int) -> None:
        """Decide at a session's close, after the engine has told what became of its orders."""
        self._cancel_leftovers(now)
        if self.plan.pays:
            self._pay_dividends(now)
        self.diary.equity.append(self.engine.value())
        self.diary.cash.append(self.engine.cash())
        if now + 1 >= len(self.plan.bars[0].close):
            rows = self.plan.offer(now).rows
            self.diary.others.append((rows, "the data ends", len(rows)))
            return
        self._sell_leftovers(now)
        offer = self.plan.offer(now)
        if self.plan.terms[now].spec.extend:
            self._extend(offer, now)
        kept = [feed for feed, own in self.holdings.items() if not own.sell_reason]
        asked = [] if self.asleep[now] else kept
        if self.plan.rule.due_only:
            asked = [feed for feed in asked if self.holdings[feed].due <= now + 1]
        if offer.rows or asked or self.watching or now + 1 in self.endings:  # else nothing happens
            session = self._sell(offer, now, kept, asked)
            if offer.rows:
                self._buy(offer, now, session)

    def ended(self, number: int, now: int, status: str, shares: int, price: float) -> None:
        """Write down what became of an order, of which so many shares filled at a slipped price."""
        record = self.pending.pop(number)
        record.status = status
        if shares:
            self._filled(number, record, now, shares, price)
        elif status == "margin":
            record.reason = "not enough cash at the open"
        if record.side == "buy":
            self.diary.told[record.signal] = "bought" if record.filled else record.reason

    def fillable(self, number: int, now: int, held: int) -> int:
        """Return how many shares of an order may fill at a session's open.

        Parameters
        ----------
        held
            positions that are open when it is its turn
        """
        record = self.pending[number]
        bars = self.plan.bars[record.feed].views
        record.reason = self._obstacle(bars, now, record, held)
        if record.reason:
            return 0
        if bars.most[now] < record.shares:
            record.reason = "volume cap"
            return int(bars.most[now])
        return record.shares

    def _obstacle(self, bars: Views, now: int, record: OrderRecord, held: int) -> str:
        """Return what keeps an order from filling at this session's open, or nothing."""
        buy = record.side == "buy"
        if not (bars.buyable if buy else bars.sellable)[now]:
            locked = f"locked at the {'upper' if buy else 'lower'} limit"
            return locked if bars.traded[now] else "did not trade"
        full = buy and held >= self.plan.terms[record.submitted_at].spec.max_positions
        return "positions full: a sale did not fill" if full else ""

    def _pay_dividends(self, now: int) -> None:
        for feed, shares in self.entitled:
            paid = self.plan.bars[feed].dividend
            if paid is None or not paid[now]:
                continue
            money = shares * float(paid[now])
            tax = money * self.plan.costs.dividend_tax
            self.engine.receive(money - tax)
            self.diary.payments.append(Payment(feed, now, money, tax))
        self.entitled = [
            (feed, own.shares)
            for feed, own in self.holdings.items()
            if self.plan.bars[feed].dividend is not None
        ]

    def _cancel_leftovers(self, now: int) -> None:
        # A buy is good for one open only; what is left of a sale becomes an order of its own.
        for number, record in list(self.pending.items()):
            if record.side == "buy" or number in self.partly:
                self.engine.cancel(number)
                shares, price = self.partly.pop(number, (0, 0.0))
                self.ended(number, now, "canceled", shares, price)

    def _sell_leftovers(self, now: int) -> None:
        for feed in self.unsold:
            self._submit_sale(feed, self.holdings[feed], now)
        self.unsold.clear()

    def _extend(self, offer: Offer, now: int) -> None:
        for feed, holding in self.holdings.items():
            if feed in offer.row and not holding.sell_reason:
                holding.due = now + 1 + self.plan.terms[now].horizon
                self.diary.told[offer.row[feed]] = "extended"

    def _sell(self, offer: Offer, now: int, kept: list[int], asked: list[int]) -> Session | None:
        """Submit sales; return what the rule sees after them, None where it can buy nothing.

        A stock that did not trade in this session is not counted on to be sold at the next open.
        """
        most, cash = self.plan.terms[now].spec.max_positions, self.engine.cash()
        places = max(most - len(self.holdings), 0)
        holdings, diary = self.holdings, self.diary
        seen = partial(session_of, self.plan, now, holdings=holdings, diary=diary, asked=asked)
        session, chosen = None, frozenset[str]()
        if asked:
            session = seen(offer, free=cash, places=places)
            chosen = self.plan.rule.sells(session)
        freed, selling, sold_now = 0.0, 0, set()
        for feed in self._leaving(kept, chosen, now):
            holding, bars = holdings[feed], self.plan.bars[feed]
            reason = self._exit(feed, holding, now, sold=bars.code in chosen)
            if reason is None:
                # A delisting is known in its own session: it is sold by it, and frees a slot then.
                if bars.ends != now + 1:
                    continue
            elif bars.views.traded[now]:  # a halt seldom ends in the next session
                freed += holding.shares * self.plan.closes[feed][now]
                selling += 1
            if reason is not None:
                sold_now.add(bars.code)
            holding.sell_reason = reason or "delisted"
            self._submit_sale(feed, holding, now if reason else now + 1)
        # Under earlier terms there may have been more.
        places = max(most - len(self.holdings) + selling, 0)
        if session is None:
            # Where no place is or becomes free, nobody looks at the buys: most sessions are such.
            found = offer.rows and places
            return seen(offer, free=cash + freed, places=places) if found else None
        left = tuple(own for own in session.positions if own.code not in sold_now)
        return session._replace(positions=left, free=cash + freed, places=places)

    def _leaving(self, kept: list[int], chosen: frozenset[str], now: int) -> list[int]:
        """Return the holdings that their rule, their close or their end may sell: mostly none."""
        if not (chosen or self.watching or now + 1 in self.endings):
            return []
        bars, closes, holdings = self.plan.bars, self.plan.closes, self.holdings
        return [
            feed
            for feed in kept
            if not holdings[feed].quiet[0] < closes[feed][now] < holdings[feed].quiet[1]
            or bars[feed].code in chosen
            or bars[feed].ends == now + 1
        ]

    def _exit(self, feed: int, holding: Holding, now: int, *, sold: bool) -> str | None:
        bought, closes = self.diary.orders[holding.entry_order], self.plan.closes[feed]
        spec, close = self.plan.terms[bought.submitted_at].spec, closes[now]
        reason = exit_reason(
            due=sold and holding.due == now + 1,
            close=close,
            entry_price=bought.price,
            highest=close if spec.trailing_stop is None else holding.highest_close(closes, now),
            spec=spec,
        )
        return "rule" if sold and reason is None else reason

    def _buy(self, offer: Offer, now: int, session: Session | None) -> None:
        told, why_not, opened = self.diary.told, "no free position", 0
        held = self.holdings.keys() & offer.row.keys()
        for feed in held:
            told.setdefault(offer.row[feed], "already held")
        before = len(told)
        if len(held) < len(offer.rows) and session is not None and session.places:
            spent = 0.0
            for order in self.plan.rule.buys(session):
                if opened == session.places:
                    break
                buy = offer.buy(order.code)
                bars = self.plan.bars[buy.feed]
                wanted = bars.bought_by(order.money, now)
                why = order.reason or refusal(traded=bars.views.traded[now], shares=wanted)
                if why:
                    self._refuse(buy, now, why)
                    continue
                spent += order.money
                self._require_cash(session, order, spent)
                shares = min(wanted, most_shares(buy.most, bars.views.close[now]))
                record = OrderRecord(buy.feed, now, "buy", shares, buy.signal, wanted=wanted)
                record.volatility = buy.volatility
                self._submit(record)
                opened += 1
            if opened < session.places:
                why_not = "not taken by the rule"
            for signal in offer.thin:
                told.setdefault(signal, THIN)
        ended = len(held) + opened + len(told) - before
        self.diary.others.append((offer.rows, why_not, len(offer.rows) - ended))

    def _require_cash(self, session: Session, order: Order, spent: float) -> None:
        if spent > session.free * (1 + HAIR):
            raise self.plan.rule.fault(
                session,
                f"its buys up to {order.code!r} take {spent:,.2f}, and {session.free:,.2f} are "
                "free: give less money",
            )

    def _refuse(self, buy: Buy, now: int, why: str) -> None:
        self.diary.orders.append(
            OrderRecord(buy.feed, now, "buy", 0, buy.signal, status="rejected", reason=why)
        )
        self.diary.told[buy.signal] = why

    def _submit_sale(self, feed: int, holding: Holding, now: int) -> None:
        shares, signal = holding.shares, holding.signal
        self._submit(OrderRecord(feed, now, "sell", shares, signal, wanted=shares))

    def _submit(self, record: OrderRecord) -> None:
        number = len(self.diary.orders)
        self.diary.orders.append(record)
        # The order must be known before the engine can speak of it.
        self.pending[number] = record
        self.engine.submit(number, record.feed, record.side, record.shares)

    def _filled(
        self, number: int, record: OrderRecord, now: int, shares: int, price: float
    ) -> None:
        costs = self.plan.costs
        record.filled = shares
        if record.filled < record.shares:
            record.status = "partial"
        else:
            record.reason = ""
        value = record.filled * price
        record.filled_at = now
        record.price = self.plan.opens[record.feed][now]
        record.slippage = abs(value - record.filled * record.price)
        record.commission = value * costs.commission
        if record.side == "buy":
            terms = self.plan.terms[record.submitted_at]
            own = Holding(record.signal, number, now + terms.horizon, record.filled, marked=now)
            own.quiet = quiet(record.price, terms.spec)
            self.holdings[record.feed] = own
            return
        record.tax = value * costs.taxes[record.feed][now]
        self._sold(record, number)

    def _sold(self, record: OrderRecord, number: int) -> None:
        holding = self.holdings[record.feed]
        holding.exit_orders += (number,)
        holding.shares -= record.filled
        if holding.shares:
            self.unsold.append(record.feed)
            return
        del self.holdings[record.feed]
        ended = record.filled_at == self.plan.bars[record.feed].ends
        self._close(record.feed, holding, "delisted" if ended else holding.sell_reason)

    def _close(self, feed: int, holding: Holding, reason: str) -> None:
        self.diary.trips.append(
            Trip(feed, holding.signal, holding.entry_order, holding.exit_orders, reason)
        )

    def stop(self) -> Diary:
        """Return the diary; what is still open are trips that have not ended."""
        for record in self.pending.values():
            record.status = "waiting"
        for feed, holding in self.holdings.items():
            self._close(feed, holding, "end")
        return self.diary
