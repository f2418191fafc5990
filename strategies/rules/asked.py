"""A rule asked, and its answers held to what there is."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Real
from typing import TypeVar

from rollsight.base.errors import RollsightError
from rollsight.strategies.rules.rule import Order, Rule, Session
from rollsight.strategies.spec import StrategySpec

T = TypeVar("T")


@dataclass(frozen=True)
class NamedRule:
    """A rule with its name, of which each fault is one line.

    Attributes
    ----------
    name
        as a spec has it
    """

    name: str
    rule: Rule

    @property
    def due_only(self) -> bool:
        """It needs to see no position but those whose horizon is over: hundreds cost time."""
        return getattr(self.rule, "due_only", False)

    def sleeps(self, number: int, spec: StrategySpec, horizon: int) -> bool:
        """Return whether it neither sells nor buys in a session, whatever it would see.

        Raises
        ------
        RollsightError
            If the rule fails.
        """
        ask = getattr(self.rule, "sleeps", None)
        try:
            return ask is not None and bool(ask(number, spec, horizon))
        except (Exception, SystemExit) as error:  # whatever a user's own may raise
            what = f"{type(error).__name__}: {error}"
            raise RollsightError(f"rule {self.name!r}: sleeps({number}): {what}") from error

    def sells(self, session: Session) -> frozenset[str]:
        """Return the codes of the positions to sell.

        Raises
        ------
        RollsightError
            If the rule fails, or sells what is not held.
        """
        codes = self._answer(self.rule.sells, session)
        held = {own.code for own in session.positions} if codes else set()
        for code in codes:
            if not isinstance(code, str) or code not in held:
                have = f"have {sorted(held)}"
                raise self.fault(session, f"it sells {shown(code)}, which is not held ({have})")
        return frozenset(codes)

    def buys(self, session: Session) -> list[Order]:
        """Return what to buy.

        Raises
        ------
        RollsightError
            If the rule fails, or buys no buy of this session, one twice, or for no sum of money.
        """
        orders = self._answer(self.rule.buys, session)
        left = {buy.code for buy in session.buys}
        for order in orders:
            if not isinstance(order, Order) or not isinstance(order.code, str):
                raise self.fault(session, f"it buys {shown(order)}, which is no Order(code, money)")
            if not isinstance(order.reason, str):
                raise self.fault(
                    session,
                    f"its reason for {order.code!r} is {shown(order.reason)}: give a text, or none",
                )
            if order.code not in left:
                why = (
                    "twice"
                    if order.code in {b.code for b in session.buys}
                    else (f"which is no buy of this session (have {sorted(left)})")
                )
                raise self.fault(session, f"it buys {order.code!r}, {why}")
            left.remove(order.code)
            if not _is_money(order.money):
                raise self.fault(
                    session,
                    f"it gives {shown(order.money)} for {order.code!r}, which is no sum of money: "
                    "give a finite number, 0 or more",
                )
        return orders

    def fault(self, session: Session, what: str) -> RollsightError:
        """Return the error of an answer that cannot be used."""
        return RollsightError(f"rule {self.name!r} on {session.date}: {' '.join(what.split())}")

    def _answer(self, ask: Callable[[Session], Iterable[T]], session: Session) -> list[T]:
        try:
            found = ask(session)
            answer = None if isinstance(found, str) else list(found)
        except (Exception, SystemExit) as error:  # whatever a user's own may raise
            raise self.fault(session, f"{type(error).__name__}: {error}") from error
        if answer is None:
            raise self.fault(session, f"it answers {shown(found)}: give a list, even of one")
        return answer


def shown(value: object) -> str:
    """Return what Python shows of a value, or what it is where that fails.

    >>> shown(10 ** 5_000), shown("AAA")
    ('an int', "'AAA'")
    """
    try:
        return repr(value)
    except Exception:  # noqa: BLE001  # whatever a user's own may raise, or a number too long
        kind = type(value).__name__
        return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _is_money(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    try:
        return math.isfinite(value) and float(value) >= 0
    except OverflowError:  # of a whole number
        return False
