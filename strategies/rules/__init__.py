"""From the signals of a session to orders: one file a rule, and `RULES` by name."""

from rollsight.base.named import find
from rollsight.strategies.rules.asked import NamedRule
from rollsight.strategies.rules.hold import HOLD
from rollsight.strategies.rules.rank import RANK
from rollsight.strategies.rules.rule import Order, Position, Rule, Session, Signal

__all__ = [
    "NEEDS",
    "RULES",
    "NamedRule",
    "Order",
    "Position",
    "Rule",
    "Session",
    "Signal",
    "rule_of",
]

RULES: dict[str, Rule] = {"hold": HOLD, "rank": RANK}
NEEDS = ("sells", "buys")  # what a user's own must have


def rule_of(name: str) -> NamedRule:
    """Return the rule of a name of `RULES`, or of a user's own, "package.module:name".

    Raises
    ------
    RollsightError
        If there is no such rule.
    """
    return NamedRule(name, find("rule", name, RULES, NEEDS))
