"""Thresholds that are given, and not tuned: of a score, or the best of each date as the buys."""

import numpy as np
import numpy.typing as npt

from rollsight.training.deciding.scores import buy_score, date_rank
from rollsight.training.deciding.threshold import (
    NO_RANK,
    NO_SKILL,
    ThresholdCurve,
    below_least,
    buy_curve,
)
from rollsight.training.spec import ThresholdSpec

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ROUNDING = 1e-9


def best_of_dates(
    place: Float64,
    label: npt.NDArray[np.int8],
    net_return: Float64,
    date: Ints,
    *,
    spec: ThresholdSpec,
    span: int,
    refused: str,
) -> ThresholdCurve:
    """Return the curve of the one threshold that is given.

    At ``spec.at`` that is what is bought, else the best ``spec.best`` of a date are.

    Parameters
    ----------
    place, label, net_return, date
        (n,) of the validation rows: `date_place`, class, label return after costs, and date
    span
        dates that a label spans
    refused
        why the window does not trade, empty where it may

    >>> place, label = np.array([0.0, -1.0, -2.0]), np.array([2, 0, 2], dtype=np.int8)
    >>> curve = best_of_dates(place, label, np.zeros(3), np.zeros(3, dtype=int),
    ...                       spec=ThresholdSpec(best=2), span=2, refused="")
    >>> curve.value, curve.support.buys.tolist(), curve.precision.tolist()
    (-1.0, [2], [0.5])
    """
    # A given one is reached within the rounding of the scores.
    at = np.array([1.0 - (spec.best or 0) if spec.at is None else spec.at - ROUNDING])
    curve = buy_curve(place, label, net_return, date, candidates=at, spec=spec, span=span)
    reason = refused or below_least(float(curve.objective[0]), spec)
    return ThresholdCurve(
        at,
        curve.support,
        curve.precision,
        curve.net_return,
        curve.objective,
        -1 if reason else 0,
        reason,
    )


def why_not(probability: Float64, date: Ints, spec: ThresholdSpec, *, skilled: bool) -> str:
    """Return why the best of a date by these probabilities (n, 3) are no buys, or nothing.

    Where no row scores above another of its date the first by code would be bought, which no model
    chose.
    """
    if (
        spec.best is not None
        and not (date_rank(buy_score(probability, spec.score), date) > 0).any()
    ):
        return NO_RANK
    return NO_SKILL if spec.require_skill and not skilled else ""
