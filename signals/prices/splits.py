"""Splits that a vendor adjusted prices for and not volumes, as far as volumes tell them.

What is told is a halt amid trading on most days, after which the price goes on where it was and
volumes are many times what they were, or a small part. Without a halt nothing can be told: of 210
Korean names, volumes are at least 10 times what they were for 60 sessions on either side of some
session in 64 names, with nothing wrong.
"""

import numpy as np
import numpy.typing as npt

from rollsight.signals.prices.market import Market

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HALT, LONGEST_HALT, WEEKS, SPARSE, GAP = 2, 30, 30, 40, 0.31
JUMPS = (3.0, 100.0)
# A consolidation takes a halt of two weeks at least; after shorter ones volumes of thinly traded
# names fall as often.
REVERSE_HALT = 9


def forward_splits(
    market: Market, volume: Float64, stock: int, stop: int | None = None
) -> list[tuple[int, float]]:
    """Return (session, factor) of each resumption whose volumes are 3 to 100 times those before.

    Parameters
    ----------
    stop
        first session of which nothing is known; None knows all
    """
    days, after = _resumptions(market, stock, HALT, stop)
    jumps = [(int(days[i]), min(_ratios(volume[days], i))) for i in after]
    return [(day, jump) for day, jump in jumps if JUMPS[0] <= jump <= JUMPS[1]]


def repaired_volume(
    market: Market, sealed_days: int
) -> tuple[Float64, dict[int, list[tuple[int, float]]]]:
    """Return the volumes (n_stocks, n_days) of a market without splits, and each stock's splits.

    Parameters
    ----------
    sealed_days
        the first sessions, in which nothing is repaired that later ones alone tell of: what was
        decided in them stays as it was
    """
    assert market.volume is not None
    volume, splits = market.volume.copy(), dict[int, list[tuple[int, float]]]()
    for stock, own in enumerate(market.volume):
        found = forward_splits(market, own, stock)
        told = forward_splits(market, own, stock, sealed_days) if found and sealed_days else found
        for session, factor in found:
            first = 0 if (session, factor) in told else sealed_days
            volume[stock, first:session] *= factor
        if found:
            splits[stock] = found
    return volume, splits


def reverse_suspects(market: Market, volume: Float64, stock: int) -> list[int]:
    """Return the resumptions after two weeks whose volumes are a third to a hundredth of before."""
    days, after = _resumptions(market, stock, REVERSE_HALT)
    falls = [(int(days[i]), 1 / max(_ratios(volume[days], i))) for i in after]
    return [day for day, fall in falls if JUMPS[0] <= fall <= JUMPS[1]]


def _resumptions(
    market: Market, stock: int, least: int, stop: int | None = None
) -> tuple[Ints, list[int]]:
    """Return the sessions that traded, and which of them follow a halt as a split's."""
    days = np.flatnonzero(market.traded[stock, :stop])
    if len(days) < 2 * WEEKS:
        return days, []
    idle = np.diff(days) - 1
    after = np.flatnonzero((idle >= least) & (idle <= LONGEST_HALT)) + 1
    found = []
    for i in after[(after >= WEEKS) & (after <= len(days) - WEEKS)]:
        sparse = max(days[i - 1] - days[i - WEEKS], days[i + WEEKS - 1] - days[i]) >= SPARSE
        gap = market.open[stock, days[i]] / market.close[stock, days[i - 1]] - 1
        if not sparse and abs(gap) < GAP:
            found.append(int(i))
    return days, found


def _ratios(volume: Float64, at: int) -> list[float]:
    """Return how many times the volumes before ``at`` those after it are, over two spans."""
    return [
        float(np.median(volume[at : at + n]) / np.median(volume[at - n : at]))
        for n in (WEEKS // 3, WEEKS)
    ]
