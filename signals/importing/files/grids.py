"""Files as grids: rows of a header above rows of values, whatever kind of file they come from."""

import csv
import re
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.plaintypes import plain
from rollsight.signals.importing.cells.columns import meaning
from rollsight.signals.importing.cells.dates import looks_dated
from rollsight.signals.importing.cells.numbers import NOTHING, looks_numeric
from rollsight.signals.importing.files import sources
from rollsight.signals.importing.files.texts import separator_of, text_of

DEEPEST = 40  # rows among which the first of values is looked for
USUAL_SHEETS = re.compile(r"(sheet|시트|tabelle|feuil|hoja)\s*\d*", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Grid:
    """One table of a file.

    Attributes
    ----------
    path
        file, and sheet of a workbook, as messages name it
    stem
        what file or sheet are called: a code, where they hold one stock
    kind
        of file, and encoding of a text
    header
        one to three rows of names, one a column
    body
        rows of values; columns are 0, 1, ...
    left_out
        lines above the header and others without values; sheets without rows of dates
    """

    path: Path
    stem: str
    kind: str
    header: tuple[tuple[str, ...], ...]
    body: pd.DataFrame
    left_out: tuple[str, ...] = ()


def grids_of(path: Path, encoding: str | None) -> list[Grid]:
    """Return the tables of a file; of a workbook one a sheet that has dates.

    Raises
    ------
    RollsightError
        If it cannot be read, or holds no rows with dates below a header.
    """
    kind = sources.kind_of_file(path)
    try:
        if kind == sources.WORKBOOK:
            return _sheets(path)
        if kind == sources.TEXT:
            return [_text(path, encoding)]
        return [_typed(path, "Parquet" if kind == sources.PARQUET else "Arrow")]
    except RollsightError:
        raise
    except Exception as error:
        line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RollsightError(
            f"{path} cannot be read ({line}): write it as CSV or Parquet"
        ) from error


def _text(path: Path, encoding: str | None) -> Grid:
    text, found = text_of(path.read_bytes(), path, encoding)
    mark = separator_of(text)
    width = max((line.count(mark) for line in StringIO(text)), default=0) + 1
    table = pd.read_csv(
        StringIO(text), sep=mark, header=None, names=list(range(width)), index_col=False,
        dtype="str", keep_default_na=False, na_values=[], skipinitialspace=True,
        quoting=csv.QUOTE_MINIMAL,
    ).fillna("")  # fmt: skip
    for column in table:
        table[column] = table[column].str.strip()
    return _headed(table, path, path.stem, f"text, {found}")


def _sheets(path: Path) -> list[Grid]:
    sheets = pd.read_excel(path, sheet_name=None, header=None, dtype=object, engine="openpyxl")
    usual = len(sheets) == 1
    found: list[Grid] = []
    others: list[str] = []
    for name, table in sheets.items():
        where = path if usual else path / str(name)
        stem = path.stem if usual and USUAL_SHEETS.fullmatch(str(name)) else str(name).strip()
        cells = table.map(_cell)
        if usual or _first_row(cells) is not None or _odd_date(cells) is not None:
            found.append(_headed(cells, where, stem, "workbook"))
        else:
            others.append(f"sheet {name}")
    if not found:
        raise RollsightError(f"{path} has no sheet with rows of dates and numbers")
    first = replace(found[0], left_out=(*found[0].left_out, *others))
    return [first, *found[1:]]


def _cell(value: object) -> object:
    if isinstance(value, str):
        return value.strip()
    return "" if value is None or value is pd.NaT or value != value else value


def _typed(path: Path, kind: str) -> Grid:
    table = pd.read_parquet(path) if kind == "Parquet" else _arrow(path)
    if not len(table):
        raise RollsightError(f"{path} has no rows: write one row a session")
    levels = table.columns.nlevels
    named = [name is not None for name in table.index.names]
    if any(named) or not isinstance(table.index, pd.RangeIndex):
        table = table.reset_index()
    names = [c if isinstance(c, tuple) else (c,) * levels for c in table.columns]
    header = tuple(tuple(_name(name[level]) for name in names) for level in range(levels))
    if levels > 1:
        header = (header[0], tuple("" if a == b else b for a, b in zip(*header, strict=True)))
    table.columns = pd.RangeIndex(table.shape[1])
    return Grid(path, path.stem, kind, header, plain(table))


def _name(value: object) -> str:
    return "" if value is None or value != value else str(value).strip()


def _arrow(path: Path) -> pd.DataFrame:
    from pyarrow import ipc

    with path.open("rb") as file:
        table: pd.DataFrame = ipc.open_file(file).read_all().to_pandas()
    return table


def _headed(cells: pd.DataFrame, path: Path, stem: str, kind: str) -> Grid:
    first = _first_row(cells)
    if first is None:
        odd = _odd_date(cells)
        if odd is not None:
            raise RollsightError(
                f"{path}: Date={odd!r} is no date in a notation that is known: write YYYY-MM-DD"
            )
        raise RollsightError(
            f"{path} has no row with a date and a number: write a header, and below it a row a "
            "session"
        )
    above = [tuple(str(cell) for cell in row) for row in cells.iloc[:first].to_numpy()]
    header, titles = _header_of(above)
    if not header:
        raise RollsightError(f"{path} has no header: name its columns in the first line")
    body = cells.iloc[first:].reset_index(drop=True)
    return _narrowed(Grid(path, stem, kind, tuple(header), body, tuple(titles)))


def _first_row(cells: pd.DataFrame) -> int | None:
    """Return the first row with a date and a number, or with dates alone right above such."""
    dates_alone = None
    for at, row in enumerate(cells.itertuples(index=False, name=None)):
        dated = [looks_dated(cell) for cell in row]
        beside = [cell for cell, d in zip(row, dated, strict=True) if not d]
        if any(dated) and any(looks_numeric(cell) for cell in beside):
            return at if dates_alone is None else dates_alone
        if not any(dated) or any(str(cell) not in NOTHING for cell in beside):
            dates_alone = None
        elif dates_alone is None:
            dates_alone = at
        if dates_alone is None and at >= DEEPEST - 1:
            break
    return None


def _odd_date(cells: pd.DataFrame) -> object:
    """Return what stands below a header's Date, beside a number, and is no date; else None."""
    for at, row in enumerate(cells.iloc[:DEEPEST].to_numpy()):
        columns = [i for i, cell in enumerate(row) if meaning(str(cell)) == "Date"]
        if not columns or any(looks_dated(cell) for cell in row):
            continue
        for below in cells.iloc[at + 1 : DEEPEST].to_numpy():
            first, beside = below[columns[0]], np.delete(below, columns[0])
            if first != "" and not looks_dated(first) and any(looks_numeric(c) for c in beside):
                return first
    return None


def _header_of(above: list[tuple[str, ...]]) -> tuple[list[tuple[str, ...]], list[str]]:
    """Return the rows of a header, and what stands above it."""
    if not above:
        return [], []
    header: list[tuple[str, ...]] = []
    for row in reversed(above):
        names = [cell for cell in row if cell]
        dates_alone = len(names) == 1 and meaning(names[0]) == "Date" and not header
        if len(header) == 3 or not (dates_alone or len([c for c in row[1:] if c]) >= 1):
            break
        header.insert(0, row)
    titles = above[: len(above) - len(header)]
    return header, [" ".join(cell for cell in row if cell) for row in titles if any(row)]


def _narrowed(grid: Grid) -> Grid:
    """Return a grid without columns and rows that are blank throughout, or number the rows."""
    blank = (grid.body == "").to_numpy() | grid.body.isna().to_numpy()
    keep = [
        at
        for at in range(grid.body.shape[1])
        if any(row[at] for row in grid.header) or not blank[:, at].all()
    ]
    body = grid.body.loc[~blank.all(axis=1), keep]
    body.columns = pd.RangeIndex(len(keep))
    header = tuple(tuple(row[at] for at in keep) for row in grid.header)
    return Grid(grid.path, grid.stem, grid.kind, header, body.reset_index(drop=True), grid.left_out)


def numbers_the_rows(values: pd.Series) -> bool:
    """Return whether a column holds 0, 1, 2 and so on, as pandas writes an index."""
    numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype="float64")
    return (
        bool((np.diff(numbers) == 1).all() and numbers[0] in {0.0, 1.0}) if len(numbers) else False
    )
