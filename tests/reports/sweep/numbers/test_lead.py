"""By how much the best setting leads the second, and what other seeds of both do."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rollsight.backtests.spec import read_spec
from rollsight.backtests.sweeps.grid import read_grid
from rollsight.backtests.sweeps.plan import SweepPlan, Trial
from rollsight.backtests.sweeps.spec import SweepSpec
from rollsight.backtests.trials.otherseeds import PartOutcome
from rollsight.backtests.trials.outcomes import Figures, Outcome, Performance
from rollsight.backtests.trials.selection import best_on_validation
from rollsight.base.records import plain, record
from rollsight.reports.sweep.numbers.paths import Finished
from rollsight.reports.sweep.numbers.seeds import Lead, lead_of

STOPS: dict[str, list[Any]] = {"strategy.stop_loss": [None, 0.02, 0.05]}
SEEDS: dict[str, list[Any]] = {"label.horizon": [3, 5], "training.seed": [0, 1, 2]}


def outcome(sharpe: float | None) -> Outcome:
    own = Figures(sharpe=sharpe, trades=1, buys=1, precision=None, crucial_fail=None,
                  net_return=None, log_loss_gain=None)  # fmt: skip
    moved, days = np.array([0.0, 0.01]), np.empty(0, "datetime64[D]")
    return Outcome(own, own, {}, moved, moved, days, days, days)


def parts(*sharpes: float | None) -> tuple[PartOutcome, ...]:
    """Return what each network alone comes to."""
    return tuple(
        PartOutcome((at,), {"sharpe": value}, Performance(sharpe=value))
        for at, value in enumerate(sharpes)
    )


def finished(
    grid: dict[str, list[Any]],
    sharpes: list[float | None],
    other_seeds: dict[int, tuple[PartOutcome, ...]],
) -> Finished:
    """Return a sweep whose trials have these Sharpe ratios on validation; None failed."""
    tried = read_grid({}, grid)
    trials = tuple(Trial(n, s, f"key {n}", f"digest {n}") for n, s in enumerate(tried.every()))
    found: dict[str, Outcome | str] = {
        t.key: "it failed" if own is None else outcome(own)
        for t, own in zip(trials, sharpes, strict=True)
    }
    ranked = best_on_validation(trials, found, SweepSpec())
    plan = SweepPlan(trials, (), 0, 0)
    spec = read_spec("sample")
    return Finished(spec, SweepSpec(), tried, plan, found, ranked, other_seeds, None, {})


def lead(*of: Any) -> Lead:
    found = lead_of(finished(*of))
    assert found is not None
    assert record(Lead, plain(found)) == found
    return found


def test_the_same_parts_of_both_are_compared() -> None:
    found = lead(STOPS, [0.5, 0.7, 0.1], {1: parts(0.5, 0.9, 0.2), 0: parts(0.4, 0.3, 0.6)})
    assert found.best.trials == (1,)
    assert found.second is not None
    assert found.second.trials == (0,)
    assert found.own == pytest.approx(0.2)
    # .5 - .4, .9 - .3 and .2 - .6; of all pairs the least would be .2 - .6 and the most .9 - .3.
    assert found.others is not None
    assert (found.others.n, found.ahead, found.of) == (3, 2, 3)
    assert (found.others.low, found.others.high) == pytest.approx((-0.4, 0.6))
    assert not found.stands
    assert found.best.validation is not None
    assert (found.best.validation.low, found.best.validation.high) == (0.2, 0.9)
    assert found.best.test.sharpe == found.best.validation


def test_a_lead_that_every_seed_has_stands_though_both_ranges_overlap() -> None:
    # Both vary by far more than the lead, and together: the ranges overlap, the lead stands.
    half = PartOutcome((0, 1), {"sharpe": 0.5}, Performance(sharpe=0.5))
    better = replace(half, objectives={"sharpe": 0.6})
    found = lead(
        STOPS, [0.5, 0.7, 0.1],
        {1: (*parts(1.1, 0.2, 0.4), better), 0: (*parts(1.0, 0.1, 0.3), half)},
    )  # fmt: skip
    assert found.stands
    # Of three networks: + + + and - - - are two of eight ways in which coins fall.
    assert (found.of, found.seeds, found.times) == (4, 3, 4)
    assert found.others is not None
    assert (found.others.low, found.others.high) == pytest.approx((0.1, 0.1))


def test_with_other_numbers_of_networks_each_is_compared_with_each() -> None:
    found = lead(STOPS, [0.5, 0.7, 0.1], {1: parts(0.5, 0.9), 0: parts(0.4, 0.3, 0.6)})
    assert found.others is not None
    assert (found.others.n, found.ahead, found.of) == (6, 5, 6)
    assert (found.others.low, found.others.high) == pytest.approx((-0.1, 0.6))


@pytest.mark.parametrize("own", [{}, {1: parts(0.5, 0.9)}], ids=["both", "one of them"])
def test_with_one_network_a_window_the_spread_is_unknown(own: Any) -> None:
    found = lead(STOPS, [0.5, 0.7, 0.1], own)
    assert (found.own, found.others) == (pytest.approx(0.2), None)
    assert (found.ahead, found.of, found.stands) == (0, 0, False)


def test_a_part_that_never_traded_is_a_case_that_is_not_ahead() -> None:
    found = lead(STOPS, [0.5, 0.7, 0.1], {1: parts(0.5, None), 0: parts(0.4, 0.3)})
    assert found.others is not None
    assert (found.others.n, found.ahead, found.of, found.stands) == (1, 1, 2, False)


def test_trials_of_other_seeds_take_the_place_of_parts() -> None:
    # Means of .5 and .4, and by seed .6 - .1, .4 - .2 and .5 - .9.
    found = lead(SEEDS, [0.6, 0.4, 0.5, 0.1, 0.2, 0.9], {})
    assert found.best.trials == (0, 1, 2)
    assert found.own == pytest.approx(0.1)
    assert found.others is not None
    assert (found.others.low, found.others.high) == pytest.approx((-0.4, 0.5))
    assert (found.ahead, found.of, found.seeds) == (2, 3, 3)


def test_there_is_no_second_beside_trials_that_failed_and_no_lead_without_a_choice() -> None:
    found = lead(STOPS, [None, 0.7, None], {1: parts(0.5, 0.9)})
    assert (found.second, found.own, found.others) == (None, None, None)
    assert found.best.validation is not None
    assert found.best.validation.n == 2
    assert lead_of(finished(STOPS, [None, None, None], {})) is None
    assert lead_of(finished({"training.seed": [0, 1]}, [0.5, 0.7], {})) is None
