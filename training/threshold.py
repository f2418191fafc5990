"""Where a buy begins: the threshold on the UP probability, tuned on validation."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.signals.labels import Label
from rollsight.training.spec import ThresholdSpec

Float64 = npt.NDArray[np.float64]

CANDIDATES = 100


@dataclass(frozen=True, eq=False)
class ThresholdCurve:
    """Every candidate threshold and what its validation buys were.

    Attributes
    ----------
    threshold : (n,) candidate probabilities, ascending; each leaves at least one row below it
    buys : (n,) validation rows at or above it
    precision : (n,) share of them that went UP
    score : (n,) the objective: a share, or for net_return a fraction a buy
    chosen : position of the threshold taken, or -1 where none qualifies
    reason : why none was taken, empty otherwise
    """

    threshold: Float64
    buys: npt.NDArray[np.int64]
    precision: Float64
    score: Float64
    chosen: int
    reason: str

    @property
    def value(self) -> float | None:
        """The chosen threshold, None where the window does not trade."""
        return None if self.chosen < 0 else float(self.threshold[self.chosen])


def tune(
    p_up: Float64,
    label: npt.NDArray[np.int8],
    net_return: Float64,
    *,
    spec: ThresholdSpec,
    skilled: bool,
) -> ThresholdCurve:
    """Return the curve of candidate thresholds and the best that qualifies.

    Of equal scores the lowest threshold wins, which buys most. A threshold qualifies with at least
    ``spec.min_buys`` buys and, where set, at least ``spec.min_score``.

    Parameters
    ----------
    p_up, label : (n,) of the validation rows
    net_return : (n,) label return after costs, fraction
    skilled : the model beat the class frequencies on validation
    """
    candidates = np.unique(np.quantile(p_up, np.linspace(0, 1, CANDIDATES), method="higher"))
    candidates = candidates[candidates > p_up.min()]
    order = np.argsort(p_up, kind="stable")
    first = np.searchsorted(p_up[order], candidates)
    up = _tail_sum((label[order] == Label.UP).astype(np.float64), first)
    earned = _tail_sum(net_return[order], first)
    buys = len(p_up) - first
    precision = up / buys
    recall = up / max(int((label == Label.UP).sum()), 1)
    score = {
        "precision": precision,
        "net_return": earned / buys,
        "f_beta": _f_beta(precision, recall, spec.beta),
    }[spec.objective]
    chosen, reason = _choose(score, buys, spec)
    if chosen >= 0 and spec.require_skill and not skilled:
        chosen, reason = -1, "no skill on validation (threshold.require_skill)"
    return ThresholdCurve(candidates, buys, precision, score, chosen, reason)


def _choose(score: Float64, buys: npt.NDArray[np.int64], spec: ThresholdSpec) -> tuple[int, str]:
    if not len(score):
        return -1, "the model gives every validation row the same probability"
    enough = buys >= spec.min_buys
    if not enough.any():
        return -1, f"no threshold leaves threshold.min_buys={spec.min_buys} validation buys"
    best = int(np.argmax(np.where(enough, score, -np.inf)))
    if spec.min_score is not None and score[best] < spec.min_score:
        return -1, (
            f"the best {spec.objective} on validation, {score[best]:.4f}, is below "
            f"threshold.min_score={spec.min_score}"
        )
    return best, ""


def _tail_sum(values: Float64, first: npt.NDArray[np.int64]) -> Float64:
    total = np.concatenate([np.cumsum(values[::-1])[::-1], [0.0]])
    return np.asarray(total[first])


def _f_beta(precision: Float64, recall: Float64, beta: float) -> Float64:
    below = beta**2 * precision + recall
    return np.where(
        below > 0, (1 + beta**2) * precision * recall / np.where(below > 0, below, 1), 0
    )
