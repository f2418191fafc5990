"""Tables of a row a decision, whoever made them: what is refused of each in one line."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.errors import RollsightError

TOLERANCE = 1e-3  # that the probabilities of a row may be off one


def first_row(rows: "npt.ArrayLike") -> int:
    """Return the place of the first True, from 0."""
    return int(np.flatnonzero(rows)[0])


def check_filled(table: pd.DataFrame, columns: Iterable[str], path: Path, otherwise: str) -> None:
    """Raise where a cell is empty.

    Parameters
    ----------
    otherwise
        what becomes of a row that is left out
    """
    for column in columns:
        empty = table[column].isna()
        if empty.any():
            raise RollsightError(
                f"{path}: row {first_row(empty)} has no {column} (the first is row 0): fill it, "
                f"or leave the row out, which {otherwise}"
            )


def check_text(codes: pd.Series, path: Path) -> None:
    """Raise where codes are no texts."""
    if not pd.api.types.is_string_dtype(codes):
        raise RollsightError(
            f"{path}: {codes.name} {str(codes.iloc[0])!r} is not text: write codes as strings, or "
            "leading zeros such as in '005930' are lost"
        )


def check_sums(values: npt.NDArray[np.float64], path: Path) -> None:
    """Raise where the probabilities of a row, (n, 3), do not sum to one."""
    off = np.abs(values.sum(axis=1) - 1) > TOLERANCE
    if off.any():
        row = first_row(off)
        raise RollsightError(
            f"{path}: the probabilities of row {row} sum to {values[row].sum():.4f}, and must to 1 "
            f"within {TOLERANCE}: divide each row by its sum"
        )


def check_single(table: pd.DataFrame, date: str, path: Path) -> None:
    """Raise where a decision, a code on a date, is there twice."""
    twice = table.duplicated([date, "code"])
    if twice.any():
        at = first_row(twice)
        row = table.iloc[at]
        raise RollsightError(
            f"{path}: {row['code']} on {row[date]:%Y-%m-%d} (row {at}) is there twice: keep one "
            "row of it"
        )
