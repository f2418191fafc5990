"""How wildly a stock moved up to a decision."""

import numpy as np
import numpy.typing as npt
import pandas as pd

Float64 = npt.NDArray[np.float64]

# Sessions, where not those of an input decide: of one change there is no standard deviation.
VOLATILITY_DAYS = 20


def recent_volatility(changes: npt.NDArray[np.float32], lookback: int) -> Float64:
    """Return the trailing volatility over an input, or over twenty sessions where it is one."""
    return trailing_volatility(changes, lookback if lookback > 1 else VOLATILITY_DAYS)


def trailing_volatility(changes: npt.NDArray[np.float32], lookback: int) -> Float64:
    """Return (n_stocks, n_days): the standard deviation of each day's last close changes.

    A day's own change is the last of them. NaN before ``lookback`` sessions have passed; a row that
    can be decided has all its changes, others count 0 for one that is unknown.

    Parameters
    ----------
    changes
        (n_stocks, n_days) day-over-day change of the close, fraction
    lookback
        sessions of input

    >>> changes = np.array([[0.0, 0.01, -0.01, -0.01]], dtype=np.float32)
    >>> trailing_volatility(changes, 2).round(4).tolist()
    [[nan, 0.0071, 0.0141, 0.0]]
    """
    table = pd.DataFrame(changes.T.astype(np.float64))
    return table.rolling(lookback).std().to_numpy().T
