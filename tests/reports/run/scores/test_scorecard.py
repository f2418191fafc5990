"""The five figures of the original work, and what stands beside them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rollsight.base.records import plain
from rollsight.reports.run.scores.scorecard import classes, scorecard
from rollsight.reports.statistics.baserates import with_base_rates
from rollsight.training.deciding.evaluation import evaluate
from rollsight.workflows.run import Run


@pytest.mark.parametrize("threshold", [0.35, 0.5, 0.65])
@pytest.mark.parametrize("seed", range(10))
def test_the_five_figures_are_those_of_the_original_works_formulas(
    seed: int, threshold: float
) -> None:
    rng = np.random.default_rng(seed)
    probability = rng.dirichlet([1, 1, 1], size=300)
    label = rng.integers(3, size=300).astype(np.int8)
    # The original's, on one-hot targets; there a prediction is a probability above the threshold.
    target = np.zeros((300, 3), dtype=bool)
    target[np.arange(300), label] = True
    predicted = probability > threshold
    right = sum((predicted[i] == target[i]).all() for i in range(300)) / 300
    arg_max = sum(probability[i].argmax() == label[i] for i in range(300)) / 300
    down, hold, up = (
        sum(predicted[i, 2] and target[i, c] for i in range(300)) / sum(predicted[:, 2])
        for c in (0, 1, 2)
    )
    found = evaluate(probability, label, np.full(300, threshold))
    assert (found.accuracy_thresholded, found.accuracy) == (pytest.approx(right), arg_max)
    assert (found.precision, found.soso_fail, found.crucial_fail) == pytest.approx((up, hold, down))


def buys(n_dates: int, up: list[int]) -> pd.DataFrame:
    """Return one buy a date of these labels in turn, whose base rates are all one third."""
    label = np.resize(np.array(up, dtype="int8"), n_dates)
    bases = {f"{n}_of_{k}": 1 / 3 for n in ("up", "hold", "down") for k in ("date", "alike")}
    return pd.DataFrame({"plain_label": label, "at": np.arange(n_dates), **bases})


def shares(bought: pd.DataFrame, *, span: int) -> dict[str, Any]:
    return vars(classes(bought, span=span)).copy()


def test_an_edge_is_precision_less_the_base_of_the_same_buys() -> None:
    rng = np.random.default_rng(0)
    found = shares(buys(400, list(rng.integers(3, size=400))), span=2)
    assert found["edge"] == pytest.approx(found["precision"] - 1 / 3)
    assert found["edge_low"] == pytest.approx(found["precision_low"] - 1 / 3)
    assert found["edge_low"] < found["edge"] < found["edge_high"]
    assert sum(found[k] for k in ("precision", "soso_fail", "crucial_fail")) == pytest.approx(1)


def test_buys_that_repeat_each_other_count_once() -> None:
    rng = np.random.default_rng(1)
    label = np.repeat(rng.choice([0, 2], size=80), 5)
    alone = shares(buys(400, list(label)), span=5)
    # Each buy ten times over: as many dates, the same shares, and nothing more is known.
    tenfold = shares(pd.concat([buys(400, list(label))] * 10, ignore_index=True), span=5)
    assert alone["independent_buys"] < 200  # of the 400 only 80 differ
    assert tenfold["labelled"] == 4_000
    assert tenfold["independent_buys"] == pytest.approx(alone["independent_buys"], rel=1e-6)


def test_a_share_has_bounds_between_none_and_all() -> None:
    found = shares(buys(400, [0] * 39 + [2]), span=5)
    assert found["precision"] == 0.025
    assert found["precision_low"] >= 0
    only = shares(buys(400, [2]), span=5)
    assert (only["precision"], only["precision_low"], only["independent_buys"]) == (1, None, None)
    assert only["edge"] == pytest.approx(2 / 3)


def test_no_buys_have_no_shares() -> None:
    found = shares(buys(0, [2]), span=5)
    assert found.pop("labelled") == 0
    assert set(found.values()) == {None}


def test_accuracy_stands_beside_forecasts_that_know_nothing(finished: Run) -> None:
    known = finished.signals[finished.signals["label"].notna()]
    said = known[["p_down", "p_hold", "p_up"]].to_numpy().argmax(axis=1)
    label = known["label"].to_numpy(dtype=int)
    found = finished.metrics["overall"]["accuracy"]
    assert found["value"] == pytest.approx((said == label).mean())
    assert found["value"] == finished.metrics["overall"]["figures"]["accuracy"]
    windows = finished.windows.set_index("number")
    frequent = windows[["frequency_down", "frequency_hold", "frequency_up"]].to_numpy()
    constant = frequent.argmax(axis=1)[windows.index.get_indexer(known["window"])]
    assert found["base_of_constant"] == pytest.approx((constant == label).mean())
    others = []
    for _, of_date in known.assign(said=said).groupby("decided_at"):
        for row in of_date.itertuples():
            same = of_date[of_date["code"] != row.code]
            others.append((same["label"] == row.said).mean())
    assert found["base_of_date"] == pytest.approx(np.mean(others))


def changed(finished: Run, signals: pd.DataFrame, trades: pd.DataFrame) -> dict[str, Any]:
    result = replace(finished, signals=signals, trades=trades)
    found: dict[str, Any] = plain(scorecard(result, with_base_rates(signals)))
    return found


def test_a_run_that_never_bought_has_a_card_without_buys(finished: Run) -> None:
    quiet = finished.signals.assign(buy=False, threshold=np.nan)
    card = changed(finished, quiet, finished.trades[:0])
    assert card["random_buys"] == {"all_buys": None, "taken": None}
    overall = card["overall"]
    assert overall["all_buys"]["precision"] is None
    assert overall["all_buys"]["random_buys"] is None
    assert overall["break_even"]["lead"] is None
    assert overall["accuracy"]["value"] is not None
    assert overall["information"]["dates"] > 0


def test_a_run_of_winners_alone_is_told_without_a_line(finished: Run) -> None:
    won = finished.signals
    won = won.assign(buy=won["buy"] & won["label"].eq(2).fillna(value=False))
    overall = changed(finished, won, finished.trades[:0])["overall"]
    assert overall["all_buys"]["precision"] == 1
    assert overall["all_buys"]["precision_low"] is None
    assert overall["break_even"]["lead"] == 1
    assert overall["break_even"]["needed_made"] is None
    assert overall["all_buys"]["random_buys"]["precision"]["value"] == 1


def test_one_date_is_a_card_without_intervals(finished: Run) -> None:
    signals = finished.signals
    first = signals["decided_at"].eq(signals.loc[signals["buy"], "decided_at"].iloc[0])
    card = changed(finished, signals[first], finished.trades[:0])
    assert [y["figures"]["rows"] for y in card["years"]] == [first.sum()]
    assert card["overall"]["information"]["t"] is None
    assert card["overall"]["all_buys"]["edge_low"] is None
    assert card["skill"]["log_loss"] is not None


def test_rows_without_any_label_yet_make_an_empty_card(finished: Run) -> None:
    unsettled = finished.signals.assign(label=pd.array([None] * len(finished.signals), "Int8"))
    card = changed(finished, unsettled, finished.trades[:0])
    assert card["calibration"] == []
    assert card["skill"]["log_loss"] is None
    assert card["overall"]["accuracy"]["value"] is None
