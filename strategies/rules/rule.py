"""What a rule sees at the close of a session, and what it answers.

These are tuples, since they are made by the ten thousand and faster than dataclasses.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple, Protocol

from rollsight.strategies.spec import StrategySpec


class Signal(NamedTuple):
    """A buy: a row at or above its window's threshold, of a stock that is not held.

    Attributes
    ----------
    score
        what reached the threshold
    close
        quote currency; the last one where the stock did not trade
    traded
        it traded in this session; a halted one seldom does in the next
    volatility
        standard deviation of its last daily changes, for a rule of your own and for weights by it;
        else None
    """

    code: str
    score: float
    close: float
    traded: bool
    volatility: float | None = None


class Position(NamedTuple):
    """Shares that are held and are not being sold.

    Attributes
    ----------
    entry_price, close
        unslipped, quote currency
    traded
        it traded in this session
    age
        sessions since the one in which it was bought
    left
        sessions by which a sale at the next open comes before the end of its buy's horizon;
        0 where it ends the trade that the label stands for, negative beyond
    score
        of this session's row; None where the stock has none
    buy
        that score is at or above its window's threshold
    highest
        close since it was bought, the session of its buy and this one included; quote currency
    volatility
        of its buy, as its `Signal` had it
    """

    code: str
    shares: int
    entry_price: float
    close: float
    traded: bool
    age: int
    left: int
    score: float | None
    buy: bool
    highest: float
    volatility: float | None = None


class Session(NamedTuple):
    """All that is known at the close of a session, and nothing later.

    Attributes
    ----------
    buys
        the highest score first, equal ones by code
    positions
        in the order in which they were bought
    equity
        cash and every share at its close, quote currency
    free
        cash, with the closing value of what is sold at the next open, quote currency
    places
        positions that may be opened; where sales are asked for, before them
    number
        sessions since the first at whose close the account decided
    horizon
        of the label, sessions
    """

    date: date
    buys: tuple[Signal, ...]
    positions: tuple[Position, ...]
    equity: float
    free: float
    places: int
    spec: StrategySpec
    number: int = 0
    horizon: int = 10


class Order(NamedTuple):
    """What a rule makes of a buy.

    Attributes
    ----------
    money
        to be spent at this session's close, quote currency; as many whole shares are ordered
    reason
        why nothing is bought; empty where something is
    """

    code: str
    money: float
    reason: str = ""


class Rule(Protocol):
    """From the signals of a session to orders for the next open.

    The same session has the same answer: a rule keeps nothing from one call to the next. It is
    asked where there is something to decide. Stops, delistings, fills, costs and what the exchange
    allows are not its own: they hold for every rule. A stop of its own is a sale like any other,
    of which a `Position` has what it takes.

    A rule that has ``due_only = True`` sees no positions but those whose horizon is over, which
    saves time where hundreds are held. One that has a method ``sleeps(number, spec, horizon)`` is
    shown no positions in a session for which it answers True, where it must neither sell nor buy
    anything; it is not asked where the terms change on the way.
    """

    def sells(self, session: Session, /) -> Iterable[str]:
        """Return the codes of the positions to sell."""
        ...

    def buys(self, session: Session, /) -> Iterable[Order]:
        """Return what to buy, in the order in which places and cash are given out.

        What is sold stands in ``positions`` no more, and in ``free`` and ``places`` already.
        """
        ...
