"""Changes of the close over several sessions: reversal, momentum, and the month of the year."""

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import counted
from rollsight.signals.features.daily.daily import Daily
from rollsight.signals.features.daily.series import CLOSE, closes
from rollsight.signals.features.daily.trailing import fewest, shifted
from rollsight.signals.features.panel import StockPanel

Float64 = npt.NDArray[np.float64]

YEAR, MONTH, YEARS = 250, 20, 3  # sessions, sessions, and how many years back


def change(days: int, without: int = 0, group: str = "reversal") -> Daily:
    """Return the change of the close over ``days`` sessions, the newest ``without`` left out.

    Over days and weeks changes turn (Jegadeesh 1990; Lehmann 1990), over a year without its last
    month they go on (Jegadeesh and Titman 1993).
    """

    def compute(panel: StockPanel) -> Float64:
        close = panel.once(closes)
        newest = shifted(close, without) if without else close
        return newest / shifted(close, days) - 1

    left_out = f" without the last {without}" if without else ""
    title = f"Change over {counted(days, 'session')}{left_out}"
    return Daily(title, "fraction", group, ("Close",), days, days, compute)


def same_month() -> Daily:
    """Return the mean change over the sessions that come, of one, two and three years ago.

    Stocks that rise in a calendar month do so in the next years' (Heston and Sadka 2008).
    """

    def compute(panel: StockPanel) -> Float64:
        close = panel.once(closes)
        month = shifted(close, YEAR - MONTH) / shifted(close, YEAR) - 1
        total, n = np.zeros(close.shape), np.zeros(close.shape)
        for years in range(YEARS):
            change = shifted(month, YEAR * years) if years else month
            total += np.nan_to_num(change)
            n += ~np.isnan(change)
        return total / np.where(n > 0, n, np.nan)

    title = f"Mean change over the same {MONTH} sessions of {YEARS} earlier years"
    return Daily(title, "fraction", "season", ("Close",), YEAR * YEARS, YEAR, compute)


def distance(days: int, end: str) -> Daily:
    """Return the close over the highest, or the lowest, of the last ``days`` sessions.

    Near the year's high momentum goes on (George and Hwang 2004).
    """

    def compute(panel: StockPanel) -> Float64:
        close = CLOSE.of(panel)
        extreme: Float64 = getattr(close, end)(days)
        return close.values / extreme

    title = f"Close over the {end} of {days} sessions"
    return Daily(title, "ratio", "momentum", ("Close",), days - 1, fewest(days) - 1, compute)
