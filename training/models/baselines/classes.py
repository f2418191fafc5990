"""What each class weighs in the loss, and the loss of log-probabilities."""

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.labels import Label
from rollsight.training.models.family import WindowData
from rollsight.training.spec import TrainingSpec

Float64 = npt.NDArray[np.float64]

ABSENT = -20.0  # log-frequency, or score, of a class without a train row
EQUAL = np.ones(len(Label))  # weights of classes whose rows all count the same


def class_weights(data: WindowData, training: TrainingSpec) -> Float64:
    """Return the weight (3,) of a row of each class, by the counts of the train span."""
    if training.class_weights == "none":
        return np.ones(len(Label))
    counts = data.counts.astype(np.float64)
    return np.asarray(counts.sum() / (len(Label) * np.maximum(counts, 1)))


def log_loss(log_probability: Float64, target: npt.NDArray[np.int64], of_class: Float64) -> float:
    """Return the mean log-loss in nats of rows (n, 3), each weighed by its class."""
    weight = of_class[target]
    own = log_probability[np.arange(len(target)), target]
    return float(-(weight * own).sum() / weight.sum())
