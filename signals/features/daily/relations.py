"""How two series of a stock go together, and what its changes are beside the market's."""

import numpy as np
import numpy.typing as npt

from rollsight.signals.features.daily.daily import Daily
from rollsight.signals.features.daily.series import CHANGE, Series
from rollsight.signals.features.daily.trailing import Trailing, fewest, ratio, shifted
from rollsight.signals.features.panel import StockPanel

Float64 = npt.NDArray[np.float64]

BETA_DAYS = 120
RESIDUAL_MOMENTUM, SKIPPED = 230, 20  # sessions


class Pair:
    """Two series over the sessions in which both have a value."""

    def __init__(self, one: Float64, other: Float64) -> None:
        self.one = Trailing(np.where(np.isfinite(other), one, np.nan))
        self.other = Trailing(np.where(self.one.known, other, np.nan), self.one)
        self._product = Trailing(self.one.values * self.other.values, self.one)

    def products(self, days: int) -> Float64:
        """Return the sums of the products of both distances from their means."""
        n = self.one.count(days)
        return self._product.sum(days) - self.one.sum(days) * self.other.sum(days) / n


def correlation(one: Series, other: Series, days: int, group: str) -> Daily:
    """Return the correlation of two series over the sessions in which both have a value.

    Volume that rises with the price is attention bought at its height (Lee and Swaminathan 2000);
    it is taken as traded value, the folder's Amount where it has that column.
    The covariance is that of n values and the deviations those of n - 1, which draws correlations
    of few sessions towards 0.
    """

    def compute(panel: StockPanel) -> Float64:
        pair = panel.once(_pair, one, other)
        deviations = pair.one.deviation(days) * pair.other.deviation(days)
        return ratio(pair.products(days) / pair.one.count(days), deviations)

    before, least = max(one.before, other.before), max(one.least, other.least)
    return Daily(
        f"Correlation of {one.title} and {other.title}, {days} sessions",
        "correlation",
        group,
        tuple(dict.fromkeys((*one.needs, *other.needs))),
        before + days - 1,
        least + fewest(days) - 1,
        compute,
    )


def _pair(panel: StockPanel, one: Series, other: Series) -> Pair:
    return Pair(one.of(panel).values, other.of(panel).values)


def _beta(panel: StockPanel) -> Float64:
    own = CHANGE.of(panel).values
    pair = Pair(own, np.broadcast_to(panel.market, own.shape))
    return ratio(pair.products(BETA_DAYS), pair.other.squares(BETA_DAYS))


def _residual(panel: StockPanel) -> Trailing:
    return Trailing(CHANGE.of(panel).values - shifted(panel.once(_beta), 1) * panel.market)


RESIDUAL = Series(
    _residual, "change beside the market", "fraction", CHANGE.needs,
    CHANGE.before + BETA_DAYS, CHANGE.least + fewest(BETA_DAYS),
)  # fmt: skip


def beta() -> Daily:
    """Return the slope of a stock's changes on the market's (Frazzini and Pedersen 2014)."""
    return Daily(
        f"Beta of {BETA_DAYS} sessions", "slope", "market", CHANGE.needs, RESIDUAL.before - 1,
        RESIDUAL.least - 1, lambda panel: panel.once(_beta),
    )  # fmt: skip


def residual_momentum() -> Daily:
    """Return the mean residual over its deviation, the last month left out (Blitz et al. 2011)."""

    def compute(panel: StockPanel) -> Float64:
        residual = RESIDUAL.of(panel)
        mean, deviation = residual.mean(RESIDUAL_MOMENTUM), residual.deviation(RESIDUAL_MOMENTUM)
        return shifted(ratio(mean, deviation), SKIPPED)

    return Daily(
        f"Momentum beside the market over {RESIDUAL_MOMENTUM} sessions without the last {SKIPPED}",
        "ratio",
        "momentum",
        RESIDUAL.needs,
        RESIDUAL.before + RESIDUAL_MOMENTUM - 1 + SKIPPED,
        RESIDUAL.least + fewest(RESIDUAL_MOMENTUM) - 1 + SKIPPED,
        compute,
    )


def deviation_ratio(short: int, long: int) -> Daily:
    """Return the deviation of ``short`` sessions' changes over that of ``long``."""

    def compute(panel: StockPanel) -> Float64:
        change = CHANGE.of(panel)
        return ratio(change.deviation(short), change.deviation(long))

    title = f"Volatility of {short} sessions over that of {long}"
    least = CHANGE.least + fewest(long) - 1
    return Daily(title, "ratio", "volatility", ("Close",), CHANGE.before + long - 1, least, compute)
