"""The values of an index that inputs can be made of: on its exchange's sessions, and above zero."""

from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.reading import entry_of
from rollsight.signals.folder.tables import check_index
from rollsight.signals.known.calendar import exchange_calendar, named_days
from rollsight.signals.known.fingerprint import FEWEST, MOST_WEEKENDS, shifted
from rollsight.signals.known.indexholes import hole_notes
from rollsight.signals.known.symbols import SYMBOLS, Publication

MOST_LEFT_OUT = MOST_WEEKENDS  # share of an index's values
MOST_IN_A_STRETCH = 0.1  # of any FEWEST in a row: dates may be shifted for a part of the time
YEAR = 250  # rows


def usable_values(
    values: pd.Series, publication: Publication, path: Path
) -> tuple[pd.Series, list[str]]:
    """Return an index's values by date without those that cannot be used, and notes on these.

    What lies off the sessions of its own exchange is left out; of a price that may fall below zero,
    what does too, since no fraction can be counted from it. The value before is carried then, as it
    is over the holes that `hole_notes` names.

    Raises
    ------
    RollsightError
        If a value cannot be right, or more would be left out than a stray row here and there.
    """
    values = values.dropna()
    check_index(values, path, may_be_negative=True)
    values, notes = values.astype("float64"), list[str]()
    if publication.unit == "price":
        values, notes = _above_zero(values, path)
        check_index(values, path, may_be_negative=False)
    values, off = _on_sessions(values, publication, path)
    return values, notes + off


def may_fall_below_zero(symbol: str) -> bool:
    """Say whether the symbol table knows an index as a price that has been, or may be, negative."""
    return symbol in SYMBOLS and SYMBOLS[symbol].level[0] <= 0


def _on_sessions(
    values: pd.Series, publication: Publication, path: Path
) -> tuple[pd.Series, list[str]]:
    dates = pd.DatetimeIndex(values.index)
    # A table that was filled repeats values on days without a session, which says nothing.
    new = values.ne(values.shift()).to_numpy()
    if publication.calendar is None:
        _refuse_shifted(str(values.name), dates[new], path)
        return values, hole_notes(values, None, None)
    days = dates.to_numpy().astype("datetime64[D]")
    calendar = exchange_calendar(publication.calendar, days[0], days[-1], publication.corrections)
    off = ~np.isin(days, calendar.sessions)
    counted = off if off.all() else off & new
    _refuse_many_off(values[counted], pd.Series(counted), publication.calendar, path)
    holes = hole_notes(values[~off], calendar.sessions, publication.calendar)
    if not off.any():
        return values, holes
    note = (
        f"Index {values.name} has rows on days that are no session of {publication.calendar}, "
        f"which are left out: {named_days(days[off])}"
    )
    return values[~off], [note, *holes]


def _refuse_shifted(symbol: str, dates: pd.DatetimeIndex, path: Path) -> None:
    reasons = (shifted(dates[at : at + YEAR]) for at in range(0, len(dates), YEAR))
    reason = next((r for r in (shifted(dates), *reasons) if r), None)
    if reason:
        raise RollsightError(
            f"{path}: index {symbol!r}: {reason}: write the local dates of its sessions; where its "
            f'exchange keeps another week, say so in {entry_of(symbol, path)}: calendar = "XSAU", '
            "or whichever it is"
        )


def _refuse_many_off(stray: pd.Series, off: pd.Series, calendar: str, path: Path) -> None:
    stretch = off.rolling(FEWEST).mean().max()
    if not off.all() and _few(len(stray), len(off)) and not stretch > MOST_IN_A_STRETCH:
        return
    raise RollsightError(
        f"{path}: {len(stray)} of {len(off)} values of index {stray.name!r}, such as that of "
        f"{stray.index[0]:%Y-%m-%d}, lie on days that are no session of {calendar}: its dates are "
        "shifted, as dates in UTC are, or filled backwards: write the local dates of its sessions, "
        f"or in {entry_of(str(stray.name), path)} the right calendar, or timezone and close instead"
    )


def _above_zero(values: pd.Series, path: Path) -> tuple[pd.Series, list[str]]:
    symbol = str(values.name)
    if not may_fall_below_zero(symbol):
        return values, []
    below = values.between(SYMBOLS[symbol].level[0], 0)
    if not below.any():
        return values, []
    days = values.index[below].to_numpy().astype("datetime64[D]")
    if not _few(len(days), len(values)):
        raise RollsightError(
            f"{path}: index {symbol!r} is at or below 0 on {len(days)} of {len(values)} days, such "
            f"as {days[0]}, where no change as a fraction can be counted: say in "
            f'{entry_of(symbol, path)} when it becomes known, with unit = "percent": differences'
        )
    note = (
        f"Index {symbol} is at or below 0 on {named_days(days)}: no change as a fraction can be "
        "counted from there, so the value before is carried until the next one above 0"
    )
    return values[~below], [note]


def _few(count: int, of: int) -> bool:
    return count <= max(1, MOST_LEFT_OUT * of)
