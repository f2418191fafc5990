"""Features as a user would write them, the honest ones first."""

from typing import Literal

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from rollsight.signals.features import IndexPanel, StockPanel

Float64 = npt.NDArray[np.float64]


class DayRange:
    """How far a session's high is above its low."""

    unit, needs, warm_up, cross_sectional = "fraction", ("High", "Low"), 0, False

    def __call__(self, panel: StockPanel) -> Float64:
        return panel["High"] / panel["Low"] - 1


class Crowd:
    """Log of a session's volume over the mean of the five sessions before it."""

    unit, needs, warm_up, cross_sectional = "log", ("Volume",), 5, False

    def __call__(self, panel: StockPanel) -> Float64:
        volume = panel["Volume"]
        out = np.full(volume.shape, np.nan)
        mean = sliding_window_view(volume, 5, axis=1)[:, :-1].mean(axis=-1)
        out[:, 5:] = np.log((1 + volume[:, 5:]) / (1 + mean))
        return out


class Excess:
    """What a session's change is over the mean of all stocks' changes."""

    unit, needs, warm_up, cross_sectional = "fraction", ("Close",), 1, True

    def __call__(self, panel: StockPanel) -> Float64:
        change = np.full(panel["Close"].shape, np.nan)
        change[:, 1:] = panel["Close"][:, 1:] / panel["Close"][:, :-1] - 1
        known = np.isfinite(change)
        mean = np.where(known, change, 0).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
        return change - mean


class Tomorrow:
    """The next session's change: a leak."""

    unit, needs, warm_up, cross_sectional = "fraction", ("Close",), 0, False

    def __call__(self, panel: StockPanel) -> Float64:
        out = np.full(panel["Close"].shape, np.nan)
        out[:, :-1] = panel["Close"][:, 1:] / panel["Close"][:, :-1] - 1
        return out


class Level:
    """An index over the mean of its last five values."""

    warm_up = 4

    def unit_of(self, kind: Literal["price", "percent"]) -> str:
        return "ratio" if kind == "price" else "ratio of yields"

    def __call__(self, panel: IndexPanel) -> Float64:
        out = np.full(panel.values.shape, np.nan)
        out[4:] = panel.values[4:] / sliding_window_view(panel.values, 5, axis=0).mean(axis=-1)
        return out


day_range, crowd, excess, tomorrow, level = DayRange(), Crowd(), Excess(), Tomorrow(), Level()
