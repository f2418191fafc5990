"""What volumes say: how large they are beside their own past, and what they move.

Traded value is the folder's Amount where it has that column, else close by volume.
"""

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import counted
from rollsight.signals.features.daily.daily import Daily
from rollsight.signals.features.daily.series import ILLIQUIDITY, TRADED_VALUE, VOLUME
from rollsight.signals.features.daily.trailing import fewest, ratio
from rollsight.signals.features.panel import StockPanel

Float64 = npt.NDArray[np.float64]

LEAST_IMPACT = 1e-16  # fraction a unit of currency; what is below counts as this


def relative_volume(short: int, long: int) -> Daily:
    """Return the mean volume of ``short`` sessions over that of ``long``, both up to today.

    Attention comes and goes with volume (Gervais, Kaniel and Mingelgrin 2001).
    """

    def compute(panel: StockPanel) -> Float64:
        volume = VOLUME.of(panel)
        return ratio(volume.values if short == 1 else volume.mean(short), volume.mean(long))

    title = f"Volume of {counted(short, 'session')} over that of {long}"
    return Daily(title, "ratio", "volume", ("Volume",), long - 1, fewest(long) - 1, compute)


def illiquidity(days: int) -> Daily:
    """Return the log of the mean change a unit of traded value, Amount if any (Amihud 2002)."""
    warm_up, least = ILLIQUIDITY.before + days - 1, ILLIQUIDITY.least + fewest(days) - 1
    title = f"Illiquidity of {days} sessions"
    return Daily(
        title, "log", "liquidity", ILLIQUIDITY.needs, warm_up, least,
        lambda panel: np.log(ILLIQUIDITY.of(panel).mean(days) + LEAST_IMPACT),
    )  # fmt: skip


def traded_value(days: int) -> Daily:
    """Return the log of the mean traded value, Amount if any, 0 in sessions without trade."""
    title = f"Traded value of {days} sessions"
    return Daily(
        title, "log", "liquidity", TRADED_VALUE.needs, days - 1, days - 1,
        lambda panel: np.log(TRADED_VALUE.of(panel).mean(days, least=days) + 1),
    )  # fmt: skip
