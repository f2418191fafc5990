"""A seed is never chosen: settings are, by the mean over their seeds."""

from typing import Any

import numpy as np
import pytest

from rollsight.backtests.sweeps.plan import Trial
from rollsight.backtests.sweeps.seedgroups import choosable, settings_of
from rollsight.backtests.sweeps.spec import SweepSpec, check_sweep
from rollsight.backtests.trials.outcomes import Figures, Outcome
from rollsight.backtests.trials.selection import best_on_validation
from rollsight.base.errors import RollsightError

# Of each horizon and seed the Sharpe ratio on validation: seed 2 of horizon 5 is the luckiest, and
# horizon 3 the better one on average, by .5 against .4.
SHARPE = {(3, 0): 0.6, (3, 1): 0.4, (3, 2): 0.5, (5, 0): 0.1, (5, 1): 0.2, (5, 2): 0.9}


def trial(number: int, **settings: Any) -> Trial:
    named = {
        {"seed": "training.seed", "horizon": "label.horizon"}[k]: v for k, v in settings.items()
    }
    return Trial(number, named, f"key {number}", f"digest {number}")


def outcome(sharpe: float | None) -> Outcome:
    moved, days = np.array([0.0, 0.01]), np.empty(0, "datetime64[D]")
    return Outcome(figures(sharpe), figures(None), {}, moved, moved, days, days, days)


def figures(sharpe: float | None) -> Figures:
    return Figures(
        sharpe=sharpe, trades=1, buys=1, precision=None, crucial_fail=None, net_return=None,
        log_loss_gain=None,
    )  # fmt: skip


def chosen(values: dict[tuple[int, int], float | None]) -> list[int]:
    trials = [trial(n, horizon=h, seed=s) for n, (h, s) in enumerate(values)]
    found: dict[str, Outcome | str] = {
        t.key: outcome(v) for t, v in zip(trials, values.values(), strict=True)
    }
    return [t.number for t in best_on_validation(trials, found, SweepSpec())]


def test_a_setting_is_chosen_by_its_mean_and_its_middle_seed_stands_for_it() -> None:
    # Of horizon 3 the middle one of .6, .4 and .5, then of horizon 5 of .1, .2 and .9.
    assert chosen(dict(SHARPE)) == [2, 4]


def test_the_luckiest_seed_changes_the_choice_only_by_the_mean() -> None:
    assert chosen(SHARPE | {(5, 2): 1.1}) == [2, 4]  # a mean of .467
    assert chosen(SHARPE | {(5, 2): 1.3}) == [4, 2]  # a mean of .533


def test_a_setting_of_which_one_seed_has_no_objective_is_not_chosen() -> None:
    assert chosen(SHARPE | {(3, 1): None}) == [4]


def test_of_seeds_alone_nothing_is_chosen() -> None:
    assert chosen({(3, s): SHARPE[3, s] for s in range(3)}) == []
    assert chosen({(3, 0): 0.6}) == []


def test_settings_that_were_tried_with_other_seeds_are_not_chosen_among() -> None:
    assert chosen({(3, 0): 0.6, (5, 2): 0.9}) == []
    assert chosen({(3, 0): 0.6, (5, 0): 0.9}) == [1, 0]


def test_trials_without_a_seed_are_settings_of_their_own() -> None:
    trials = [trial(0, horizon=3), trial(1, horizon=5)]
    assert [[t.number for t in own.trials] for own in settings_of(trials)] == [[0], [1]]
    assert choosable(settings_of(trials))
    assert choosable(settings_of(trials[:1]))
    found: dict[str, Outcome | str] = {"key 0": outcome(0.1), "key 1": outcome(0.3)}
    assert best_on_validation(trials, found, SweepSpec()) == trials[::-1]


def test_the_sampler_that_looks_for_the_best_takes_no_seed() -> None:
    grid = {"training.seed": [0, 1], "label.horizon": [3, 5]}
    with pytest.raises(RollsightError, match=r"training\.seed is no setting to choose: leave it"):
        check_sweep({}, "mine.toml", grid, sampler="tpe", trials=4)
    check_sweep({}, "mine.toml", grid, sampler="random", trials=3)
