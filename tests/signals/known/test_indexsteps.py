"""A step of an index that no market makes is named; what markets have made is not."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.reports.page.language import speak
from rollsight.reports.page.words import word
from rollsight.signals.known.indexsteps import step_notes
from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.prices.market import read_market
from rollsight.signals.spec import MarketSpec
from tests.support.markets import Recipe, index_table, sessions, write_market, write_table

DAYS = pd.DatetimeIndex(sessions(6))  # 2024-01-02 to 2024-01-09


def said(symbol: str, *values: float, benchmark: bool = False) -> list[str]:
    series = pd.Series(values, DAYS[: len(values)], name=symbol)
    return step_notes(series, SYMBOLS[symbol].publication, benchmark=benchmark)


@pytest.mark.parametrize(("factor", "shown"), [(10.0, "x10"), (0.1, "x0.1"), (5.0, "x5")])
def test_a_level_that_steps_is_named_by_index_day_and_size(factor: float, shown: str) -> None:
    (note,) = said("KS11", 2_010, 2_000, 2_000 * factor, 2_005 * factor)
    assert note.startswith(
        "Index KS11 is 5 times the value before, or more, or 0.2 times, or less, on 2024-01-04 ("
    )
    assert f"({shown}" in note


def test_a_slip_of_one_day_is_one_note_of_two_days() -> None:
    (note,) = said("GSPC", 4_000, 40_000, 4_000, 4_010)
    assert "on 2024-01-03 (x10), 2024-01-04 (x0.1): another unit" in note


def test_what_markets_have_made_is_not_named() -> None:
    assert said("VIX", 17.31, 37.32) == []  # 5 February 2018
    assert said("CL", 18.27, 10.01, 13.78) == []  # April 2020, without the day below zero
    assert said("NG_HH_SPOT", 3.15, 13.20, 3.25) == []  # January 2024
    assert said("KS11", 725.0, 607.0) == []


def test_a_benchmark_is_held_to_what_a_stock_may_move() -> None:
    (note,) = said("KS11", 2_000, 1_000, benchmark=True)
    assert "is 1.5 times the value before, or more, or 0.6 times, or less, on 2024-01-03" in note
    assert said("KS11", 2_000, 1_000) == []
    assert said("KS11", 5_595.0, 6_595.0, 5_200.0, benchmark=True) == []


def test_yields_near_zero_are_neighbours_and_basis_points_are_not_per_cent() -> None:
    assert said("US3M_TBILL", 0.03, 0.23, 0.01, -0.05, 0.02, 0.0) == []
    assert said("US1MT", 0.16, 1.02, 0.2) == []
    (note,) = said("US10Y", 4.2, 420.0, 425.0)
    assert "(x100)" in note
    (note,) = said("US10Y", 4.2, 0.42)
    assert "(x0.1)" in note


def test_a_run_says_so_of_every_index_in_both_languages(tmp_path: Path) -> None:
    recipe = Recipe(n_stocks=1, n_days=30)
    folder = write_market(tmp_path / "market", recipe)
    table = index_table(recipe)
    late = np.arange(len(table)) >= 20
    stepped = table.assign(GSPC=table["GSPC"].where(~late, table["GSPC"] / 10))
    write_table(stepped, folder / "indices.parquet")
    market = read_market(MarketSpec(folder=str(folder)))
    (note,) = [note for note in market.notes if "times the value before" in note]
    assert note.startswith("Index GSPC ")
    assert "지수 GSPC" in word(note, speak("ko"))
