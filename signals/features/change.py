"""The changes of closes and of indices from one session to the next."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from rollsight.signals.features.panel import IndexPanel, StockPanel, day_over_day

Float64 = npt.NDArray[np.float64]


class CloseChange:
    """The day-over-day change of the close; 0 where the close cannot be right."""

    unit = "fraction"
    needs = ("Close",)
    warm_up = 1
    cross_sectional = False

    def __call__(self, panel: StockPanel, /) -> Float64:
        """Return (n_stocks, n_days), fractions."""
        change = day_over_day(panel["Close"])
        # It counts as known: else every row of a lookback would go for one price.
        change[panel.leaps] = 0.0
        return change


class IndexChange:
    """The day-over-day change of an index: as a fraction, or of a yield in basis points."""

    warm_up = 1

    def unit_of(self, kind: Literal["price", "percent"]) -> str:
        """Return the unit of a change."""
        return "basis points" if kind == "percent" else "fraction"

    def __call__(self, panel: IndexPanel, /) -> Float64:
        """Return (n_days, k)."""
        change = np.full(panel.values.shape, np.nan)
        for k, kind in enumerate(panel.kinds):
            value = panel.values[:, k]
            if kind == "percent":
                change[1:, k] = 100 * (value[1:] - value[:-1])  # per cent to basis points
            else:
                change[1:, k] = value[1:] / value[:-1] - 1
        return change
