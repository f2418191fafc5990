"""What a feature is: a function from prices, or from index values, to inputs of a network."""

from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

from rollsight.signals.features.panel import IndexPanel, StockPanel

Float64 = npt.NDArray[np.float64]


class StockFeature(Protocol):
    """What a network is given of each stock: one value a session, from its prices up to there.

    It may have a ``title`` in words, a ``group`` that it is explained with, and ``fewest``: how
    many sessions a stock must have had before its first value, where fewer than the warm-up do.
    Columns that it can do without, ``gains``, are in the panel where a folder has all of them.
    """

    @property
    def unit(self) -> str:
        """The unit of the values, in words, such as ``fraction``."""

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns that are read: Open, High, Low, Close, Volume, Amount or Dividend."""

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
