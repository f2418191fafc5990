"""What each series costs: rows that cannot be decided since it has no value there."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import RollsightError
from rollsight.signals.features.values import FeatureValues
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import FeatureSpec

Flags = npt.NDArray[np.bool_]

# One series may not cost more than this share of the rows before the run is refused.
MAX_LOSS = 0.10


@dataclass(frozen=True)
class Loss:
    """Rows that a series made unusable by having no fresh value.

    Attributes
    ----------
    series
        symbol of an index, code of a stock, or name of another feature's channel
    rows
        stock-days
    share
        of the rows that the stocks' own closes allow, fraction
    """

    series: str
    rows: int
    share: float


def whole(known: Flags, lookback: int) -> Flags:
    """Return (rows, n_days): every one of the last ``lookback`` values is known."""
    count = np.cumsum(np.pad(known, ((0, 0), (lookback, 0))), axis=1)
    return np.asarray(count[:, lookback:] - count[:, :-lookback] == lookback)


def index_losses(made: FeatureValues, lookback: int, allowed: Flags) -> list[Loss]:
    """Return what each channel of an index feature costs, its warm-up aside."""
    rows_of_day, total = allowed.sum(axis=0), int(allowed.sum())
    due = np.arange(len(rows_of_day)) >= made.begins[:, None] + lookback - 1
    lost = due & ~whole(made.known.T, lookback)
    return [
        Loss(channel.name, n, n / total)
        for channel, n in zip(made.channels, map(int, lost @ rows_of_day), strict=True)
    ]


def feature_loss(made: FeatureValues, lookback: int, allowed: Flags) -> Loss:
    """Return what a stock feature costs beside the closes, its warm-up aside."""
    due = np.arange(allowed.shape[1]) >= made.begins[:, None] + lookback - 1
    lost = int((allowed & due & ~whole(made.known, lookback)).sum())
    return Loss(made.channels[0].name, lost, lost / int(allowed.sum()))


def close_losses(market: Market, eligible: Flags, closes: Flags, allowed: Flags) -> list[Loss]:
    """Return what holes in a stock's own closes cost, once its first input was whole.

    Parameters
    ----------
    eligible
        (n_stocks, n_days) the stock may be decided on
    closes
        (n_stocks, n_days) the closes of a whole input are known
    """
    begun = np.logical_or.accumulate(closes, axis=1)
    lost = (eligible & begun & ~closes & (allowed.any(axis=0))).sum(axis=1)
    total = int(allowed.sum())
    return [
        Loss(code, int(n), float(n / total))
        for code, n in zip(market.codes, lost, strict=True)
        if n
    ]


def refuse_losses(losses: Sequence[Loss], market: Market, spec: FeatureSpec) -> None:
    """Raise where one series costs over a tenth of the rows."""
    worst = max(losses, key=lambda loss: loss.share, default=None)
    if worst is None or worst.share <= MAX_LOSS:
        return
    if worst.series in market.codes:
        what, where = f"holes in the closes of {worst.series!r} cost", "the market folder"
    elif worst.series in market.indices:
        column = market.indices[worst.series].dropna()
        what = (
            f"index {worst.series!r} ({column.index[0]:%Y-%m-%d} to {column.index[-1]:%Y-%m-%d}) "
            "costs"
        )
        where = "market.indices"
    else:
        what = f"feature {worst.series!r}, unknown after its warm-up, costs"
        where = "features.stock and features.index"
    raise RollsightError(
        f"{what} {worst.share:.0%} of the rows, over the {MAX_LOSS:.0%} allowed: leave it out of "
        f"{where}, change market.start or market.end, or raise "
        f"features.max_staleness={spec.max_staleness}"
    )
