"""Dates in the notations that people write, as the local dates of an exchange."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.importing.told import AmbiguousError, Told
from rollsight.signals.known.calendar import exchange_calendar

YMD = re.compile(r"(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})\.?")
SPACED = re.compile(r"(?P<y>\d{4})\. ?(?P<m>\d{1,2})\. ?(?P<d>\d{1,2})\.?")
COMPACT = re.compile(r"(?P<y>(?:19|20|21)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:\.0)?")
KOREAN = re.compile(r"(?P<y>\d{4})년 ?(?P<m>\d{1,2})월 ?(?P<d>\d{1,2})일")
EITHER = re.compile(r"(?P<a>\d{1,2})([-/.])(?P<b>\d{1,2})\2(?P<y>\d{4})")
STAMP = re.compile(
    r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})[T ]\d{2}:\d{2}(:\d{2}([.]\d+)?)?"
    r"(?P<zone> ?(Z|UTC|[+-]\d{2}:?\d{2}))?"
)
SECONDS, MILLISECONDS = re.compile(r"\d{9,10}"), re.compile(r"\d{12,13}")
NAMED = {
    re.compile(r"[A-Za-z]{3} \d{1,2}, \d{4}"): "%b %d, %Y",
    re.compile(r"\d{1,2} [A-Za-z]{3} \d{4}"): "%d %b %Y",
    re.compile(r"\d{1,2}-[A-Za-z]{3}-\d{4}"): "%d-%b-%Y",
}
PLAIN = (YMD, SPACED, COMPACT, KOREAN)
ALL = (*PLAIN, EITHER, STAMP, SECONDS, MILLISECONDS, *NAMED)
YEARS = 1900, 2200  # that a stamp may be of
MOST_CLOSED = 0.02  # share of true dates that may be no session of the calendar


@dataclass(frozen=True, eq=False)
class Dates:
    """A column of dates.

    Attributes
    ----------
    values
        datetime64; NaT where there is none; as it was where no date can be made of it
    notation
        in words, with the first value
    """

    values: pd.Series
    notation: str


def looks_dated(cell: object) -> bool:
    """Return whether a cell may hold a date."""
    if isinstance(cell, date):  # as are times and stamps
        return not pd.isna(cell)
    text = _text(cell)
    return any(notation.fullmatch(text) for notation in ALL)


def dates_of(values: pd.Series, path: Path, told: Told) -> Dates:
    """Return a column as dates; stamps with a zone as local dates of the exchange.

    Raises
    ------
    AmbiguousError
        If day and month, or the exchange of stamps, are not proven.
    RollsightError
        If a value is no date in the notation of the others.
    """
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        written = values.dt.tz_localize(None).dt.normalize()
        local, how = _local(values, written, path, told)
        return Dates(local, f"stamps with a zone, {how}")
    if values.dtype.kind == "M":
        return Dates(values, "dates")
    if values.map(lambda v: isinstance(v, date) and getattr(v, "tzinfo", None) is None).all():
        return Dates(pd.to_datetime(values), "dates")
    texts = values.map(_text)
    unique = pd.Series(texts.unique())
    unique = unique[unique != ""]
    if unique.empty:
        return Dates(values, "none")
    dates, how = _parsed(unique, path, told)
    dates.index = pd.Index(unique)
    return Dates(texts.map(dates), f"as in {unique.iloc[0]}{how}")


def require_past(dates: pd.Series, path: Path) -> None:
    """Raise where a date lies after today, as day and month that were exchanged may.

    Raises
    ------
    RollsightError
        Naming the last one.
    """
    last = dates.max() if dates.dtype.kind == "M" else pd.NaT
    if last > pd.Timestamp.now() + pd.Timedelta(days=1):  # it may be tomorrow elsewhere
        raise RollsightError(
            f"{path}: Date={last:%Y-%m-%d} has not come yet: mend it, or leave its row out"
        )


def _text(cell: object) -> str:
    if cell is None or cell is pd.NaT:
        return ""
    if isinstance(cell, datetime) and (cell.tzinfo or cell.time() != time.min):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    if isinstance(cell, float | np.floating):
        return f"{cell:.0f}" if float(cell).is_integer() else str(cell).replace("nan", "")
    return str(cell).strip()


def _parsed(texts: pd.Series, path: Path, told: Told) -> tuple[pd.Series, str]:
    """Return texts as dates, and what else is to be said of them."""
    first = next((n for n in ALL if n.fullmatch(texts.iloc[0])), None)
    if first is None:
        raise RollsightError(
            f"{path}: Date={texts.iloc[0]!r} is no date in a notation that is known: write "
            "YYYY-MM-DD"
        )
    if first is STAMP:  # vendors leave the time of midnight out
        texts = texts.map(lambda t: f"{t} 00:00" if YMD.fullmatch(t) else t)
    odd = [text for text in texts if not first.fullmatch(text)]
    if odd:
        raise RollsightError(
            f"{path}: Date={odd[0]!r} is not written as {texts.iloc[0]!r} is: write every "
            "date in one way, and leave lines without a date out"
        )
    dates, how = _read(texts, first, path, told)
    _refuse_missing(dates, texts, path)
    return dates, how


def _refuse_missing(dates: pd.Series, texts: pd.Series, path: Path) -> None:
    wrong = texts[dates.isna()]
    if len(wrong):
        raise RollsightError(f"{path}: Date={wrong.iloc[0]!r} is no day of a calendar: mend it")


def _read(
    texts: pd.Series, notation: re.Pattern[str], path: Path, told: Told
) -> tuple[pd.Series, str]:
    if notation in NAMED:
        return pd.to_datetime(texts, format=NAMED[notation], errors="coerce"), ""
    if notation in HOW:
        return HOW[notation](texts, path, told)
    return _dates(_groups(texts, notation)), ""


def _groups(texts: pd.Series, notation: re.Pattern[str]) -> pd.DataFrame:
    found = [notation.fullmatch(text) for text in texts]
    return pd.DataFrame([match.groupdict() for match in found if match], index=texts.index)


def _dates(parts: pd.DataFrame) -> pd.Series:
    return pd.to_datetime(
        parts["y"] + "-" + parts["m"].str.zfill(2) + "-" + parts["d"].str.zfill(2),
        format="%Y-%m-%d", errors="coerce",
    )  # fmt: skip


def _either(texts: pd.Series, path: Path, told: Told) -> tuple[pd.Series, str]:
    parts = _groups(texts, EITHER)
    day_first, month_first = (bool((parts[name].astype(int) > 12).any()) for name in ("a", "b"))
    proven = None if day_first == month_first else "dmy" if day_first else "mdy"
    if proven is not None and told.dates not in {proven, None}:
        proof = texts[parts["a" if day_first else "b"].astype(int) > 12].iloc[0]
        raise RollsightError(
            f"{path}: {proof!r} proves that the {'day' if day_first else 'month'} comes first, "
            f"which --dates {told.dates} denies: leave the option out, or write the dates of all "
            "files as YYYY-MM-DD"
        )
    # Where points separate them, days come first unless something else is said.
    order = proven or told.dates or ("dmy" if "." in texts.iloc[0] or day_first else None)
    if order is None:
        raise AmbiguousError(
            f"{path}: {texts.iloc[0]!r} may be of two days, and no date of the file proves which "
            "comes first, day or month: say --dates dmy or --dates mdy",
            key="dates",
            question=f"Which comes first in {texts.iloc[0]} of {path.name}?",
            choices={"dmy": "dmy", "mdy": "mdy"},
        )
    parts = parts.rename(columns={"a": "d", "b": "m"} if order == "dmy" else {"a": "m", "b": "d"})
    return _dates(parts), ", day first" if order == "dmy" else ", month first"


def _epochs(texts: pd.Series, path: Path, told: Told) -> tuple[pd.Series, str]:
    seconds = bool(SECONDS.fullmatch(texts.iloc[0]))
    numbers = texts.astype("int64").to_numpy()
    stamps = pd.Series(pd.to_datetime(numbers, unit="s" if seconds else "ms", utc=True))
    dates, how = _local(stamps, stamps.dt.tz_localize(None).dt.normalize(), path, told)
    return dates, f", {'' if seconds else 'milli'}seconds since 1970, {how}"


def _stamps(texts: pd.Series, path: Path, told: Told) -> tuple[pd.Series, str]:
    parts = _groups(texts, STAMP)
    if parts["zone"].isna().any():
        if parts["zone"].notna().any():
            raise RollsightError(f"{path}: some stamps have a zone and others none: write one way")
        return pd.to_datetime(texts, format="ISO8601", errors="coerce"), ""
    plain = texts.str.replace(" UTC", "Z").str.replace(r" ([+-])", r"\1", regex=True)
    stamps = pd.to_datetime(plain, format="ISO8601", utc=True, errors="coerce")
    _refuse_missing(stamps, texts, path)
    dates, how = _local(stamps, _dates(parts), path, told)
    return dates, f", {how}"


def _local(stamps: pd.Series, written: pd.Series, path: Path, told: Told) -> tuple[pd.Series, str]:
    """Return the exchange's dates of instants, unless its sessions prove the dates as written.

    Many vendors stamp the date of a session at midnight in UTC, which is the evening before in
    New York.
    """
    days = written.dropna()
    if told.calendar is None or days.empty:
        raise needs_calendar(f"{path} has stamps with a time zone")
    wild = stamps.notna() & ~stamps.dt.year.between(*YEARS)
    if wild.any():
        raise RollsightError(
            f"{path}: Date={stamps[wild].iloc[0]} lies outside {YEARS[0]} to {YEARS[1]}: mend it"
        )
    beyond = pd.Timedelta(days=3)
    first, last = (np.datetime64(d, "D") for d in (days.min() - beyond, days.max() + beyond))
    exchange = exchange_calendar(told.calendar, first, last)
    local = stamps.dt.tz_convert(exchange.timezone).dt.tz_localize(None).dt.normalize()
    closed = [
        float((~np.isin(d.dropna().to_numpy().astype("datetime64[D]"), exchange.sessions)).mean())
        for d in (local, written)
    ]
    if (local == written)[written.notna()].all():
        return local, f"dates in {exchange.timezone}"
    if closed[0] <= MOST_CLOSED < closed[1]:
        return local, f"taken as dates in {exchange.timezone}"
    if closed[1] <= MOST_CLOSED < closed[0]:
        return written, "dates as written, which are sessions, and not those in the exchange's zone"
    raise RollsightError(
        f"{path}: Date={stamps.dropna().iloc[0]} is {local.dropna().iloc[0]:%Y-%m-%d} in "
        f"{exchange.timezone}, and sessions of {told.calendar} do not prove whether that or "
        "the date as written is meant: write plain dates"
    )


def needs_calendar(why: str) -> AmbiguousError:
    """Return the question for the exchange's calendar."""
    return AmbiguousError(
        f"{why}: say which exchange's sessions the stocks keep, as in --calendar XKRX or "
        "--calendar XNYS",
        key="calendar",
        question="Calendar of the stocks' exchange, such as XKRX or XNYS",
    )


HOW = {SECONDS: _epochs, MILLISECONDS: _epochs, STAMP: _stamps, EITHER: _either}
