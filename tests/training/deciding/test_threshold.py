"""Where a buy begins, worked out by hand."""

import re
from typing import Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import Label
from rollsight.training.deciding.support import require_room
from rollsight.training.deciding.threshold import ThresholdCurve, tune
from rollsight.training.spec import ThresholdSpec

# Five validation rows, ascending in p_up: a buy at or above each but the lowest can be had.
P_UP = np.array([0.1, 0.2, 0.3, 0.4, 0.5])
LABEL = np.array([Label.DOWN, Label.UP, Label.DOWN, Label.UP, Label.UP], dtype=np.int8)
RETURN = np.array([-0.05, 0.03, -0.10, 0.08, 0.02])
DATE = np.array([0, 0, 2, 3, 3])
SPAN = 2  # dates 0, 2 and 3 are the first, second and third: blocks of the first two and the last


def tuned(
    objective: Literal["precision", "net_return", "f_beta"] = "precision",
    *,
    p_up: np.ndarray = P_UP,
    label: np.ndarray = LABEL,
    min_buys: int = 1,
    min_dates: int = 1,
    min_blocks: int = 1,
    min_score: float | None = None,
    require_skill: bool = False,
    skilled: bool = True,
    beta: float = 0.5,
) -> ThresholdCurve:
    spec = ThresholdSpec(
        objective=objective,
        min_buys=min_buys,
        min_dates=min_dates,
        min_blocks=min_blocks,
        min_score=min_score,
        require_skill=require_skill,
        beta=beta,
    )
    return tune(p_up, label, RETURN, DATE, spec=spec, span=SPAN, skilled=skilled)


def test_precision_is_the_share_of_buys_that_went_up() -> None:
    curve = tuned()
    assert curve.threshold.tolist() == [0.2, 0.3, 0.4, 0.5]
    assert curve.support.buys.tolist() == [4, 3, 2, 1]
    np.testing.assert_allclose(curve.precision, [3 / 4, 2 / 3, 1, 1])
    assert curve.score.tolist() == curve.precision.tolist()
    # 0.4 and 0.5 are both never wrong: the lower buys more.
    assert curve.value == 0.4
    assert curve.reason == ""


def test_net_return_is_the_mean_of_the_buys() -> None:
    curve = tuned("net_return")
    np.testing.assert_allclose(curve.score, [0.03 / 4, 0.0, 0.05, 0.02], atol=1e-12)
    assert curve.value == 0.4


def test_f_beta_weighs_precision_and_recall() -> None:
    # Recall over the three that went up: 3/3, 2/3, 2/3, 1/3. beta 1 is the harmonic mean.
    curve = tuned("f_beta", beta=1.0)
    np.testing.assert_allclose(curve.score, [6 / 7, 2 / 3, 4 / 5, 1 / 2])
    assert curve.value == 0.2
    # beta 1/2: 1.25 * p * r / (0.25 * p + r)
    half = tuned("f_beta", beta=0.5)
    np.testing.assert_allclose(half.score, [15 / 19, 2 / 3, 10 / 11, 5 / 7])
    assert half.value == 0.4


def test_f_beta_of_rows_that_never_went_up_is_nil() -> None:
    curve = tuned("f_beta", label=np.zeros(5, dtype=np.int8), min_score=0.01)
    assert curve.score.tolist() == [0, 0, 0, 0]
    assert curve.value is None


def test_a_threshold_leaves_the_buys_that_are_asked_for() -> None:
    assert tuned(min_buys=3).value == 0.2
    assert tuned(min_buys=4).value == 0.2
    none = tuned(min_buys=5)
    assert none.value is None
    assert none.reason == "no threshold leaves threshold.min_buys=5 validation buys"


def test_buys_are_counted_by_date_and_by_block_of_dates() -> None:
    found = tuned().support
    # At or above 0.2 on all three dates, 0.3 on the last two, 0.4 and 0.5 on the last alone.
    assert found.dates.tolist() == [3, 2, 1, 1]
    # The dates that rows have are two and one to a block, whatever lies between them.
    assert found.blocks.tolist() == [2, 2, 1, 1]


def test_a_threshold_leaves_the_dates_and_blocks_that_are_asked_for() -> None:
    # Precisions are 3/4, 2/3, 1 and 1: the best two rest on one date, which both limits see.
    assert tuned(min_dates=2).value == 0.2
    assert tuned(min_blocks=2).value == 0.2
    assert tuned(min_dates=1, min_blocks=1).value == 0.4
    for none in (tuned(min_buys=4, min_dates=4), tuned(min_buys=4, min_dates=4, min_blocks=3)):
        assert none.value is None
    assert none.reason == (
        "no threshold leaves threshold.min_buys=4 validation buys on threshold.min_dates=4 dates "
        "in threshold.min_blocks=3 blocks of a label's span"
    )
    # Where buys are too few already, it says so alone.
    assert tuned(min_buys=5, min_dates=4).reason == (
        "no threshold leaves threshold.min_buys=5 validation buys"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"min_dates": 30}, "threshold.min_dates=30 is more than the 29 sessions whose labels are "
         "known in time of windows.validation_days=40 with label.horizon=10: lower it, lengthen"),
        ({"min_dates": 41}, "threshold.min_dates=41 is more than the 29 sessions"),
        ({"min_blocks": 4}, "threshold.min_blocks=4 is more than the 3 blocks of 11 such sessions "
         "of windows.validation_days=40"),
    ],
)  # fmt: skip
def test_what_no_validation_span_can_hold_is_refused(changes: dict[str, int], words: str) -> None:
    asked = {"min_dates": 29, "min_blocks": 3}
    require_room(ThresholdSpec(**asked), validation_days=40, horizon=10)
    with pytest.raises(RollsightError, match=re.escape(words)) as refusal:
        require_room(ThresholdSpec(**asked | changes), validation_days=40, horizon=10)
    assert "\n" not in str(refusal.value)


def test_a_score_below_the_least_that_is_asked_for_buys_nothing() -> None:
    assert tuned("net_return", min_score=0.05 - 1e-9).value == 0.4
    none = tuned("net_return", min_score=0.051)
    assert none.value is None
    assert "0.0500, is below threshold.min_score=0.051" in none.reason


def test_a_model_that_says_the_same_of_every_row_buys_nothing() -> None:
    none = tuned(p_up=np.full(5, 0.4))
    assert none.value is None
    assert len(none.threshold) == 0
    assert none.reason == "the model gives every validation row the same probability"


def test_a_model_without_skill_buys_only_where_skill_is_not_asked_for() -> None:
    assert tuned(skilled=False).value == 0.4
    assert tuned(require_skill=True).value == 0.4
    none = tuned(require_skill=True, skilled=False)
    assert none.value is None
    assert "no skill" in none.reason


def test_equal_probabilities_are_bought_together() -> None:
    curve = tuned(p_up=np.array([0.1, 0.3, 0.3, 0.3, 0.5]))
    assert curve.threshold.tolist() == [0.3, 0.5]
    assert curve.support.buys.tolist() == [4, 1]
    np.testing.assert_allclose(curve.precision, [3 / 4, 1])


@pytest.mark.parametrize("objective", ["precision", "net_return", "f_beta"])
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(2, 400),
    min_buys=st.integers(1, 50),
    min_dates=st.integers(1, 9),
    min_blocks=st.integers(1, 5),
)
def test_the_chosen_threshold_is_the_best_that_a_plain_loop_finds(
    objective: Literal["precision", "net_return", "f_beta"],
    seed: int,
    n: int,
    min_buys: int,
    min_dates: int,
    min_blocks: int,
) -> None:
    rng = np.random.default_rng(seed)
    p_up, label = rng.random(n).round(2), rng.integers(0, 3, n).astype(np.int8)
    earned = rng.normal(0, 0.05, n)
    date = rng.integers(100, 110, n)
    every = sorted(set(date.tolist()))
    spec = ThresholdSpec(
        objective=objective, min_buys=min_buys, min_dates=min_dates, min_blocks=min_blocks
    )
    curve = tune(p_up, label, earned, date, spec=spec, span=2, skilled=True)
    scores = []
    for threshold, buys in zip(curve.threshold, curve.support.buys, strict=True):
        bought = p_up >= threshold
        assert bought.sum() == buys < n
        precision = (label[bought] == Label.UP).mean()
        recall = (label[bought] == Label.UP).sum() / max((label == Label.UP).sum(), 1)
        f_beta = 0.0 if precision == 0 else 1.25 / (1 / precision + 0.25 / recall)
        score = {"precision": precision, "net_return": earned[bought].mean(), "f_beta": f_beta}
        at = {every.index(d) for d in date[bought].tolist()}
        enough = len(at) >= min_dates and len({d // 2 for d in at}) >= min_blocks
        scores.append(score[objective] if buys >= min_buys and enough else -np.inf)
    if not scores or max(scores) == -np.inf:
        assert curve.value is None
    else:
        assert scores[curve.chosen] == pytest.approx(max(scores), abs=1e-12)
