"""Sessions of an exchange and the instants at which they close."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import exchange_calendars
import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.tseries.holiday import AbstractHolidayCalendar

from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.signals.known.corrections import NO_CORRECTIONS, Corrections, corrected

Days = npt.NDArray[np.datetime64]
Instants = npt.NDArray[np.datetime64]

# College entrance examinations, on which the Korea Exchange opens and closes an hour later. The
# library knows those to 2020. The exchange announced each (10:00 to 16:30), as reported by
# donga.com (2021-11-04), khan.co.kr (2022-11-16), etoday.co.kr (2023-11-02), khan.co.kr
# (2024-10-31) and donga.com (2025-11-13); that of 2026 follows the rule of every year since 1999.
EXAMINATIONS = np.array(
    ["2021-11-18", "2022-11-17", "2023-11-16", "2024-11-14", "2025-11-13", "2026-11-19"],
    dtype="datetime64[D]",
)
LATE_CLOSE = np.timedelta64(7 * 60 + 30, "m")  # 16:30 in Seoul, in UTC
SHOWN = 10  # days of a fault that are named
_BUILDING = Lock()  # for what is set in pandas while a calendar is built


@dataclass(frozen=True, eq=False)
class Calendar:
    """Sessions of one exchange.

    Attributes
    ----------
    name
        exchange code, such as ``XKRX``
    timezone
        of the exchange, such as ``Asia/Seoul``
    sessions
        (n_days,) datetime64[D], local dates, ascending
    closes
        (n_days,) datetime64[ns], UTC instants
    corrections
        of the recorded calendar, already in ``sessions`` and ``closes``
    """

    name: str
    timezone: str
    sessions: Days
    closes: Instants
    corrections: Corrections = NO_CORRECTIONS


def exchange_calendar(
    name: str,
    first: np.datetime64,
    last: np.datetime64,
    corrections: Corrections = NO_CORRECTIONS,
) -> Calendar:
    """Return the sessions of an exchange from ``first`` to ``last``, both inclusive.

    Parameters
    ----------
    corrections
        what the caller knows better than the recorded calendar

    Raises
    ------
    RollsightError
        If no exchange has that code, the range lies outside what is recorded of it, or a
        correction contradicts it.
    """
    if name not in exchange_calendars.get_calendar_names():
        have = [n for n in exchange_calendars.get_calendar_names() if n.startswith("X")]
        raise RollsightError(
            f"calendar={name!r} is no exchange calendar {did_you_mean(name, have)}"
        )
    try:
        whole = _decades(name, first, last)
    except ValueError as error:
        line = str(error).splitlines()[0]
        raise RollsightError(
            f"calendar {name} has no sessions from {first} to {last}: {line}; "
            "change the dates of the data or market.calendar"
        ) from error
    days, closes = corrected(name, whole.timezone, whole.sessions, whole.closes, corrections)
    inside = (days >= first) & (days <= last)
    return Calendar(name, whole.timezone, days[inside], closes[inside], corrections)


def _decades(name: str, first: np.datetime64, last: np.datetime64) -> Calendar:
    """Return a calendar of the whole decades around a range, or of the bare range at the edges."""
    decades = f"{str(first)[:3]}0-01-01", f"{str(last)[:3]}9-12-31"
    # One calendar of the usual decades serves every market of a process.
    usual = min(decades[0], "1990-01-01"), max(decades[1], "2029-12-31")
    for span in (usual, decades):
        try:
            whole = _build(name, *span)
        except ValueError:
            continue
        since, until = (np.datetime64(day) for day in decades)
        inside = (whole.sessions >= since) & (whole.sessions <= until)
        return Calendar(name, whole.timezone, whole.sessions[inside], whole.closes[inside])
    # The library wants two days at least.
    return _build(name, str(first), str(last + np.timedelta64(7, "D")))


@lru_cache(maxsize=32)  # a calendar takes most of a second to build
def _build(name: str, first: str, last: str) -> Calendar:
    with warnings.catch_warnings(), _holidays_between(first, last):
        # The library still uses what pandas 3 deprecates; nothing in that is for our users.
        warnings.simplefilter("ignore", DeprecationWarning)
        found = exchange_calendars.get_calendar(name, start=first, end=last)
    sessions = found.sessions.to_numpy().astype("datetime64[D]")
    closes = found.closes.dt.tz_convert(None).to_numpy().astype("datetime64[ns]")
    late = np.isin(sessions, EXAMINATIONS) if name == "XKRX" else np.zeros(len(sessions), bool)
    closes = np.where(late, sessions + LATE_CLOSE, closes)
    return Calendar(name=name, timezone=str(found.tz), sessions=sessions, closes=closes)


@contextmanager
def _holidays_between(first: str, last: str) -> Iterator[None]:
    """Let pandas work out the holidays of a range and a year around it, not those of 1970 to 2200.

    The lunar holidays of 230 years take two seconds. Whole years, since a holiday moves with
    others of its year.
    """
    with _BUILDING:
        before = AbstractHolidayCalendar.start_date, AbstractHolidayCalendar.end_date
        AbstractHolidayCalendar.start_date = pd.Timestamp(int(first[:4]) - 1, 1, 1)
        AbstractHolidayCalendar.end_date = pd.Timestamp(int(last[:4]) + 1, 12, 31)
        try:
            yield
        finally:
            AbstractHolidayCalendar.start_date, AbstractHolidayCalendar.end_date = before


def named_days(days: Days) -> str:
    """Return the first days by name, and how many there are beside."""
    more = f" and {len(days) - SHOWN} more" if len(days) > SHOWN else ""
    return ", ".join(str(day) for day in days[:SHOWN]) + more
