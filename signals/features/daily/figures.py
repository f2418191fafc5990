"""Features that are one figure of a series: its newest value, or one of its last sessions."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.signals.features.daily.series import Series
from rollsight.signals.features.daily.trailing import fewest
from rollsight.signals.features.panel import StockPanel

Float64 = npt.NDArray[np.float64]

FIGURES = {
    "mean": "mean",
    "deviation": "standard deviation",
    "highest": "highest",
    "lowest": "lowest",
    "skewness": "skewness",
    "total": "sum",
}


@dataclass(frozen=True)
class Newest:
    """A series' value of the session itself."""

    series: Series
    group: str
    cross_sectional = False

    @property
    def title(self) -> str:
        """What it is, in words."""
        return _capital(self.series.title)

    @property
    def unit(self) -> str:
        """The unit of the values."""
        return self.series.unit

    @property
    def needs(self) -> tuple[str, ...]:
        """The columns that are read."""
        return self.series.needs

    @property
    def warm_up(self) -> int:
        """How many sessions before its own a value uses."""
        return self.series.before

    @property
    def fewest(self) -> int:
        """How many sessions a stock must have had before."""
        return self.series.least

    def __call__(self, panel: StockPanel, /) -> Float64:
        """Return (n_stocks, n_days)."""
        return self.series.of(panel).values


@dataclass(frozen=True)
class Figure(Newest):
    """A figure of a series' last ``days`` sessions.

    The deviation of changes ranks stocks by volatility (Ang, Hodrick, Xing and Zhang 2006), the
    highest change by what gamblers like (Bali, Cakici and Whitelaw 2011), their skewness likewise
    (Amaya, Christoffersen, Jacobs and Vasquez 2015). Means overnight and within the session tend to
    go on, each against the other (Lou, Polk and Skouras 2019).
    """

    figure: str = "mean"
    days: int = 20

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"{_capital(self.series.title)}, {FIGURES[self.figure]} of {self.days} sessions"

    @property
    def unit(self) -> str:
        """The unit of the values."""
        return "skewness" if self.figure == "skewness" else self.series.unit

    @property
    def warm_up(self) -> int:
        """How many sessions before its own a value uses."""
        return self.series.before + self.days - 1

    @property
    def fewest(self) -> int:
        """How many sessions a stock must have had before."""
        return self.series.least + fewest(self.days) - 1

    def __call__(self, panel: StockPanel, /) -> Float64:
        """Return (n_stocks, n_days)."""
        made: Float64 = getattr(self.series.of(panel), self.figure)(self.days)
        return made


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
