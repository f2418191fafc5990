"""Columns that are to hold numbers."""

from pathlib import Path

import pandas as pd

from rollsight.base.errors import RollsightError


def numeric(values: pd.Series, column: str, path: Path) -> None:
    """Raise unless a column of a table holds numbers; some may be missing.

    Raises
    ------
    RollsightError
        Naming the first value that is none, or that there is no value.
    """
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        return
    if values.isna().all():
        raise RollsightError(f"{path}: column {column!r} is empty: fill it, or leave it out")
    numbers = pd.to_numeric(values, errors="coerce")
    wrong = values[numbers.isna() & values.notna()]
    value = wrong.iloc[0] if len(wrong) else values.dropna().iloc[0]
    if isinstance(value, str) and not len(wrong):
        raise RollsightError(
            f"{path}: {column}={value!r} is text throughout: write the column as numbers"
        )
    raise RollsightError(
        f"{path}: {column}={value!r} is not a number: write it plainly, as in 32800"
    )
