"""A teacher's table, refused in one line where it cannot be right."""

from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.checks.numbers import numeric
from rollsight.signals.folder.columns import check_columns
from rollsight.signals.folder.stamps import plain_dates

CLASSES = ("p_down", "p_hold", "p_up")
DATES = ("decided_at", "known_at")
COLUMNS = (DATES[0], "code", *CLASSES, DATES[1])
TOLERANCE = 1e-3  # that the probabilities of a row may be off one


def checked(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return a table of soft labels, one row a decision: dates, texts, and probabilities.

    Raises
    ------
    RollsightError
        If a column is missing, a value is empty, no date or no probability, a row says the same
        decision twice, or no row was known by its decision.
    """
    check_columns(table, COLUMNS, COLUMNS, path)
    for column in COLUMNS:
        if table[column].isna().any():
            raise RollsightError(
                f"{path}: row {_first(table[column].isna())} has no {column} (the first is row 0): "
                "fill it, or leave the row out, which then learns its label alone"
            )
    if not pd.api.types.is_string_dtype(table["code"]):
        raise RollsightError(
            f"{path}: code {str(table['code'].iloc[0])!r} is not text: write codes as strings, or "
            "leading zeros such as in '005930' are lost"
        )
    for column in CLASSES:
        numeric(table[column], column, path)
    table = table.assign(**{column: plain_dates(table[column], path) for column in DATES})
    table = table[list(COLUMNS)].reset_index(drop=True)
    _check_probabilities(table, path)
    twice = table.duplicated(["decided_at", "code"])
    if twice.any():
        raise RollsightError(f"{path}: {_told(table, twice)} is there twice: keep one row of it")
    late = table["known_at"] > table["decided_at"]
    if late.all():
        first = table.iloc[0]
        raise RollsightError(
            f"{path}: no row was known by its decision (row 0 decides on "
            f"{first['decided_at']:%Y-%m-%d} and has known_at={first['known_at']:%Y-%m-%d}): a "
            "decision at a close can use what was known by then alone; give soft labels made in "
            "time, or the dates at which they were"
        )
    return table


def _check_probabilities(table: pd.DataFrame, path: Path) -> None:
    values = table[list(CLASSES)].to_numpy(np.float64)
    wrong = ~((values >= 0) & (values <= 1 + TOLERANCE))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise RollsightError(
            f"{path}: {CLASSES[column]}={values[row, column]:g} in row {row} is no probability: "
            "give numbers from 0 to 1"
        )
    off = np.abs(values.sum(axis=1) - 1) > TOLERANCE
    if off.any():
        row = int(np.flatnonzero(off)[0])
        raise RollsightError(
            f"{path}: the probabilities of row {row} sum to {values[row].sum():.4f}, and must to 1 "
            f"within {TOLERANCE}: divide each row by its sum"
        )


def _told(table: pd.DataFrame, rows: pd.Series) -> str:
    row = table.iloc[_first(rows)]
    return f"{row['code']} on {row['decided_at']:%Y-%m-%d} (row {_first(rows)})"


def _first(rows: pd.Series) -> int:
    return int(np.flatnonzero(rows)[0])
