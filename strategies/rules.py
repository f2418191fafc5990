"""Pure rules: which buys are taken, how large, and when a holding is sold."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rollsight.strategies.spec import StrategySpec

MOST_SHARES = 2**53  # beyond, doubles no longer count one by one


@dataclass(frozen=True)
class Buy:
    """A row at or above its window's threshold.

    Attributes
    ----------
    signal : row of the signal table
    feed : position of the stock among the feeds
    score : what reached the threshold
    """

    signal: int
    feed: int
    score: float


def ranked(buys: list[Buy]) -> list[Buy]:
    """Return buys by descending score; equal ones in the order of their codes."""
    return sorted(buys, key=lambda buy: (-buy.score, buy.feed))


def position_money(equity: float, free: float, buys: int, spec: StrategySpec) -> float:
    """Return the money for each new position, quote currency.

    An equal part of the equity, or of the free cash where that is less, short of the buffer.

    Parameters
    ----------
    equity : at the close of the decision
    free : cash, with the closing value of what is being sold
    buys : how many positions are to be opened

    >>> position_money(1000.0, 150.0, 2, StrategySpec(max_positions=4, cash_buffer=0.0))
    75.0
    """
    return min(equity / spec.max_positions, free / buys) * (1 - spec.cash_buffer)


def shares_for(money: float, price: float) -> int:
    """Return how many whole shares the money buys, at most `MOST_SHARES`."""
    return math.floor(min(money / price, MOST_SHARES))


def openings(
    closes: Sequence[float], equity: float, free: float, slots: int, spec: StrategySpec
) -> tuple[int, float]:
    """Return how many positions are opened, and the money for each, quote currency.

    The most positions, up to the free slots, that can be opened with equal money: the largest n
    such that at least n of the closes are at most ``position_money(equity, free, n, spec)``. Where
    not even one is, n is 0 and the money that of a single position.

    Parameters
    ----------
    closes : of the stocks that might be bought
    slots : free positions

    >>> openings([700.0, 40.0], 1000.0, 1000.0, 2, StrategySpec(max_positions=1, cash_buffer=0.0))
    (1, 1000.0)
    """
    for number in range(min(slots, len(closes)), 0, -1):
        money = position_money(equity, free, number, spec)
        if sum(shares_for(money, close) > 0 for close in closes) >= number:
            return number, money
    return 0, position_money(equity, free, 1, spec)


def refusal(*, traded: bool, shares: int, room: bool) -> str:
    """Return why a buy is not ordered by what its decision knows, or nothing.

    Parameters
    ----------
    traded : the stock traded in the session of the decision; a halted one seldom does in the next
    shares : that the money of a position buys at the close
    room : fewer positions are opened so far than the cash allows
    """
    if not traded:
        return "did not trade at the decision"
    if shares == 0:
        return "one share costs more than the position"
    return "" if room else "too little cash for another position"


def exit_reason(
    *, due: bool, ends: bool, close: float, entry_price: float, spec: StrategySpec
) -> str | None:
    """Return why a holding is sold at the next open, or None while it is kept.

    Stops are watched at closes, like every other decision.
    """
    # 90/100-1 is a hair above -0.1: like labels, changes are compared to twelve decimals.
    change = round(close / entry_price - 1, 12)
    if ends:
        return "delisted"
    if due:
        return "horizon"
    if spec.stop_loss is not None and change <= -spec.stop_loss:
        return "stop"
    if spec.take_profit is not None and change >= spec.take_profit:
        return "target"
    return None
