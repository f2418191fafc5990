"""What a market does not carry is told of a trial before anything is trained, and of it alone."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from rollsight.backtests.spec import RunSpec
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market
from tests.support.sweeps.markets import RECIPE, planned


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
    return spec_of(write_market(tmp_path_factory.mktemp("market"), RECIPE))


def test_what_buys_or_keeps_every_stock_of_a_date_fails_its_own_trial(spec: RunSpec) -> None:
    best = planned(spec, {"threshold.best": [2, 5]})
    faults = {t.settings["threshold.best"]: t.fault for t in best.trials}
    assert faults[2] == ""
    assert faults[5].startswith("threshold.best=5 buys every stock, so that no model chooses: no ")
    ranked = spec.model_copy(
        update={
            "strategy": spec.strategy.model_copy(update={"rule": "rank", "max_positions": 2}),
            "threshold": spec.threshold.model_copy(update={"best": 2}),
        }
    )
    kept = planned(ranked, {"strategy.keep": [3, 5]})
    faults = {t.settings["strategy.keep"]: t.fault for t in kept.trials}
    assert faults[3] == ""
    assert faults[5].startswith("strategy.keep=5 never sells any: no date has more than 5 to ")


def test_what_asks_for_volumes_where_there_are_none_fails_its_own_trial(tmp_path: Path) -> None:
    market = write_market(tmp_path, Recipe(n_stocks=5, n_days=260))
    prices = pd.read_parquet(market / "prices.parquet")
    prices.drop(columns="Volume").to_parquet(market / "prices.parquet", index=False)
    grid = {"strategy.participation": [None, 0.5], "strategy.capacity": [None, 0.1]}
    told = [
        trial.fault.partition(" is a share")[0] for trial in planned(spec_of(market), grid).trials
    ]
    assert told == ["", "strategy.capacity=0.1", *["strategy.participation=0.5"] * 2]


@pytest.mark.parametrize("ticks", [[1.0, 0.0], [0.0, 1.0]])
def test_ticks_of_a_book_without_any_fail_their_own_trial(
    spec: RunSpec, ticks: list[float]
) -> None:
    bookless = spec.model_copy(update={"market": spec.market.model_copy(update={"book": "none"})})
    found = planned(bookless, {"costs.slippage_ticks": ticks})
    faults = {t.settings["costs.slippage_ticks"]: t.fault for t in found.trials}
    assert faults[0.0] == ""
    assert faults[1.0].startswith("costs.slippage_ticks=1.0 needs ticks, and the 'none' book has ")
    # What trains reads the market without them.
    assert [training.spec.costs.slippage_ticks for training in found.trainings] == [0.0]


@pytest.mark.parametrize("every", [[200, 1], [1, 200]])
def test_sessions_too_far_apart_to_learn_from_fail_their_own_trial(
    spec: RunSpec, every: list[int]
) -> None:
    found = planned(spec, {"training.every": every})
    faults = {t.settings["training.every"]: t.fault for t in found.trials}
    assert faults[1] == ""
    assert "training.every=200" in faults[200]


def test_dates_that_hold_nothing_out_fail_their_own_trial(spec: RunSpec) -> None:
    held = spec.holdout.model_copy(update={"start": date(2024, 11, 1)})
    own = spec.model_copy(update={"holdout": held})
    found = planned(own, {"market.end": ["2024-10-31", "2024-12-31"]})
    early, late = (trial.fault for trial in found.trials)
    assert "nothing is held out" in early
    assert late == ""


def test_each_folder_of_a_sweep_is_a_try(spec: RunSpec, tmp_path: Path) -> None:
    other = write_market(tmp_path, Recipe(n_stocks=6, n_days=260))
    found = planned(spec, {"market.folder": [spec.market.folder, str(other)]})
    assert len({trial.spec_digest for trial in found.trials}) == len(found.trials) == 2
