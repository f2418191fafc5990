"""The time contract: what a decision on KRX may know of every index."""

from dataclasses import replace
from datetime import time

import numpy as np
import pandas as pd
import pytest

from rollsight.signals.known.calendar import Days
from rollsight.signals.known.ledger import Ledger, as_of, entries, known_at, same_date
from rollsight.signals.known.symbols import SYMBOLS, Publication
from tests.support.markets import closes_of, sessions_between, whole_calendar


def ledger(first: str, last: str, **publications: Publication) -> Ledger:
    """Join the series of `series` to KRX's decisions."""
    return as_of(series(first, last, **publications), publications, closes_of(krx(first, last)))


def by_date(first: str, last: str, **publications: Publication) -> Ledger:
    """Join the series of `series` to KRX's decisions by date."""
    table, days = series(first, last, **publications), krx(first, last)
    return same_date(table, publications, closes_of(days), days)


def series(first: str, last: str, **publications: Publication) -> pd.DataFrame:
    """Return series that have a value, counted from 0, on every weekday.

    Weekdays on which the series' own exchange was closed have none.
    """
    decided = krx(first, last)
    weekdays = pd.bdate_range(decided[0] - np.timedelta64(14, "D"), last)
    table = pd.DataFrame(index=weekdays)
    for symbol, publication in publications.items():
        table[symbol] = np.arange(float(len(weekdays)))
        if publication.calendar is not None:
            own = whole_calendar(publication.calendar).sessions
            table.loc[~weekdays.isin(own), symbol] = np.nan
    return table


def krx(first: str, last: str) -> Days:
    return sessions_between(np.datetime64(first, "D"), np.datetime64(last, "D"))


def instant(date: str, publication: Publication) -> str:
    since = np.array(["2016-01-04", date], dtype="datetime64[D]")
    return str(known_at(since, publication)[1].astype("datetime64[s]"))


@pytest.mark.parametrize(
    ("symbol", "dated", "instant_utc"),
    [
        ("KS11", "2024-07-08", "2024-07-08T06:30:00"),  # 15:30 in Seoul, that is the decision
        ("KQ11", "2024-07-08", "2024-07-08T06:30:00"),
        ("IXIC", "2024-07-05", "2024-07-05T20:00:00"),  # 16:00 in New York
        ("VIX", "2024-07-05", "2024-07-05T20:15:00"),  # 16:15
        ("US10Y", "2024-07-05", "2024-07-05T22:00:00"),  # 18:00
        ("USDKRW", "2024-07-05", "2024-07-05T16:00:00"),  # noon
        ("VCB", "2024-07-05", "2024-07-05T07:45:00"),  # 14:45 in Saigon is 16:45 in Seoul
        ("GOLD_LBMA_PM", "2024-07-05", "2024-07-06T14:00:00"),  # 15:00 in London, a day later
        ("WTI_SPOT", "2024-06-28", "2024-07-06T21:00:00"),  # 17:00 in New York, eight days later
    ],
)
def test_a_monday_in_seoul_knows_its_own_close_and_the_wests_of_friday(
    symbol: str, dated: str, instant_utc: str
) -> None:
    monday = ledger("2024-07-01", "2024-07-08", **{symbol: SYMBOLS[symbol].publication})
    assert str(monday.dated[-1, 0]) == dated
    assert str(monday.known_at[-1, 0].astype("datetime64[s]")) == instant_utc


def test_the_value_is_that_of_its_date() -> None:
    # Weekdays from 2024-06-17 are numbered from 0: 2024-07-08 is the 15th after, 07-05 the 14th.
    monday = ledger(
        "2024-07-01",
        "2024-07-08",
        KS11=SYMBOLS["KS11"].publication,
        IXIC=SYMBOLS["IXIC"].publication,
    )
    assert monday.symbols == ("KS11", "IXIC")
    assert monday.value[-1].tolist() == [15.0, 14.0]


def test_krx_closed_at_three_before_august_2016_and_its_index_is_known_then_too() -> None:
    days = krx("2016-07-27", "2016-08-03")
    closes = dict(zip(days.astype(str), closes_of(days).astype(str), strict=True))
    assert closes["2016-07-29"].startswith("2016-07-29T06:00")
    assert closes["2016-08-01"].startswith("2016-08-01T06:30")
    around = ledger("2016-07-27", "2016-08-03", KS11=SYMBOLS["KS11"].publication)
    assert (around.dated[:, 0] == days).all()
    assert (around.age[:, 0] == 0).all()


def test_new_york_closes_at_one_on_the_day_after_thanksgiving() -> None:
    assert instant("2023-11-24", SYMBOLS["GSPC"].publication) == "2023-11-24T18:00:00"
    assert instant("2023-11-22", SYMBOLS["GSPC"].publication) == "2023-11-22T21:00:00"


def test_a_date_that_is_no_session_of_its_exchange_keeps_the_regular_close() -> None:
    friday = np.array(["2024-07-03", "2024-07-04", "2024-07-05"], dtype="datetime64[D]")
    known = known_at(friday, SYMBOLS["GSPC"].publication).astype("datetime64[m]").astype(str)
    # The eve of the holiday is a half day: 13:00 in New York is 17:00 UTC.
    assert known.tolist() == ["2024-07-03T17:00", "2024-07-04T20:00", "2024-07-05T20:00"]


def test_summer_time_moves_the_close_by_an_hour() -> None:
    for symbol, minute in (("IXIC", "00"), ("VIX", "15")):
        assert instant("2024-03-08", SYMBOLS[symbol].publication) == f"2024-03-08T21:{minute}:00"
        assert instant("2024-03-11", SYMBOLS[symbol].publication) == f"2024-03-11T20:{minute}:00"


def test_an_hour_that_stands_twice_or_not_at_all_is_taken_late() -> None:
    night = Publication("Night", "America/New_York", time(1, 30))
    assert instant("2024-11-03", night) == "2024-11-03T06:30:00"  # the second 01:30, in winter time
    gap = Publication("Gap", "America/New_York", time(2, 30))
    assert instant("2024-03-10", gap) == "2024-03-10T07:00:00"  # 02:30 never was; 03:00 EDT


def test_the_lag_comes_on_top_of_the_close() -> None:
    late = replace(SYMBOLS["KS11"].publication, lag_hours=1.5)
    assert instant("2024-07-08", late) == "2024-07-08T08:00:00"
    monday = ledger("2024-07-01", "2024-07-08", KS11=late)
    assert str(monday.dated[-1, 0]) == "2024-07-05"


def test_a_holiday_in_new_york_carries_the_older_value_and_its_age_rises() -> None:
    # KRX decides on Wednesday 3, Thursday 4, Friday 5 and Monday 8 July; New York rests on the 4th.
    carried = ledger("2024-07-01", "2024-07-08", IXIC=SYMBOLS["IXIC"].publication)
    assert carried.dated[-4:, 0].astype(str).tolist() == [
        "2024-07-02", "2024-07-03", "2024-07-03", "2024-07-05"
    ]  # fmt: skip
    assert carried.age[-4:, 0].tolist() == [0, 0, 1, 0]


def test_a_value_known_at_the_very_decision_is_used_and_one_a_second_later_is_not() -> None:
    at = Publication("At", "Asia/Seoul", time(15, 30))
    after = Publication("After", "Asia/Seoul", time(15, 30, 1))
    monday = ledger("2024-07-01", "2024-07-08", at=at, after=after)
    assert monday.dated[-1].astype(str).tolist() == ["2024-07-08", "2024-07-05"]


def test_before_the_first_value_there_is_none() -> None:
    decisions = closes_of(krx("2024-07-01", "2024-07-05"))
    table = pd.DataFrame({"KS11": [7.0, 8.0]}, index=pd.DatetimeIndex(["2024-07-03", "2024-07-04"]))
    late = as_of(table, {"KS11": SYMBOLS["KS11"].publication}, decisions)
    assert np.isnan(late.value[:2, 0]).all()
    assert np.isnat(late.dated[:2, 0]).all()
    assert np.isnat(late.known_at[:2, 0]).all()
    assert late.age[:, 0].tolist() == [-1, -1, 0, 0, 1]
    assert late.value[2:, 0].tolist() == [7.0, 8.0, 8.0]


def test_no_value_is_known_after_its_decision() -> None:
    every = ledger("2023-01-02", "2024-07-08", **{s: e.publication for s, e in SYMBOLS.items()})
    decisions = closes_of(krx("2023-01-02", "2024-07-08"))
    there = ~np.isnat(every.known_at)
    assert there.mean() > 0.99
    assert (every.known_at <= decisions[:, None])[there].all()


@pytest.mark.parametrize("symbol", ["KS11", "GSPC"])
def test_a_single_value_has_its_instant_too(symbol: str) -> None:
    known = known_at(np.array(["2024-07-05"], dtype="datetime64[D]"), SYMBOLS[symbol].publication)
    assert str(known[0].astype("datetime64[s]")) == instant(
        "2024-07-05", SYMBOLS[symbol].publication
    )


def test_a_same_date_join_takes_the_value_of_the_day_known_or_not() -> None:
    # New York rests on Thursday 4 July; KRX decides on Wednesday 3 to Friday 5 and on Monday 8.
    leaked = by_date("2024-07-01", "2024-07-08", IXIC=SYMBOLS["IXIC"].publication)
    assert leaked.dated[-4:, 0].astype(str).tolist() == [
        "2024-07-03", "2024-07-03", "2024-07-05", "2024-07-08"
    ]  # fmt: skip
    # Weekdays from 2024-06-17 are numbered from 0.
    assert leaked.value[-4:, 0].tolist() == [12.0, 12.0, 14.0, 15.0]
    late = leaked.known_at[-4:, 0] > closes_of(krx("2024-07-01", "2024-07-08"))[-4:]
    assert late.tolist() == [True, False, True, True]


def test_an_index_of_the_stocks_own_exchange_is_joined_alike_by_date_and_by_instant() -> None:
    own = {"KS11": SYMBOLS["KS11"].publication, "KQ11": SYMBOLS["KQ11"].publication}
    one, two = (join("2016-06-01", "2021-01-29", **own) for join in (ledger, by_date))
    for part in ("value", "dated", "known_at", "age"):
        assert (getattr(one, part) == getattr(two, part)).all(), part
    assert (one.age == 0).all()


def test_ages_count_from_the_session_that_could_first_use_a_value() -> None:
    # A storm closes New York on Monday 29 and Tuesday 30 October 2012; KRX decides on Friday 26,
    # Monday 29, Tuesday 30, Wednesday 31 and Thursday 1.
    known, leaked = (
        join("2012-10-22", "2012-11-01", GSPC=SYMBOLS["GSPC"].publication)
        for join in (ledger, by_date)
    )
    assert known.dated[-5:, 0].astype("datetime64[D]").astype(str).tolist() == [
        "2012-10-25", "2012-10-26", "2012-10-26", "2012-10-26", "2012-10-31"
    ]  # fmt: skip
    assert known.age[-5:, 0].tolist() == [0, 0, 1, 2, 0]
    assert leaked.dated[-5:, 0].astype("datetime64[D]").astype(str).tolist() == [
        "2012-10-26", "2012-10-26", "2012-10-26", "2012-10-31", "2012-11-01"
    ]  # fmt: skip
    # Friday's own close could first be used on Monday, joined by date or not.
    assert leaked.age[-5:, 0].tolist() == [0, 0, 1, 0, 0]


def test_before_its_first_date_a_same_date_join_has_no_value() -> None:
    days = krx("2024-07-01", "2024-07-05")
    table = pd.DataFrame({"GSPC": [7.0, 8.0]}, index=pd.DatetimeIndex(["2024-07-03", "2024-07-05"]))
    leaked = same_date(table, {"GSPC": SYMBOLS["GSPC"].publication}, closes_of(days), days)
    assert np.isnan(leaked.value[:2, 0]).all()
    assert leaked.value[2:, 0].tolist() == [7.0, 7.0, 8.0]
    assert leaked.age[:, 0].tolist() == [-1, -1, 0, 0, 0]


def test_half_an_hour_more_of_trading_lets_a_later_value_be_known() -> None:
    # KRX closed at 15:00 until 29 July 2016, at 15:30 from 1 August.
    quarter_past = Publication("Quarter past three", "Asia/Seoul", time(15, 15))
    around = ledger("2016-07-25", "2016-08-03", QUARTER=quarter_past)
    days = krx("2016-07-25", "2016-08-03").astype(str).tolist()
    dated = dict(zip(days, around.dated[:, 0].astype(str), strict=True))
    assert dated["2016-07-28"] == "2016-07-27"
    assert dated["2016-07-29"] == "2016-07-28"
    assert dated["2016-08-01"] == "2016-08-01"


def test_a_day_of_university_entrance_exams_decides_an_hour_later() -> None:
    # On 3 December 2020 KRX traded from 10:00 to 16:30.
    days = krx("2020-12-01", "2020-12-04")
    assert closes_of(days).astype("datetime64[m]").astype(str).tolist() == [
        "2020-12-01T06:30", "2020-12-02T06:30", "2020-12-03T07:30", "2020-12-04T06:30"
    ]  # fmt: skip
    at_four = Publication("Four", "Asia/Seoul", time(16, 0))
    around = ledger("2020-12-01", "2020-12-04", KS11=SYMBOLS["KS11"].publication, FOUR=at_four)
    assert (around.dated[:, 0] == days).all()
    assert around.dated[:, 1].astype(str).tolist() == [
        "2020-11-30", "2020-12-01", "2020-12-03", "2020-12-03"
    ]  # fmt: skip


def test_the_first_session_of_a_year_opens_late_and_closes_as_ever() -> None:
    first = krx("2024-01-01", "2024-01-03")
    assert closes_of(first).astype("datetime64[m]").astype(str).tolist() == [
        "2024-01-02T06:30", "2024-01-03T06:30"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("dated", "in_seoul"),
    [
        ("2023-11-03", "2023-11-04 05:00:00"),  # the last close of summer time in New York
        ("2023-11-06", "2023-11-07 06:00:00"),
        ("2024-03-08", "2024-03-09 06:00:00"),  # the last of winter time
        ("2024-03-11", "2024-03-12 05:00:00"),
    ],
)
def test_the_ledger_shows_new_yorks_close_by_seouls_clock(dated: str, in_seoul: str) -> None:
    first, last = "2023-10-04", "2024-03-29"
    table = series(first, last, GSPC=SYMBOLS["GSPC"].publication)
    publications = {"GSPC": SYMBOLS["GSPC"].publication}
    days = krx(first, last)
    day = int(np.searchsorted(days, np.datetime64(dated), side="right"))  # the session after
    joined = as_of(table, publications, closes_of(days))
    (row,) = entries(joined, table, publications, day, "Asia/Seoul").to_dict("records")
    assert row["dated"] == pd.Timestamp(dated)
    assert row["known_at"] == pd.Timestamp(in_seoul)
    assert row["name"] == "S&P 500"
    assert row["age"] == 0
