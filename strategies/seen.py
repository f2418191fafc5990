"""What an account shows its rule at the close of a session."""

from collections.abc import Mapping, Sequence

from rollsight.strategies.diary import Diary, Holding
from rollsight.strategies.plan import Offer, OrderPlan
from rollsight.strategies.rules import Position, Session


def session_of(
    plan: OrderPlan,
    now: int,
    offer: Offer,
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
    offer
        of this session
    holdings
        by feed
    diary
        of the account until this close
    asked
        feeds of the positions that it sees
    """
    signals = offer.signals
    held = holdings.keys() & signals.keys()
    if held:
        signals = signals.copy()
        for feed in held:
            del signals[feed]
    positions = (
        _position(plan, now, feed, holdings[feed], diary, buy=feed in offer.row) for feed in asked
    )
    return Session(
        date=plan.bars[0].sessions[now].item(),
        buys=tuple(signals.values()),
        positions=tuple(positions),
        equity=diary.equity[-1],
        free=free,
        places=places,
        spec=plan.terms[now].spec,
        number=now,
        horizon=plan.terms[now].horizon,
    )


def _position(
    plan: OrderPlan, now: int, feed: int, holding: Holding, diary: Diary, *, buy: bool
) -> Position:
    bought, score = diary.orders[holding.entry_order], plan.scores.item(feed, now)
    return Position(  # by place: it is made a hundred thousand times
        plan.bars[feed].code,
        holding.shares,
        bought.price,
        plan.closes[feed][now],
        plan.bars[feed].views.traded[now],
        now - bought.filled_at,
        holding.due - (now + 1),
        None if score != score else score,
        buy,
        holding.highest_close(plan.closes[feed], now),
        bought.volatility,
    )
