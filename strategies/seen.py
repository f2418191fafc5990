"""What an account shows its rule at the close of a session."""

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
    asked: Sequence[int],
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
    asked
        feeds of the positions that it sees
    """
    signals = (
        _signal(plan, now, buy)
        for buy in buys
        if buy.feed not in holdings and most_shares(buy, plan.closes[buy.feed][now])
    )
    bought = {buy.feed for buy in buys}
    positions = (
        _position(plan, now, feed, holdings[feed], diary, buy=feed in bought) for feed in asked
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
    feed = buy.feed
    close, traded = plan.closes[feed][now], plan.traded[feed][now]
    return Signal(plan.bars[feed].code, buy.score, close, traded, buy.volatility)


def _position(
    plan: OrderPlan, now: int, feed: int, holding: Holding, diary: Diary, *, buy: bool
) -> Position:
    bought, score = diary.orders[holding.entry_order], plan.scored[feed][now]
    return Position(  # by place: it is made a hundred thousand times
        plan.bars[feed].code,
        holding.shares,
        bought.price,
        plan.closes[feed][now],
        plan.traded[feed][now],
        now - bought.filled_at,
        holding.due - (now + 1),
        None if score != score else score,
        buy,
        holding.highest_close(plan.closes[feed], now),
        bought.volatility,
    )
