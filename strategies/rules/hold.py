"""Hold every buy to its horizon, in equal parts, the most probable buys first."""

from collections.abc import Sequence

from rollsight.strategies.rules.rule import Order, Session
from rollsight.strategies.shares import shares_for
from rollsight.strategies.spec import StrategySpec

POOR = "too little cash for another position"


class Hold:
    """The trade that a label stands for."""

    due_only = True

    def sells(self, session: Session) -> list[str]:
        """Return the positions whose horizon is over at the next open."""
        return [own.code for own in session.positions if own.left <= 0]

    def buys(self, session: Session) -> list[Order]:
        """Give each buy the same money, and as many of them as it can be given to."""
        closes = [buy.close for buy in session.buys if buy.traded]
        number, money = openings(closes, session.equity, session.free, session.places, session.spec)
        orders: list[Order] = []
        opened = 0
        for buy in session.buys:
            if opened == session.places:
                break
            fits = buy.traded and shares_for(money, buy.close) > 0
            poor = fits and opened >= number
            orders.append(Order(buy.code, 0.0, POOR) if poor else Order(buy.code, money))
            opened += fits and not poor
        return orders


HOLD = Hold()


def position_money(equity: float, free: float, buys: int, spec: StrategySpec) -> float:
    """Return the money for each new position, quote currency.

    An equal part of the equity, or of the free cash where that is less, short of the buffer.

    Parameters
    ----------
    equity
        at the close of the decision
    free
        cash, with the closing value of what is being sold
    buys
        how many positions are to be opened

    >>> position_money(1000.0, 150.0, 2, StrategySpec(max_positions=4, cash_buffer=0.0))
    75.0
    """
    return min(equity / spec.max_positions, free / buys) * (1 - spec.cash_buffer)


def openings(
    closes: Sequence[float], equity: float, free: float, slots: int, spec: StrategySpec
) -> tuple[int, float]:
    """Return how many positions are opened, and the money for each, quote currency.

    The most positions, up to the free slots, that can be opened with equal money: the largest n
    such that at least n of the closes are at most ``position_money(equity, free, n, spec)``. Where
    not even one is, n is 0 and the money that of a single position.

    Parameters
    ----------
    closes
        of the stocks that might be bought
    slots
        free positions

    >>> openings([700.0, 40.0], 1000.0, 1000.0, 2, StrategySpec(max_positions=1, cash_buffer=0.0))
    (1, 1000.0)
    """
    cheapest = sorted(closes)
    for number in range(min(slots, len(closes)), 0, -1):
        money = position_money(equity, free, number, spec)
        # What pays for the n-th cheapest pays for all before it.
        if shares_for(money, cheapest[number - 1]) > 0:
            return number, money
    return 0, position_money(equity, free, 1, spec)
