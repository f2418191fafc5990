"""What each row weighs in the loss, and the loss of log-probabilities."""

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.labels import Label
from rollsight.training.fitting.rows import Rows, date_weights
from rollsight.training.models.family import WindowData
from rollsight.training.spec import TrainingSpec

Float64 = npt.NDArray[np.float64]

ABSENT = -20.0  # log-frequency, or score, of a class without a train row
# Keys of [training] that say what a row weighs.
WEIGHTS = frozenset({"class_weights", "balance"})


def row_weights(data: WindowData, training: TrainingSpec, rows: Rows) -> Float64:
    """Return the weight (n,) of rows: by their class's count in the train span, and their date's.

    It is 1 of every row where all weigh the same.
    """
    weight = np.ones(len(rows))
    if training.class_weights == "balanced":
        counts = data.counts.astype(np.float64)
        weight = (counts.sum() / (len(Label) * np.maximum(counts, 1)))[data.labels(rows)]
    return weight * date_weights(rows.day) if training.balance == "dates" else weight


def log_loss(
    log_probability: Float64, target: npt.NDArray[np.int64], weight: Float64 | None = None
) -> float:
    """Return the mean log-loss in nats of rows (n, 3), each weighed by its weight (n,)."""
    weight = np.ones(len(target)) if weight is None else weight
    own = log_probability[np.arange(len(target)), target]
    return float(-(weight * own).sum() / weight.sum())
