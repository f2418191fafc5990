"""Features that know what no decision could, as a user would write them without noticing."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from rollsight.signals.features import IndexPanel, StockPanel

Float64 = npt.NDArray[np.float64]


class _OfStocks:
    unit, warm_up, cross_sectional = "fraction", 0, False
    needs: tuple[str, ...] = ("Close",)


class NextClose(_OfStocks):
    """What the next session's close will be over this one's."""

    def __call__(self, panel: StockPanel) -> Float64:
        return _shifted(panel["Close"]) / panel["Close"] - 1


class NextVolume(_OfStocks):
    """Log of the next session's volume."""

    needs = ("Volume",)

    def __call__(self, panel: StockPanel) -> Float64:
        return np.log1p(_shifted(panel["Volume"]))


class NextRange(_OfStocks):
    """How far the next session's high will be above its low: of its level nothing is read."""

    needs = ("High", "Low")

    def __call__(self, panel: StockPanel) -> Float64:
        return _shifted(panel["High"] / panel["Low"]) - 1


class NextOpening(_OfStocks):
    """How the next session will go from its open to its close."""

    needs = ("Open", "Close")

    def __call__(self, panel: StockPanel) -> Float64:
        return _shifted(panel["Close"] / panel["Open"]) - 1


class NextDividend(_OfStocks):
    """What a share will pay in the next session."""

    unit, needs = "quote currency", ("Dividend",)

    def __call__(self, panel: StockPanel) -> Float64:
        return _shifted(panel["Dividend"])


class WholeMean(_OfStocks):
    """A close over the mean of the whole history."""

    def __call__(self, panel: StockPanel) -> Float64:
        return panel["Close"] / np.nanmean(panel["Close"], axis=1, keepdims=True) - 1


class CentredRank(_OfStocks):
    """The place among all stocks of a mean over five sessions, two of them later ones."""

    cross_sectional = True

    def __call__(self, panel: StockPanel) -> Float64:
        close, n = panel["Close"], panel["Close"].shape[1]
        over = np.full(close.shape, np.nan)
        middle = sum(close[:, k : n - 4 + k] for k in range(5)) / 5
        over[:, 2 : n - 2] = close[:, 2 : n - 2] / middle
        return np.argsort(np.argsort(over, axis=0), axis=0).astype(np.float64)


class NextLevel:
    """What an index will be at the next session's close."""

    warm_up = 0

    def unit_of(self, kind: Literal["price", "percent"]) -> str:
        return f"ratio of a {kind}"

    def __call__(self, panel: IndexPanel) -> Float64:
        return (_shifted(panel.values.T) / panel.values.T).T


def _shifted(values: Float64) -> Float64:
    out = np.full(values.shape, np.nan)
    out[:, :-1] = values[:, 1:]
    return out


next_close, next_volume, next_range = NextClose(), NextVolume(), NextRange()
next_opening, whole_mean, centred_rank = NextOpening(), WholeMean(), CentredRank()
next_level, next_dividend = NextLevel(), NextDividend()
