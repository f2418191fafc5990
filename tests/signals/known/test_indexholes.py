"""An index that lacks many sessions of its calendar says so; one with holidays does not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.reports.page.language import speak
from rollsight.reports.page.words import word
from rollsight.signals.known.corrections import Corrections
from rollsight.signals.known.indexholes import frozen_notes
from rollsight.signals.known.indexvalues import usable_values
from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.prices.market import read_market
from rollsight.signals.spec import MarketSpec
from tests.support.markets import Recipe, index_table, sessions, write_market, write_table

KS11, VIX = (
    pd.Series(100.0 + np.arange(500), pd.DatetimeIndex(days), name=symbol)
    for symbol, days in (
        ("KS11", sessions(500, first="2020-01-02")),
        ("VIX", sessions(500, first="2020-01-02", calendar="XNYS")),
    )
)
FIFTH = np.arange(500) % 5 == 2


def noted(values: pd.Series) -> list[str]:
    found, notes = usable_values(values, SYMBOLS[str(values.name)].publication, Path("indices.csv"))
    assert len(found) == len(values)
    return notes


def test_every_fifth_row_missing_is_named_by_index_calendar_and_count() -> None:
    (note,) = noted(KS11[~FIFTH])
    assert note.startswith(
        "Index KS11 has 400 of 500 sessions of XKRX from 2020-01-02 to 2022-01-06, and none on "
        "2020-01-06, 2020-01-13, "
    )
    assert " and 90 more: inputs carry the value before" in note


def test_without_a_calendar_it_is_named_by_weekdays() -> None:
    # 500 sessions and 16 holidays are 516 weekdays; 100 rows are gone.
    (note,) = noted(VIX[~FIFTH])
    assert note.startswith("Index VIX has 400 of 516 weekdays from 2020-01-02 to 2021-12-23, and")


@pytest.mark.parametrize("values", [KS11, VIX, KS11[:60]], ids=["KS11", "VIX", "short"])
def test_a_whole_index_is_not_named_for_holidays(values: pd.Series) -> None:
    assert noted(values) == []


def test_a_few_sessions_may_be_missing_and_a_month_may_not() -> None:
    # Six of any 60, and ten of 500, are as many as may be missing.
    assert noted(KS11.drop(KS11.index[100:106])) == []
    assert noted(KS11.drop(KS11.index[30:500:47])) == []
    (note,) = noted(KS11.drop(KS11.index[30:500:43]))
    assert "has 489 of 500 sessions" in note
    (note,) = noted(KS11.drop(KS11.index[100:107]))
    assert "has 493 of 500 sessions" in note
    (note,) = noted(VIX.drop(VIX.index[100:121]))
    assert "Index VIX" in note


def test_months_and_few_rows_are_no_holes() -> None:
    month = pd.date_range("2010-01-01", periods=100, freq="MS")
    assert noted(pd.Series(100.0 + np.arange(100), month, name="VIX")) == []
    assert noted(KS11[:50].drop(KS11.index[5:15])) == []
    assert noted(KS11[:1]) == []


def test_days_that_the_folder_says_were_closed_are_no_holes() -> None:
    closed = Corrections(closed=tuple(day.date() for day in KS11.index[FIFTH]))
    published = replace(SYMBOLS["KS11"].publication, corrections=closed)
    assert usable_values(KS11[~FIFTH], published, Path("indices.csv"))[1] == []


def test_a_run_says_so_in_both_languages(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market", Recipe(n_stocks=1, n_days=60))
    table = index_table(Recipe(n_days=60)).set_index("Date")
    gone = pd.DatetimeIndex(sessions(60)[1::5])
    table.loc[gone, "KS11"] = np.nan
    write_table(table.reset_index(), folder / "indices.parquet")
    (note,) = read_market(MarketSpec(folder=str(folder))).notes
    assert note.startswith("Index KS11 has ")
    assert "sessions of XKRX" in note
    assert "거래일" in word(note, speak("ko"))


def test_a_price_that_is_the_same_for_weeks_is_named_with_the_longest_run() -> None:
    values = KS11.copy()
    values.iloc[100:114], values.iloc[200:215], values.iloc[300:320] = 7.0, 8.0, 9.0
    days = [f"{values.index[at]:%Y-%m-%d}" for at in (300, 319)]
    (note,) = frozen_notes(values, SYMBOLS["KS11"].publication)
    assert note == (
        f"Index KS11 has the same value on 20 days in a row, {days[0]} to {days[1]}: filled "
        "forward, or no longer published; its input and a benchmark's return are 0 there"
    )
    assert word(note, speak("ko")) != note
    assert not frozen_notes(values[:210], SYMBOLS["KS11"].publication)
    # A policy rate stays for months.
    assert not frozen_notes(values, SYMBOLS["US10Y"].publication)


def test_a_benchmark_that_is_filled_forward_to_the_end_is_named(tmp_path: Path) -> None:
    folder = write_market(tmp_path, Recipe(n_days=60))
    table = index_table(Recipe(n_days=60))
    table.loc[table.index[30:], "KS11"] = table["KS11"].iloc[30]
    write_table(table, folder / "indices.parquet")
    notes = read_market(MarketSpec(folder=str(folder), benchmark="KS11")).notes
    assert [n for n in notes if n.startswith("Index KS11 has the same value on ")]
