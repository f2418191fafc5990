"""A table of somebody's own probabilities or scores, refused in one line where it cannot be."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.checks.decisions import (
    check_filled,
    check_single,
    check_sums,
    check_text,
    first_row,
)
from rollsight.signals.folder.checks.numbers import numeric
from rollsight.signals.folder.stamps import plain_dates
from rollsight.signals.teacher.table import CLASSES

Float64 = npt.NDArray[np.float64]

SIGNALS = Path("signals")  # as messages call it
NAMES = {"decided_at": "date", "session": "date", "ticker": "code", "symbol": "code"}
SHAPES = "p_down, p_hold and p_up, or p_up, or score"


def checked_signals(table: pd.DataFrame, path: Path = SIGNALS) -> pd.DataFrame:
    """Return rows of date, code, and p_down, p_hold and p_up, or p_up alone, or score.

    Parameters
    ----------
    table
        with these columns, in whatever case; a date is the session at whose close it is decided

    Raises
    ------
    RollsightError
        If a column is missing, a value is empty, no date, no number or no probability, or a
        decision is there twice.
    """
    names = [NAMES.get(str(name).lower(), str(name).lower()) for name in table]
    table = table.set_axis(names, axis=1)
    own = _columns(names, path)
    for column in ("date", "code", *own):
        if table[column].ndim > 1:
            raise RollsightError(f"{path} has two columns {column!r}: keep one of them")
    check_filled(table, ("date", "code", *own), path, "is then not decided")
    check_text(table["code"], path)
    for column in own:
        numeric(table[column], column, path)
    table = table.assign(date=plain_dates(table["date"], path))[["date", "code", *own]]
    table = table.reset_index(drop=True).astype(dict.fromkeys(own, "float64"))
    _check_values(table, own, path)
    check_single(table, "date", path)
    return table


def _columns(names: list[str], path: Path) -> tuple[str, ...]:
    """Return the columns that say something of a decision."""
    for column in ("date", "code"):
        if column not in names:
            raise RollsightError(
                f"{path} has no column {column!r} (have {names[:10]}): give date, code, and "
                f"{SHAPES}"
            )
    for own in (CLASSES, ("p_up",), ("score",)):
        if set(own) <= set(names):
            return own
    raise RollsightError(f"{path} says nothing of its decisions (have {names[:10]}): give {SHAPES}")


def _check_values(table: pd.DataFrame, own: tuple[str, ...], path: Path) -> None:
    values = table[list(own)].to_numpy(np.float64)
    if own == ("score",):
        if (wild := ~np.isfinite(values[:, 0])).any():
            row = first_row(wild)
            raise RollsightError(
                f"{path}: score={values[row, 0]} in row {row} is not finite: give a number, or "
                "leave the row out"
            )
        return
    wrong = ~((values >= 0) & (values <= 1))
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise RollsightError(
            f"{path}: {own[column]}={values[row, column]:g} in row {row} is no probability: give "
            "numbers from 0 to 1, or name the column score"
        )
    if own == CLASSES:
        check_sums(values, path)
