"""Hold the best of the date, chosen anew every so many sessions, in staggered tranches."""

from collections.abc import Sequence

from rollsight.strategies.rules.rule import Order, Position, Session, Signal
from rollsight.strategies.shares import shares_for
from rollsight.strategies.spec import StrategySpec

MOST_WEIGHT = 2.0  # of an equal part: a stock that hardly moved is no place for all the money


class Rank:
    """The best of each date, a tranche of the places at a time.

    A position belongs to the tranche whose choice bought it, which its age tells: that is made anew
    every ``strategy.every`` sessions, in other sessions than those of the other tranches. What a
    tranche holds stays while it is among the best ``strategy.keep`` of the date.
    """

    def sleeps(self, number: int, spec: StrategySpec, horizon: int) -> bool:
        """Return whether no tranche chooses in a session, in which then nothing is sold or bought.

        A position's age is a whole number of terms in a session of its own tranche alone.
        """
        return number % ((spec.every or horizon) // spec.tranches) != 0

    def sells(self, session: Session) -> list[str]:
        """Return what the tranche that chooses now holds and would not keep."""
        keep = session.spec.keep or session.spec.max_positions
        return [
            own.code
            for own in session.positions
            # A score is minus the number of the date's stocks that are better.
            if _chosen_anew(own, session) and (own.score is None or own.score <= -keep)
        ]

    def buys(self, session: Session) -> list[Order]:
        """Fill the places of the tranche that chooses now with the best that are not held."""
        spec = session.spec
        if self.sleeps(session.number, spec, session.horizon):
            return []
        kept = sum(_chosen_anew(own, session) for own in session.positions)
        places = min(spec.max_positions // spec.tranches - kept, session.places)
        return _orders(session, places)


RANK = Rank()


def weights(buys: Sequence[Signal]) -> list[float]:
    """Return the weight of each buy by inverse volatility, 1 that of an equal part.

    It is the harmonic mean of the buys' volatilities over its own, so that a buy of that volatility
    has an equal part; 2 at most, and 1 where a volatility is 0 or not known.

    >>> calm, wild = (Signal(code, 0.0, 9.0, True, v) for code, v in (("A", 0.01), ("B", 0.03)))
    >>> weights([calm, wild])  # the harmonic mean is 0.015
    [1.5, 0.5]
    """
    known = [1 / buy.volatility for buy in buys if buy.volatility]
    mean = sum(known) / len(known) if known else 1.0
    return [min(1 / buy.volatility / mean, MOST_WEIGHT) if buy.volatility else 1.0 for buy in buys]


def _every(session: Session) -> int:
    return session.spec.every or session.horizon


def _chosen_anew(own: Position, session: Session) -> bool:
    """Return whether a whole number of terms has passed since the close that decided to buy."""
    return (own.age + 1) % _every(session) == 0


def _orders(session: Session, places: int) -> list[Order]:
    """Return buys of equal or weighted parts of the equity, all smaller where cash is short."""
    spec = session.spec
    equal = spec.weight == "equal"
    share = [1.0] * len(session.buys) if equal else weights(session.buys)
    part, buffer = session.equity / spec.max_positions, 1 - spec.cash_buffer
    asked: list[tuple[str, float]] = []
    opened, wanted = 0, 0.0
    for buy, weight in zip(session.buys, share, strict=True):
        if opened >= places:
            break
        asked.append((buy.code, part * weight))
        if buy.traded and shares_for(part * weight * buffer, buy.close):
            opened += 1
            wanted += part * weight
    scale = min(1.0, session.free / wanted) if wanted else 1.0
    return [Order(code, money * scale * buffer) for code, money in asked]
