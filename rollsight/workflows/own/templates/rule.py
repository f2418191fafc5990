"""A rule of your own: which positions a session sells, and what it spends on its buys.

Change the two methods; keep the last lines, which name it.
A specification names it by one line:

    [strategy]
    rule = "NAME:rule"

rollsight check NAME:rule holds it to the rules of rules. It has no settings in the specification:
make an object of each setting, as below, and name that, or let a sweep try them:
--grid strategy.rule=NAME:rule,NAME:patient. session.spec has the keys of [strategy].
"""

from rollsight.strategies.rules import Order, Session


class Fading:
    """Sell what is a buy no more once it was held for a while; an equal part for each buy."""

    def __init__(self, least: int) -> None:
        self.least = least  # sessions

    def sells(self, session: Session) -> list[str]:
        """Return the codes of the positions that are sold at the next open."""
        return [
            own.code
            for own in session.positions
            if own.score is not None and not own.buy and own.age >= self.least
        ]

    def buys(self, session: Session) -> list[Order]:
        """Return orders for the next open, the first with the first claim on places and cash."""
        money = 0.95 * session.free / max(session.places, 1)
        return [Order(buy.code, money) for buy in session.buys]


rule = Fading(least=1)
patient = Fading(least=10)
