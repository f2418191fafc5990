"""What a backtest lets one expect of as many sessions as an account has lived."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

LEVEL = 0.9
FEWEST = 5  # spans of that length, one behind the other, that the backtest must hold


@dataclass(frozen=True)
class Promise:
    """Where the backtest's own stretches of some sessions ended, returns as fractions.

    Attributes
    ----------
    sessions
        how many the account has lived
    low, high
        between which nine in ten of them ended; None where the backtest is too short to tell
    within
        the account's return lies there; None where that is unknown
    """

    sessions: int
    low: float | None
    high: float | None
    within: bool | None


def promise(returns: npt.NDArray[np.float64], lived: int, earned: float) -> Promise:
    """Hold a return against every stretch of as many sessions in a backtest.

    Stretches overlap, and a backtest that was chosen among several promises too much: the interval
    says what the backtest was like, not what markets will be.

    Parameters
    ----------
    returns
        (n,) of the backtest's sessions, fractions
    lived
        sessions of the account after its first
    earned
        its return over them, fraction
    """
    if lived < 1 or len(returns) < FEWEST * lived:
        return Promise(lived, None, None, None)
    level = np.concatenate([[0.0], np.log1p(returns).cumsum()])
    ended = np.expm1(level[lived:] - level[:-lived])
    low, high = (float(q) for q in np.quantile(ended, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]))
    return Promise(lived, low, high, low <= earned <= high)
