"""How far a window's probabilities are shrunk towards the class frequencies of its train rows."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

WEIGHTS = np.linspace(0, 1, 11)  # of the model; the rest is the frequencies'
CAUTION = 0.5  # standard errors that a weight must gain by
LEAST = 1e-12  # probability


@dataclass(frozen=True, eq=False)
class Evidence:
    """What each weight gains on rows that were not learnt, by blocks of dates.

    Attributes
    ----------
    rows
        (blocks,) rows of each
    gain
        (blocks, weights) their summed log-loss of the frequencies less that at the weight, nats
    """

    rows: Float64
    gain: Float64


def shrunk(log_probability: Float64, frequencies: Float64, weight: Float64 | float) -> Float64:
    """Return log-probabilities of which the model's have a weight, the frequencies' the rest.

    The logarithms are averaged (a logarithmic opinion pool; Genest and Zidek, 1986): odds shrink
    by the weight.

    Parameters
    ----------
    log_probability
        (n, 3)
    frequencies
        (3,) of the train rows
    weight
        one, or (weights, 1, 1), which gives (weights, n, 3)
    """
    known = np.log(np.maximum(frequencies, LEAST))
    mixed = known + weight * (log_probability - known)
    with np.errstate(invalid="ignore"):  # a network's outputs may be no numbers, and stay so
        return np.asarray(mixed - np.logaddexp.reduce(mixed, axis=-1, keepdims=True))


def evidence(
    log_probability: Float64,
    label: npt.NDArray[np.int64],
    block: npt.NDArray[np.int64],
    *,
    frequencies: Float64,
) -> Evidence:
    """Return what each weight gains on labelled rows.

    Parameters
    ----------
    log_probability
        (n, 3) of the model
    label, block
        (n,) class, and block of dates, as long as a label spans
    """
    own = np.arange(len(label))
    each = shrunk(log_probability, frequencies, WEIGHTS[:, None, None])[:, own, label]
    gain = each - each[0]  # (weights, n)
    _, at = np.unique(block, return_inverse=True)
    rows = np.bincount(at).astype(np.float64)
    return Evidence(rows, np.stack([np.bincount(at, g) for g in gain], axis=1))


def weight_of(found: Iterable[Evidence]) -> float:
    """Return the weight with the best mean gain less a part of its standard error, 0 if none has.

    The standard error is that of a ratio of sums over blocks. Of equal weights the smallest is
    taken.
    """
    parts = list(found)
    rows = np.concatenate([part.rows for part in parts])
    gain = np.concatenate([part.gain for part in parts])
    mean = gain.sum(axis=0) / rows.sum()
    error = np.sqrt(((gain - mean * rows[:, None]) ** 2).sum(axis=0)) / rows.sum()
    return float(WEIGHTS[(mean - CAUTION * error).argmax()])
