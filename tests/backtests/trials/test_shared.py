"""Trials that are traded one after the other, and what each of them gives alone."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.execution import grouped
from rollsight.backtests.sweeps.forecasts import read_forecasts
from rollsight.backtests.sweeps.plan import SweepPlan
from rollsight.backtests.trials.outcomes import Outcome, write_outcome
from rollsight.backtests.trials.trial import run_trial
from tests.support.chains import spec_of
from tests.support.markets import write_market
from tests.support.sweeps.markets import RECIPE, home_of, planned, worked

GRID = {
    "strategy.stop_loss": [None, 0.02],
    "strategy.capacity": [None, 0.0005],
    "threshold.objective": ["precision", "net_return"],
    "costs.slippage": [0.0005, 0.01],
}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
    return spec_of(write_market(tmp_path_factory.mktemp("market"), RECIPE))


@pytest.fixture(scope="module")
def plan(spec: RunSpec) -> SweepPlan:
    return planned(spec, GRID)


def test_trials_one_after_the_other_give_the_bytes_of_lone_ones(
    plan: SweepPlan, tmp_path: Path
) -> None:
    home = home_of(tmp_path / "sweep")
    _, found = worked(plan, home)
    distinct = set()
    for trial in plan.trials:
        assert trial.spec is not None
        assert isinstance(found[trial.key], Outcome)
        forecasts = [f.forecast for f in read_forecasts(home, plan.trainings[0].forecasts)]
        lone = run_trial(prepare(trial.spec), trial.spec, forecasts)
        write_outcome(lone, tmp_path / "lone")
        assert (tmp_path / "lone").read_bytes() == home.outcome(trial.key).read_bytes()
        distinct.add((tmp_path / "lone").read_bytes())
    assert len(distinct) > len(plan.trials) / 2


def test_trials_that_share_their_signals_and_then_their_buys_follow_each_other(
    plan: SweepPlan,
) -> None:
    order = [t.settings for t in grouped(reversed(plan.trials))]
    assert len(order) == 16
    signals = [(s["threshold.objective"], s["costs.slippage"]) for s in order]
    buys = [s["strategy.capacity"] for s in order]
    assert _changes(signals) == 3
    assert _changes(list(zip(signals, buys, strict=True))) == 7


def test_trials_of_other_networks_never_stand_between_those_of_the_same(plan: SweepPlan) -> None:
    of = [replace(t, training=t.number % 2) for t in plan.trials]
    assert _changes([t.training for t in grouped(of)]) == 1


def _changes(values: Sequence[object]) -> int:
    return sum(a != b for a, b in pairwise(values))
