"""What trials share of a signal table, and what they do not."""

from pathlib import Path

import numpy as np

from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.reader import Reader
from rollsight.backtests.trials.paths import Paths
from tests.support.chains import spec_of
from tests.support.markets import write_market
from tests.support.sweeps.markets import RECIPE, planned, worked


def test_trials_share_what_their_rules_do_not_change_and_nothing_else(tmp_path: Path) -> None:
    spec = spec_of(write_market(tmp_path / "market", RECIPE))
    strategy = spec.strategy.model_copy(update={"stop_loss": 0.05})
    costs = spec.costs.model_copy(update={"commission": 0.01})
    stopped, dear = (spec.model_copy(update=u) for u in ({"strategy": strategy}, {"costs": costs}))
    reader, home = Reader(), Home(tmp_path, tmp_path / "networks")
    reader.prepare(spec)
    ready, earned = reader.costed(spec, reader.digest, home)
    again, same = reader.costed(stopped, reader.digest, home)
    other, less = reader.costed(dear, reader.digest, home)
    assert again is ready
    assert same is earned
    assert other.costs.commission == 0.01 != ready.costs.commission
    known = np.isfinite(earned)
    assert (less[known] < earned[known]).all()


def test_trials_decide_once_what_their_rules_do_not_change(tmp_path: Path) -> None:
    spec = spec_of(write_market(tmp_path / "market", RECIPE))
    home = Home(tmp_path, tmp_path / "networks")
    plan = planned(spec, {"strategy.stop_loss": [None, 0.05], "threshold.min_buys": [1, 5]})
    worked(plan, home)
    training, reader = plan.trainings[0], Reader()

    def of(number: int) -> Paths:
        own = plan.trials[number].spec
        assert own is not None
        return reader.paths(own, training.data, home, training.forecasts)

    first = of(0)
    assert plan.trials[2].settings["strategy.stop_loss"] == 0.05
    assert of(2) is first
    assert of(1) is not first
    assert of(3) is not first
    again = of(0)
    assert again is not first
    assert again.test.rows.equals(first.test.rows)
