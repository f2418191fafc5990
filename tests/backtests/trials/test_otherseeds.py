"""A trial with other seeds: each network of it comes to what a trial of that network alone does."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.forecasts import read_forecast
from rollsight.backtests.sweeps.plan import SweepPlan
from rollsight.backtests.trials.otherseeds import PartOutcome, read_parts
from rollsight.backtests.trials.outcomes import Outcome
from rollsight.backtests.trials.seedwork import other_seeds
from rollsight.backtests.workers.executors import executor
from rollsight.base.progress import silent
from tests.support.chains import spec_of
from tests.support.planted import planted_market
from tests.support.sweeps.markets import SerialExecutor, home_of, planned, worked


@dataclass(frozen=True)
class Worked:
    """A sweep over one and two networks: trial 0 has the first of trial 1's alone."""

    plan: SweepPlan
    home: Home
    found: Mapping[str, Outcome | str]

    def parts(self, number: int) -> dict[int, tuple[PartOutcome, ...]]:
        return other_seeds(
            [self.plan.trials[number]], self.plan, self.home, SerialExecutor(), silent
        )


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Worked:
    folder: Path = tmp_path_factory.mktemp("market")
    planted_market(folder, seed=2, strength=0.6, n_stocks=4, n_days=220)
    spec = spec_of(folder, min_buys=20)
    training = spec.training.model_copy(update={"shrink": True})
    plan = planned(spec.model_copy(update={"training": training}), {"training.seeds": [1, 2]})
    home = home_of(tmp_path_factory.mktemp("sweep"))
    return Worked(plan, home, worked(plan, home)[1])


def test_a_network_alone_comes_to_what_a_trial_of_it_alone_does(done: Worked) -> None:
    alone = done.found[done.plan.trials[0].key]
    assert isinstance(alone, Outcome)
    assert alone.test.trades > 5
    first, second = done.parts(1)[1]
    assert (first.networks, second.networks) == ((0,), (1,))
    for name, value in first.objectives.items():
        assert value == alone.objective("validation", name)
    assert first.test.total_return == alone.test.total_return
    assert first.test.sharpe == alone.test.sharpe
    assert first.objectives["sharpe"] != second.objectives["sharpe"]
    # Each part has the weight that it earned alone.
    keys = done.plan.trainings[1].forecasts
    stored = [one for key in keys if (one := read_forecast(done.home.forecast(key)))]
    assert len(stored) == len(keys)
    assert any(one.part_weights[0] != one.part_weights[1] for one in stored)
    for one in stored:
        for at in (0, 1):
            assert one.part(at).weight == one.part_weights[at]
            assert one.part(at).each_test[0].tolist() == one.forecast.each_test[at].tolist()


def test_a_trial_of_one_network_has_no_parts(done: Worked) -> None:
    assert done.parts(0) == {}
    assert not done.home.other_seeds(done.plan.trials[0].key).exists()


def test_parts_are_made_once_and_again_where_they_are_damaged_by_threads_too(done: Worked) -> None:
    found, path = done.parts(1), done.home.other_seeds(done.plan.trials[1].key)
    whole, at = path.read_bytes(), path.stat().st_mtime_ns
    assert done.parts(1) == found
    assert path.stat().st_mtime_ns == at
    path.write_bytes(whole[:-3])
    assert read_parts(path) is None
    with executor("threading", jobs=2) as running:
        assert other_seeds(done.plan.trials, done.plan, done.home, running, silent) == found
    assert path.read_bytes() == whole
