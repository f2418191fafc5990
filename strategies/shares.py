"""Money into whole shares, and what keeps a buy from being ordered."""

import math

MOST_SHARES = 2**53  # beyond, doubles no longer count one by one


def shares_for(money: float, price: float) -> int:
    """Return how many whole shares the money buys, at most `MOST_SHARES`."""
    return math.floor(min(money / price, MOST_SHARES))


def refusal(*, traded: bool, shares: int) -> str:
    """Return why a buy is not ordered by what its decision knows, or nothing.

    Parameters
    ----------
    traded
        the stock traded in the session of the decision; a halted one seldom does in the next
    shares
        that its money buys at the close
    """
    if not traded:
        return "did not trade at the decision"
    return "one share costs more than the position" if shares == 0 else ""
