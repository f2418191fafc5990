"""Which of the exchange's delistings the data hold, and what the others could cost."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rollsight.backtests.account.deaths import deaths_held
from rollsight.reports.run.data.deaths import deaths_data, worst_return
from rollsight.signals.rules.delistings import DELISTED, LISTED, NEW, listed_by
from tests.support.markets import Recipe, small_market

HELD = [
    {"year": 2017, "board": "KOSDAQ", "held": 5, "reached": 2},
    {"year": 2018, "board": "KOSDAQ", "held": 4, "reached": 1},
    {"year": 2018, "board": "KOSPI", "held": 9, "reached": 3},
    {"year": 2020, "board": "KOSDAQ", "held": 7, "reached": 7},
]


def test_every_number_has_a_source_and_stands_once() -> None:
    assert all("." in one.source for one in (*DELISTED, *LISTED, *NEW))
    for table in (DELISTED, LISTED, NEW):
        assert len({(one.year, one.board) for one in table}) == len(table)
    assert all(listed_by(one.year, one.board).year <= one.year for one in DELISTED)


def test_a_share_is_of_the_same_year_and_board() -> None:
    found = deaths_data(HELD, first="2018-03-02")
    # Of 2020 no source has a number. KOSDAQ had 1,208 companies at the end of 2016, the last count
    # before 2017, and 1,313 in December 2018.
    assert [(d.year, d.board, d.exchange, d.held, d.tested) for d in found] == [
        (2017, "KOSDAQ", 20, 5, False), (2018, "KOSDAQ", 34, 4, True), (2018, "KOSPI", 5, 9, True),
    ]  # fmt: skip
    # More are held than were counted: none of them is missing.
    assert [d.missing_rate for d in found] == [15 / 1208, 30 / 1313, 0.0]


def test_the_worst_case_loses_the_invested_share_of_the_missing_in_each_tested_year() -> None:
    found = deaths_data(HELD, first="2017-01-02")
    # 2017: 15 of 1,208 are missing; 2018: 30 of 1,313 of KOSDAQ, which is the worse board.
    expected = 1.5 * (1 - 0.8 * 15 / 1208) * (1 - 0.8 * 30 / 1313) - 1
    assert worst_return(found, 0.5, 0.8) == pytest.approx(expected, abs=1e-12)
    assert worst_return(deaths_data(HELD, first="2019-01-02"), 0.5, 0.8) is None


def test_a_delisting_is_held_in_its_year_and_a_year_that_goes_on_is_not_counted(
    tmp_path: Path,
) -> None:
    # Stock 1 is delisted in session 41 of 2023-11 and later, in January 2024; 2024 goes on.
    recipe = Recipe(n_stocks=3, n_days=60, first="2023-11-01", last_rows={0: 20, 1: 50})
    market = small_market(tmp_path, recipe)
    boards = ("KOSPI", "KOSDAQ", "KOSPI")
    found = deaths_held(replace(market, boards=boards))
    assert found == [
        {"year": 2023, "board": "KOSDAQ", "held": 0, "reached": 0, "new": 0, "listed": 1},
        {"year": 2023, "board": "KOSPI", "held": 1, "reached": 1, "new": 0, "listed": 1},
    ]
    assert market.sessions[-1] > np.datetime64("2024-01-01")
