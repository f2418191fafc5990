"""What is held against a threshold, worked out by hand."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.training.deciding.scores import date_place, date_rank, measured

# Dates 5, 3 and 4 in any order: three rows of date 5, two of date 3, and one of date 4.
PROBABILITY = np.array(
    [[0.2, 0.2, 0.6], [0.1, 0.2, 0.7], [0.5, 0.2, 0.3], [0.3, 0.3, 0.4], [0.0, 0.6, 0.4],
     [0.0, 0.1, 0.9]]
)  # fmt: skip
DATE = np.array([5, 3, 5, 5, 3, 4])


def test_a_rank_is_the_share_of_the_dates_other_rows_that_score_lower() -> None:
    # Date 5 has .6, .3 and .4; date 3 has .7 and .4; date 4 one row, which is better than none.
    assert measured(PROBABILITY, DATE, "rank of p_up").tolist() == [1.0, 1.0, 0.0, 0.5, 0.0, 0.0]
    assert measured(PROBABILITY, DATE, "p_up").tolist() == [0.6, 0.7, 0.3, 0.4, 0.4, 0.9]


def test_a_rank_of_the_difference_counts_down_too() -> None:
    # Less DOWN: .4, -.2 and .1 on date 5, .6 and .4 on date 3.
    found = measured(PROBABILITY, DATE, "rank of p_up - p_down")
    assert found.tolist() == [1.0, 1.0, 0.0, 0.5, 0.0, 0.0]
    other = PROBABILITY.copy()
    other[1] = [0.35, 0.0, 0.65]  # the likelier of date 3 to rise, and to fall: .3 against .4
    again = measured(other, DATE, "rank of p_up - p_down")
    assert again.tolist() == [1.0, 0.0, 0.0, 0.5, 1.0, 0.0]
    assert measured(other, DATE, "rank of p_up")[[1, 4]].tolist() == [1.0, 0.0]


def test_equal_scores_share_the_lower_rank() -> None:
    # Of five the two best are equal: three of four others are lower.
    assert date_rank(np.array([0.1, 0.9, 0.9, 0.2, 0.2]), np.zeros(5, dtype=int)).tolist() == [
        0.0, 0.75, 0.75, 0.25, 0.25,
    ]  # fmt: skip
    # A model that says the same of a date's stocks ranks none above another.
    assert date_rank(np.full(4, 0.7), np.zeros(4, dtype=int)).tolist() == [0.0] * 4
    assert date_rank(np.zeros(0), np.zeros(0, dtype=int)).tolist() == []


def test_a_place_counts_the_dates_rows_that_come_before() -> None:
    # Date 5: .6 before .4 before .3. Date 3: .7 before .4. Date 4: one row.
    assert measured(PROBABILITY, DATE, "place of p_up").tolist() == [0, 0, -2, -1, -1, 0]
    # Less DOWN, date 5 has .4, -.2 and .1, date 3 has .3 and .4: its second row comes first.
    other = PROBABILITY.copy()
    other[1] = [0.35, 0.0, 0.65]
    found = measured(other, DATE, "place of p_up - p_down")
    assert found.tolist() == [0, -1, -2, -1, 0, 0]
    # Of equal scores the earlier row comes first, so that no two have the same place.
    assert date_place(np.array([0.2, 0.9, 0.2, 0.9]), np.zeros(4, dtype=int)).tolist() == [
        -2, 0, -3, -1,
    ]  # fmt: skip
    assert date_place(np.zeros(0), np.zeros(0, dtype=int)).tolist() == []


@given(seed=st.integers(0, 2**32 - 1), n=st.integers(1, 60))
def test_ranks_are_those_of_pandas_and_of_each_date_alone(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    score, date = rng.random(n).round(1), rng.integers(0, 8, n)
    found = date_rank(score, date)
    lower = pd.Series(score).groupby(date).rank(method="min").to_numpy() - 1
    others = pd.Series(date).map(pd.Series(date).value_counts()).to_numpy() - 1
    assert found == pytest.approx(lower / np.maximum(others, 1))
    # Nothing of another date enters, to the last bit.
    own = date == date[0]
    assert (date_rank(score[own], date[own]) == found[own]).all()
