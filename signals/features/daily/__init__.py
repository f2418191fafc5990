"""Daily features of open, high, low, close and volume, by name; ``DAILY`` is their set."""

from collections.abc import Mapping

from rollsight.signals.features.daily.changes import Change
from rollsight.signals.features.daily.figures import Figure, Newest
from rollsight.signals.features.daily.series import CHANGE, INTRADAY, OVERNIGHT, RANGE
from rollsight.signals.features.feature import StockFeature

DAILY: Mapping[str, StockFeature] = {
    **{f"ret{days}": Change(days) for days in (1, 3, 5, 10, 20)},
    **{f"ret{days}": Change(days, group="momentum") for days in (60, 120)},
    "mom120_20": Change(120, 20, "momentum"),
    "mom250_20": Change(250, 20, "momentum"),
    "ret20_5": Change(20, 5),
    **{f"vol{d}": Figure(CHANGE, "volatility", "deviation", d) for d in (5, 20, 60, 250)},
    **{f"max{days}": Figure(CHANGE, "volatility", "highest", days) for days in (20, 60)},
    "min20": Figure(CHANGE, "volatility", "lowest", 20),
    "skew60": Figure(CHANGE, "volatility", "skewness", 60),
    "gap1": Newest(OVERNIGHT, "overnight"),
    "intra1": Newest(INTRADAY, "overnight"),
    "range1": Newest(RANGE, "range"),
}
