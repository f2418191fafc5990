"""A teacher's table, refused in one line where it cannot be right."""

from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.checks.decisions import (
    TOLERANCE,
    check_filled,
    check_single,
    check_sums,
    check_text,
)
from rollsight.signals.folder.checks.numbers import numeric
from rollsight.signals.folder.columns import check_columns
from rollsight.signals.folder.stamps import plain_dates

CLASSES = ("p_down", "p_hold", "p_up")
DATES = ("decided_at", "known_at")
COLUMNS = (DATES[0], "code", *CLASSES, DATES[1])


def checked(table: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Return a table of soft labels, one row a decision: dates, texts, and probabilities.

    Raises
    ------
    RollsightError
        If a column is missing, a value is empty, no date or no probability, a row says the same
        decision twice, or no row was known by its decision.
    """
    check_columns(table, COLUMNS, COLUMNS, path)
    check_filled(table, COLUMNS, path, "then learns its label alone")
    check_text(table["code"], path)
    for column in CLASSES:
        numeric(table[column], column, path)
    table = table.assign(**{column: plain_dates(table[column], path) for column in DATES})
    table = table[list(COLUMNS)].reset_index(drop=True)
    _check_probabilities(table, path)
    check_single(table, DATES[0], path)
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
    check_sums(values, path)
