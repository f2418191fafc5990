"""What is held against a threshold: a row's own score, or its rank or place in its date."""

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.labels import Label
from rollsight.training.spec import Measure, Score

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def measured(probability: Float64, date: Ints, measure: Measure) -> Float64:
    """Return (n,): what each row holds against the threshold.

    Parameters
    ----------
    probability
        (n, 3)
    date
        (n,) of the rows; for a rank or a place, all rows of a date that can be decided must be
        among them, which are known at its close; equal places go by their order
    """
    if measure == "p_up" or measure == "p_up - p_down":
        return buy_score(probability, measure)
    kind, _, score = measure.partition(" of ")
    own = buy_score(probability, "p_up" if score == "p_up" else "p_up - p_down")
    return date_rank(own, date) if kind == "rank" else date_place(own, date)


def measured_among(measured: Float64, date: Ints, measure: Measure) -> Float64:
    """Return (n,): what rows hold against the threshold where they alone are there.

    Parameters
    ----------
    measured
        (n,) of them, as `measured` returned it for more rows of the same dates
    """
    kind, _, of_date = measure.partition(" of ")
    if not of_date:
        return measured
    return date_rank(measured, date) if kind == "rank" else date_place(measured, date)


def buy_score(probability: Float64, score: Score) -> Float64:
    """Return (n,): the score of probabilities (n, 3).

    >>> p = np.array([[0.25, 0.25, 0.5]])
    >>> buy_score(p, "p_up").tolist(), buy_score(p, "p_up - p_down").tolist()
    ([0.5], [0.25])
    """
    up = probability[:, Label.UP]
    return up if score == "p_up" else up - probability[:, Label.DOWN]


def date_rank(score: Float64, date: Ints) -> Float64:
    """Return (n,): the share of the other rows of a row's date that score lower.

    The best of a date has 1 and the worst 0, however many there are. Equal scores share the lower
    rank, and a row that is alone has 0: neither was better than another.

    >>> date_rank(np.array([0.2, 0.5, 0.4, 0.9]), np.array([1, 1, 1, 2])).tolist()
    [0.0, 1.0, 0.5, 0.0]
    """
    order = np.lexsort((score, date))
    ranked, dates = score[order], date[order]
    begins_date = np.concatenate([[True], dates[1:] != dates[:-1]])[: len(order)]
    begins_tie = begins_date | np.concatenate([[True], ranked[1:] != ranked[:-1]])[: len(order)]
    lower = _begin(begins_tie) - _begin(begins_date)
    _, at, rows = np.unique(dates, return_inverse=True, return_counts=True)
    found = np.empty(len(order))
    found[order] = lower / np.maximum(rows[at] - 1, 1)
    return found


def date_place(score: Float64, date: Ints) -> Float64:
    """Return (n,): minus how many rows of a row's date come before it; the best of a date has 0.

    A higher score comes first, and of equal ones the earlier row. So the best k of every date are
    the rows at or above 1 - k.

    >>> date_place(np.array([0.2, 0.5, 0.5, 0.9]), np.array([1, 1, 1, 2])).tolist()
    [-2.0, 0.0, -1.0, 0.0]
    """
    order = np.lexsort((-score, date))
    dates = date[order]
    begins_date = np.concatenate([[True], dates[1:] != dates[:-1]])[: len(order)]
    found = np.empty(len(order))
    found[order] = _begin(begins_date) - np.arange(len(order))
    return found


def _begin(begins: npt.NDArray[np.bool_]) -> Ints:
    """Return (n,): the position at which the group of each row begins."""
    return np.asarray(np.maximum.accumulate(np.where(begins, np.arange(len(begins)), 0)))
