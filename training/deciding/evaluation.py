"""What a classifier's rows were worth as predictions."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.labels import Label
from rollsight.training.deciding.inference import log_loss

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Figures:
    """Figures of a set of labelled rows; shares are fractions, None where nothing counts.

    Attributes
    ----------
    rows
        labelled rows
    base_up, base_hold, base_down
        share of each class among them
    accuracy
        the most probable class was right
    accuracy_thresholded
        `probability > threshold` was right for all three classes at once; over
        rows whose window has a threshold, which must be one of a probability
    buys
        labelled rows at or above their window's threshold
    precision, soso_fail, crucial_fail
        share of the buys that were UP, HOLD, DOWN; they sum to 1
    log_loss
        in nats
    """

    rows: int
    base_up: float | None
    base_hold: float | None
    base_down: float | None
    accuracy: float | None
    accuracy_thresholded: float | None
    buys: int
    precision: float | None
    soso_fail: float | None
    crucial_fail: float | None
    log_loss: float | None


def evaluate(
    probability: Float64,
    label: npt.NDArray[np.int8],
    threshold: Float64,
    *,
    score: Float64 | None = None,
) -> Figures:
    """Return the figures of rows.

    Parameters
    ----------
    probability
        (n, 3)
    label
        (n,) classes, -1 for rows without a label, which are left out
    threshold
        (n,) of each row's window, NaN where the window does not trade
    score
        (n,) what is held against it where that is not the probability of UP: of it nothing follows
        for the other classes, so there is no thresholded accuracy then

    >>> p = np.array([[0.1, 0.2, 0.7], [0.3, 0.1, 0.6], [0.5, 0.3, 0.2], [0.0, 0.2, 0.8]])
    >>> f = evaluate(p, np.array([2, 0, 0, -1], dtype=np.int8), np.full(4, 0.55))
    >>> f.buys, f.precision, f.crucial_fail, f.soso_fail, f.accuracy, f.accuracy_thresholded
    (2, 0.5, 0.5, 0.0, 0.6666666666666666, 0.3333333333333333)
    """
    labelled = label >= 0
    held = probability[:, Label.UP] if score is None else score
    bought = label[labelled & (held >= threshold)]
    probability, label, threshold = probability[labelled], label[labelled], threshold[labelled]
    traded = np.isfinite(threshold) & (score is None)
    hits = (probability > threshold[:, None]) == (label[:, None] == np.arange(3))
    return Figures(
        rows=len(label),
        base_up=_share(label == Label.UP),
        base_hold=_share(label == Label.HOLD),
        base_down=_share(label == Label.DOWN),
        accuracy=_share(probability.argmax(axis=1) == label),
        accuracy_thresholded=_share(hits.all(axis=1)[traded]),
        buys=len(bought),
        precision=_share(bought == Label.UP),
        soso_fail=_share(bought == Label.HOLD),
        crucial_fail=_share(bought == Label.DOWN),
        log_loss=log_loss(probability, label) if len(label) else None,
    )


def _share(hits: npt.NDArray[np.bool_]) -> float | None:
    return float(hits.mean()) if len(hits) else None
