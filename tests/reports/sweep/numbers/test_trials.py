"""Where the chosen trial stands among all, and which of many are drawn."""

from dataclasses import replace

import pytest

from rollsight.reports.sweep.numbers.trials import Distribution, distribution, sampled
from tests.support.sweeps.numbers import figures, grid, trial


def test_the_chosen_one_has_its_place_in_the_distribution() -> None:
    trials = [
        trial(n, {}, test=figures(sharpe), chosen=n == 0)
        for n, sharpe in enumerate([0.4, -0.2, 1.0, 0.1, None])
    ]
    assert distribution(trials, lambda own: own.sharpe) == Distribution(
        values=(-0.2, 0.1, 0.4, 1.0),
        low=pytest.approx(0.025),
        median=pytest.approx(0.25),
        high=pytest.approx(0.55),
        chosen=0.4,
        rank=2,
    )
    assert distribution(trials[4:], lambda own: own.sharpe) is None


def test_a_sample_is_the_same_each_time_and_holds_the_chosen_one() -> None:
    trials = grid(200)
    trials[123] = replace(trials[123], chosen=True)
    drawn = [t.number for t in sampled(trials, 20)]
    assert drawn == [t.number for t in sampled(trials, 20)]
    assert 123 in drawn
    assert len(drawn) in (20, 21)
    assert sampled(trials, 200) == trials
