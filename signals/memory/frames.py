"""Tables as programs hold them: long, wide or a frame a code, of pandas or of another library."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
from pyarrow.interchange import from_dataframe

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.columns import OTHER_NAMES
from rollsight.signals.folder.tablefiles import table_of
from rollsight.signals.importing.cells.columns import ADJUSTED, meaning
from rollsight.signals.importing.stacking import (
    check_stocks,
    filled_rows,
    names_prices,
    stacked,
)

LEVELS = 2  # of a header that names a field and a code, or a code and a field
OF_ROWS = {"code", "close"}  # a table with either is long: it has a row a stock and session


def price_rows(given: object) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return prices as long rows, and codes of a header that hold no value.

    Rows have Date, Code, Close or Adj Close, and whatever else was given.

    Parameters
    ----------
    given
        a long table with Code; a wide one of closes, a column a code, where an empty cell is no
        row; one whose header has two levels, fields and codes; or a table or series of closes by
        code. Dates are the index or the column Date

    Raises
    ------
    RollsightError
        If it is no table, or says of no stock whose prices it has.
    """
    rows, empty = _laid_out(given)
    closes = [name for name in rows if meaning(str(name)) == ADJUSTED]
    return rows.rename(columns={closes[0]: ADJUSTED} if len(closes) == 1 else {}), empty


def index_columns(given: object) -> pd.DataFrame:
    """Return index values as a table with the column Date, and one more a symbol.

    Parameters
    ----------
    given
        such a table, with dates as index or column; or a series, or a table with Close, by symbol

    Raises
    ------
    RollsightError
        If it is no table.
    """
    if not isinstance(given, Mapping):
        return frame_of(given, "indices")
    columns = {}
    for symbol, one in given.items():
        table = frame_of(one, f"indices[{symbol!r}]", series="Close")
        if "Date" not in table or "Close" not in table:
            raise RollsightError(
                f"indices[{symbol!r}] has the columns {[str(name) for name in table]}: give a "
                "series by date, or a table with Date and Close"
            )
        if table["Date"].duplicated().any():
            day = table["Date"][table["Date"].duplicated()].iloc[0]
            raise RollsightError(f"indices[{symbol!r}]: {day} stands twice: keep one row a day")
        columns[symbol] = table.set_index("Date")["Close"]
    if not columns:
        raise RollsightError("indices is empty: give one series a symbol, or None where none is")
    return pd.DataFrame(columns).rename_axis("Date").reset_index()


def frame_of(given: object, name: str, *, series: str | None = None) -> pd.DataFrame:
    """Return a table of pandas, as a market folder's file of it would be read.

    Parameters
    ----------
    given
        of pandas, or of a library whose tables speak Arrow or the dataframe interchange protocol
    name
        by which messages speak of it
    series
        column that a series becomes; None leaves its own name

    Raises
    ------
    RollsightError
        If it is no table, or has no rows.
    """
    if isinstance(given, pd.Series):
        given = given.to_frame() if series is None else given.to_frame(series)
    if isinstance(given, pd.DataFrame):
        table = given.copy(deep=False)
        if isinstance(table.index, pd.DatetimeIndex) and "Date" not in table:
            table = table.rename_axis("Date")
    elif hasattr(given, "__arrow_c_stream__"):
        table = pa.table(given).to_pandas()
    elif hasattr(given, "__dataframe__"):
        table = from_dataframe(given).to_pandas()
    else:
        raise RollsightError(
            f"{name} is a {type(given).__name__}, which is no table: give a DataFrame of pandas, "
            "or of a library such as polars whose tables speak Arrow or the interchange protocol"
        )
    return table_of(table, Path(name))


def _laid_out(given: object) -> tuple[pd.DataFrame, tuple[str, ...]]:
    if isinstance(given, Mapping):
        return _by_code(given), ()
    if isinstance(given, pd.DataFrame) and given.columns.nlevels == LEVELS:
        return _split(given)
    table = frame_of(given, "prices")
    names = {str(name).lower() for name in table}
    if names & OF_ROWS or {OTHER_NAMES.get(name, "").lower() for name in names} & OF_ROWS:
        return table, ()
    return _melted(table)


def _by_code(given: Mapping[object, object]) -> pd.DataFrame:
    if not given:
        raise RollsightError("prices is empty: give one table a code")
    parts = []
    for code, one in given.items():
        if not isinstance(code, str):
            raise RollsightError(
                f"prices: code {code!r} is not text: name codes by strings, or leading zeros such "
                "as in '005930' are lost"
            )
        table = frame_of(one, f"prices[{code!r}]", series="Close")
        parts.append(table.drop(columns="Code", errors="ignore").assign(Code=code))
    return pd.concat(parts, ignore_index=True)


def _dated(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its dates as index again, where they are the column beside the others."""
    names = table.columns.to_list()
    alone = [name for name in names if "" in name and meaning("".join(map(str, name))) == "Date"]
    return table.set_index(alone[0]).rename_axis("Date") if len(alone) == 1 else table


def _split(table: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the rows of a table whose header names fields and codes, and codes without any."""
    table = _dated(table)
    levels = [table.columns.get_level_values(level) for level in (0, 1)]
    fields = [level for level in (0, 1) if names_prices(map(str, levels[level]))]
    if len(fields) != 1:
        raise RollsightError(
            "prices: no level of its header, or each, has 'Close': let one name fields (Open, "
            "High, Low, Close, Volume) and the other codes"
        )
    codes = 1 - fields[0]
    tables = {
        code: filled_rows(pd.DataFrame(table.xs(code, axis=1, level=codes)))
        for code in levels[codes].unique()
    }
    full = {code: one for code, one in tables.items() if len(one)}
    if not full:
        raise RollsightError("prices: no column holds a value: write the closes into it")
    return _by_code(full), tuple(str(code) for code in tables if code not in full)


def _melted(table: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    if "Date" not in table:
        raise RollsightError(
            f"prices has neither dates nor codes (columns {[str(n) for n in table][:10]}): give "
            "long rows with Date, Code and Close, or closes by date with a column a code"
        )
    closes = {str(name): {"Close": table[name]} for name in table if name != "Date"}
    check_stocks(closes, Path("prices"))
    return stacked(table["Date"], closes, Path("prices"))
