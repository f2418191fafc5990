"""Cash dividends a share: what a folder may say of them."""

from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.checks.numbers import numeric

DIVIDEND = "Dividend"


def checked_dividends(table: pd.DataFrame, path: Path) -> pd.Series:
    """Return the dividend of each price row, cash a share; 0 where the cell is empty.

    Parameters
    ----------
    table
        rows in order within each Code, with Close

    Raises
    ------
    RollsightError
        If one is no number, below 0, infinite, or not below the close before: a share pays no more
        than it is worth.
    """
    own = table[DIVIDEND]
    if own.isna().all():
        return pd.Series(0.0, table.index)
    numeric(own, DIVIDEND, path)
    paid = own.fillna(0.0).astype("float64")
    _refuse(table, paid, ~((paid >= 0) & (paid < np.inf)), path, "must be cash a share, 0 or more")
    before = table.groupby("Code", sort=False)["Close"].shift()
    _refuse(table, paid, paid >= before, path, "is not below the close before, {before:g}", before)
    return paid


def _refuse(
    table: pd.DataFrame,
    paid: pd.Series,
    wrong: "pd.Series[bool]",
    path: Path,
    rule: str,
    before: pd.Series | None = None,
) -> None:
    if not wrong.any():
        return
    at = int(np.flatnonzero(wrong.to_numpy())[0])
    row = table.iloc[at]
    said = rule if before is None else rule.format(before=before.iloc[at])
    raise RollsightError(
        f"{path}: {DIVIDEND}={paid.iloc[at]:g} of code {row['Code']!r} on {row['Date']:%Y-%m-%d} "
        f"{said}: give it on its ex-date in the basis of the row's prices, or leave it empty"
    )
