"""What an account asks of that which fills its orders."""

from typing import Protocol


class Engine(Protocol):
    """What keeps an account's money, and fills its orders at the next open.

    It asks `Account.fillable` of each order in turn, tells `Account.ended` what filled or could not
    be paid, or `Account.partly` what filled in part, and then `Account.close`, session by session.
    """

    def cash(self) -> float:
        """Return the cash, quote currency."""

    def value(self) -> float:
        """Return cash and every position at its close, quote currency."""

    def receive(self, money: float) -> None:
        """Take in money at the close of a session, whose value it is part of."""

    def submit(self, number: int, feed: int, side: str, shares: int) -> None:
        """Take an order for the next open, a "buy" or a "sell"."""

    def cancel(self, number: int) -> None:
        """Drop an order, or what is left of it."""
