"""One of thirty features drives a third of the stocks: it is found, and nothing where it is not."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.chain.attributed import summarise
from rollsight.backtests.chain.explain import Explained, explain_folds
from rollsight.backtests.chain.fold import FittedFold, run_fold
from rollsight.backtests.spec import RunSpec, check_spec
from rollsight.base.progress import silent
from rollsight.signals.features.groups import groups_of
from rollsight.training.explaining.gate import HALVES_DISAGREE
from rollsight.training.fitting.store import NOWHERE
from tests.support.simulated.manyfeatures import (
    DRIVER,
    HORIZON,
    ITS_GROUP,
    WINDOW,
    bought,
    samples,
)

# Small trees, as many rounds as left-out blocks of dates ask for: the market has few rows.
SMALL = {"rounds": 12, "learning_rate": 0.15, "leaves": 3, "leaf_rows": 100, "most_rows": 4000,
         "blocks_left_out": 5, "bins": 15, "l2": 1.0, "feature_share": 1.0}  # fmt: skip
# As the preset of ranked features trains.
NETWORK = {"epochs": 40, "patience": 10, "learning_rate": 0.002, "weight_decay": 1.0, "l1": 0.0,
           "balance": "dates", "seeds": 3}  # fmt: skip
FIRST = {"boosting": "shapley", "lightgbm": "shapley", "mlp": "gradient", "ensemble": "members"}


@dataclass(frozen=True)
class Found:
    """A window explained: its fold, its maps and their summary."""

    fold: FittedFold
    explained: Explained
    summary: pd.DataFrame

    def of(self, method: str, outcome: str) -> pd.DataFrame:
        table = self.summary
        whole = (table["period"] == "all") & (table["outcome"] == outcome)
        return table[whole & (table["method"] == method)].set_index("channel")


def spec_of(family: str, *, shrink: bool = True, **options: object) -> RunSpec:
    trees = FIRST[family] == "shapley"  # an ensemble's members have their own keys
    return check_spec(
        {
            "market": {"folder": "nowhere", "book": "none"},
            "features": {"lookback": 1},
            "label": {"horizon": HORIZON},
            "model": {"name": family, **(SMALL if trees else {}), **options},
            "training": {**({} if trees else NETWORK), "shrink": shrink},
        },
        "",
    )


def found(family: str, seed: int, *, shuffled: bool = False, **options: object) -> Found:
    """Return what is found where the better half of each date is bought."""
    spec = spec_of(family, **options)
    made, returned = samples(seed, shuffled=shuffled)
    fold = run_fold(made, returned, WINDOW, spec, NOWHERE)
    trades = bought(fold.probability[:, 2] - fold.probability[:, 0], fold.rows, returned)
    signals = trades[["stock", "day"]]
    explained = explain_folds(
        trades.assign(signal=signals.index), signals, [fold], made,
        spec=spec.attribution, training=spec.training, progress=silent,
    )  # fmt: skip
    summary = summarise(
        explained.trades,
        trades,
        explained.windows.assign(number=WINDOW.number),
        pd.Series(trades["decided_at"].unique()),
        span=HORIZON + 1,
        groups=groups_of(made.own, made.shared),
        family=family,
    )
    return Found(fold, explained, summary)


def assert_found(family: str, seed: int, **options: object) -> None:
    """Raise unless the driver is first, in its group, for UP, and more so in winners."""
    planted = found(family, seed, **options)
    assert planted.explained.windows["gate_reason"].tolist() == [""]
    for level, name in (("", DRIVER), (" by group", ITS_GROUP)):
        method = FIRST[family] + level
        assert planted.of(method, "all")["share"].idxmax() == name
        won, lost = (planted.of(method, outcome) for outcome in ("profit", "loss"))
        assert won.loc[name, "contribution"] > max(0, lost.loc[name, "contribution"])
        assert won.loc[name, "difference"] > 0
        assert won["q_value"].idxmin() == name
        assert won.loc[name, "q_value"] < 0.05
    importance = planted.explained.windows["importance"][0]
    assert int(np.argmax(importance)) == list(planted.of(FIRST[family], "all").index).index(DRIVER)


def test_trees_find_what_was_planted() -> None:
    assert_found("boosting", seed=0)


def test_a_perceptron_finds_what_was_planted() -> None:
    assert_found("mlp", seed=0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_perceptrons_find_what_was_planted_in_other_markets(seed: int) -> None:
    assert_found("mlp", seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_trees_find_what_was_planted_in_other_markets(seed: int) -> None:
    assert_found("boosting", seed)


@pytest.mark.slow
@pytest.mark.parametrize("average", ["probability", "rank"])
def test_an_ensemble_finds_what_was_planted(average: str) -> None:
    assert_found("ensemble", seed=0, average=average)


@pytest.mark.slow
def test_an_ensemble_of_shuffled_labels_is_not_believed() -> None:
    assert not found("ensemble", seed=0, shuffled=True, shrink=False).summary["passed"].any()


@pytest.mark.slow
def test_trees_of_lightgbm_find_what_was_planted() -> None:
    pytest.importorskip("lightgbm")
    assert_found("lightgbm", seed=0)


def test_trees_of_shuffled_labels_that_keep_every_round_disagree_by_half() -> None:
    kept = found("boosting", seed=0, shuffled=True, shrink=False, blocks_left_out=0)
    (window,) = kept.explained.windows.itertuples()
    assert HALVES_DISAGREE in window.gate_reason
    assert window.gate_seeds < 0.3
    assert not kept.summary["passed"].any()


def test_trees_of_shuffled_labels_are_not_believed() -> None:
    """Its search keeps no round at all, or one that the other half of the dates lacks."""
    reasons = found("boosting", seed=0, shuffled=True).explained.windows["gate_reason"][0]
    assert "no skill on validation" in reasons
    assert "the map is empty" in reasons or HALVES_DISAGREE in reasons
