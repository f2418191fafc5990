"""The labels of a market with the volatility that their bands need, and what to know of them."""

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import RollsightError, counted
from rollsight.signals.features.values import FeatureValues
from rollsight.signals.inputs.datebands import FEWEST_NAMES, DateBands
from rollsight.signals.inputs.labels import Labels, trade_labels
from rollsight.signals.inputs.losses import whole
from rollsight.signals.inputs.volatility import (
    VOLATILITY_DAYS,
    recent_volatility,
    trailing_volatility,
)
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import LabelSpec

Flags = npt.NDArray[np.bool_]
Float64 = npt.NDArray[np.float64]


def dated_labels(
    market: Market, spec: LabelSpec, change: FeatureValues, lookback: int, member: Flags
) -> tuple[Labels, tuple[str, ...]]:
    """Return the labels of a market, and a sentence on dates that have none.

    Parameters
    ----------
    change
        of each close
    member
        (n_stocks, n_days) whose returns make the bands of a date

    Raises
    ------
    RollsightError
        If bands are a date's, and no date has the names for them.
    """
    volatility = _volatility(spec, change, lookback)
    labels = trade_labels(market, spec, volatility=volatility, member=member)
    return labels, () if labels.bands is None else _few(labels.bands, spec)


def _volatility(spec: LabelSpec, change: FeatureValues, lookback: int) -> Float64 | None:
    if spec.band == "volatility":
        return recent_volatility(change.values, lookback)
    if spec.band == "date-volatility":
        found = trailing_volatility(change.values, VOLATILITY_DAYS)
        return np.where(whole(change.known, VOLATILITY_DAYS), found, np.nan)
    return None


def _few(bands: DateBands, spec: LabelSpec) -> tuple[str, ...]:
    if not bands.few:
        return ()
    if np.isnan(bands.up).all():
        raise RollsightError(
            f"label.band={spec.band!r} needs {FEWEST_NAMES} members of a date whose trades have "
            "left when they are due, and no session has so many: take more stocks (universe.top), "
            "or set label.band='fixed'"
        )
    return (
        f"In {counted(bands.few, 'session')} fewer than {FEWEST_NAMES} members' trades had left "
        f"when they were due, too few for label.band={spec.band!r}: no label there",
    )
