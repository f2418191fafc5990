"""A grid's shape recognised, and its rows laid out long: one a stock and date."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.importing.cells.codes import code_of_name, stated
from rollsight.signals.importing.cells.columns import (
    ADJUSTED,
    FIELDS,
    NAMELESS,
    check_names,
    is_field,
    mapped,
    meaning,
    plain_name,
)
from rollsight.signals.importing.cells.dates import dates_of, looks_dated, require_past
from rollsight.signals.importing.cells.numbers import looks_numeric, numbers_of
from rollsight.signals.importing.files.grids import Grid, numbers_the_rows
from rollsight.signals.importing.stacking import (
    check_stocks,
    names_prices,
    said_of_empty,
    stacked,
)
from rollsight.signals.importing.told import Told

LONG, SINGLE = "rows of stocks and dates", "one stock a table"
WIDE, LEVELS = "closes, one column a stock", "fields and stocks in two header rows"
KEYS, LISTED = ("Date", "Code"), ("Name", "Market")
FLAT = re.compile(r"\('([^']*)', '([^']*)'\)")  # two header rows that were written as one


@dataclass(frozen=True, eq=False)
class Part:
    """What one grid says.

    Attributes
    ----------
    columns
        of each column of a market folder, what it is called in the grid
    left_out
        names of columns and texts of lines that are not used
    dates, numbers
        how they are written
    rows
        Date, Code and the columns, by date within each code; Code as the grid has it
    empty
        codes of the header without any row
    """

    grid: Grid
    shape: str
    columns: dict[str, str]
    left_out: tuple[str, ...]
    dates: str
    numbers: str
    rows: pd.DataFrame
    empty: tuple[str, ...] = ()


def part_of(grid: Grid, told: Told, *, alone: bool, series: bool = False) -> Part:
    """Return what a grid says.

    Parameters
    ----------
    alone
        it is the only table, so that a code that is told is its own
    series
        it is an index: one of several columns is no stock, and no code is asked for

    Raises
    ------
    AmbiguousError
        If something is not proven.
    RollsightError
        If no shape is recognised, or a code is told of a table that has codes.
    """
    grid, footers = _without_footers(_unflattened(grid))
    if len(grid.header) > 1:
        part = _levels(grid, told)
    else:
        part = _one_header(grid, told, alone=alone, series=series)
    if told.code is not None and part.shape != SINGLE:
        raise RollsightError(
            f"--code {told.code} is for a table without codes, and {grid.path} has them in its "
            f"{'header' if part.shape != LONG else 'column ' + part.columns['Code']}: leave it out"
        )
    left = (*part.left_out, *(repr(line) for line in (*grid.left_out, *footers)))
    left += (said_of_empty(part.empty),) if part.empty else ()
    rows = part.rows.sort_values(["Code", "Date"], kind="stable").reset_index(drop=True)
    require_past(rows["Date"], grid.path)
    return replace(part, left_out=left, rows=rows)


def _unflattened(grid: Grid) -> Grid:
    names = [FLAT.fullmatch(name) for name in grid.header[0]]
    if len(grid.header) > 1 or sum(name is not None for name in names) < 2:
        return grid
    cells = [
        (found[1], found[2]) if found else (name, "")
        for found, name in zip(names, grid.header[0], strict=True)
    ]
    return replace(grid, header=tuple(zip(*cells, strict=True)))


def _without_footers(grid: Grid) -> tuple[Grid, list[str]]:
    """Return a grid without its last lines that have no date, and these."""
    at, end = _date_column(grid), len(grid.body)
    while end and _is_footer(grid.body.iloc[end - 1].tolist(), at):
        end -= 1
    lines = [
        " ".join(str(cell) for cell in row if not _is_blank(cell))
        for row in grid.body.iloc[end:].to_numpy()
    ]
    return replace(grid, body=grid.body.iloc[:end]), lines


def _is_footer(row: list[object], at: int) -> bool:
    """Return whether a row has no date, nor anything beside numbers that may be meant for one."""
    date, others = row[at], [*row[:at], *row[at + 1 :]]
    if looks_dated(date):
        return False
    numbers = any(looks_numeric(cell) for cell in others if not _is_blank(cell))
    return not (numbers and re.search(r"\d", str(date)))


def _is_of_values(names: Sequence[str], at: int) -> bool:
    """Return whether a row of a header is one of values, whose date is in no notation."""
    digits = re.search(r"\d", names[at]) and not NAMELESS.fullmatch(names[at])
    return bool(digits) and all(looks_numeric(n) for i, n in enumerate(names) if n and i != at)


def _is_blank(cell: object) -> bool:
    return cell is None or cell == "" or cell != cell


def _date_column(grid: Grid) -> int:
    for row in reversed(grid.header):
        for at, name in enumerate(row):
            if meaning(name) == "Date":
                return at
    first = grid.body.iat[0, 0] if len(grid.body) else None
    upper = [row[0] for row in grid.header]
    nameless = len(grid.header) > 1 or NAMELESS.fullmatch(upper[0])
    if nameless and looks_dated(first):
        return 0
    found = mapped(grid.header[0], grid.path) if len(grid.header) == 1 else {}
    if "Date" in found:
        return found["Date"]
    raise RollsightError(
        f"{grid.path} has no column of dates (have {list(grid.header[-1])[:12]}): call it Date"
    )


def _one_header(grid: Grid, told: Told, *, alone: bool, series: bool) -> Part:
    names, at = grid.header[0], _date_column(grid)
    found = mapped(names, grid.path) | {"Date": at}
    if "Close" in found or ADJUSTED in found or "Code" in found:
        return _bars(grid, found, told, alone=alone, series=series)
    return _wide(grid, at, told)


def _bars(grid: Grid, found: dict[str, int], told: Told, *, alone: bool, series: bool) -> Part:
    names, body = grid.header[0], grid.body
    check_names(names, found, grid.path)
    used = {name: at for name, at in found.items() if name in FIELDS}
    numbers, how = numbers_of(
        {n: body[at] for n, at in used.items() if n != "Halted"}, grid.path, told
    )
    dates = dates_of(body[found["Date"]], grid.path, told)
    rows = pd.DataFrame({"Date": _timed(dates.values, grid, found["Date"]), **numbers})
    for name in ("Halted", *LISTED):
        if name in found:
            rows[name] = body[found[name]]
    if "Code" in found:
        rows.insert(1, "Code", stated(body[found["Code"]], rows["Date"], grid.path))
    else:
        code = "" if series else code_of_name(grid.stem, grid.path, told, alone=alone)
        rows.insert(1, "Code", code)
    shape = LONG if "Code" in found else SINGLE
    columns = {m: names[found[m]] or "(no name)" for m in (*KEYS, *FIELDS, *LISTED) if m in found}
    others = tuple(_beside(grid, {*found.values()}))
    return Part(grid, shape, columns, others, dates.notation, how, rows)


def _timed(dates: pd.Series, grid: Grid, at: int) -> pd.Series:
    """Return dates with the time of day of a column beside them, where it tells one."""
    clocks = [i for i, n in enumerate(grid.header[0]) if plain_name(n) == "time" and i != at]
    if not clocks or dates.dtype.kind != "M":
        return dates
    digits = grid.body[clocks[0]].astype("str").str.replace(r"\D|\.0$", "", regex=True)
    digits = digits.str.zfill(6)
    hours, minutes = digits.str[:-4].astype(int), digits.str[-4:-2].astype(int)
    return dates + pd.to_timedelta(hours * 60 + minutes, unit="min")


def _beside(grid: Grid, used: set[int]) -> dict[str, int]:
    """Return where each named column stands that is not used; row numbers have no name."""
    columns: dict[str, int] = {}
    for at, name in enumerate(grid.header[0]):
        nameless = bool(NAMELESS.fullmatch(name))
        if at in used or (nameless and numbers_the_rows(grid.body[at])):
            continue
        if nameless:
            raise RollsightError(
                f"{grid.path}: column {at + 1} holds values and has no name: name it in the "
                "header, and write no comma within a number"
            )
        if name in columns:
            raise RollsightError(f"{grid.path} has two columns {name!r}: keep one of them")
        columns[name] = at
    return columns


def _wide(grid: Grid, at: int, told: Told) -> Part:
    names, columns = grid.header[0], _beside(grid, {at})
    check_stocks(columns, grid.path)
    numbers, how = numbers_of({n: grid.body[i] for n, i in columns.items()}, grid.path, told)
    dates = dates_of(grid.body[at], grid.path, told)
    closes = {name: {"Close": values} for name, values in numbers.items()}
    rows, empty = stacked(dates.values, closes, grid.path)
    date = names[at] or "(no name)"
    found = {"Date": date, "Code": "(in the header)", "Close": "(each column)"}
    return Part(grid, WIDE, found, (), dates.notation, how, rows, empty)


def _levels(grid: Grid, told: Told) -> Part:
    at = _date_column(grid)
    fields, codes = _field_level(grid, at)
    pairs: dict[str, dict[str, pd.Series]] = {}
    found: dict[str, str] = {"Date": grid.header[-1][at] or "(no name)", "Code": "(in the header)"}
    others: list[str] = []
    for i, (field, code) in enumerate(zip(fields, codes, strict=True)):
        meant = meaning(field)
        if i == at:
            continue
        if meant not in FIELDS:
            others += [field] if field not in others else []
            continue
        own = pairs.setdefault(code, {})
        if meant in own:
            raise RollsightError(f"{grid.path} has {field} of {code!r} twice: keep one of them")
        own[meant], found[meant] = grid.body[i], field
    flat = {f"{code}\n{field}": v for code, own in pairs.items() for field, v in own.items()}
    numbers, how = numbers_of(flat, grid.path, told)
    dates = dates_of(grid.body[at], grid.path, told)
    columns = {
        code: {field: numbers[f"{code}\n{field}"] for field in own} for code, own in pairs.items()
    }
    rows, empty = stacked(dates.values, columns, grid.path)
    found = {meant: found[meant] for meant in (*KEYS, *FIELDS) if meant in found}
    return Part(grid, LEVELS, found, tuple(others), dates.notation, how, rows, empty)


def _field_level(grid: Grid, at: int) -> tuple[list[str], list[str]]:
    """Return the field and the code of each column."""
    odd = [row[at] for row in grid.header if _is_of_values(row, at)]
    if odd:
        raise RollsightError(
            f"{grid.path}: Date={odd[0]!r} in the header is not written as those below it are: "
            "write every date in one way"
        )
    levels = [_filled(row, at) for row in grid.header]
    fields = [level for level in levels if all(is_field(n) for i, n in enumerate(level) if i != at)]
    fields = [level for level in fields if names_prices(level)]
    others = [
        level for level in levels
        if level not in fields and all(n for i, n in enumerate(level) if i != at)
    ]  # fmt: skip
    if len(fields) != 1 or len(others) != 1:
        raise RollsightError(
            f"{grid.path} has {len(grid.header)} header rows, of which one is to name fields such "
            f"as Close and one stocks: write such a pair, or one stock a file"
        )
    return fields[0], others[0]


def _filled(row: Sequence[str], at: int) -> list[str]:
    """Return a header row whose blank cells are as the one before, as merged cells are."""
    out, last = [], ""
    for i, name in enumerate(row):
        if i != at:
            last = last if NAMELESS.fullmatch(name) else name
        out.append(name if i == at else last)
    return out
