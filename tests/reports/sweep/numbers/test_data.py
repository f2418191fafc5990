"""What trials say of keys, in numbers worked out by hand."""

from typing import Any

import numpy as np
import pytest

from rollsight.reports.sweep.numbers import data as sweepdata
from tests.support.sweeps.numbers import figures, grid, trial


def ran(number: int, validation: float | None, test: float | None, **settings: Any) -> Any:
    return trial(number, settings, validation=figures(validation), test=figures(test))


# Validation: a explains the means 1 and 3 of 0, 2, 2, 4: between 4 x 1, in all 8.
# Test: 5, 1, 5, 1: b explains everything, a nothing.
FOUR = [ran(0, 0.0, 5.0, a=1, b="x"), ran(1, 2.0, 1.0, a=1, b="y"),
        ran(2, 2.0, 5.0, a=2, b="x"), ran(3, 4.0, 1.0, a=2, b="y")]  # fmt: skip


def test_importance_is_the_variance_of_a_values_means_over_that_of_all_trials() -> None:
    a, b = sweepdata.importance(FOUR, ["a", "b"])
    assert a["validation"]["share"] == pytest.approx(0.5)
    assert b["validation"]["share"] == pytest.approx(0.5)
    assert a["test"]["share"] == pytest.approx(0)
    assert b["test"]["share"] == pytest.approx(1)


def test_the_medians_of_each_value_stand_beside_it() -> None:
    _, b = sweepdata.importance([*FOUR, ran(4, 9.0, None, a=1, b="x")], ["a", "b"])
    assert b["levels"] == [
        {"value": ["x"], "n": 3, "validation": 2.0, "test": 5.0},
        {"value": ["y"], "n": 2, "validation": 3.0, "test": 1.0},
    ]


def test_shuffled_settings_explain_values_less_one_over_trials_less_one() -> None:
    random = np.random.default_rng(0)
    trials = [ran(n, random.normal(), random.normal(), a=n % 5) for n in range(41)]
    (a,) = sweepdata.importance(trials, ["a"])
    # Five values, 41 trials: 4 of 40 degrees of freedom. 500 shuffles have an error of .003.
    assert a["validation"]["chance"] == pytest.approx(0.1, abs=0.012)
    assert a["validation"]["chance_high"] > 0.15
    assert a["validation"]["p_value"] > 0.05


def test_a_key_that_matters_is_told_from_one_that_does_not() -> None:
    horizon, objective, *_ = sweepdata.importance(grid(), list(grid()[0]["settings"]))
    assert horizon["validation"]["share"] > horizon["validation"]["chance_high"]
    assert horizon["validation"]["p_value"] < 0.01
    assert objective["validation"]["p_value"] > 0.01


def test_only_trials_that_are_done_count() -> None:
    failed = trial(4, {"a": 3, "b": "z"}, state="failed", validation=None, test=None)
    assert sweepdata.importance([*FOUR, failed], ["a", "b"]) == sweepdata.importance(
        FOUR, ["a", "b"]
    )


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
def test_where_nothing_varies_no_share_exists(trials: list[Any]) -> None:
    (a,) = sweepdata.importance(trials, ["a"])
    assert (a["validation"], a["test"]) == (None, None)


def test_more_than_a_dozen_numbers_are_looked_at_in_five_even_ranges() -> None:
    found = sweepdata.levels([float(n) for n in range(20)])
    assert found.names == [[0, 3], [4, 7], [8, 11], [12, 15], [16, 19]]
    assert np.bincount(found.of).tolist() == [4] * 5


def test_values_that_json_calls_alike_are_told_apart() -> None:
    assert sweepdata.distinct([True, 1, "1", None, 1.0, [1, 2], [1, 2]]) == (
        [None, 1, True, "1", [1, 2]],
        [2, 1, 3, 0, 1, 4, 4],
    )


def test_a_heat_map_holds_medians_over_the_other_keys() -> None:
    more = [*FOUR, ran(4, 10.0, None, a=2, b="y"), ran(5, 5.0, 3.0, a=3, b="x")]
    found = sweepdata.heatmaps(more, ["a", "b"])
    assert found == {
        "of": 1,
        "pairs": [
            {
                "keys": ["a", "b"],
                "rows": [[1], [2], [3]],
                "columns": [["x"], ["y"]],
                "n": [[1, 1], [1, 2], [1, 0]],
                "validation": [[0.0, 2.0], [2.0, 7.0], [5.0, None]],
                "test": [[5.0, 1.0], [5.0, 1.0], [3.0, None]],
            }
        ],
    }


def test_the_most_important_pairs_are_kept() -> None:
    random = np.random.default_rng(1)
    trials = [
        ran(n, n % 2 + 2 * (n // 4 % 2), 0.0, a=n % 2, b=int(random.integers(3)), c=n // 4 % 2)
        for n in range(48)
    ]
    found = sweepdata.heatmaps(trials, ["a", "b", "c"], most=1)
    assert found["of"] == 3
    assert [pair["keys"] for pair in found["pairs"]] == [["a", "c"]]


def test_the_chosen_one_has_its_place_in_the_distribution() -> None:
    trials = [ran(n, 0.0, sharpe) for n, sharpe in enumerate([0.4, -0.2, 1.0, 0.1, None])]
    trials[0]["chosen"] = True
    assert sweepdata.distribution(trials, "sharpe") == {
        "values": [-0.2, 0.1, 0.4, 1.0],
        "low": pytest.approx(0.025),
        "median": pytest.approx(0.25),
        "high": pytest.approx(0.55),
        "chosen": 0.4,
        "rank": 2,
    }
    assert sweepdata.distribution(trials[4:], "sharpe") is None


def training(number: int, shares: dict[str, float], skilled: int = 1) -> dict[str, Any]:
    return {"training": number, "trials": 1, "settings": {}, "skilled": skilled, "windows": 2,
            "channels": list(shares), "share": list(shares.values())}  # fmt: skip


def test_agreement_is_the_rank_correlation_of_skilled_trainings() -> None:
    one = training(0, {"p": 0.1, "q": 0.2, "r": 0.3, "s": 0.4})
    # Ranks 1, 3, 2, 4 against 1, 2, 3, 4: 1 - 6 x 2 / (4 x 15) = 0.8. Reversed: -1 and -0.8.
    other = training(2, {"p": 0.1, "q": 0.3, "r": 0.2, "s": 0.4})
    turned = training(5, {"s": 0.1, "r": 0.2, "q": 0.3, "p": 0.4})
    blind = training(3, {"p": 0.4, "q": 0.3, "r": 0.2, "s": 0.1}, skilled=0)
    found = sweepdata.agreement([one, other, blind, turned])
    assert found is not None
    assert found["trainings"] == [0, 2, 5]
    assert found["matrix"] == [
        [None, pytest.approx(0.8), pytest.approx(-1.0)],
        [pytest.approx(0.8), None, pytest.approx(-0.8)],
        [pytest.approx(-1.0), pytest.approx(-0.8), None],
    ]
    assert found["mean"] == pytest.approx([-0.1, 0.0, -0.9])
    assert found["overall"] == pytest.approx(-1 / 3)


def test_agreement_is_over_the_channels_that_are_shared() -> None:
    one = training(0, {"p": 0.1, "q": 0.2, "r": 0.3, "own": 0.4})
    other = training(1, {"r": 0.5, "q": 0.3, "p": 0.2})
    found = sweepdata.agreement([one, other])
    assert found is not None
    assert found["overall"] == pytest.approx(1)
    apart = sweepdata.agreement([one, training(1, {"p": 0.5, "z": 0.5})])
    assert apart is not None
    assert apart["overall"] is None


def test_without_two_skilled_trainings_there_is_no_agreement() -> None:
    alone = training(0, {"p": 0.1, "q": 0.2, "r": 0.7})
    assert sweepdata.agreement([alone, alone | {"training": 1, "skilled": 0}]) is None


def test_a_sample_is_the_same_each_time_and_holds_the_chosen_one() -> None:
    trials = grid(200)
    trials[123]["chosen"] = True
    drawn = [t["number"] for t in sweepdata.sampled(trials, 20)]
    assert drawn == [t["number"] for t in sweepdata.sampled(trials, 20)]
    assert 123 in drawn
    assert len(drawn) in (20, 21)
    assert sweepdata.sampled(trials, 200) == trials
