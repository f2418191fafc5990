"""The text of a CSV file, refused where it is no table of columns that commas separate."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from rollsight.base.errors import RollsightError

UTF8 = "save it as UTF-8 (in Excel: CSV UTF-8), or as Parquet"
# First bytes of what is often saved or renamed as .csv.
KINDS = {
    b"\x1f\x8b": "is packed by gzip: unpack it",
    b"PK\x03\x04": f"is an Excel workbook or a ZIP file, whatever its name: {UTF8}",
    b"\xd0\xcf\x11\xe0": f"is an Excel workbook, whatever its name: {UTF8}",
    b"PAR1": "is a Parquet file: name it .parquet",
    b"\xff\xfe": f"is not UTF-8: {UTF8}",
    b"\xfe\xff": f"is not UTF-8: {UTF8}",
    b"<": "is a web page or XML, whatever its name: write it as CSV or Parquet",
    b"{": "is JSON, whatever its name: write it as CSV or Parquet",
}
SEPARATORS = {";": "';'", "\t": "tabs", "|": "'|'"}


def read_csv_text(path: Path) -> tuple[bytes, list[str]]:
    """Return a CSV file's bytes, every line ended by a line feed, and the names in its header.

    Raises
    ------
    RollsightError
        If it is another kind of file, is separated by something else, names a column twice, or has
        a line that does not fit its header.
    """
    data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    for start, what in KINDS.items():
        if data[:64].lstrip().startswith(start):
            raise RollsightError(f"{path} {what}")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    _refuse_nul(data, path)
    names = _header(data, path)
    for number, count in _field_counts(data, path):
        if count != len(names):
            raise RollsightError(f"{path}: line {number} {_misfit(count, names)}")
    return data, names


def refuse_twice(names: list[str], path: Path) -> None:
    """Raise where two columns have one name."""
    twice = [name for i, name in enumerate(names) if name and name in names[:i]]
    if twice:
        raise RollsightError(f"{path} has two columns {twice[0]!r}: keep one of them")


def _refuse_nul(data: bytes, path: Path) -> None:
    at = data.find(b"\0")
    if at < 0:
        return
    number = data.count(b"\n", 0, at) + 1
    if number == 1:  # every other byte of UTF-16
        raise RollsightError(f"{path} is not UTF-8: {UTF8}")
    raise RollsightError(
        f"{path}: line {number} holds a NUL byte, which is no text: the file is damaged, write it "
        "anew"
    )


def _header(data: bytes, path: Path) -> list[str]:
    line = next((line for line in io.BytesIO(data) if line.strip()), b"").decode("utf-8")
    if not line:
        raise RollsightError(
            f"{path} cannot be read, since it is empty: write a header, and rows below it"
        )
    names = [name.strip() for name in next(csv.reader([line]))]
    if len(names) == 1:
        _refuse_separator(names[0], path)
    refuse_twice(names, path)
    return names


def _refuse_separator(header: str, path: Path) -> None:
    if "," in header:
        raise RollsightError(
            f"{path}: the whole line {header!r} stands in one pair of quotes: leave them out"
        )
    for mark, name in SEPARATORS.items():
        if mark in header:
            raise RollsightError(
                f"{path} separates its columns by {name}: separate them by commas, and write "
                "numbers with a decimal point and without other marks, as in 32800.5"
            )


def _field_counts(data: bytes, path: Path) -> Iterator[tuple[int, int]]:
    """Yield the number of each line that is not blank, and how many fields it has; 0 of commas."""
    if b'"' in data:
        yield from _quoted_counts(data, path)
        return
    for number, line in enumerate(io.BytesIO(data), start=1):
        if line.strip():
            yield number, line.count(b",") + 1 if line.strip(b", \t\n") else 0


def _quoted_counts(data: bytes, path: Path) -> Iterator[tuple[int, int]]:
    rows = csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""), strict=True)
    begun = 1
    try:
        for row in rows:
            filled = any(field.strip() for field in row)
            if filled or len(row) > 1:
                yield begun, len(row) if filled else 0
            begun = rows.line_num + 1
    except csv.Error as error:
        raise RollsightError(
            f'{path}: line {begun} has a quote (") that is not closed: close or delete it, and '
            "write a quote within a text twice"
        ) from error


def _misfit(count: int, names: list[str]) -> str:
    if not count:
        return "holds commas alone: delete it"
    have = f"has {count} field{'s' * (count > 1)}, and the header {len(names)}"
    if count < len(names):
        return f"{have}: leave a field without a value empty, between its commas"
    if len(names) == 1:
        return f"{have} ({names[0]!r}): let the header be the first line"
    return f"{have}: end no line with a comma, and write no comma within a number"
