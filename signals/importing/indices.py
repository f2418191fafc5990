"""Auxiliary indices that a user names: whose closing times they keep, and their closes."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import exchange_calendars
import pandas as pd

from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.signals.folder.stamps import plain_dates
from rollsight.signals.importing.adjusting import adjusted
from rollsight.signals.importing.files.grids import Grid
from rollsight.signals.importing.shapes import part_of
from rollsight.signals.importing.told import Told
from rollsight.signals.known.symbols import SYMBOLS, find_symbol


@dataclass(frozen=True, eq=False)
class Index:
    """An index of the folder.

    Attributes
    ----------
    symbol
        as the project calls it, or the user
    calendar
        whose closing times it keeps; None where the symbol is known
    source
        the file, or the code among the stocks' tables
    closes
        by its own dates
    """

    symbol: str
    calendar: str | None
    source: str
    closes: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"))

    def with_closes(self, closes: pd.Series, where: str) -> "Index":
        """Return the index with values, by ascending date.

        Raises
        ------
        RollsightError
            If a date stands twice, has a time of day, or lies outside 1900 to 2200.
        """
        closes = closes.dropna().sort_index()
        days = pd.DatetimeIndex(plain_dates(pd.Series(closes.index, name="Date"), Path(where)))
        if days.has_duplicates:
            raise RollsightError(
                f"{where}: {days[days.duplicated()][0]:%Y-%m-%d} stands twice: keep one row a day"
            )
        return replace(self, closes=closes)


def indices_told(told: Told) -> list[Index]:
    """Return the indices that are named, yet without values.

    Raises
    ------
    RollsightError
        If a name is not known and no calendar stands beside it, or a name stands twice.
    """
    found: dict[str, Index] = {}
    for name, source in told.indices:
        index = _index(name, source)
        if index.symbol in found:
            raise RollsightError(f"--index {name}: {index.symbol} is named twice: leave one out")
        found[index.symbol] = index
    return list(found.values())


def _index(name: str, source: str) -> Index:
    plain, mark, calendar = name.partition(":")
    try:
        symbol = find_symbol(plain)
    except RollsightError:
        symbol = plain
    if symbol in SYMBOLS and not mark:
        return Index(symbol, None, source)
    if not mark:
        raise RollsightError(
            f"--index {name}={source}: {name} is an index that rollsight does not know: say whose "
            f"closing times it keeps, as in --index {name}:XNYS={source}"
        )
    have = exchange_calendars.get_calendar_names()
    if calendar not in have:
        near = [n for n in have if n.startswith("X")]
        raise RollsightError(
            f"--index {name}: {calendar!r} is no exchange calendar {did_you_mean(calendar, near)}"
        )
    return Index(plain, calendar, source)


def index_of(index: Index, grids: Sequence[Grid], told: Told) -> Index:
    """Return an index with the closes of its file.

    Raises
    ------
    RollsightError
        If the file holds several series and none is called as the index is.
    """
    told = replace(told, calendar=index.calendar or _home(index.symbol, told), code=None)
    parts = [part_of(grid, told, alone=True, series=True) for grid in grids]
    tables, _ = adjusted(
        [(part.grid.path, part.rows) for part in parts], told.adjusted is not False
    )
    rows = pd.concat(tables, ignore_index=True)
    codes = [str(code) for code in rows["Code"].unique()]
    if len(codes) > 1:
        known = {index.symbol, *(SYMBOLS[index.symbol].aliases if index.calendar is None else ())}
        own = [c for c in codes if c.lstrip("^").upper() in known or c in known]
        if len(own) != 1:
            raise RollsightError(
                f"{index.source} holds {len(codes)} series (such as {codes[:5]}), and not one is "
                f"called {index.symbol}: give a file of that index alone"
            )
        rows = rows[rows["Code"] == own[0]]
    return index.with_closes(rows.set_index("Date")["Close"], index.source)


def _home(symbol: str, told: Told) -> str | None:
    return SYMBOLS[symbol].publication.calendar or told.calendar
