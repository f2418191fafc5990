"""What a daily feature is, and those that are one figure of a series."""

from collections.abc import Callable
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
class Daily:
    """A feature made of a stock's own prices and volumes up to a session.

    Attributes
    ----------
    title, unit
        in words
    group
        what it is counted with, such as ``volatility``
    needs
        columns of the panel
    warm_up
        sessions before its own that a value uses
    fewest
        sessions that a stock must have had before, where fewer than the warm-up will do
    compute
        returns (n_stocks, n_days) of a panel
    gains
        columns that it reads beside ``needs`` where a folder has all of them
    """

    title: str
    unit: str
    group: str
    needs: tuple[str, ...]
    warm_up: int
    fewest: int
    compute: Callable[[StockPanel], Float64]
    cross_sectional: bool = False
    gains: tuple[str, ...] = ()

    def __call__(self, panel: StockPanel, /) -> Float64:
        """Return (n_stocks, n_days), NaN where a value is unknown."""
        return self.compute(panel)


def newest(series: Series, group: str) -> Daily:
    """Return the feature that is a series' value of the session itself."""
    return Daily(
        capital(series.title), series.unit, group, series.needs, series.before, series.least,
        lambda panel: series.of(panel).values,
    )  # fmt: skip


def figure(series: Series, name: str, days: int, group: str) -> Daily:
    """Return the feature that is a figure of a series' last ``days`` sessions.

    Stocks of calm changes earn more than wild ones (Ang, Hodrick, Xing and Zhang 2006), and so do
    those without a change that gamblers like (Bali, Cakici and Whitelaw 2011) or a skewness of it
    (Amaya, Christoffersen, Jacobs and Vasquez 2015). What a stock does overnight goes on, and what
    it does within the session, against each other (Lou, Polk and Skouras 2019).
    """
    return Daily(
        f"{capital(series.title)}, {FIGURES[name]} of {days} sessions",
        "skewness" if name == "skewness" else series.unit,
        group,
        series.needs,
        series.before + days - 1,
        series.least + fewest(days) - 1,
        lambda panel: getattr(series.of(panel), name)(days),
    )


def capital(text: str) -> str:
    """Return a text that begins a sentence."""
    return text[0].upper() + text[1:]
