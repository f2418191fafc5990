"""The keys by which random buyers draw: a stock keeps its own for a while, as buys stay in it."""

from bisect import bisect_left
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

HELD = (1.0, 0.7, 0.5, 0.35, 0.25, 0.18, 0.13, 0.09, 0.06, 0.04, 0.025, 0.015)
TRIES = 3  # draws that tell how long a chance of renewal keeps a stock


def stock_keys(grid: tuple[int, int], renewed: float, rng: np.random.Generator) -> Float32:
    """Return a key for each stock and date, flat, that a stock keeps until it is renewed.

    Parameters
    ----------
    grid
        stocks, dates
    renewed
        chance a date
    """
    n = grid[0] * grid[1]
    if renewed == 1:
        return rng.random(n, dtype=np.float32)
    # Stocks one after the other: that the last key of one is the next one's first does no harm.
    kept = rng.geometric(renewed, size=int(n * renewed + 6 * np.sqrt(n * renewed)) + 10)
    key = np.repeat(rng.random(len(kept), dtype=np.float32), kept)
    return key[:n] if len(key) >= n else np.resize(key, n)


def renewal(
    real: Bools, bought: Callable[[Float32], Bools], span: int, rng: np.random.Generator
) -> float:
    """Return the largest chance of renewal with which random buys overlap as much as real ones.

    Parameters
    ----------
    real
        (n_stocks, n_dates) the real buys
    bought
        the buys that are drawn by keys, of the same shape
    span
        dates that a label spans
    """

    def drawn(renewed: float) -> float:
        keys = [stock_keys((real.shape[0], real.shape[1]), renewed, rng) for _ in range(TRIES)]
        return float(np.mean([_overlap(bought(key), span) for key in keys]))

    return HELD[min(bisect_left(HELD, _overlap(real, span), key=drawn), len(HELD) - 1)]


def _overlap(bought: Bools, span: int) -> float:
    """Return how much buys of one stock share of each other's labels, summed over lags."""
    lags = range(1, min(span, bought.shape[1]))
    return sum((1 - h / span) * float((bought[:, h:] & bought[:, :-h]).sum()) for h in lags)
