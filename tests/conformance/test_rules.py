"""Every rule keeps to what is asked of rules, and faults put into toy rules are found."""

from collections.abc import Iterable
from datetime import date

import pytest

from rollsight.backtests.account.rulechecks import RULE_CHECKS
from rollsight.base.conformance import fault_of
from rollsight.strategies.rules import RULES, Order, Rule, Session
from tests.conformance.rule import RuleConformance
from tests.support.toys.rules import Fading

DONE, TAKES, SAME, FUTURE, EXTREMES = RULE_CHECKS


class TestHold(RuleConformance):
    name = "hold"


class TestRank(RuleConformance):
    name = "rank"


class TestFading(RuleConformance):
    name = "tests.support.toys.rules:fading"


class TestChandelier(RuleConformance):
    name = "tests.support.toys.rules:chandelier"


def test_every_rule_has_its_class() -> None:
    assert RULES.keys() <= {own.name for own in RuleConformance.__subclasses__()}


class Spends(Fading):
    """It gives each buy all that is free."""

    def buys(self, session: Session) -> list[Order]:
        return [Order(buy.code, session.free) for buy in session.buys]


class Sells(Fading):
    """It sells what it may have sold before."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def sells(self, session: Session) -> Iterable[str]:
        self.seen |= {own.code for own in session.positions}
        return self.seen


class Remembers(Fading):
    """It buys nothing in every other call."""

    def __init__(self) -> None:
        self.calls = 0

    def buys(self, session: Session) -> list[Order]:
        self.calls += 1
        return super().buys(session) if self.calls % 2 else []


class Divides(Fading):
    """It weighs by the money that is free, which may be none."""

    def buys(self, session: Session) -> list[Order]:
        return [Order(buy.code, 1_000 * session.free / session.free) for buy in session.buys[:1]]


class Idle(Fading):
    """It waits for a score that no row has."""

    def buys(self, session: Session) -> list[Order]:
        return [Order(buy.code, 1_000) for buy in session.buys if buy.score > 1]


class Recalls(Fading):
    """It learns closes in one account, and buys in the next what will have risen."""

    def __init__(self) -> None:
        self.closes: dict[str, dict[date, float]] = {}

    def buys(self, session: Session) -> list[Order]:
        for buy in session.buys:
            self.closes.setdefault(buy.code, {})[session.date] = buy.close
        later = {
            code: [close for day, close in own.items() if day > session.date]
            for code, own in self.closes.items()
        }
        orders = super().buys(session)
        return [o for o in orders if not later[o.code] or later[o.code][0] > 100]


@pytest.mark.parametrize(
    ("rule", "check", "fault"),
    [
        (Spends(), DONE, "rule 'Spends' on 20"),
        (Sells(), DONE, "which is not held"),
        (Remembers(), SAME, "it answers () where it had answered (Order(code="),
        (Recalls(), FUTURE, "it decides otherwise where the data end on 2022-10-31"),
        (Divides(), EXTREMES, "ZeroDivisionError"),
        (Idle(), TAKES, "of 239 buys it took none (237 not taken by the rule, 2 the data ends)"),
    ],
)
def test_a_fault_of_a_rule_is_found(rule: Rule, check: str, fault: str) -> None:
    assert fault in fault_of(RULE_CHECKS[check], rule)
