"""Pure rules: which buys are taken, how large, and when a holding is sold."""

import math
from dataclasses import dataclass

from rollsight.strategies.spec import StrategySpec


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
    """Return how many whole shares the money buys."""
    return math.floor(money / price)


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
