"""Grids: what is asked for on the command line, in a table, and in Python."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.backtests.sweeps.grid import Axis, Grid, Range, read_grid, shown
from rollsight.base.errors import RollsightError


def refused(*options: str) -> str:
    with pytest.raises(RollsightError) as error:
        read_grid({}, options)
    return str(error.value)


def test_options_are_read_as_toml_with_bare_words_and_none() -> None:
    grid = read_grid(
        {},
        [
            "strategy.stop_loss=none,0.05",
            "threshold.objective=precision,net_return",
            "market.indices=['KS11', 'GSPC'],all",
            "strategy.extend=true,false",
        ],
    )
    assert grid.keys == (
        "strategy.stop_loss", "threshold.objective", "market.indices", "strategy.extend",
    )  # fmt: skip
    assert [axis.values for axis in grid.axes] == [
        (None, 0.05), ("precision", "net_return"), (["KS11", "GSPC"], "all"), (True, False),
    ]  # fmt: skip
    assert grid.count() == 16


def test_none_stays_a_word_where_it_is_a_choice() -> None:
    grid = read_grid({"training.class_weights": ["none", "balanced"]})
    assert grid.axes[0].values == ("none", "balanced")


def test_every_combination_comes_once_the_last_key_changing_first() -> None:
    grid = read_grid({"label.horizon": [5, 10], "strategy.max_positions": [1, 2, 2]})
    assert list(grid.every()) == [
        {"label.horizon": 5, "strategy.max_positions": 1},
        {"label.horizon": 5, "strategy.max_positions": 2},
        {"label.horizon": 10, "strategy.max_positions": 1},
        {"label.horizon": 10, "strategy.max_positions": 2},
    ]


def test_an_option_takes_the_place_of_the_tables_values() -> None:
    grid = read_grid({"label.horizon": [5, 10], "model.width": [4]}, ["label.horizon=3"])
    assert [(axis.key, axis.values) for axis in grid.axes] == [
        ("label.horizon", (3,)), ("model.width", (4,)),
    ]  # fmt: skip


@given(st.integers(1, 40), st.integers(0, 100))
def test_a_sample_of_a_grid_holds_distinct_settings_of_it(count: int, seed: int) -> None:
    grid = read_grid({"label.horizon": [1, 2, 3], "model.width": [2, 4], "model.blocks": [1, 2]})
    every = list(grid.every())
    drawn = grid.sample(count, seed=seed)
    assert len(drawn) == min(count, 12)
    assert all(one in every for one in drawn)
    assert len({repr(one) for one in drawn}) == len(drawn)
    assert drawn == grid.sample(count, seed=seed)


def test_a_range_is_drawn_from_within_whole_where_its_ends_are() -> None:
    grid = read_grid({}, ["label.horizon=3..7", "strategy.stop_loss=0.02..0.2"])
    assert [axis.values for axis in grid.axes] == [Range(3, 7), Range(0.02, 0.2)]
    drawn = grid.sample(60, seed=0)
    assert len(drawn) == 60
    assert {one["label.horizon"] for one in drawn} == {3, 4, 5, 6, 7}
    losses = [one["strategy.stop_loss"] for one in drawn]
    assert 0.02 <= min(losses) < 0.06
    assert 0.16 < max(losses) <= 0.2


def test_a_grid_beyond_all_counting_is_drawn_from() -> None:
    values = list(range(1, 900))
    keys = ("label.horizon", "model.width", "model.blocks", "model.kernel", "training.epochs",
            "training.batch", "training.seed")  # fmt: skip
    grid = read_grid(dict.fromkeys(keys, values))
    assert grid.count() == 899**7
    assert len({repr(one) for one in grid.sample(20, seed=0)}) == 20


def test_a_range_of_few_whole_numbers_ends() -> None:
    assert len(Grid((Axis("label.horizon", Range(1, 3)),)).sample(50, seed=1)) == 3


def test_a_range_draws_both_ends() -> None:
    rng = random.Random(0)
    assert {Range(1, 2).draw(rng) for _ in range(20)} == {1, 2}


def test_what_cannot_be_swept_is_refused_in_one_line() -> None:
    assert refused() == (
        "a sweep needs something to sweep: name it with --grid section.key=v1,v2, or in the "
        "spec's table [sweep.grid]"
    )
    assert refused("strategy.stop_los=0.1").endswith("did you mean 'stop_loss'?")
    assert refused("strateg.stop_loss=0.1").endswith("did you mean 'strategy'?")
    assert "strategy.stop_loss='wide' is not allowed" in refused("strategy.stop_loss=0.1,wide")
    assert "strategy.max_positions=0.5 is not allowed" in refused("strategy.max_positions=0.5")
    assert "it changes how trials are measured" in refused("market.risk_free=0.01,0.02")
    assert "is not section.key=v1,v2" in refused("stop_loss=0.1")
    assert "is not section.key=v1,v2" in refused("strategy.stop_loss=")
    assert "twice" in refused("label.horizon=5", "label.horizon=10")
    assert "is no range" in refused("label.horizon=9..5")
    assert "is no range" in refused("label.horizon=low..5")
    assert "label.horizon=4.48 is not allowed" in refused("label.horizon=3.0..7.0")
    assert "is not section.key=v1,v2" in refused("label.horizon=5,,10")
    with pytest.raises(RollsightError, match=r"the grid's key 'name' is not section\.key"):
        read_grid({}, {"name": ["a", "b"]})


def test_a_range_has_no_end_of_values_for_a_whole_grid() -> None:
    grid = read_grid({}, ["strategy.stop_loss=0.02..0.2"])
    with pytest.raises(RollsightError, match=r"0\.02\.\.0\.2 has no end of values: .* --random N"):
        list(grid.every())


def test_values_that_only_fail_together_are_allowed_alone() -> None:
    # The default label.up is 0.02.
    assert read_grid({}, ["label.down=0.03"]).axes[0].values == (0.03,)


def test_numbers_of_numpy_are_those_of_python() -> None:
    stops = list(np.linspace(0.05, 0.2, 4))
    grid = read_grid({}, {"strategy.stop_loss": stops, "strategy.max_positions": [np.int64(5)]})
    assert [[type(value) for value in axis.told] for axis in grid.axes] == [[float] * 4, [int]]


def test_what_is_no_section_has_no_keys_to_sweep() -> None:
    for section in ("name", "baselines"):
        with pytest.raises(RollsightError, match=rf"{section}\.x: .* has no keys of its own"):
            read_grid({}, {f"{section}.x": ["a", "b"]})


def test_a_path_is_no_range() -> None:
    assert read_grid({}, ["market.folder=../mine"]).axes[0].values == ("../mine",)


def test_values_are_shown_as_they_are_written() -> None:
    assert [shown(v) for v in (None, 0.05, True, "net_return", ("GC", "NG"), [])] == [
        "none", "0.05", "true", "net_return", "GC+NG", "[]",
    ]  # fmt: skip
