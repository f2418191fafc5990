"""Tables as files hold them: CSV in UTF-8, or Parquet; codes and names stay the text they are."""

from io import BytesIO
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.csvtext import UTF8, read_csv_text, refuse_twice
from rollsight.signals.folder.plaintypes import plain

TEXT = ("Code", "Name")
ONE_ROW = "write at least one row a session"
KEYS = ("Date", "Code")  # columns that a Parquet file may have in its index
# What stands for no value in a column of numbers, dates or flags.
MISSING = (
    "", "NA", "N/A", "n/a", "<NA>", "#N/A", "#N/A N/A", "#NA", "NaN", "nan", "-NaN", "-nan",
    "NULL", "null", "None", "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN",
)  # fmt: skip


def find_table(folder: Path, stem: str) -> Path | None:
    """Return the folder's ``stem.parquet`` or ``stem.csv``, whichever is there."""
    for suffix in (".parquet", ".csv"):
        if (folder / f"{stem}{suffix}").is_file():
            return folder / f"{stem}{suffix}"
    return None


def read_table(path: Path, *, way_out: str = ONE_ROW, text: tuple[str, ...] = TEXT) -> pd.DataFrame:
    """Return a file's rows; Date and Code are columns, also where a Parquet file has them as index.

    Parameters
    ----------
    way_out
        from a file without rows
    text
        columns whose values are text, whatever they look like

    Raises
    ------
    RollsightError
        If the file cannot be read or is empty.
    """
    try:
        table = _flat(_read_parquet(path)) if path.suffix == ".parquet" else _read_csv(path, text)
    except RollsightError:
        raise
    except UnicodeError as error:
        raise RollsightError(f"{path} is not UTF-8: {UTF8}") from error
    except Exception as error:
        line = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise RollsightError(
            f"{path} cannot be read ({line}): write it as CSV or Parquet"
        ) from error
    return _cleaned(table, path, way_out)


def table_of(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return a table in memory as `read_table` would were it a file.

    Parameters
    ----------
    path
        by which messages name it

    Raises
    ------
    RollsightError
        If it is empty.
    """
    names = [str(name).strip() for name in table]
    refuse_twice(names, path)
    return _cleaned(_flat(table.set_axis(names, axis=1)), path, ONE_ROW)


def _cleaned(table: pd.DataFrame, path: Path, way_out: str) -> pd.DataFrame:
    if not len(table):
        raise RollsightError(f"{path} has no rows: {way_out}")
    return _trimmed(plain(table), path)


def _read_csv(path: Path, kept: tuple[str, ...]) -> pd.DataFrame:
    data, names = read_csv_text(path)
    # A ticker such as NA is no missing value; 005930 keeps its leading zeros only as text.
    columns = [name or f"column {i}" for i, name in enumerate(names, start=1)]
    text = [column for column in columns if column in kept]
    missing = {column: [""] if column in text else list(MISSING) for column in columns}
    table = pd.read_csv(
        BytesIO(data), names=columns, header=0, index_col=False, skipinitialspace=True,
        dtype=dict.fromkeys(text, "str"), keep_default_na=False, na_values=missing,
    )  # fmt: skip
    unnamed = [column for column, name in zip(columns, names, strict=True) if not name]
    for column in unnamed:
        _refuse_values(table[column], path)
    return table.drop(columns=unnamed)


def _refuse_values(values: pd.Series, path: Path) -> None:
    """Raise where a column without a name is neither empty nor the numbers of the rows."""
    if not values.isna().all() and values.tolist() != list(range(len(values))):
        raise RollsightError(f"{path}: {values.name} has no name: name it in the header")


def _read_parquet(path: Path) -> pd.DataFrame:
    with path.open("rb") as file:
        begin, size = file.read(4), path.stat().st_size
        file.seek(max(size - 4, 0))
        end = file.read(4)
    if begin != b"PAR1":
        raise RollsightError(
            f"{path} cannot be read, since it is no Parquet file: write one, or name it .csv"
        )
    if end != b"PAR1":
        raise RollsightError(
            f"{path} cannot be read, since its end is missing: copy or write it again, to the end"
        )
    refuse_twice(pq.read_schema(path).names, path)
    return pd.read_parquet(path)


def _trimmed(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return a table whose names and texts have no blanks around them; text of blanks is missing.

    Nobody sees them, and a code with one is another code.
    """
    table.columns = [c.strip() if isinstance(c, str) else c for c in table.columns]
    refuse_twice([str(c) for c in table.columns], path)
    for column in table:
        values = table[column]
        if values.dtype == object:
            table[column] = values.map(lambda v: (v.strip() or None) if isinstance(v, str) else v)
        elif pd.api.types.is_string_dtype(values):
            texts = values.str.strip()
            table[column] = texts.mask(texts == "")
    return table


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    dates = isinstance(table.index, pd.DatetimeIndex) and table.index.name is None
    if dates and "Date" not in table:
        table = table.rename_axis("Date")
    keys = [key for key in KEYS if key in table.index.names and key not in table]
    return table.reset_index(level=keys).reset_index(drop=True)
