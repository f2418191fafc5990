"""The session of a market that a user names."""

from datetime import date

import numpy as np

from rollsight.base.errors import RollsightError
from rollsight.signals.prices.market import Market


def session_at(market: Market, day: date | str, *, folder: str, name: str) -> int:
    """Return the position of a day among a market's sessions.

    Parameters
    ----------
    name
        what the day is called where it was given

    Raises
    ------
    RollsightError
        If it is no date, or no session of the market.
    """
    try:
        wanted = np.datetime64(day, "D")
    except ValueError as error:
        raise RollsightError(f"{name} {day!r} is no date: write it as 2024-01-02") from error
    at = int(np.abs(market.sessions - wanted).argmin())
    if market.sessions[at] != wanted:
        raise RollsightError(
            f"{name} {day} is no session of {market.exchange} in {folder} ({market.sessions[0]} to "
            f"{market.sessions[-1]}); the nearest is {market.sessions[at]}"
        )
    return at
