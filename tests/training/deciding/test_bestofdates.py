"""The best of each date as the buys, worked out by hand."""

import numpy as np
import pytest

from rollsight.signals.inputs.labels import Label
from rollsight.training.deciding.bestofdates import best_of_dates, why_not
from rollsight.training.deciding.threshold import NO_RANK, NO_SKILL, ThresholdCurve
from rollsight.training.spec import ThresholdSpec

# Two dates of three rows each.
PLACE = np.array([0.0, -1.0, -2.0, -1.0, -2.0, 0.0])
DATE = np.array([4, 4, 4, 9, 9, 9])
LABEL = np.array([Label.UP, Label.DOWN, Label.UP, Label.UP, Label.DOWN, Label.HOLD], dtype=np.int8)
NET = np.array([0.04, -0.05, 0.03, 0.02, -0.04, 0.01])


def chosen(refused: str = "", *, best: int = 2, min_score: float | None = None) -> ThresholdCurve:
    spec = ThresholdSpec(best=best, min_score=min_score)
    return best_of_dates(PLACE, LABEL, NET, DATE, spec=spec, span=2, refused=refused)


def test_the_best_two_of_each_date_are_the_buys_without_a_choice() -> None:
    curve = chosen()
    assert (curve.value, curve.reason) == (-1.0, "")
    assert (curve.threshold.tolist(), curve.support.buys.tolist()) == ([-1.0], [4])
    # UP, DOWN, UP and HOLD; the net returns sum to .02. Neither 30 buys nor 15 dates are asked for.
    assert curve.precision.tolist() == [0.5]
    assert curve.net_return == pytest.approx([0.005])
    assert ((chosen(best=1).value or 0) <= PLACE).sum() == 2


def test_a_window_is_left_out_for_what_it_was_said_to_lack() -> None:
    assert (chosen(NO_RANK).value, chosen(NO_RANK).reason) == (None, NO_RANK)
    assert chosen(min_score=0.5).value == -1.0
    assert chosen(min_score=0.6).reason == (
        "the best precision on validation, 0.5000, is below threshold.min_score=0.6"
    )


def test_a_model_that_tells_no_stock_of_a_date_from_another_buys_nothing() -> None:
    spec = ThresholdSpec(best=1)
    # Two dates with a level each: dates are told apart, stocks are not.
    p_up = np.array([0.3, 0.3, 0.4, 0.4])
    probability = np.stack([0.5 - p_up, np.full(4, 0.5), p_up], axis=1)
    date = np.array([1, 1, 2, 2])
    assert why_not(probability, date, spec, skilled=True) == NO_RANK
    probability[3] = [0.05, 0.5, 0.45]
    assert why_not(probability, date, spec, skilled=False) == ""
    careful = ThresholdSpec(best=1, require_skill=True)
    assert why_not(probability, date, careful, skilled=False) == NO_SKILL
    assert why_not(probability, date, careful, skilled=True) == ""
