"""Where a buy begins: the threshold on a row's score, tuned on validation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.labels import Label
from rollsight.training.deciding.support import Bools, Support, least, support
from rollsight.training.spec import ThresholdSpec

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CANDIDATES = 100
SAME = "the model gives every validation row the same probability"
NO_RANK = "no validation date has a row that scores above another"
NO_SKILL = "no skill on validation (threshold.require_skill)"


@dataclass(frozen=True, eq=False)
class BuyCurve:
    """What the buys at each of some thresholds were; NaN where there is none.

    Attributes
    ----------
    threshold
        (n,) scores, ascending
    support
        (n,) rows at or above it, with the dates and blocks of dates that they lie on
    precision
        (n,) share of these rows that went UP
    net_return
        (n,) their mean label return after costs, fraction
    objective
        (n,) what is tuned: a share, or for net_return a fraction a buy
    """

    threshold: Float64
    support: Support
    precision: Float64
    net_return: Float64
    objective: Float64


@dataclass(frozen=True, eq=False)
class ThresholdCurve:
    """Every candidate threshold and what its validation buys were.

    Attributes
    ----------
    threshold
        (n,) candidate scores, ascending; each leaves at least one row below it
    support
        (n,) validation rows at or above it, with the dates and blocks of dates that they lie on
    precision
        (n,) share of these rows that went UP
    net_return
        (n,) their mean label return after costs, fraction
    score
        (n,) the objective: a share, or for net_return a fraction a buy
    chosen
        position of the threshold taken, or -1 where none qualifies
    reason
        why none was taken, empty otherwise
    """

    threshold: Float64
    support: Support
    precision: Float64
    net_return: Float64
    score: Float64
    chosen: int
    reason: str

    @property
    def value(self) -> float | None:
        """The chosen threshold, None where the window does not trade."""
        return None if self.chosen < 0 else float(self.threshold[self.chosen])

    @property
    def cutoff(self) -> float:
        """The chosen threshold, NaN where the window does not trade: no score reaches it."""
        return np.nan if self.value is None else self.value


def tune(
    score: Float64,
    label: npt.NDArray[np.int8],
    net_return: Float64,
    date: Ints,
    *,
    spec: ThresholdSpec,
    span: int,
    skilled: bool,
) -> ThresholdCurve:
    """Return the curve of candidate thresholds and the best that qualifies.

    Of equal objectives the lowest threshold wins, which buys most. A threshold qualifies with at
    least ``spec.min_buys`` buys on ``spec.min_dates`` distinct dates in ``spec.min_blocks`` blocks
    of dates, one label span long, and, where set, with at least ``spec.min_score``.

    Parameters
    ----------
    score, label, date
        (n,) of the validation rows
    net_return
        (n,) label return after costs, fraction
    span
        dates that a label spans
    skilled
        the model beat the class frequencies on validation
    """
    candidates = np.unique(np.quantile(score, np.linspace(0, 1, CANDIDATES), method="higher"))
    candidates = candidates[candidates > score.min()]
    curve = buy_curve(score, label, net_return, date, candidates=candidates, spec=spec, span=span)
    chosen, reason = _choose(curve, spec)
    if chosen >= 0 and spec.require_skill and not skilled:
        chosen, reason = -1, NO_SKILL
    return ThresholdCurve(
        candidates,
        curve.support,
        curve.precision,
        curve.net_return,
        curve.objective,
        chosen,
        reason,
    )


def buy_curve(
    score: Float64,
    label: npt.NDArray[np.int8],
    net_return: Float64,
    date: Ints,
    *,
    candidates: Float64,
    spec: ThresholdSpec,
    span: int,
) -> BuyCurve:
    """Return what the buys of labelled rows were at each candidate threshold.

    Parameters
    ----------
    score, label, date
        (n,) of the rows
    net_return
        (n,) label return after costs, fraction
    candidates
        ascending
    span
        dates that a label spans
    """
    order = np.argsort(score, kind="stable")
    first = np.searchsorted(score[order], candidates)
    went_up = label == Label.UP
    up = _tail_sum(went_up[order].astype(np.float64), first)
    earned = _tail_sum(net_return[order], first)
    rests_on = support(score, date, candidates, span=span)
    buys = rests_on.buys
    value = objective(up, earned, buys, rows_up=went_up.sum(), spec=spec)
    return BuyCurve(candidates, rests_on, ratio(up, buys), ratio(earned, buys), value)


def objective(
    up: Float64,
    earned: Float64,
    buys: Float64 | Ints,
    *,
    rows_up: "Float64 | np.int64",
    spec: ThresholdSpec,
) -> Float64:
    """Return what the threshold is tuned for, NaN where there is no buy.

    Parameters
    ----------
    up, earned, buys
        (..., n) buys that went UP, sum of their net returns, and their number
    rows_up
        (..., 1) rows that went UP, bought or not
    """
    precision = ratio(up, buys)
    if spec.objective == "precision":
        return precision
    if spec.objective == "net_return":
        return ratio(earned, buys)
    recall = up / np.maximum(rows_up, 1)
    below = spec.beta**2 * precision + recall
    above = (1 + spec.beta**2) * precision * recall
    return np.where(below > 0, above / np.where(below > 0, below, 1), 0 * precision)


def best(value: Float64, allowed: Bools) -> Ints:
    """Return (...): where the best of (..., n) that are allowed lies first; -1 where nowhere."""
    among = np.where(allowed, value, -np.inf)
    at = among.argmax(axis=-1)
    return np.where(np.isfinite(among.max(axis=-1)), at, -1)


def ratio(above: Float64, below: Float64 | Ints) -> Float64:
    """Return a quotient, NaN where nothing is below."""
    nothing = np.full(np.shape(below), np.nan)
    return np.divide(above, below, out=nothing, where=np.asarray(below) > 0)


def _choose(curve: BuyCurve, spec: ThresholdSpec) -> tuple[int, str]:
    if not len(curve.threshold):
        return -1, NO_RANK if spec.per == "date" else SAME
    chosen = int(best(curve.objective, curve.support.reaches(least(spec))))
    if chosen < 0:
        return -1, _too_few(curve.support, spec)
    reason = below_least(float(curve.objective[chosen]), spec)
    return -1 if reason else chosen, reason


def below_least(score: float, spec: ThresholdSpec) -> str:
    """Return that an objective is below ``spec.min_score``, or nothing."""
    if spec.min_score is None or score >= spec.min_score:
        return ""
    return (
        f"the best {spec.objective} on validation, {score:.4f}, is below "
        f"threshold.min_score={spec.min_score}"
    )


def _too_few(found: Support, spec: ThresholdSpec) -> str:
    buys = f"threshold.min_buys={spec.min_buys} validation buys"
    if not (found.buys >= spec.min_buys).any():
        return f"no threshold leaves {buys}"
    return (
        f"no threshold leaves {buys} on threshold.min_dates={spec.min_dates} dates in "
        f"threshold.min_blocks={spec.min_blocks} blocks of a label's span"
    )


def _tail_sum(values: Float64, first: Ints) -> Float64:
    total = np.concatenate([np.cumsum(values[::-1])[::-1], [0.0]])
    return np.asarray(total[first])
