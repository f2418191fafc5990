"""Rules as a user would write them."""

from rollsight.strategies.rules import RULES, Order, Position, Session


class Fading:
    """Sell what is a buy no more; buy the cheapest, half of the free money each."""

    def sells(self, session: Session) -> list[str]:
        return [own.code for own in session.positions if own.score is not None and not own.buy]

    def buys(self, session: Session) -> list[Order]:
        cheapest = sorted(session.buys, key=lambda buy: (buy.close, buy.code))
        money = session.free
        orders = []
        for buy in cheapest:
            money /= 2
            orders.append(Order(buy.code, money))
        return orders


class Choosy:
    """Buy what costs less than 100, and say so of the others; never sell."""

    def sells(self, _: Session) -> tuple[()]:
        return ()

    def buys(self, session: Session) -> list[Order]:
        share = session.free / session.places * 0.9
        return [
            Order(buy.code, share) if buy.close < 100 else Order(buy.code, 0, "dear")
            for buy in session.buys
        ]


class Idle:
    """Take nothing."""

    def sells(self, _: Session) -> tuple[()]:
        return ()

    def buys(self, _: Session) -> tuple[()]:
        return ()


class Chandelier:
    """Buy as hold does; sell three standard deviations of a day below the highest close."""

    buys = RULES["hold"].buys

    def sells(self, session: Session) -> list[str]:
        """Return what is due, and what fell so far."""
        return [own.code for own in session.positions if own.left <= 0 or self._fell(own)]

    def _fell(self, own: Position) -> bool:
        return own.close < own.highest * (1 - 3 * (own.volatility or 1))


class Ageing:
    """Buy as hold does; sell after four sessions, whatever the horizon."""

    buys = RULES["hold"].buys

    def sells(self, session: Session) -> list[str]:
        """Return what has been held for four sessions."""
        return [own.code for own in session.positions if own.age >= 4]


fading, choosy, idle = Fading(), Choosy(), Idle()
chandelier, ageing = Chandelier(), Ageing()
