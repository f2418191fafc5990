"""The plan of a sweep, and that the store shows afterwards what it said."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.execution import work, work_of
from rollsight.backtests.sweeps.plan import Planner, SweepPlan
from rollsight.backtests.sweeps.tasks import ForecastTask
from rollsight.backtests.workers.executors import Died
from rollsight.base.progress import silent
from rollsight.workflows.run import run
from tests.support.chains import spec_of
from tests.support.markets import write_market
from tests.support.sweeps.markets import (
    GRID,
    RECIPE,
    A,
    SerialExecutor,
    T,
    home_of,
    planned,
    worked,
)  # fmt: skip


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
    return spec_of(write_market(tmp_path_factory.mktemp("market"), RECIPE))


@pytest.fixture(scope="module")
def plan(spec: RunSpec) -> SweepPlan:
    return planned(spec)


def test_trainings_and_signals_are_counted_once(plan: SweepPlan) -> None:
    # Two horizons of four windows each; two objectives of the threshold for either.
    assert len(plan.trials) == 8
    assert len(plan.trainings) == 2
    assert len(plan.networks) == 8
    assert plan.signals == 4
    assert [t.training for t in plan.trials] == [0, 0, 0, 0, 1, 1, 1, 1]


@pytest.mark.parametrize(
    ("grid", "networks"),
    [
        ({"strategy.max_positions": [1, 2], "costs.slippage": [0.0, 0.01]}, 4),
        ({"threshold.min_buys": [1, 10, 50], "strategy.take_profit": [None, 0.1]}, 4),
        ({"training.seed": [0, 1, 2]}, 12),
        # Seeds 0 and 1 of the second are those of the first and one more.
        ({"training.seeds": [1, 2]}, 8),
        ({"model.width": [4, 5], "training.epochs": [1, 2]}, 16),
        ({"label.up": [0.02, 0.03]}, 8),
        ({"attribution.target": ["log_odds", "up_logit"]}, 4),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else str(value),
)
def test_only_what_changes_training_is_trained_again(
    spec: RunSpec, grid: dict[str, list[object]], networks: int
) -> None:
    assert len(planned(spec, grid).networks) == networks


def test_what_explains_trades_makes_no_trial_of_its_own(spec: RunSpec) -> None:
    found = planned(spec, {"attribution.target": ["log_odds", "up_logit"]})
    assert (len(found.trials), found.duplicates) == (1, 1)


def test_the_plan_is_what_the_store_holds_afterwards(plan: SweepPlan, tmp_path: Path) -> None:
    home = home_of(tmp_path)
    todo, found = worked(plan, home)
    assert set(todo.missing) == set(plan.networks)
    assert {p.stem for p in home.networks.glob("*.pt")} == set(plan.networks)
    assert len(found) == len(plan.trials)
    again = work_of(plan, home)
    assert (again.missing, again.left) == ((), ())
    assert again.lines(2) == [
        "8 trials, 8 done before",
        "8 distinct trainings in 2 sets of networks, 8 in the store",
        "4 distinct tables of signals, 8 backtests",
    ]


def test_a_run_and_a_sweep_share_their_networks(spec: RunSpec, tmp_path: Path) -> None:
    home, grid = home_of(tmp_path / "sweep"), {"strategy.stop_loss": [None, 0.02]}
    run(spec, out=tmp_path / "run", store=home.networks, page=False)
    stored = {p.name: p.stat().st_mtime_ns for p in home.networks.iterdir()}
    todo, _ = worked(planned(spec, grid), home)
    assert todo.missing == ()
    assert {p.name: p.stat().st_mtime_ns for p in home.networks.iterdir()} == stored
    # And the other way round: a run of the same spec finds all that it would train.
    run(spec, out=tmp_path / "other", store=home.networks, page=False)
    assert {p.name: p.stat().st_mtime_ns for p in home.networks.iterdir()} == stored
    own = [p.read_bytes() for p in sorted((tmp_path / "run" / "models").iterdir())]
    assert own == [p.read_bytes() for p in sorted((tmp_path / "other" / "models").iterdir())]


def test_chained_networks_are_planned_and_kept_by_their_chain(
    spec: RunSpec, tmp_path: Path
) -> None:
    chained = spec.model_copy(
        update={"training": spec.training.model_copy(update={"mode": "fine-tune"})}
    )
    found = planned(chained, {"training.mode": ["retrain", "fine-tune"]})
    # The first window's network is the same in both.
    assert len(found.networks) == 7
    home = home_of(tmp_path)
    worked(found, home)
    assert {p.stem for p in home.networks.glob("*.pt")} == set(found.networks)


def test_values_that_do_not_go_together_are_trials_that_cannot_be_run(spec: RunSpec) -> None:
    found = planned(spec, {"label.down": [-0.02, 0.03], "label.up": [0.02, 0.05]})
    faults = {(t.settings["label.down"], t.settings["label.up"]): t.fault for t in found.trials}
    assert faults.pop((0.03, 0.02)) == "label: down=0.03 must be below up=0.02"
    assert set(faults.values()) == {""}
    lines = work_of(found, home_of(Path("nowhere"))).lines(1)
    assert lines[:2] == [
        "4 trials, 1 cannot be run",
        "for instance: label: down=0.03 must be below up=0.02",
    ]


def test_a_value_that_another_family_of_the_grid_allows_is_named_by_its_key(spec: RunSpec) -> None:
    found = planned(spec, {"model.name": ["mlp", "gru"], "model.hidden": [[8], 4]})
    faults = {(t.settings["model.name"], repr(t.settings["model.hidden"])): t.fault
              for t in found.trials}  # fmt: skip
    assert faults["mlp", "4"] == (
        "model.hidden=4 is not allowed: must be a list in brackets, as in [4]"
    )
    assert faults["gru", "[8]"] == "model.hidden=[8] is not allowed: must be a whole number"
    assert faults["mlp", "[8]"] == faults["gru", "4"] == ""


def test_a_threshold_that_no_validation_span_can_hold_fails_its_own_trial(spec: RunSpec) -> None:
    found = planned(spec, {"threshold.min_dates": [1, 99]})
    faults = {t.settings["threshold.min_dates"]: t.fault for t in found.trials}
    assert faults[1] == ""
    assert "threshold.min_dates=99 is more than the 34 sessions" in faults[99]


def test_what_the_data_cannot_carry_fails_its_own_trials_alone(spec: RunSpec) -> None:
    found = planned(spec, {"windows.train_days": [100, 900], "model.blocks": [1, 9]})
    faults = {tuple(t.settings.values()): t.fault for t in found.trials}
    assert faults[100, 1] == ""
    assert "train_days=900" in faults[900, 1]
    # Nine blocks see more sessions than an input has.
    assert "blocks=9" in faults[100, 9]
    assert [t.training for t in found.trials] == [0, None, None, None]
    # Each is a try of its own spec.
    assert len({t.spec_digest for t in found.trials}) == 4


def test_other_data_is_another_trial(spec: RunSpec, tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market", RECIPE)
    one = planned(spec_of(folder), {"strategy.stop_loss": [0.02]})
    # The folder's place is no part of it.
    assert [t.key for t in one.trials] == [
        t.key for t in planned(spec, {"strategy.stop_loss": [0.02]}).trials
    ]
    prices = pd.read_parquet(folder / "prices.parquet")
    prices.loc[prices["Date"] == prices["Date"].max(), "Close"] *= 1.01
    prices.to_parquet(folder / "prices.parquet")
    other = planned(spec_of(folder), {"strategy.stop_loss": [0.02]})
    assert other.trials[0].key != one.trials[0].key
    # The last session is of no train or validation span.
    assert set(other.networks) == set(one.networks)


def test_the_same_setting_again_is_the_same_trial(spec: RunSpec) -> None:
    planner = Planner(spec)
    (first,) = planner.add([{"strategy.stop_loss": 0.02}])
    (again,) = planner.add([{"strategy.stop_loss": 0.02}])
    assert again is first
    assert len(planner.plan().trials) == 1


def test_an_estimate_grows_with_what_is_to_be_trained(plan: SweepPlan, spec: RunSpec) -> None:
    nowhere = home_of(Path("nowhere"))
    assert work_of(plan, nowhere).lines(1)[-1] == "about 1 min at most with jobs=1"
    # Four windows of 4 stocks x 100 days x 100,000 epochs, some 2e-7 s each: about half a minute,
    # and a hundred seeds of it.
    long = planned(spec, {"training.epochs": [100_000], "training.seeds": [100]})
    minutes = {jobs: int(work_of(long, nowhere).lines(jobs)[-1].split()[1]) for jobs in (1, 2)}
    assert 20 < minutes[1] < 120
    assert abs(minutes[1] - 2 * minutes[2]) <= 1


def with_amounts(folder: Path) -> RunSpec:
    """Return a spec whose members are the three of the largest Amount, ETFs left out."""
    market = write_market(folder, RECIPE)
    prices = pd.read_parquet(market / "prices.parquet")
    prices.assign(Amount=prices["Close"] * prices["Volume"]).to_parquet(market / "prices.parquet")
    spec = spec_of(market)
    ranked = spec.universe.model_copy(update={"top": 3, "value_days": 5, "exclude": ("etf",)})
    return spec.model_copy(update={"universe": ranked})


def edit_amounts(market: Path) -> None:
    prices = pd.read_parquet(market / "prices.parquet")
    last = prices["Date"] > prices["Date"].quantile(0.9)
    prices.loc[last & (prices["Code"] == "000010"), "Amount"] *= 1000
    prices.to_parquet(market / "prices.parquet")


def edit_name(market: Path) -> None:
    listings = (market / "listings.csv").read_text(encoding="utf-8")
    (market / "listings.csv").write_text(listings.replace("Stock 1", "KODEX 200"), encoding="utf-8")


@pytest.mark.parametrize("edit", [edit_amounts, edit_name])
def test_other_members_are_asked_and_traded_anew(
    tmp_path: Path, edit: Callable[[Path], None]
) -> None:
    spec = with_amounts(tmp_path / "market")
    before = planned(spec, {"strategy.stop_loss": [None, 0.02]})
    edit(tmp_path / "market")
    after = planned(spec, {"strategy.stop_loss": [None, 0.02]})
    assert not {t.key for t in before.trials} & {t.key for t in after.trials}
    assert not set(before.trainings[0].forecasts) & set(after.trainings[0].forecasts)
    # A network that learnt from other rows is no other one.
    (one,), (other,) = before.trainings[0].keys, after.trainings[0].keys
    assert (one[0] == other[0]) == (edit is edit_amounts)


def test_a_failed_trial_leaves_its_forecasts_to_those_that_come_later(spec: RunSpec) -> None:
    found, nowhere = planned(spec, {"strategy.stop_loss": [None, 0.02]}), home_of(Path("nowhere"))
    failed = {found.trials[0].key: "its worker died 3 times"}
    assert work_of(found, nowhere, failed).missing_forecasts == set(found.trainings[0].forecasts)
    # Where all have failed nobody asks for the report's sake alone.
    failed |= {found.trials[1].key: "so did this one's"}
    assert work_of(found, nowhere, failed).missing_forecasts == set()


def test_a_failed_forecast_is_told_of_every_trial_that_needs_it(
    spec: RunSpec, tmp_path: Path
) -> None:
    gated = spec.model_copy(update={"gate": spec.gate.model_copy(update={"model": "pca"})})
    plan, home = planned(gated, {"gate.action": ["report", "no_buy"]}), home_of(tmp_path)
    one, other = (training.forecasts for training in plan.trainings)
    assert one == other

    class Dying(SerialExecutor):
        def run(self, function: Callable[[A], T], tasks: Sequence[A]) -> Iterator[tuple[int, Any]]:
            for at, task in enumerate(tasks):
                dead = isinstance(task, ForecastTask) and task.key == one[1]
                yield at, Died("its worker died 3 times") if dead else function(task)

    found = work(work_of(plan, home), Dying(), silent, lambda outcome: outcome.test.sharpe)
    assert [found[t.key] for t in plan.trials] == ["its worker died 3 times"] * 2


@pytest.mark.slow
def test_a_sweep_after_an_edit_earns_what_one_into_a_new_folder_earns(tmp_path: Path) -> None:
    spec = with_amounts(tmp_path / "market")
    old, new = home_of(tmp_path / "old"), home_of(tmp_path / "new")
    worked(planned(spec, GRID), old)
    edit_amounts(tmp_path / "market")
    todo, again = worked(planned(spec, GRID), old)
    assert len(todo.left) == 8
    _, fresh = worked(planned(spec, GRID), new)
    for key in fresh:
        assert (old.outcome(key)).read_bytes() == (new.outcome(key)).read_bytes()
    assert again.keys() == fresh.keys()
