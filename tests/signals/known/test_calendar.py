"""A calendar holds the sessions that the library has, of whatever range it was built."""

import subprocess
import sys
import warnings

import exchange_calendars
import numpy as np
import pytest
from pandas.tseries.holiday import AbstractHolidayCalendar

from rollsight.signals.known.calendar import exchange_calendar

# Alone in a process: the library keeps the lunar holidays that it worked out once.
SESSIONS = """
import exchange_calendars, hashlib, warnings
import numpy as np
warnings.simplefilter("ignore")
from rollsight.signals.known.calendar import exchange_calendar
first, last = "1990-01-01", "2029-12-31"
{made}
print(len(days), hashlib.sha256(np.asarray(days, dtype="datetime64[D]").tobytes()).hexdigest())
"""
OURS = "days = exchange_calendar('XKRX', np.datetime64(first), np.datetime64(last)).sessions"
THEIRS = "days = exchange_calendars.get_calendar('XKRX', start=first, end=last).sessions.to_numpy()"


def days(*dates: str) -> tuple[np.datetime64, ...]:
    return tuple(np.datetime64(date) for date in dates)


@pytest.mark.parametrize(
    ("first", "last"), [("2019-12-20", "2020-01-10"), ("2012-10-01", "2012-11-30")]
)
def test_sessions_and_closes_are_those_of_the_library(first: str, last: str) -> None:
    found = exchange_calendar("XNYS", *days(first, last))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the library, with pandas 3
        theirs = exchange_calendars.get_calendar("XNYS", start=first, end=last)
    assert list(found.sessions) == list(theirs.sessions.to_numpy().astype("datetime64[D]"))
    assert list(found.closes) == list(theirs.closes.dt.tz_convert(None).to_numpy())


def test_lunar_holidays_at_both_ends_of_the_usual_decades_are_none() -> None:
    # Seollal of 1990 was on Saturday, 27 January, and the day before it is a holiday. Chuseok of
    # 2029 is on Saturday, 22 September; of its third day, a Sunday, Monday takes the place.
    january = exchange_calendar("XKRX", *days("1990-01-22", "1990-02-02")).sessions
    assert np.datetime64("1990-01-26") not in january
    assert np.datetime64("1990-01-25") in january
    september = exchange_calendar("XKRX", *days("2029-09-17", "2029-09-28")).sessions
    assert np.datetime64("2029-09-24") not in september
    assert np.datetime64("2029-09-25") in september


def test_what_pandas_takes_for_holidays_is_as_it_was() -> None:
    before = AbstractHolidayCalendar.start_date, AbstractHolidayCalendar.end_date
    exchange_calendar("XTKS", *days("2021-01-04", "2021-01-29"))
    assert (AbstractHolidayCalendar.start_date, AbstractHolidayCalendar.end_date) == before
    assert before[0].year == 1970


@pytest.mark.slow
def test_forty_years_of_korean_sessions_are_those_of_the_library() -> None:
    ours, theirs = (
        subprocess.run(
            [sys.executable, "-c", SESSIONS.format(made=made)],
            capture_output=True, text=True, check=True,
        ).stdout
        for made in (OURS, THEIRS)
    )  # fmt: skip
    assert ours == theirs
    assert int(ours.split()[0]) == 9840
