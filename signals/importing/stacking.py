"""Tables with a column a stock: whether columns are stocks, and their rows laid out long."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.importing.cells.columns import ADJUSTED, BARS, is_field, meaning

BEFORE_CLOSE = {"OPEN", "HIGH", "LOW"}
TICKERS = {*BEFORE_CLOSE, "PER"}  # where they stand in capitals, and not all three
NAMED = 5  # codes that a note names


def names_prices(names: Iterable[str]) -> bool:
    """Return whether a row of a header names fields, among them a close."""
    return any(meaning(name) in {"Close", ADJUSTED} for name in names)


def check_stocks(names: Iterable[str], path: Path) -> None:
    """Raise where a column of closes, one a stock, is called as a field is, or joins one to a code.

    Raises
    ------
    RollsightError
        Naming the first such column.

    >>> check_stocks(["AAPL", "BRK.B", "LOW", "NYSE:OPEN", "LOW US Equity"], Path("closes.csv"))
    """
    names = list(names)
    tickers = set() if set(names) >= BEFORE_CLOSE else TICKERS
    bare = [name for name in names if is_field(name) and name not in tickers]
    if bare:
        raise RollsightError(
            f"{path} has no column 'Close' beside {bare[:5]}: name it in the header, or, where "
            "columns are stocks, leave these out"
        )
    joined = [name for name in names if _joins(name)]
    if joined:
        raise RollsightError(
            f"{path}: {joined[0]!r} joins a stock and a field: write fields and stocks into two "
            "header rows, or one stock a file; or call a column of closes by its code alone"
        )


def _joins(name: str) -> bool:
    words = [word for word in re.split(r"[\W_]+", name) if word]
    ends = {words[0], words[-1], "".join(words[:2])} if len(words) > 1 else set()
    return any(is_field(word) for word in ends - TICKERS)


def filled_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a stock that hold a price, or a volume, amount or dividend above 0."""
    meant = {name: meaning(str(name)) for name in table}
    blank = table[[n for n in table if meant[n] in {*BARS, ADJUSTED}]].isna().all(axis=1)
    for name in table:
        counts = meant[name] in {"Volume", "Amount", "Dividend"}
        if counts and pd.api.types.is_numeric_dtype(table[name]):
            blank &= table[name].fillna(0) == 0
    return table[~blank]


def stacked(
    dates: pd.Series, columns: Mapping[str, Mapping[str, pd.Series]], path: Path
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the rows of every stock that has a price or a volume on a date, and codes without any.

    Parameters
    ----------
    columns
        of each code its fields

    Raises
    ------
    RollsightError
        If no stock has a row.
    """
    tables = {
        code: filled_rows(pd.DataFrame({"Date": dates, "Code": code, **own}))
        for code, own in columns.items()
    }
    full = [table for table in tables.values() if len(table)]
    if not full:
        raise RollsightError(f"{path}: no column holds a value: write the closes into it")
    empty = tuple(code for code, table in tables.items() if not len(table))
    return pd.concat(full, ignore_index=True), empty


def said_of_empty(codes: Iterable[str]) -> str:
    """Return in words that stocks hold no value.

    >>> said_of_empty(["DEAD", "GONE"])
    'no value of DEAD, GONE, which are left out'
    """
    codes = list(codes)
    more = f" and {len(codes) - NAMED} more" if len(codes) > NAMED else ""
    are = "are" if len(codes) > 1 else "is"
    return f"no value of {', '.join(codes[:NAMED])}{more}, which {are} left out"
