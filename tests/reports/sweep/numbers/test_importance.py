"""What trials say of keys, in numbers worked out by hand."""

from typing import Any

import numpy as np
import pytest

from rollsight.reports.sweep.numbers.importance import (
    Heatmap,
    Heatmaps,
    LevelMedians,
    heatmaps,
    importance,
)
from rollsight.reports.sweep.numbers.trials import TrialNumbers
from tests.support.sweeps.numbers import figures, grid, trial


def ran(number: int, validation: float | None, test: float | None, **settings: Any) -> TrialNumbers:
    return trial(number, settings, validation=figures(validation), test=figures(test))


# Validation: a explains the means 1 and 3 of 0, 2, 2, 4: between 4 x 1, in all 8.
# Test: 5, 1, 5, 1: b explains everything, a nothing.
FOUR = [ran(0, 0.0, 5.0, a=1, b="x"), ran(1, 2.0, 1.0, a=1, b="y"),
        ran(2, 2.0, 5.0, a=2, b="x"), ran(3, 4.0, 1.0, a=2, b="y")]  # fmt: skip


def test_importance_is_the_variance_of_a_values_means_over_that_of_all_trials() -> None:
    a, b = importance(FOUR, ["a", "b"])
    assert a.validation.share == pytest.approx(0.5)
    assert b.validation.share == pytest.approx(0.5)
    assert a.test.share == pytest.approx(0)
    assert b.test.share == pytest.approx(1)


def test_the_medians_of_each_value_stand_beside_it() -> None:
    _, b = importance([*FOUR, ran(4, 9.0, None, a=1, b="x")], ["a", "b"])
    assert b.levels == (
        LevelMedians(("x",), n=3, validation=2.0, test=5.0),
        LevelMedians(("y",), n=2, validation=3.0, test=1.0),
    )


def test_shuffled_settings_explain_values_less_one_over_trials_less_one() -> None:
    random = np.random.default_rng(0)
    trials = [ran(n, random.normal(), random.normal(), a=n % 5) for n in range(41)]
    (a,) = importance(trials, ["a"])
    # Five values, 41 trials: 4 of 40 degrees of freedom. 500 shuffles have an error of .003.
    assert a.validation.chance == pytest.approx(0.1, abs=0.012)
    assert a.validation.chance_high > 0.15
    assert a.validation.p_value > 0.05


def test_a_key_that_matters_is_told_from_one_that_does_not() -> None:
    horizon, objective, *_ = importance(grid(), list(grid()[0].settings))
    assert horizon.validation.share > horizon.validation.chance_high
    assert horizon.validation.p_value < 0.01
    assert objective.validation.p_value > 0.01


def test_only_trials_that_are_done_count() -> None:
    failed = trial(4, {"a": 3, "b": "z"}, state="failed", validation=None, test=None)
    assert importance([*FOUR, failed], ["a", "b"]) == importance(FOUR, ["a", "b"])


@pytest.mark.parametrize(
    "trials",
    [
        [],
        FOUR[:1],
        [ran(n, 1.0, 1.0, a=n) for n in range(4)],
        [ran(n, float(n), float(n), a=7) for n in range(4)],
        [ran(n, None, None, a=n % 2) for n in range(4)],
    ],
    ids=["none", "one", "equal figures", "one value", "no figures"],
)
def test_where_nothing_varies_no_share_exists(trials: list[TrialNumbers]) -> None:
    (a,) = importance(trials, ["a"])
    assert (a.validation, a.test) == (None, None)


def test_a_heat_map_holds_medians_over_the_other_keys() -> None:
    more = [*FOUR, ran(4, 10.0, None, a=2, b="y"), ran(5, 5.0, 3.0, a=3, b="x")]
    found = heatmaps(more, ["a", "b"])
    pair = Heatmap(
        keys=("a", "b"),
        rows=((1,), (2,), (3,)),
        columns=(("x",), ("y",)),
        n=((1, 1), (1, 2), (1, 0)),
        validation=((0.0, 2.0), (2.0, 7.0), (5.0, None)),
        test=((5.0, 1.0), (5.0, 1.0), (3.0, None)),
    )
    assert found == Heatmaps(of=1, pairs=(pair,))


def test_the_most_important_pairs_are_kept() -> None:
    random = np.random.default_rng(1)
    trials = [
        ran(n, n % 2 + 2 * (n // 4 % 2), 0.0, a=n % 2, b=int(random.integers(3)), c=n // 4 % 2)
        for n in range(48)
    ]
    found = heatmaps(trials, ["a", "b", "c"], most=1)
    assert found.of == 3
    assert [pair.keys for pair in found.pairs] == [("a", "c")]
