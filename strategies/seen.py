"""What an account shows its rule at the close of a session."""

import math
from collections.abc import Mapping, Sequence

from rollsight.strategies.capacity import most_shares
from rollsight.strategies.diary import Diary, Holding
from rollsight.strategies.plan import Buy, OrderPlan
from rollsight.strategies.rules import Position, Session, Signal


def session_of(
    plan: OrderPlan,
    now: int,
    buys: Sequence[Buy],
    holdings: Mapping[int, Holding],
    diary: Diary,
    *,
    free: float,
    places: int,
) -> Session:
    """Return what a rule sees: no buy of which the capacity leaves less than one share.

    Parameters
    ----------
    buys
        of this session, ranked
    holdings
        by feed
    diary
        of the account until this close
    """
    signals = (
        _signal(plan, now, buy)
        for buy in buys
        if buy.feed not in holdings and most_shares(buy, float(plan.bars[buy.feed].close[now]))
    )
    bought = {buy.feed for buy in buys}
    positions = (
        _position(plan, now, feed, holding, diary, buy=feed in bought)
        for feed, holding in holdings.items()
        if not holding.sell_reason
    )
    return Session(
        date=plan.bars[0].sessions[now].item(),
        buys=tuple(signals),
        positions=tuple(positions),
        equity=diary.equity[-1],
        free=free,
        places=places,
        spec=plan.terms[now].spec,
        number=now,
        horizon=plan.terms[now].horizon,
    )


def _signal(plan: OrderPlan, now: int, buy: Buy) -> Signal:
    bars = plan.bars[buy.feed]
    close, traded = float(bars.close[now]), bool(bars.traded[now])
    return Signal(bars.code, buy.score, close, traded, buy.volatility)


def _position(
    plan: OrderPlan, now: int, feed: int, holding: Holding, diary: Diary, *, buy: bool
) -> Position:
    bars, bought = plan.bars[feed], diary.orders[holding.entry_order]
    score = float(plan.scores[feed, now])
    return Position(
        code=bars.code,
        shares=holding.shares,
        entry_price=bought.price,
        close=float(bars.close[now]),
        traded=bool(bars.traded[now]),
        age=now - bought.filled_at,
        left=holding.due - (now + 1),
        score=None if math.isnan(score) else score,
        buy=buy,
    )
