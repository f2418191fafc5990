"""What a threshold was worth after it was chosen, on curves made by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rollsight.base.records import plain
from rollsight.reports.run.learning.governance import thresholds_data, window_governance
from rollsight.training.spec import ThresholdSpec
from rollsight.workflows.run import Run

SPAN = 2


def spec_of(
    min_buys: int, min_dates: int = 1, min_blocks: int = 1, **changes: Any
) -> ThresholdSpec:
    return ThresholdSpec(min_buys=min_buys, min_dates=min_dates, min_blocks=min_blocks, **changes)


SPEC = spec_of(20)  # a tenth of the 200 validation rows
WINDOW: dict[str, Any] = {
    "number": 0, "validation_rows": 200, "validation_dates": 20, "threshold": 0.4,
    "curve_threshold": [0.2, 0.4, 0.6], "curve_buys": [150, 60, 10],
    "curve_dates": [20, 12, 4], "curve_blocks": [10, 8, 3],
    "curve_score": [0.4, 0.6, 0.7], "threshold_low": 0.2,
    "threshold_high": 0.4, "threshold_near": 0.8, "threshold_optimism": 0.05,
}  # fmt: skip


def table_of(p_up: list[float], label: list[int], net: list[float] | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "score": p_up,
            "plain_label": np.array(label, dtype=np.int8),
            "net_label_return": np.zeros(len(p_up)) if net is None else net,
            "window": 0,
            # Two rows a date: the buys from 0.2 on lie on two dates, and those from 0.4 on.
            "decided_at": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(np.arange(len(p_up)) // 2, "D"),
        }
    )


# At or above 0.2: 2 of 4 went UP. From 0.4 on: 1 of 3. From 0.6 on: the one.
TEN = table_of(
    [0.1] * 6 + [0.3, 0.4, 0.5, 0.7], [2, 2, 2, 2, 2, 2, 2, 0, 1, 2],
    [0.0] * 6 + [0.04, -0.02, 0.01, 0.04],
)  # fmt: skip


def account(rows: pd.DataFrame, spec: ThresholdSpec = SPEC, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = plain(window_governance(WINDOW | changes, rows, spec, span=SPAN))
    return found


def test_the_test_span_is_read_at_the_candidates_of_validation() -> None:
    found = account(TEN)
    assert found["curve_test_buys"] == [4, 3, 1]
    assert found["curve_test_precision"] == found["curve_test_score"] == [1 / 2, 1 / 3, 1]
    assert found["curve_test_net_return"] == pytest.approx([0.0175, 0.01, 0.04])


def test_the_chosen_threshold_is_held_against_the_best_in_hindsight() -> None:
    found = account(TEN)["governance"]
    assert (found["validation_score"], found["validation_buys"]) == (0.6, 60)
    assert (found["validation_dates"], found["validation_blocks"]) == (12, 8)
    assert (found["test_score"], found["test_precision"], found["test_buys"]) == (1 / 3, 1 / 3, 3)
    assert found["test_net_return"] == pytest.approx(0.01)
    assert found["gap"] == pytest.approx(0.6 - 1 / 3)
    # A tenth of ten rows is one: the single buy from 0.6 on is enough, and right.
    assert (found["hindsight"], found["hindsight_score"], found["hindsight_buys"]) == (0.6, 1, 1)
    assert found["regret"] == pytest.approx(2 / 3)
    assert found["within"] is False


def test_hindsight_needs_as_large_a_share_of_rows_as_tuning_did() -> None:
    # Now a fifth: two of ten rows, which 0.6 does not leave.
    found = account(TEN, spec_of(40))["governance"]
    assert (found["hindsight"], found["hindsight_score"], found["hindsight_buys"]) == (0.2, 0.5, 4)
    assert found["regret"] == pytest.approx(1 / 2 - 1 / 3)
    assert found["within"] is True
    # Of too few rows there is no hindsight, and no regret.
    none = account(TEN, spec_of(100))["governance"]
    assert none["hindsight"] is none["regret"] is none["within"] is None
    assert none["test_score"] == 1 / 3


def test_hindsight_needs_as_large_a_share_of_dates_and_of_their_blocks() -> None:
    # Ten rows are five dates in three blocks of two. Buys from 0.2 and 0.4 on lie on the fourth
    # and fifth date, in blocks two and three; the buy from 0.6 on lies on the fifth alone.
    def hindsight(min_dates: int, min_blocks: int) -> float | None:
        found = account(TEN, spec_of(1, min_dates, min_blocks))["governance"]["hindsight"]
        return None if found is None else float(found)

    # Of 20 dates 4 are a fifth: one of five; 5 are a quarter: two of them, which 0.6 lacks.
    assert [hindsight(dates, 1) for dates in (4, 5, 8, 9)] == [0.6, 0.2, 0.2, None]
    # Of 10 blocks 3 are .9 of three, 4 are 1.2, 7 are 2.1.
    assert [hindsight(1, blocks) for blocks in (3, 4, 7)] == [0.6, 0.2, None]


def test_fewer_buys_than_hindsight_may_take_can_do_better() -> None:
    found = account(TEN, spec_of(40), threshold=0.6)["governance"]
    assert (found["test_score"], found["hindsight_score"]) == (1, 0.5)
    assert found["regret"] == -0.5


def test_regret_is_in_units_of_the_objective() -> None:
    found = account(TEN, spec_of(40, objective="net_return"))["governance"]
    assert (found["test_score"], found["hindsight_score"]) == pytest.approx((0.01, 0.0175))
    assert found["regret"] == pytest.approx(0.0075)


def test_a_difference_of_probabilities_is_read_as_it_was_tuned() -> None:
    # p_up less p_down is 2 p_up - 1: only 0.7 reaches 0.2. The signals have it as their score.
    less_down = TEN.assign(score=2 * TEN["score"] - 1)
    found = account(less_down, spec_of(20, score="p_up - p_down"))
    assert found["curve_test_buys"] == [1, 0, 0]
    assert found["curve_test_precision"] == [1, None, None]


def test_without_test_buys_there_is_nothing_to_regret() -> None:
    found = account(table_of([0.3, 0.3], [2, 0]))["governance"]
    assert found["test_buys"] == 0
    assert found["test_score"] is found["test_precision"] is found["test_net_return"] is None
    assert found["gap"] is found["regret"] is None
    assert found["hindsight"] == 0.2


def test_a_window_that_does_not_trade_has_a_hindsight_all_the_same() -> None:
    found = account(TEN, threshold=np.nan, threshold_low=np.nan, threshold_high=np.nan)
    assert found["governance"]["validation_score"] is found["governance"]["regret"] is None
    assert found["governance"]["hindsight"] == 0.6
    assert found["governance"]["within"] is None


def test_a_window_without_candidates_or_without_test_rows_has_nothing() -> None:
    same = account(
        TEN,
        threshold=np.nan,
        curve_threshold=[],
        curve_buys=[],
        curve_dates=[],
        curve_blocks=[],
        curve_score=[],
    )
    assert same["curve_test_buys"] == []
    assert same["governance"]["hindsight"] is None
    bare = account(TEN[:0])
    assert bare["curve_test_buys"] == [0, 0, 0]
    assert bare["governance"]["hindsight"] is bare["governance"]["regret"] is None


def test_windows_are_summed_up_where_they_bought() -> None:
    windows = [
        window_governance(WINDOW, TEN, SPEC, span=SPAN),
        window_governance(WINDOW | {"threshold": 0.2, "threshold_high": 0.6}, TEN, SPEC, span=SPAN),
        window_governance(WINDOW | {"threshold": np.nan}, TEN, SPEC, span=SPAN),
        window_governance(WINDOW, table_of([0.3, 0.3], [2, 0]), SPEC, span=SPAN),
    ]
    found = plain(thresholds_data(windows, SPEC))
    assert (found["windows"], found["trading"], found["counted"]) == (4, 3, 2)
    # Chosen 0.4 and 0.2: .6 and .4 on validation, 1/3 and 1/2 on test, of 1 in hindsight.
    assert found["validation_score"] == pytest.approx(0.5)
    assert found["test_score"] == pytest.approx(5 / 12)
    assert found["gap"] == pytest.approx(1 / 12)
    assert found["regret"] == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert found["optimism"] == pytest.approx(0.05)
    assert found["within"] == 0.5


def test_windows_that_never_bought_sum_up_to_nothing() -> None:
    found = plain(thresholds_data([window_governance(WINDOW, TEN[:0], SPEC, span=SPAN)], SPEC))
    assert (found["windows"], found["counted"]) == (1, 0)
    assert found["regret"] is found["within"] is found["test_score"] is None


def test_a_run_accounts_for_every_window(finished: Run) -> None:
    metrics = finished.metrics
    traded = 0
    for window in metrics["windows"]:
        found = window["governance"]
        assert found["test_buys"] == (
            None if window["threshold"] is None else window["figures"]["buys"]
        )
        assert found["test_precision"] == window["figures"]["precision"]
        if window["threshold"] is None:
            continue
        traded += 1
        at = window["curve_threshold"].index(window["threshold"])
        assert found["validation_score"] == window["curve_score"][at]
        assert found["low"] <= found["high"]
        assert 0 <= found["near"] <= 1
        if found["test_net_return"] is not None:
            assert found["test_net_return"] == pytest.approx(window["all_buys"]["net_return"])
    assert metrics["thresholds"]["trading"] == traded > 0
