"""An index lies on the sessions of its own exchange, and its changes are taken above zero."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.reading import read_folder
from rollsight.signals.inputs.samples import build_samples
from rollsight.signals.inputs.universe import universe
from rollsight.signals.known.corrections import Corrections
from rollsight.signals.known.indexvalues import usable_values
from rollsight.signals.known.symbols import SYMBOLS, Publication
from rollsight.signals.prices.edits import another_future, as_used, ended
from rollsight.signals.prices.market import Market, align, read_market
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec, UniverseSpec
from rollsight.signals.vendors.members.financedatareader import true_dates
from tests.support.markets import Recipe, index_table, sessions, write_market, write_table

HERE = Path("indices.csv")
CLOCK = SYMBOLS["VIX"].publication  # a closing time, and no calendar
DAY = pd.Timedelta(days=1)


def walk(symbol: str, days: object) -> pd.Series:
    """Return as many different values above zero, dated as given."""
    dates = pd.DatetimeIndex(np.asarray(days, dtype="datetime64[ns]"))
    return pd.Series(100.0 + np.arange(len(dates)), dates, name=symbol)


KS11 = walk("KS11", sessions(500, first="2020-01-02"))
GSPC = walk("GSPC", sessions(500, first="2020-01-02", calendar="XNYS"))


def moved(values: pd.Series, days: int) -> pd.Series:
    return values.set_axis(values.index + days * DAY)


def usable(
    values: pd.Series, publication: Publication | None = None
) -> tuple[pd.Series, list[str]]:
    return usable_values(values, publication or SYMBOLS[str(values.name)].publication, HERE)


def refusal(values: pd.Series, publication: Publication | None = None) -> str:
    with pytest.raises(RollsightError) as refused:
        usable(values, publication)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("values", [KS11, GSPC], ids=["KS11", "GSPC"])
def test_an_index_on_its_exchanges_sessions_stays_as_it_is(values: pd.Series) -> None:
    found, notes = usable(values)
    pd.testing.assert_series_equal(found, values)
    assert notes == []


@pytest.mark.parametrize("days", [-1, 1])
@pytest.mark.parametrize("values", [KS11, GSPC, KS11[:40]], ids=["KS11", "GSPC", "short"])
def test_an_index_dated_a_day_off_is_refused(values: pd.Series, days: int) -> None:
    # Dates cut from UTC stamps put Seoul's Monday on a Sunday: a fifth of the rows.
    said = refusal(moved(values, days))
    assert f"of {len(values)} values of index '{values.name}'" in said
    assert f"no session of {SYMBOLS[str(values.name)].publication.calendar}" in said
    assert "its dates are shifted" in said


def test_dates_that_are_off_for_some_months_only_are_refused() -> None:
    # 60 of 500 values: 12 of those lie on weekends, 2.4 % of all; of 50, but 2 %.
    for many in (60, 50):
        values = pd.concat([KS11[:-many], moved(KS11[-many:], 1)])
        assert "its dates are shifted" in refusal(values[~values.index.duplicated()])


def test_a_stray_row_is_left_out_and_named() -> None:
    stray = walk("KS11", ["2020-03-07", "2020-05-05"])  # a Saturday, and Children's Day
    found, notes = usable(pd.concat([KS11, stray + 0.5]).sort_index())
    pd.testing.assert_series_equal(found, KS11, check_freq=False)
    assert notes == [
        "Index KS11 has rows on days that are no session of XKRX, which are left out: "
        "2020-03-07, 2020-05-05"
    ]


def test_a_session_that_the_folder_adds_to_the_calendar_is_one() -> None:
    added = pd.concat([KS11, walk("KS11", ["2020-05-05"]) + 0.5]).sort_index()
    corrections = Corrections(opened=(date(2020, 5, 5),), closed=(date(2020, 5, 6),))
    found, _ = usable(added, replace(SYMBOLS["KS11"].publication, corrections=corrections))
    assert pd.Timestamp("2020-05-05") in found.index
    assert pd.Timestamp("2020-05-06") not in found.index


def test_a_table_filled_forward_is_read_without_the_fill() -> None:
    every_day = pd.date_range(KS11.index[0], KS11.index[-1])
    found, notes = usable(KS11.reindex(every_day).ffill().rename("KS11"))
    pd.testing.assert_series_equal(found, KS11, check_freq=False)
    assert len(notes) == 1


def test_a_table_filled_backwards_is_refused() -> None:
    # Saturday's row would hold Monday's close.
    every_day = pd.date_range(KS11.index[0], KS11.index[-1])
    assert "filled backwards" in refusal(KS11.reindex(every_day).bfill().rename("KS11"))


def test_the_days_of_another_exchange_are_refused() -> None:
    said = refusal(GSPC.rename("KS11"))
    assert said.endswith(
        "or in [indices.KS11] of market.toml the right calendar, or timezone and close instead"
    )


def test_an_index_without_one_value_in_a_session_is_refused() -> None:
    saturdays = pd.date_range("2020-01-04", periods=3, freq="7D")
    for values in ([2000.0, 2001.0, 2002.0], [2000.0, 2000.0, 2000.0]):
        said = refusal(pd.Series(values, index=saturdays, name="KS11"))
        assert "3 of 3 values of index 'KS11'" in said


WEEKDAYS = walk("VIX", GSPC.index)
SEVEN_DAYS = walk("BTC", pd.date_range("2020-01-01", periods=500))
SIX_DAYS = walk("EURUSD", SEVEN_DAYS.index[SEVEN_DAYS.index.day_of_week != 5])
WEEKLY = walk("STOCKS", pd.date_range("2020-01-01", periods=200, freq="W-WED"))
MONTHLY = walk("CPI", pd.date_range("2010-01-01", periods=100, freq="MS"))


@pytest.mark.parametrize(
    "values", [WEEKDAYS, SEVEN_DAYS, SIX_DAYS, WEEKLY, MONTHLY], ids=lambda v: str(v.name)
)
def test_without_a_calendar_a_week_may_have_any_days_that_make_sense(values: pd.Series) -> None:
    found, notes = usable(values, CLOCK)
    pd.testing.assert_series_equal(found, values)
    assert notes == []


@pytest.mark.parametrize("days", [-1, 1])
def test_without_a_calendar_shifted_weekdays_are_refused(days: int) -> None:
    said = refusal(moved(WEEKDAYS, days))
    assert f"index 'VIX': 0% of its rows lie on {'Fridays' if days < 0 else 'Mondays'}" in said
    filled = moved(WEEKDAYS, days).asfreq("D").ffill().rename("VIX")
    assert "its dates are shifted" in refusal(filled)
    last_year = pd.concat([WEEKDAYS[:-250], moved(WEEKDAYS[-250:], days)])
    assert "its dates are shifted" in refusal(last_year[~last_year.index.duplicated()])


def test_a_currency_dated_in_utc_is_refused() -> None:
    # In summer, London's midnight is 23:00 UTC of the day before: Mondays stand on Sundays.
    true = pd.bdate_range("2020-01-01", periods=500)
    utc = [
        day
        for day in pd.date_range("2019-12-30", true[-1])
        if true_dates(pd.DatetimeIndex([day]))[0] in true
    ]
    said = refusal(walk("USDKRW", utc))
    assert "of its rows lie on Fridays: its dates are shifted" in said
    assert '[indices.USDKRW] of market.toml: calendar = "XSAU"' in said


OIL = walk("CL", sessions(60, calendar="XNYS"))


def test_the_change_across_zero_is_counted_from_the_last_value_above_it() -> None:
    # April 2020: 18.27 on Friday, -37.63 on Monday, 10.01 on Tuesday.
    days = pd.to_datetime(["2020-04-16", "2020-04-17", "2020-04-20", "2020-04-21"])
    found, notes = usable(pd.Series([19.87, 18.27, -37.63, 10.01], days, name="CL"))
    assert found.to_list() == [19.87, 18.27, 10.01]
    assert notes == [
        "Index CL is at or below 0 on 2020-04-20: no change as a fraction can be counted from "
        "there, so the value before is carried until the next one above 0"
    ]


@pytest.mark.parametrize("value", [-60.1, np.inf])
def test_oil_below_all_belief_is_refused_as_a_fetch_does(value: float) -> None:
    values = OIL.copy()
    values.iloc[7] = value
    assert f"CL={value} of 'CL' on 2024-01-11 must be" in refusal(values)


def test_a_price_that_is_often_below_zero_is_none() -> None:
    values = OIL.copy()
    values.iloc[::10] = -1.0
    said = refusal(values)
    assert "index 'CL' is at or below 0 on 6 of 60 days, such as 2024-01-02" in said
    assert '[indices.CL] of market.toml when it becomes known, with unit = "percent"' in said
    found, notes = usable(values, replace(CLOCK, unit="percent"))
    assert (found.to_list(), notes) == (values.to_list(), [])


def test_an_index_that_cannot_fall_below_zero_is_refused_there_with_two_ways_out() -> None:
    values = GSPC.copy()
    values.iloc[3] = 0.0
    said = refusal(values)
    assert "GSPC=0.0 of 'GSPC' on 2020-01-07 must be a finite price above 0" in said
    assert "delete the value (the one before is carried)" in said
    assert 'unit = "percent" for differences' in said
    assert usable(values, replace(CLOCK, unit="percent"))[0].iloc[3] == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a market whose oil is below zero on one day, its KOSPI filled over every day."""
    recipe = Recipe(n_stocks=2, n_days=60)
    path = write_market(tmp_path_factory.mktemp("market"), recipe)
    table = index_table(recipe).set_index("Date")
    table = table.assign(CL=table["GSPC"] / 50).reindex(
        pd.date_range(table.index[0], table.index[-1])
    )
    table["KS11"] = table["KS11"].ffill()
    table.loc["2024-02-14", "CL"] = -37.63
    write_table(table.rename_axis("Date").reset_index(), path / "indices.parquet")
    return path


def read(folder: Path, **options: str) -> Market:
    return read_market(MarketSpec(folder=str(folder), **options))


def test_a_day_below_zero_costs_no_row(folder: Path) -> None:
    market = read(folder)
    features, label = FeatureSpec(lookback=10), LabelSpec(horizon=2)
    samples, losses = build_samples(market, MarketSpec(), features, label)
    assert [(loss.series, loss.rows) for loss in losses] == [("KS11", 0), ("GSPC", 0), ("CL", 0)]
    # Known in Seoul on the 15th, the value of the 14th is none: nothing changes on that day, and
    # the next change is counted from the 13th's.
    oil = market.indices["CL"]
    at = int(np.flatnonzero(market.sessions == np.datetime64("2024-02-15"))[0])
    change = oil["2024-02-15"] / oil["2024-02-13"] - 1
    assert samples.indices[at, 2] == 0
    assert samples.indices[at + 1, 2] == np.float32(change)


def test_what_was_left_out_is_noted(folder: Path) -> None:
    said = [note for note in read(folder).notes if note.startswith("Index ")]
    assert len(said) == 2
    assert "Index CL is at or below 0 on 2024-02-14" in said[1]
    assert "2023-12-16, 2023-12-17" in said[0]


def test_a_benchmark_below_zero_is_refused(folder: Path) -> None:
    with pytest.raises(RollsightError, match=r"benchmark='CL' is at -37\.63 on 2024-02-14"):
        read(folder, benchmark="CL")


def test_an_edit_of_an_audit_does_not_judge_dates_and_values_again(folder: Path) -> None:
    tables, spec = read_folder(str(folder)), MarketSpec(folder=str(folder))
    market = align(tables, spec)
    used = as_used(tables, market, universe(market, UniverseSpec()))
    rng = np.random.default_rng(0)
    again = align(another_future(used, market, 20, rng), spec)
    # What an edit itself deletes and moves may be named, and nothing else.
    assert all(" sessions of XKRX from " in n or "no label spans it" in n for n in again.notes)
    assert align(ended(used, market, 30), spec).notes == ()
    with pytest.raises(RollsightError, match="filled backwards"):  # noise makes a fill look new
        align(another_future(tables, market, 20, rng), spec)
