"""Rules as a user would write them."""

from rollsight.strategies.rules import Order, Session


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


fading, choosy, idle = Fading(), Choosy(), Idle()
