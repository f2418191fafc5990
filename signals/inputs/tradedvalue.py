"""How much of a stock is traded, in money, as it is known at a session's close."""

import numpy as np
import numpy.typing as npt

from rollsight.signals.prices.market import Market

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

VALUE_DAYS = 20  # sessions over which the value that an order is held against is averaged


def traded_value(market: Market, ranked_by: Float64 | None = None) -> Float64 | None:
    """Return (n_stocks, n_days) the traded value of each session, quote currency.

    Parameters
    ----------
    ranked_by
        values that the universe's members were ranked by, which are taken where there are some:
        volumes that a split left behind are repaired there

    Returns
    -------
    NaN where there is no row; None where the market has neither Amount nor Volume
    """
    if ranked_by is not None:
        return ranked_by
    if market.amount is not None:
        return market.amount
    return None if market.volume is None else market.volume * market.close


def trailing_mean(value: Float64, days: int) -> Float64:
    """Return (n_stocks, n_days) the mean over the last sessions, of all stocks and days at once.

    Sessions without trade, and such before the first, count as 0.

    >>> trailing_mean(np.array([[10.0, np.nan, 40.0]]), 2).tolist()
    [[5.0, 5.0, 20.0]]
    """
    # Each window is summed by itself: a running sum would carry roundings from the far past.
    padded = np.pad(np.nan_to_num(value), ((0, 0), (days - 1, 0)))
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, days, axis=1).mean(axis=-1))


def mean_value(value: Float64, stock: Ints, day: Ints, days: int = VALUE_DAYS) -> Float64:
    """Return (n,) the mean of the last sessions up to the close of each stock and day.

    The day's own session is the last of them; sessions without trade, and such before the first,
    count as 0.

    >>> value = np.array([[10.0, np.nan, 40.0]])
    >>> mean_value(value, np.array([0, 0]), np.array([0, 2]), days=2).tolist()
    [5.0, 20.0]
    """
    at = day[:, None] - np.arange(days)  # (n, days)
    own = np.where(at >= 0, value[stock[:, None], np.maximum(at, 0)], 0.0)
    return np.asarray(np.nan_to_num(own).mean(axis=1))
