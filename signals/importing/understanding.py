"""Tables understood: which prices and indices they hold, and what is not proven."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.tables import checked_prices
from rollsight.signals.importing.adjusting import adjusted
from rollsight.signals.importing.cells.codes import NO_STOCK, board_of, cleaned, refuse_periods
from rollsight.signals.importing.cells.columns import FIELDS
from rollsight.signals.importing.cells.dates import needs_calendar
from rollsight.signals.importing.files.grids import Grid
from rollsight.signals.importing.indices import Index, index_of, indices_told
from rollsight.signals.importing.shapes import SINGLE, Part, part_of
from rollsight.signals.importing.stacking import said_of_empty
from rollsight.signals.importing.told import AmbiguousError, Told
from rollsight.signals.known.calendar import Days, exchange_calendar, named_days
from rollsight.signals.prices.panel import require_daily
from rollsight.signals.rules.venue import VENUES

NAMED = 5  # files that the folder's note names


@dataclass(frozen=True, eq=False)
class Understood:
    """What tables say, as a market folder says it.

    Attributes
    ----------
    parts
        what each table says by itself, before codes are cleaned and prices adjusted
    prices
        Date, Code, then columns of a market folder; by code and date
    listings
        Code, Name and Market of codes that have either
    indices
        those that were told
    adjusting
        a sentence on dividends and splits
    n_sessions
        of the calendar, from the first row to the last
    holes
        of each code the sessions between its first and last row without one, where there are any
    empty
        codes of headers without any row
    """

    calendar: str
    currency: str
    book: str
    parts: tuple[Part, ...]
    prices: pd.DataFrame
    listings: pd.DataFrame
    indices: tuple[Index, ...]
    adjusting: str
    n_sessions: int
    holes: Mapping[str, int]
    empty: tuple[str, ...]

    @property
    def source(self) -> str:
        """The names of the files."""
        names = list(dict.fromkeys(part.grid.path.name for part in self.parts))
        more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
        return f"{', '.join(names[:NAMED])}{more}"

    @property
    def note(self) -> str:
        """What the folder says of its origin, in one sentence."""
        without = f"; {said_of_empty(self.empty)}" if self.empty else ""
        return f"Imported from {self.source}: {self.adjusting}{without}."


def understood(
    grids: Sequence[Grid], others: Mapping[str, Sequence[Grid]], told: Told
) -> Understood:
    """Return what tables say.

    Parameters
    ----------
    grids
        of prices
    others
        of each source of an index that is a file, its tables

    Raises
    ------
    AmbiguousError
        If something is not proven that ``told`` does not say.
    RollsightError
        If a table cannot be right.
    """
    if told.calendar is None:
        raise needs_calendar("No table says it")
    asked = indices_told(told)
    parts = [part_of(grid, told, alone=len(grids) == 1) for grid in grids]
    refuse_periods({part.grid.path: part.grid.stem for part in parts if part.shape == SINGLE})
    tables, adjusting = adjusted([(part.grid.path, part.rows) for part in parts], told.adjusted)
    tables = [_coded(table, told.calendar) for table in tables]
    tables, indices = _without_indices(tables, others, asked, told)
    for part, table in zip(parts, tables, strict=True):
        if len(table):
            checked_prices(table, part.grid.path)
    prices = _joined(parts, tables)
    require_daily(prices, parts[0].grid.path)
    sessions = _sessions(prices, told.calendar)
    prices = prices.drop(columns="Path")
    currency, book = _money(told)
    return Understood(
        told.calendar, currency, book, tuple(parts),
        prices.drop(columns=["Name", "Market"], errors="ignore"), _listings(prices),
        tuple(indices), adjusting, len(sessions), _holes(prices, sessions),
        _empty(parts, {*prices["Code"], *(index.source for index in asked)}, told.calendar),
    )  # fmt: skip


def _money(told: Told) -> tuple[str, str]:
    venue = next((v for v in VENUES.values() if v.calendar == told.calendar), None)
    currency = told.currency or (venue.currency if venue else None)
    if currency is None:
        raise AmbiguousError(
            f"No table says in which currency prices of {told.calendar} are: say it, as in "
            "--currency EUR",
            key="currency",
            question="Currency of the prices, such as EUR",
        )
    return currency, venue.book if venue else "none"


def _coded(table: pd.DataFrame, calendar: str) -> pd.DataFrame:
    """Return rows with codes as the exchange writes them, and boards that vendors' codes name."""
    raw = table["Code"].drop_duplicates().tolist()
    codes = cleaned(raw, calendar)
    boards = {code: board_of(code) for code in raw if codes[code] != str(code)}
    out = table.assign(Code=table["Code"].map(codes).astype("str"))
    if any(boards.values()) and "Market" not in out:
        out["Market"] = table["Code"].map(boards)
    return out


def _without_indices(
    tables: list[pd.DataFrame],
    others: Mapping[str, Sequence[Grid]],
    asked: Sequence[Index],
    told: Told,
) -> tuple[list[pd.DataFrame], list[Index]]:
    """Return rows of stocks alone, and the indices of files and of these rows."""
    found = []
    taken: set[str] = set()
    for index in asked:
        if index.source in others:
            found.append(index_of(index, others[index.source], told))
            continue
        rows = pd.concat([table[table["Code"] == index.source] for table in tables])
        if rows.empty:
            raise RollsightError(
                f"--index {index.symbol}={index.source}: {index.source!r} is neither a file nor a "
                "code of the tables: name one of them"
            )
        taken.add(index.source)
        found.append(index.with_closes(rows.set_index("Date")["Close"], index.source))
    tables = [table[~table["Code"].isin(taken)] for table in tables]
    for table in tables:
        odd = [code for code in table["Code"].unique() if NO_STOCK.fullmatch(code)]
        if odd:
            raise RollsightError(
                f"{odd[0]!r} is an index, future or currency at Yahoo and no stock: make it an "
                f"index with --index NAME={odd[0]}, or take it out"
            )
    if not any(map(len, tables)):
        raise RollsightError("no stock is left beside the indices: name a file of stocks")
    return tables, found


def _joined(parts: Sequence[Part], tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all tables and their Path by code and date.

    Raises
    ------
    RollsightError
        If they have other columns, or two of them a row of the same code and date.
    """
    filled = [(p.grid.path, t) for p, t in zip(parts, tables, strict=True) if len(t)]
    first, own = filled[0][0], filled[0][1]
    for path, table in filled[1:]:
        for name in FIELDS:
            if (name in own) != (name in table):
                without, beside = (path, first) if name in own else (first, path)
                raise RollsightError(
                    f"{without} has no column {name!r}, which {beside} has: give it to both, or to "
                    "neither"
                )
    prices = pd.concat([table.assign(Path=str(path)) for path, table in filled], ignore_index=True)
    prices = prices.sort_values(["Code", "Date"], kind="stable").reset_index(drop=True)
    twice = np.flatnonzero(prices.duplicated(["Code", "Date"]))
    if len(twice):
        one, other = (prices.iloc[at] for at in (twice[0] - 1, twice[0]))
        raise RollsightError(
            f"{one['Path']} and {other['Path']}: {one['Date']:%Y-%m-%d} of code {one['Code']!r} "
            "stands twice: keep one row a day"
        )
    return prices


def _sessions(prices: pd.DataFrame, calendar: str) -> Days:
    """Return the sessions from the first to the last row, or raise where rows are on other days."""
    days = prices["Date"].to_numpy().astype("datetime64[D]")
    sessions = exchange_calendar(calendar, days.min(), days.max()).sessions
    off = ~np.isin(days, sessions)
    if off.any():
        row, others = prices[off].iloc[0], np.unique(days[off])
        raise RollsightError(
            f"{row['Path']}: there are rows, such as those of code {row['Code']!r}, on days that "
            f"are no session of {calendar}: {named_days(others)}; delete them, correct --calendar, "
            f"or, if the exchange was open, use rollsight.market with open=['{others[0]}']"
        )
    return sessions


def _holes(prices: pd.DataFrame, sessions: Days) -> dict[str, int]:
    """Return of each code how many sessions within its rows have none."""
    spans = prices.groupby("Code")["Date"].agg(["min", "max", "size"])
    begin, end = (spans[c].to_numpy().astype("datetime64[D]") for c in ("min", "max"))
    due = np.searchsorted(sessions, end, "right") - np.searchsorted(sessions, begin)
    missing = due - spans["size"].to_numpy()
    return {str(c): int(n) for c, n in zip(spans.index, missing, strict=True) if n > 0}


def _empty(parts: Sequence[Part], have: set[str], calendar: str) -> tuple[str, ...]:
    """Return codes that no table holds a value of."""
    codes = cleaned((code for part in parts for code in part.empty), calendar).values()
    return tuple(dict.fromkeys(code for code in codes if code not in have))


def _listings(prices: pd.DataFrame) -> pd.DataFrame:
    """Return what tables say of each code beside prices; the last word counts."""
    said = [name for name in ("Name", "Market") if name in prices]
    if not said:
        return pd.DataFrame(columns=["Code"])
    rows = prices[["Code", *said]].replace("", None)
    return rows.groupby("Code", as_index=False).last()
