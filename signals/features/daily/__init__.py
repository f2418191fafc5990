"""Daily features of open, high, low, close and volume by name: ``DAILY``, a set in this order."""

from collections.abc import Mapping

from rollsight.signals.features.daily.changes import change, distance, same_month
from rollsight.signals.features.daily.daily import Daily, figure, newest
from rollsight.signals.features.daily.relations import (
    RESIDUAL,
    beta,
    correlation,
    deviation_ratio,
    residual_momentum,
)
from rollsight.signals.features.daily.series import (
    CHANGE,
    CHANGE_BEFORE,
    CLOSE_PLACE,
    INTRADAY,
    LOG_CLOSE,
    LOG_VALUE,
    LOWER_SHADOW,
    OVERNIGHT,
    RANGE,
    ROSE,
    SAME,
    TRADED_VALUE,
    UPPER_SHADOW,
    VALUE_STEP,
)
from rollsight.signals.features.daily.volumes import illiquidity, relative_volume, traded_value

DAILY: Mapping[str, Daily] = {
    **{f"ret{days}": change(days) for days in (1, 3, 5, 10, 20)},
    "ret20_5": change(20, 5),
    **{f"resret{d}": figure(RESIDUAL, "total", d, "reversal") for d in (5, 20)},
    "autoc60": correlation(CHANGE, CHANGE_BEFORE, 60, "reversal"),
    **{f"ret{days}": change(days, group="momentum") for days in (60, 120)},
    "mom120_20": change(120, 20, "momentum"),
    "mom250_20": change(250, 20, "momentum"),
    "resret60": figure(RESIDUAL, "total", 60, "momentum"),
    "resmom": residual_momentum(),
    "dist52": distance(250, "highest"),
    "dist52lo": distance(250, "lowest"),
    "dist20hi": distance(20, "highest"),
    "up20": figure(ROSE, "mean", 20, "momentum"),
    **{f"vol{d}": figure(CHANGE, "deviation", d, "volatility") for d in (5, 20, 60, 250)},
    "volratio": deviation_ratio(20, 250),
    **{f"max{days}": figure(CHANGE, "highest", days, "volatility") for days in (20, 60)},
    "min20": figure(CHANGE, "lowest", 20, "volatility"),
    "skew60": figure(CHANGE, "skewness", 60, "volatility"),
    **{f"ivol{d}": figure(RESIDUAL, "deviation", d, "volatility") for d in (20, 60)},
    "range1": newest(RANGE, "range"),
    **{f"range{days}": figure(RANGE, "mean", days, "range") for days in (5, 20)},
    "clv1": newest(CLOSE_PLACE, "range"),
    **{f"clv{days}": figure(CLOSE_PLACE, "mean", days, "range") for days in (5, 20, 60)},
    "ushadow20": figure(UPPER_SHADOW, "mean", 20, "range"),
    "lshadow20": figure(LOWER_SHADOW, "mean", 20, "range"),
    "vrel1_20": relative_volume(1, 20),
    "vrel5_60": relative_volume(5, 60),
    "vrel20_250": relative_volume(20, 250),
    "vrel60_250": relative_volume(60, 250),
    **{f"vstd{days}": figure(LOG_VALUE, "deviation", days, "volume") for days in (20, 60)},
    **{f"corr_cv{d}": correlation(LOG_CLOSE, LOG_VALUE, d, "volume") for d in (20, 60)},
    "corr_rv20": correlation(CHANGE, VALUE_STEP, 20, "volume"),
    **{f"amihud{days}": illiquidity(days) for days in (20, 250)},
    "logval60": traded_value(60),
    "zero60": figure(SAME, "mean", 60, "liquidity"),
    "gap1": newest(OVERNIGHT, "overnight"),
    **{f"over{days}": figure(OVERNIGHT, "mean", days, "overnight") for days in (5, 20, 60, 120)},
    "onvol20": figure(OVERNIGHT, "deviation", 20, "overnight"),
    "intra1": newest(INTRADAY, "overnight"),
    **{f"intra{days}": figure(INTRADAY, "mean", days, "overnight") for days in (5, 20, 60, 120)},
    "idvol20": figure(INTRADAY, "deviation", 20, "overnight"),
    "beta120": beta(),
    "season": same_month(),
}

# Made of traded value: of the folder's Amount where it has that column, else of close by volume.
OF_VALUE = tuple(n for n, daily in DAILY.items() if {*daily.needs} >= {*TRADED_VALUE.needs})
