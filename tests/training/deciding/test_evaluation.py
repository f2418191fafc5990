"""What a classifier's rows were worth, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.training.deciding.evaluation import evaluate

# Threshold 0.5 for all: rows 0, 1 and 2 are bought.
PROBABILITY = np.array(
    [[0.2, 0.2, 0.6], [0.1, 0.4, 0.5], [0.1, 0.3, 0.6], [0.7, 0.2, 0.1], [0.4, 0.4, 0.2]]
)
LABEL = np.array([2, 1, 0, 0, 1], dtype=np.int8)
HALF = np.full(5, 0.5)


def test_every_figure_of_five_rows() -> None:
    figures = evaluate(PROBABILITY, LABEL, HALF)
    assert figures.rows == 5
    assert (figures.base_down, figures.base_hold, figures.base_up) == (2 / 5, 2 / 5, 1 / 5)
    # Right at the most probable class: rows 0 and 3 (the last row's tie goes to DOWN).
    assert figures.accuracy == 2 / 5
    assert figures.buys == 3
    assert (figures.precision, figures.soso_fail, figures.crucial_fail) == (1 / 3, 1 / 3, 1 / 3)
    own = [0.6, 0.4, 0.1, 0.7, 0.4]
    assert figures.log_loss == pytest.approx(-np.log(own).mean())


def test_the_thresholded_accuracy_wants_all_three_classes_right() -> None:
    # Above 0.5: row 0 only UP (right), row 1 nothing (0.5 is not above), row 2 UP (wrong), row 3
    # DOWN (right), row 4 nothing (wrong).
    assert evaluate(PROBABILITY, LABEL, HALF).accuracy_thresholded == 2 / 5
    # Above 0.25: row 1 has HOLD and UP, row 2 HOLD and UP, row 4 DOWN and HOLD.
    assert evaluate(PROBABILITY, LABEL, np.full(5, 0.25)).accuracy_thresholded == 2 / 5
    # Above 0.6: row 3 still; row 0 is at 0.6 and not above it.
    assert evaluate(PROBABILITY, LABEL, np.full(5, 0.6)).accuracy_thresholded == 1 / 5
    # Above 0.1: row 3 has HOLD too.
    assert evaluate(PROBABILITY, LABEL, np.full(5, 0.1)).accuracy_thresholded == 0


def test_rows_of_a_window_that_does_not_trade_are_no_buys() -> None:
    threshold = np.array([np.nan, 0.5, 0.5, 0.5, np.nan])
    figures = evaluate(PROBABILITY, LABEL, threshold)
    assert figures.buys == 2
    assert (figures.precision, figures.soso_fail, figures.crucial_fail) == (0, 1 / 2, 1 / 2)
    # Of rows 1, 2 and 3 only row 3 is right; the others have no threshold to be right at.
    assert figures.accuracy_thresholded == 1 / 3
    assert figures.accuracy == 2 / 5


def test_without_buys_the_shares_are_absent() -> None:
    figures = evaluate(PROBABILITY, LABEL, np.full(5, 0.9))
    assert figures.buys == 0
    assert figures.precision is figures.soso_fail is figures.crucial_fail is None
    assert figures.accuracy == 2 / 5
    never = evaluate(PROBABILITY, LABEL, np.full(5, np.nan))
    assert never.buys == 0
    assert never.accuracy_thresholded is None


def test_rows_without_a_label_count_nowhere() -> None:
    label = np.array([2, -1, 0, -1, -1], dtype=np.int8)
    figures = evaluate(PROBABILITY, label, HALF)
    assert (figures.rows, figures.buys, figures.precision) == (2, 2, 1 / 2)
    none = evaluate(PROBABILITY, np.full(5, -1, dtype=np.int8), HALF)
    assert (none.rows, none.buys) == (0, 0)
    assert none.accuracy is none.base_up is none.log_loss is None


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 50), threshold=st.floats(0, 1))
def test_the_three_shares_of_the_buys_sum_to_one(seed: int, n: int, threshold: float) -> None:
    rng = np.random.default_rng(seed)
    figures = evaluate(
        rng.dirichlet([1, 1, 1], n), rng.integers(-1, 3, n).astype(np.int8), np.full(n, threshold)
    )
    shares = (figures.precision, figures.soso_fail, figures.crucial_fail)
    if figures.buys == 0:
        assert shares == (None, None, None)
    else:
        assert sum(s for s in shares if s is not None) == pytest.approx(1)


def test_the_shares_are_those_of_scikit_learn() -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    probability = rng.dirichlet(np.ones(3), size=500)
    label = rng.integers(0, 3, size=500).astype(np.int8)
    figures = evaluate(probability, label, np.full(500, 0.4))
    bought = probability[:, 2] >= 0.4
    assert figures.accuracy == metrics.accuracy_score(label, probability.argmax(axis=1))
    assert figures.precision == pytest.approx(metrics.precision_score(label == 2, bought))
    assert figures.crucial_fail == pytest.approx(metrics.precision_score(label == 0, bought))
    assert figures.log_loss == pytest.approx(metrics.log_loss(label, probability))
