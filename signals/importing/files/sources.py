"""Which files are read, and which never are."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rollsight.base.errors import RollsightError

TEXT, WORKBOOK, PARQUET, ARROW = "text", "workbook", "parquet", "arrow"
KINDS = {
    ".csv": TEXT, ".txt": TEXT, ".tsv": TEXT,
    ".xlsx": WORKBOOK, ".xlsm": WORKBOOK,
    ".parquet": PARQUET, ".pq": PARQUET,
    ".feather": ARROW, ".arrow": ARROW,
}  # fmt: skip
PICKLE = "is a pickle, which may run code when it is read: write it as CSV or Parquet"
OLD_EXCEL = "is a workbook of old Excel: save it as .xlsx"
PACKED = "is packed: unpack it, and name a workbook .xlsx"
NO_TABLE = {
    ".pkl": PICKLE, ".pickle": PICKLE, ".joblib": PICKLE,
    ".xls": OLD_EXCEL, ".xlsb": OLD_EXCEL,
    ".zip": PACKED, ".gz": PACKED, ".bz2": PACKED, ".xz": PACKED, ".7z": PACKED, ".zst": PACKED,
}  # fmt: skip
PARQUET_BYTES, ARROW_BYTES, ZIP_BYTES = b"PAR1", b"ARROW1", b"PK\x03\x04"
# First bytes of what a table may be in spite of its name.
STARTS = (
    (b"\x80\x02", PICKLE), (b"\x80\x03", PICKLE), (b"\x80\x04", PICKLE), (b"\x80\x05", PICKLE),
    (b"\xd0\xcf\x11\xe0", OLD_EXCEL),
    (b"\x1f\x8b", PACKED), (b"BZh", PACKED), (b"\xfd7zXZ", PACKED), (b"\x28\xb5\x2f\xfd", PACKED),
)  # fmt: skip
OWN_STARTS = {WORKBOOK: ZIP_BYTES, PARQUET: PARQUET_BYTES, ARROW: ARROW_BYTES}
WEB = (b"<!doc", b"<html", b"<?xml", b"{")


def files_of(paths: Iterable[Path]) -> tuple[list[Path], list[str]]:
    """Return the files of tables below paths, in order, and the names of others in folders.

    Raises
    ------
    RollsightError
        If a path is not there, cannot be read, has no table, or is a pickle, packed or another
        kind of file.
    """
    files: list[Path] = []
    others: list[str] = []
    for path in paths:
        with _readable(path):
            there = path.exists()
        if not there:
            raise RollsightError(f"{path} is not there: name a file or a folder of files")
        within = sorted(p for p in path.rglob("*") if _seen(p, path)) if path.is_dir() else [path]
        tables = [p for p in within if kind_of_file(p) is not None]
        others += [str(p) for p in within if p not in set(tables)]
        if not tables:
            raise RollsightError(f"{path} is no table: give {_list(KINDS)}, or a folder of such")
        files += [p for p in tables if p not in files]
    return files, others


def kind_of_file(path: Path) -> str | None:
    """Return the kind of a file; None where its name is that of no table.

    Raises
    ------
    RollsightError
        If it cannot be read, is a pickle, packed, of old Excel, or not what its name says.
    """
    suffix = path.suffix.lower()
    if suffix in NO_TABLE:
        raise RollsightError(f"{path} {NO_TABLE[suffix]}")
    kind = KINDS.get(suffix)
    if kind is not None:
        _check_start(path, kind)
    return kind


def _check_start(path: Path, kind: str) -> None:
    with _readable(path), path.open("rb") as file:
        start = file.read(64).lstrip()
    if not start:
        raise RollsightError(f"{path} is empty: delete it, or write it anew")
    for mark, what in STARTS:
        if start.startswith(mark):
            raise RollsightError(f"{path} {what}")
    own = OWN_STARTS.get(kind)
    if own is not None and not start.startswith(own):
        raise RollsightError(f"{path} is not what its name says ({kind}): name it as it is")
    if kind == TEXT:
        _check_text(path, start)


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RollsightError(
            f"{path} cannot be read ({error.strerror or error}): see to its permissions, or leave "
            "it out"
        ) from error


def _check_text(path: Path, start: bytes) -> None:
    for other, mark in OWN_STARTS.items():
        if start.startswith(mark):
            what = PACKED if other == WORKBOOK else f"is {other} and no text: name it .{other}"
            raise RollsightError(f"{path} {what}")
    if start.lower().startswith(WEB):
        raise RollsightError(f"{path} is a web page, XML or JSON: write it as CSV or Parquet")


def _seen(path: Path, folder: Path) -> bool:
    parts = path.relative_to(folder).parts
    return path.is_file() and not any(part.startswith((".", "~$", "__")) for part in parts)


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
