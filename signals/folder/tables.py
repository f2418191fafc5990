"""Read the tables of a market folder and refuse, in one line, what cannot be right."""

import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.checks.decisions import check_text
from rollsight.signals.folder.checks.dividends import DIVIDEND, checked_dividends
from rollsight.signals.folder.checks.numbers import numeric
from rollsight.signals.folder.columns import LISTINGS, PRICES, check_columns
from rollsight.signals.folder.stamps import dated, plain_dates
from rollsight.signals.folder.tablefiles import read_table

BAR_SLACK = 0.01
PRICE_COLUMNS = ("Open", "High", "Low", "Close")


def read_prices(path: Path) -> pd.DataFrame:
    """Return the validated price rows of a file, see `checked_prices`."""
    return checked_prices(read_table(path), path)


def checked_prices(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return validated price rows, ascending in Date within each Code.

    Columns are Date, Code, Open, High, Low, Close (float64, quote currency), Halted (bool) and,
    where the file has them, Volume (shares), Amount (traded value, quote currency) and Dividend
    (cash a share, quote currency, in the row of its ex-date, else 0). A file of closes alone gets
    them as Open, High and Low.
    A halted row or one without volume may have Open, High and Low of 0: they become the close.

    Raises
    ------
    RollsightError
        If the file is empty, misses a column, or holds a row that cannot be a price.
    """
    check_columns(table, PRICES, ("Date", "Code", "Close"), path)
    given = [c for c in PRICE_COLUMNS[:3] if c in table]
    absent = [c for c in PRICE_COLUMNS[:3] if c not in table]
    if given and absent:
        raise RollsightError(
            f"{path} has no column {absent[0]!r} beside {given[0]!r}: give Open, High and Low, or "
            "none of them"
        )
    table = dated(table, path)
    _check_codes(table, path)
    _refuse_empty(table, path)
    if not given:
        table = table.assign(Open=table["Close"], High=table["Close"], Low=table["Close"])
    halted = table["Halted"] if "Halted" in table else pd.Series(False, index=table.index)
    table = table.assign(Halted=_truths(halted, "Halted", path))
    _check_order(table, path)
    for column, unit in (("Volume", "shares"), ("Amount", "money")):
        _check_traded(table, column, unit, path)
    table = _fill_halts(table)
    for column in PRICE_COLUMNS:
        _check_prices(table, column, table["Code"], path)
    _check_bars(table, path)
    if DIVIDEND in table:
        table = table.assign(**{DIVIDEND: checked_dividends(table, path)})
    used = [
        "Date",
        "Code",
        *PRICE_COLUMNS,
        "Halted",
        *(c for c in ("Volume", "Amount", DIVIDEND) if c in table),
    ]
    return table[used].astype(dict.fromkeys(PRICE_COLUMNS, "float64")).reset_index(drop=True)


def read_indices(path: Path) -> pd.DataFrame:
    """Return the index values of a file, see `checked_indices`."""
    return checked_indices(read_table(path), path)


def checked_indices(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the index table as it stands, by ascending date; columns are symbols.

    Raises
    ------
    RollsightError
        If there are no rows or columns, or dates are missing, unsorted or duplicated.
    """
    check_columns(table, ("Date",), ("Date",), path)
    table = dated(table, path).set_index("Date")
    table.columns = [str(c) for c in table.columns]
    if not len(table.columns):
        raise RollsightError(f"{path} has no index column: write one column of closes a symbol")
    _refuse_unseen("column", table.columns, path)
    step = table.index.to_series().diff().dt.days
    _refuse_step(step, table.index, path)
    return table


def check_index(values: pd.Series, path: Path, *, may_be_negative: bool) -> None:
    """Raise unless an index column in use holds finite values of the right sign."""
    column = str(values.name)
    values = values.dropna()
    if values.empty:
        raise RollsightError(
            f"{path}: column {column!r} is empty: fill it, or leave it out of market.indices"
        )
    numeric(values, column, path)
    label = pd.Series(column, index=values.index)
    frame = pd.DataFrame({"Date": values.index, column: values.to_numpy()}, index=values.index)
    way_out = "mend or delete the value"
    if not may_be_negative:
        way_out += ' (the one before is carried), or say unit = "percent" for differences'
    _check_prices(frame, column, label, path, may_be_negative=may_be_negative, way_out=way_out)


def read_listings(path: Path | None) -> pd.DataFrame:
    """Return Name, Market, First, Delisted and DelistingDate by Code; empty without a file.

    A code with a DelistingDate and no word on Delisted is delisted.
    """
    columns = list(LISTINGS[1:])
    if path is None:
        empty = pd.DataFrame(columns=columns, index=pd.Index([], name="Code", dtype="str"))
        return empty.astype(dict.fromkeys(("First", "DelistingDate"), "datetime64[ns]"))
    way_out = "write one row a code, or delete the file"
    return checked_listings(read_table(path, way_out=way_out), path)


def checked_listings(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return the listings of a table, as `read_listings` does."""
    check_columns(table, LISTINGS, ("Code",), path)
    _check_codes(table, path)
    table = table.reindex(columns=list(LISTINGS)).set_index("Code")
    if table.index.has_duplicates:
        code = table.index[table.index.duplicated()][0]
        raise RollsightError(f"{path}: code {code!r} is listed twice: keep one row a code")
    delisted = _truths(table["Delisted"], "Delisted", path)
    dates = {column: plain_dates(table[column], path) for column in ("First", "DelistingDate")}
    unsaid = table["Delisted"].isna() | (table["Delisted"].astype("str") == "")
    delisted |= unsaid & dates["DelistingDate"].notna()
    return table.assign(Delisted=delisted, **dates)


def _truths(values: pd.Series, column: str, path: Path) -> pd.Series:
    if pd.api.types.is_bool_dtype(values) and not values.isna().any():
        return values.astype(bool)
    truths = values.map(_truth)
    if truths.isna().any():
        value = values[truths.isna()].astype(object).iloc[0]
        raise RollsightError(f"{path}: {column}={value!r} is neither True nor False: write either")
    return truths.astype(bool)


def _truth(value: object) -> bool | None:
    words = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
    words |= {"nan": False, "none": False, "": False}
    return words.get(str(value).lower())


def _check_codes(table: pd.DataFrame, path: Path) -> None:
    codes = table["Code"]
    check_text(codes, path)
    empty = codes.isna() | (codes == "")
    if empty.any():
        row = int(np.flatnonzero(empty)[0])
        raise RollsightError(
            f"{path}: row {row} has no Code (the first is row 0): write the stock's code"
        )
    quoted = [code for code in codes.unique() if re.search("[\"']", code)]
    if quoted:
        raise RollsightError(
            f"{path}: Code {quoted[0]!r} holds a quote, as spreadsheets write to keep zeros: write "
            "the code alone"
        )
    _refuse_unseen("Code", codes.unique(), path)


def _refuse_unseen(what: str, names: Iterable[str], path: Path) -> None:
    """Raise where a name holds what nobody sees, such as a zero-width space."""
    # A message shows line ends and tabs.
    unseen = [name for name in names if not re.sub("[\n\t]", "", name).isprintable()]
    if unseen:
        raise RollsightError(
            f"{path}: {what} {unseen[0]!r} holds a sign that cannot be seen: write it anew"
        )


def _check_order(table: pd.DataFrame, path: Path) -> None:
    step = table.groupby("Code", sort=False)["Date"].diff().dt.days
    _refuse_step(step, table["Date"], path, table["Code"])


def _refuse_step(
    step: pd.Series, dates: "pd.Series | pd.Index", path: Path, codes: pd.Series | None = None
) -> None:
    bad = np.flatnonzero((step <= 0).to_numpy())
    if not len(bad):
        return
    first = int(bad[0])
    where = f"{path}: {pd.Series(dates).iloc[first]:%Y-%m-%d}"
    where += "" if codes is None else f" of code {codes.iloc[first]!r}"
    if step.iloc[first] == 0:
        raise RollsightError(f"{where} stands twice: keep one row a day")
    raise RollsightError(f"{where} comes after a later date: sort the rows by Date")


def _refuse_empty(table: pd.DataFrame, path: Path) -> None:
    """Raise where a row says nothing of its day, as in a wide table that was made long."""
    bare = table[[c for c in (*PRICE_COLUMNS, "Volume", "Amount") if c in table]].isna().all(axis=1)
    if bare.any():
        row = table[bare].iloc[0]
        raise RollsightError(
            f"{path}: rows without price and volume, {bare.sum()} in all, such as that of code "
            f"{row['Code']!r} on {row['Date']:%Y-%m-%d}: delete them, since where a stock is not "
            "traded yet, or no longer, it has no row"
        )


def _check_traded(table: pd.DataFrame, column: str, unit: str, path: Path) -> None:
    if column not in table:
        return
    numeric(table[column], column, path)
    bad = ~((table[column] >= 0) & (table[column] < np.inf))
    if bad.any():
        row = table[bad].iloc[0]
        raise RollsightError(
            f"{path}: {column}={row[column]} of code {row['Code']!r} on {row['Date']:%Y-%m-%d} "
            f"must be a number of {unit}: write 0 where nothing traded, and leave the column out "
            "where nobody counted"
        )


def _fill_halts(table: pd.DataFrame) -> pd.DataFrame:
    idle = table["Halted"].copy()
    if "Volume" in table:
        idle |= table["Volume"] == 0
    filled = {
        c: table[c].mask(idle & ((table[c] == 0) | table[c].isna()), table["Close"])
        for c in PRICE_COLUMNS[:3]
    }
    return table.assign(**filled)


def _check_prices(
    table: pd.DataFrame,
    column: str,
    label: pd.Series,
    path: Path,
    *,
    may_be_negative: bool = False,
    way_out: str = "mend or delete the value",
) -> None:
    numeric(table[column], column, path)
    values = table[column].to_numpy(dtype="float64")
    bad = ~np.isfinite(values) if may_be_negative else ~(np.isfinite(values) & (values > 0))
    if bad.any():
        first = int(np.flatnonzero(bad)[0])
        rule = "finite" if may_be_negative else "a finite price above 0"
        raise RollsightError(
            f"{path}: {column}={values[first]} of {label.iloc[first]!r} on "
            f"{table['Date'].iloc[first]:%Y-%m-%d} must be {rule}: {way_out}"
        )


def _check_bars(table: pd.DataFrame, path: Path) -> None:
    low, high = table["Low"], table["High"]
    for column in ("Open", "Close"):
        # Adjusted prices are rounded, so a bar may miss its own by a little.
        bad = (table[column] < low * (1 - BAR_SLACK)) | (table[column] > high * (1 + BAR_SLACK))
        if bad.any():
            row = table[bad].iloc[0]
            raise RollsightError(
                f"{path}: {column}={row[column]} of {row['Code']!r} on {row['Date']:%Y-%m-%d} lies "
                f"outside Low={row['Low']} to High={row['High']}: mend the row"
            )
