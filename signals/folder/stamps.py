"""Dates of rows: plain local dates, without time of day and time zone."""

from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError

SHORTEST = len("2024-1-2")


def dated(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return a table whose column Date holds dates.

    Raises
    ------
    RollsightError
        If a value is no date, has a time of day or a time zone, or lies outside 1900 to 2200.
    """
    dates = plain_dates(table["Date"], path)
    if dates.isna().any():
        row = int(np.flatnonzero(dates.isna())[0])
        raise RollsightError(
            f"{path}: row {row} has no Date (the first is row 0): write YYYY-MM-DD"
        )
    return table.assign(Date=dates.astype("datetime64[ns]"))


def plain_dates(values: pd.Series, path: Path) -> pd.Series:
    """Return a column as dates; what is missing stays so.

    Raises
    ------
    RollsightError
        If a value is no date, has a time of day or a time zone, or lies outside 1900 to 2200.
    """
    if pd.api.types.is_numeric_dtype(values) and values.notna().any():
        value = values.dropna().iloc[0]
        raise RollsightError(
            f"{path}: {values.name}={value:.10g} is a number, not a date: write YYYY-MM-DD"
        )
    if pd.api.types.is_string_dtype(values) and (values.str.len() < SHORTEST).any():
        # A year or month, which would be taken for its first day.
        raise RollsightError(f"{path}: {values.name} {_not_dated(values)}")
    try:
        dates = pd.to_datetime(values, format=None if values.dtype.kind == "M" else "ISO8601")
    except (ValueError, TypeError) as error:
        raise RollsightError(f"{path}: {values.name} {_not_dated(values)}") from error
    if dates.dt.tz is not None:
        raise RollsightError(
            f"{path}: {values.name} has time zone {dates.dt.tz}: write plain local dates"
        )
    wild = dates.notna() & ~dates.dt.year.between(1900, 2200)
    if wild.any():
        also = "" if values.name == "Date" else ", or leave it empty where nobody knows it"
        raise RollsightError(
            f"{path}: {values.name}={dates[wild].iloc[0]:%Y-%m-%d} lies outside 1900 to 2200: mend "
            f"it{also}"
        )
    timed = dates.notna() & (dates != dates.dt.normalize())
    if timed.any():
        # Cut off, a stamp such as 15:00 in UTC would date a value a session early in Seoul.
        raise RollsightError(
            f"{path}: {values.name}={dates[timed].iloc[0]} has a time of day, which is another day "
            "elsewhere (15:00 in UTC is the next day in Seoul): write the local date of the "
            "session alone, as YYYY-MM-DD"
        )
    return dates


def _not_dated(values: pd.Series) -> str:
    dates = pd.to_datetime(values, format="ISO8601", errors="coerce", utc=True)
    short = values.astype("str").str.len() < SHORTEST
    wrong = values[(dates.isna() | short) & values.notna()]
    if len(wrong):
        return f"is not a date ({wrong.iloc[0]!r}): write YYYY-MM-DD"
    return f"has several time zones ({values.dropna().iloc[-1]!r}): write plain local dates"
