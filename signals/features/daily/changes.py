"""Changes of the close over several sessions: reversal, momentum, and the month of the year."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.signals.features.daily.series import closes
from rollsight.signals.features.daily.trailing import shifted
from rollsight.signals.features.panel import StockPanel

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Change:
    """The change of the close over ``days`` sessions, the newest ``without`` left out.

    Short ones tend to turn (Jegadeesh 1990; Lehmann 1990), those over a year without its last month
    to go on (Jegadeesh and Titman 1993).
    """

    days: int
    without: int = 0
    group: str = "reversal"
    unit = "fraction"
    needs = ("Close",)
    cross_sectional = False

    @property
    def title(self) -> str:
        """What it is, in words."""
        without = f" without the last {self.without}" if self.without else ""
        return f"Change over {self.days} sessions{without}"

    @property
    def warm_up(self) -> int:
        """How many sessions before its own a value uses."""
        return self.days

    @property
    def fewest(self) -> int:
        """How many sessions a stock must have had before."""
        return self.days

    def __call__(self, panel: StockPanel, /) -> Float64:
        """Return (n_stocks, n_days), fractions."""
        close = panel.once(closes)
        newest = shifted(close, self.without) if self.without else close
        return newest / shifted(close, self.days) - 1
