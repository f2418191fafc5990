"""A table of a finished run as other programs read it: CSV, a workbook, Parquet."""

from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

from rollsight.backtests.directory.result import of_one_run, read_table
from rollsight.base.errors import RollsightError

Form = Literal["csv", "xlsx", "parquet"]
EXPORTED = ("trades", "signals", "orders", "equity")
SHEET_ROWS = 2**20 - 1  # of a sheet of a workbook, below its heading
FORMULA = r"^([=+\-@\t\r])"  # how a text begins that a spreadsheet takes for a formula
UNPRINTED = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"  # signs that no workbook can hold


def exported(out: Path, name: str, form: Form) -> bytes:
    """Return a table of a finished run as the content of a file.

    Parameters
    ----------
    name
        one of `EXPORTED`

    Raises
    ------
    RollsightError
        If the folder holds no finished run of this version, or the table is too long for a sheet.
    """
    table = of_one_run(out, lambda _: read_table(out, name))
    if form == "csv":
        return _csv(table).encode()
    if form == "parquet":
        content = BytesIO()
        table.to_parquet(content, index=False)
        return content.getvalue()
    if len(table) > SHEET_ROWS:
        raise RollsightError(
            f"{name} has {len(table):,} rows, and a sheet {SHEET_ROWS:,} at most: take "
            "--format csv or parquet"
        )
    return _workbook(table, name)


def _csv(table: pd.DataFrame) -> str:
    """Return CSV, dates without a time of day, floats to the last bit.

    A quotation mark is put before a text that a spreadsheet would take for a formula.
    """
    cells = {
        name: column.astype("str").str.replace(FORMULA, r"'\1", regex=True).where(column.notna())
        if _is_text(column)
        else column
        for name, column in _dated(table).items()
    }
    text: str = pd.DataFrame(cells, index=table.index).to_csv(index=False, lineterminator="\n")
    return text


def _workbook(table: pd.DataFrame, name: str) -> bytes:
    """Return a workbook of one sheet whose texts stay texts."""
    cells = {
        key: column.astype("str").str.replace(UNPRINTED, "", regex=True).where(column.notna(), None)
        if _is_text(column)
        else column
        for key, column in _dated(table).items()
    }
    content = BytesIO()
    with pd.ExcelWriter(content, engine="openpyxl", date_format="yyyy-mm-dd") as book:
        pd.DataFrame(cells, index=table.index).to_excel(book, sheet_name=name, index=False)
        sheet: Any = book.sheets[name]
        texts = [n for n, key in enumerate(cells, 1) if _is_text(table[key])]
        for n in texts:
            (cells_of,) = sheet.iter_cols(min_col=n, max_col=n, min_row=2)
            for cell in cells_of:
                if cell.data_type == "f":
                    cell.data_type = "s"
    return content.getvalue()


def _dated(table: pd.DataFrame) -> dict[str, "pd.Series[Any]"]:
    """Return the columns, dates as dates without a time of day."""
    return {
        str(name): column.dt.date if is_datetime64_any_dtype(column) else column
        for name, column in table.items()
    }


def _is_text(column: "pd.Series[Any]") -> bool:
    return not (is_numeric_dtype(column) or is_datetime64_any_dtype(column)) and any(
        isinstance(value, str) for value in column
    )
