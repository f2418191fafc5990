"""Features: functions that turn prices and index values into the inputs of a network.

One is known by its name, or is a user's own, written package.module:name.
"""

from collections.abc import Mapping
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.featurepanel import IndexPanel, StockPanel

Float64 = npt.NDArray[np.float64]


class StockFeature(Protocol):
    """What a network is given of each stock: one value a session, from its prices up to there."""

    @property
    def unit(self) -> str:
        """The unit of the values, in words, such as ``fraction``."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns that are read: Open, High, Low, Close, Volume or Amount."""

    @property
    def warm_up(self) -> int:
        """How many sessions before its own a value uses."""

    @property
    def cross_sectional(self) -> bool:
        """A stock's value depends on other stocks' of the same sessions."""

    def __call__(self, panel: StockPanel, /) -> Float64:
        """Return (n_stocks, n_days), NaN where a value is unknown."""
        ...


class IndexFeature(Protocol):
    """What a network is given of each index: one value a session, from what was known by then."""

    @property
    def warm_up(self) -> int:
        """How many sessions before its own a value uses."""

    def unit_of(self, kind: Literal["price", "percent"]) -> str:
        """Return the unit of the values made of a price, or of a yield in per cent."""
        ...

    def __call__(self, panel: IndexPanel, /) -> Float64:
        """Return (n_days, k), NaN where a value is unknown."""
        ...


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


def day_over_day(close: Float64) -> Float64:
    """Return the change of each close (n_stocks, n_days) from the one before, fractions."""
    change = np.full(close.shape, np.nan)
    change[:, 1:] = close[:, 1:] / close[:, :-1] - 1
    return change


CHANGE = "change"
STOCK_FEATURES: Mapping[str, StockFeature] = {CHANGE: CloseChange()}
INDEX_FEATURES: Mapping[str, IndexFeature] = {CHANGE: IndexChange()}
# What tells a stock's feature from an index's.
STOCK_PARTS = ("unit", "needs", "warm_up", "cross_sectional", "__call__")
INDEX_PARTS = ("unit_of", "warm_up", "__call__")
