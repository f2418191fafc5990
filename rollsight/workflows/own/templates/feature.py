"""A feature of your own: one number a stock and session, of prices up to that session.

Change what the class says of itself and what it computes; keep its last line, which names it.
A specification names it by one line:

    [features]
    stock = ["change", "NAME:feature"]

rollsight check NAME:feature holds it to the rules of features, and the same run under rollsight
audit hunts for values that look ahead.
"""

import numpy as np
import numpy.typing as npt

from rollsight.signals.features import StockPanel

DAYS = 5


class Momentum:
    """The change of the close over the last sessions."""

    title = "momentum of a week"  # in words, for the page
    unit = "fraction"
    needs = ("Close",)  # of Open, High, Low, Close, Volume, Amount and Dividend
    warm_up = DAYS  # sessions before its own that a value uses
    cross_sectional = False  # True where a stock's value depends on other stocks

    def __call__(self, panel: StockPanel, /) -> npt.NDArray[np.float64]:
        """Return (n_stocks, n_days), NaN where a value is unknown."""
        close = panel["Close"]
        value = np.full(close.shape, np.nan)
        value[:, DAYS:] = close[:, DAYS:] / close[:, :-DAYS] - 1
        return value


feature = Momentum()
