"""What a network learns of a window's train rows beside their labels: a teacher's soft labels."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import digamma

from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.signals.teacher.softlabels import SoftLabels
from rollsight.training.fitting.rows import Rows, rows_of
from rollsight.training.fitting.windows import Window, known_rows

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

CLASSES = len(Label)


@dataclass(frozen=True, eq=False)
class SoftTargets:
    """Soft targets of a window's train rows, made soft by the temperature.

    Attributes
    ----------
    probability
        (n_stocks, len(train), 3); three zeros where the label alone is learnt
    alpha
        share of the divergence in the loss of a row that has them
    """

    probability: Float32
    alpha: float
    temperature: float


def taught_rows(samples: SampleSet, window: Window) -> Rows:
    """Return the train rows, label settled before validation, that have soft labels."""
    known = known_rows(samples, window.train, window.validation.start)
    soft = samples.soft
    if soft is None:
        known = np.zeros_like(known)
    elif soft.probability is not None:
        days = slice(window.train.start, window.train.stop)
        known = known & np.isfinite(soft.probability[:, days, 0])
    return rows_of(known, window.train.start)


def soft_targets(samples: SampleSet, window: Window) -> SoftTargets | None:
    """Return what a window learns beside its labels; None where no row has soft labels.

    A row counts that was known by its decision, and whose decision and label come before
    validation: no other row of the teacher's changes any bit.
    """
    soft, rows = samples.soft, taught_rows(samples, window)
    if soft is None or soft.alpha == 0 or not len(rows):
        return None
    given = _of_rows(soft, samples, rows) ** (1 / soft.temperature)
    probability = np.zeros((len(samples.usable), len(window.train), CLASSES), dtype=np.float32)
    probability[rows.stock, rows.day - window.train.start] = given / given.sum(1, keepdims=True)
    return SoftTargets(probability, soft.alpha, soft.temperature)


def _of_rows(soft: SoftLabels, samples: SampleSet, rows: Rows) -> Float64:
    """Return the soft labels (n, 3) of rows as they are, before the temperature."""
    own = None
    if soft.probability is not None:
        own = soft.probability[rows.stock, rows.day].astype(np.float64)
        if soft.targets == "teacher":
            return own
    entropy = soft.entropy if own is None else float(entropies(own).mean())
    if soft.targets == "smoothing":
        return smoothed(samples.labels.label[rows.stock, rows.day].astype(np.int64), entropy)
    return drawn(len(rows), entropy, soft.seed)


def smoothed(label: npt.NDArray[np.int64], entropy: float) -> Float64:
    """Return labels (n,) mixed with the uniform distribution, (n, 3), each of some entropy, nats.

    Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, Rethinking the Inception Architecture, 2016.

    >>> smoothed(np.array([2]), 0.9).round(3).tolist()
    [[0.179, 0.179, 0.642]]
    """
    share = _root(lambda share: float(entropies(_mixed(share)).item()), 0.0, 1.0, entropy)
    one = _mixed(share)[0]
    return np.asarray(np.where(np.arange(CLASSES) == label[:, None], one[0], one[1]))


def drawn(rows: int, entropy: float, seed: int) -> Float64:
    """Return random probabilities (rows, 3) of some mean entropy, nats.

    They are a symmetric Dirichlet's, whose mean entropy is psi(3a + 1) - psi(a + 1).
    """
    at = _root(
        lambda log: float(digamma(CLASSES * np.exp(log) + 1) - digamma(np.exp(log) + 1)),
        np.log(1e-3), np.log(1e6), entropy,
    )  # fmt: skip
    found = np.random.default_rng(seed).dirichlet(np.full(CLASSES, np.exp(at)), rows)
    return np.asarray(found)


def entropies(probability: Float64) -> Float64:
    """Return the entropy of each row of probabilities (n, 3), nats."""
    logs = np.log(probability, out=np.zeros_like(probability), where=probability > 0)
    return np.asarray(-(probability * logs).sum(axis=1))


def _mixed(share: float) -> Float64:
    """Return the first class with so large a share of the uniform distribution, (1, 3)."""
    return np.array([[1 - share, 0.0, 0.0]]) + share / CLASSES


def _root(of: Callable[[float], float], low: float, high: float, value: float) -> float:
    """Return where a growing function has a value, or the nearer end."""
    from scipy.optimize import brentq  # slow to import

    if not of(low) < value < of(high):
        return low if value <= of(low) else high
    return float(brentq(lambda at: of(at) - value, low, high, xtol=1e-14))
