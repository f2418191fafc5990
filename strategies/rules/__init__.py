"""From the signals of a session to orders: one file a rule, and `RULES` by name.

A stop of your own is such a rule. This one buys as hold does, and sells at the horizon or after a
close that is three standard deviations of a day below the highest since the entry:

>>> class Chandelier:
...     buys = RULES["hold"].buys
...
...     def sells(self, session):
...         return [own.code for own in session.positions if own.left <= 0 or self.fell(own)]
...
...     def fell(self, own):
...         return own.close < own.highest * (1 - 3 * (own.volatility or 1))
"""

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
