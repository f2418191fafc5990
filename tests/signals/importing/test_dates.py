"""Dates in the notations that people write, and what none of them proves."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.importing.cells.dates import dates_of
from rollsight.signals.importing.told import AmbiguousError, Told

PATH = Path("have.csv")
KRX, US = Told(calendar="XKRX"), Told(calendar="XNYS")
DAYS = ["2024-01-05", "2024-01-08", "2024-01-19"]


def read(texts: list[object], told: Told = US) -> list[str]:
    return dates_of(pd.Series(texts), PATH, told).values.dt.strftime("%Y-%m-%d").tolist()


@pytest.mark.parametrize(
    "texts",
    [
        ["2024-01-05", "2024-01-08", "2024-01-19"],
        ["2024-1-5", "2024-1-8", "2024-1-19"],
        ["20240105", "20240108", "20240119"],
        [20240105, 20240108, 20240119],
        [20240105.0, 20240108.0, 20240119.0],
        ["2024/01/05", "2024/01/08", "2024/01/19"],
        ["2024. 1. 5.", "2024. 1. 8.", "2024. 1. 19."],
        ["05.01.2024", "08.01.2024", "19.01.2024"],
        ["01/05/2024", "01/08/2024", "01/19/2024"],
        ["05/01/2024", "08/01/2024", "19/01/2024"],
        ["2024년 1월 5일", "2024년 1월 8일", "2024년 01월 19일"],
        ["Jan 05, 2024", "Jan 08, 2024", "Jan 19, 2024"],
        ["2024-01-05T00:00:00", "2024-01-08T00:00:00", "2024-01-19"],
        ["2024-01-05 00:00:00-05:00", "2024-01-08 00:00:00-05:00", "2024-01-19 00:00:00-05:00"],
        ["2024-01-05T21:00:00Z", "2024-01-08T21:00:00Z", "2024-01-19T21:00:00Z"],
        [1704459600, 1704718800, 1705669200],
        ["1704459600000", "1704718800000", "1705669200000"],
    ],
)
def test_each_notation_is_the_same_days(texts: list[object]) -> None:
    assert read(texts) == DAYS


def test_a_stamp_becomes_the_date_of_the_exchange() -> None:
    evening = [
        "2024-01-04T15:00:00+00:00",
        "2024-01-07T15:00:00+00:00",
        "2024-01-18T15:00:00+00:00",
    ]
    assert read(evening, KRX) == DAYS


def test_summer_and_winter_stamps_are_of_one_exchange() -> None:
    assert read(["2024-03-08 00:00:00-05:00", "2024-03-11 00:00:00-04:00"]) == [
        "2024-03-08",
        "2024-03-11",
    ]


def test_midnight_in_utc_is_the_date_as_written_where_sessions_prove_it() -> None:
    # The evening before in New York would be a Sunday for each Monday.
    days = pd.bdate_range("2024-02-01", "2024-02-15", tz="UTC")
    found = dates_of(pd.Series(days), PATH, US)
    assert found.values.tolist() == days.tz_localize(None).tolist()
    assert "as written" in found.notation


def test_stamps_that_sessions_do_not_prove_are_refused() -> None:
    with pytest.raises(RollsightError, match=r"is 2024-02-13 in America/New_York, .*plain dates"):
        read(["2024-02-14T00:00:00Z", "2024-02-15T00:00:00Z"])


def test_stamps_with_a_zone_need_the_exchange() -> None:
    with pytest.raises(AmbiguousError, match="--calendar"):
        read(["2024-01-05T21:00:00Z"], Told())


def test_a_day_that_may_be_a_month_is_asked_for() -> None:
    with pytest.raises(AmbiguousError, match="--dates dmy or --dates mdy") as caught:
        read(["01/05/2024", "02/05/2024"])
    assert caught.value.key == "dates"
    assert read(["01/05/2024"], Told(dates="dmy")) == ["2024-05-01"]
    assert read(["01/05/2024"], Told(dates="mdy")) == ["2024-01-05"]


def test_what_is_told_does_not_overrule_what_is_proven() -> None:
    assert read(["01/19/2024"], Told(dates="mdy")) == ["2024-01-19"]
    with pytest.raises(RollsightError, match=r"'01/19/2024' proves that the month .*--dates dmy"):
        read(["01/05/2024", "01/19/2024"], Told(dates="dmy"))
    with pytest.raises(RollsightError, match=r"'19\.01\.2024' proves that the day .*--dates mdy"):
        read(["05.01.2024", "19.01.2024"], Told(dates="mdy"))


def test_days_come_first_beside_points_unless_told_or_proven() -> None:
    assert read(["01.02.2024"]) == ["2024-02-01"]
    assert read(["01.02.2024"], Told(dates="mdy")) == ["2024-01-02"]
    assert read(["01.19.2024"]) == ["2024-01-19"]


def test_days_of_several_zones_are_read_as_their_texts_are() -> None:
    winter, summer = (timezone(timedelta(hours=h)) for h in (-5, -4))
    days = [datetime(2024, 1, 5, tzinfo=winter), datetime(2024, 7, 5, tzinfo=summer)]
    assert read(days) == ["2024-01-05", "2024-07-05"]


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (["2024-01-05", "05.01.2024"], "'05.01.2024' is not written as '2024-01-05' is"),
        (["13/13/2024"], "'13/13/2024' is no day"),
        (["2024-02-30"], "'2024-02-30' is no day"),
        (["2024-02-30 00:00:00"], "'2024-02-30 00:00:00' is no day"),
        (["2024-02-30 00:00:00Z"], "'2024-02-30 00:00:00Z' is no day"),
        (["2024-02-28 25:00:00Z"], "'2024-02-28 25:00:00Z' is no day"),
        (["9999-12-31 23:00:00-05:00"], "Date=.* lies outside 1900 to 2200"),
        ([20240105.0, float("inf")], "'inf' is not written as '20240105' is"),
        (["Friday"], "'Friday' is no date"),
        (["2024-01-05T21:00Z", "2024-01-08T21:00"], "some stamps have a zone"),
    ],
)
def test_what_is_no_date_is_named(texts: list[object], said: str) -> None:
    with pytest.raises(RollsightError, match=said):
        read(texts)
