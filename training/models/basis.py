"""Means of a channel over lags, narrow near the newest day and wide long before it."""

import numpy as np
import numpy.typing as npt


def raised_cosines(lookback: int, m: int) -> npt.NDArray[np.float64]:
    """Return weights (lookback, m) of days, the newest last: raised cosines in log lag, norm 1.

    Their peaks lie evenly in the logarithm of the lag, from the newest day to the oldest, and
    each ends where its neighbours peak. ``x @ raised_cosines(lookback, m)`` maps inputs
    (..., lookback) to their means. Of a short lookback there are fewer: a cosine that ends before
    it meets a day has no weight to give.

    >>> raised_cosines(4, 2).round(2).tolist()
    [[0.0, 0.72], [0.12, 0.62], [0.5, 0.3], [0.86, 0.0]]
    """
    place = np.log(np.arange(lookback)[::-1] + 2.0)  # of each day, (lookback,)
    if m == 1 or lookback == 1:
        return np.full((lookback, 1), lookback**-0.5)
    centre, spacing = np.linspace(place[-1], place[0], m, retstep=True)
    away = np.clip((place[:, None] - centre) / spacing, -1, 1)
    weight = 0.5 * (1 + np.cos(np.pi * away))  # (lookback, m)
    norm = np.sqrt((weight**2).sum(axis=0))
    met = norm > 1e-6
    return np.asarray(weight[:, met] / norm[met])
