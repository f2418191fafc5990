"""Volumes that cannot be: sessions and stocks without any, while their prices move."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.errors import RollsightError, counted
from rollsight.signals.known.calendar import named_days

MOST_SILENT = 0.05  # share of a file's sessions; beyond it is no slip, but a vendor without volumes
EFFECTS = {
    "Volume": "nothing is filled then",
    "Amount": "that counts as no trade where members are ranked",
}


def rows_traded(prices: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Return which rows, (n_rows,), are not halted and have a volume, where there are any."""
    traded = ~prices["Halted"].to_numpy(dtype=bool)
    return traded & (prices["Volume"].to_numpy() > 0) if "Volume" in prices else traded


def check_volumes(prices: pd.DataFrame, path: Path) -> None:
    """Raise where Volume or Amount is 0 throughout more than one session in twenty.

    In a session that counts no row has any, and the price of one that is not halted moves.
    """
    sessions = prices["Date"].nunique()
    for column in _counted(prices):
        days = _silent_days(prices, column)
        if len(days) > MOST_SILENT * sessions:
            raise RollsightError(
                f"{path}: {column} is 0 in every row of {len(days)} of {sessions} sessions while "
                f"prices move, {_named(days)}: leave the {column} column out, or mend it"
            )


def volume_notes(prices: pd.DataFrame) -> list[str]:
    """Return a note on the few such sessions of each column, and on other rows without volume."""
    notes = []
    for column in _counted(prices):
        days = _silent_days(prices, column)
        if len(days):
            notes.append(
                f"In {counted(len(days), 'session')} {column} is 0 in every row while prices move: "
                f"{_named(days)}; {EFFECTS[column]}: leave the {column} column out, or mend it"
            )
    return [*notes, *_silent_rows(prices)]


def _counted(prices: pd.DataFrame) -> list[str]:
    return [column for column in EFFECTS if column in prices]


def _named(days: pd.DatetimeIndex) -> str:
    return named_days(days.to_numpy().astype("datetime64[D]"))


def _silent_days(prices: pd.DataFrame, column: str) -> pd.DatetimeIndex:
    none = prices.groupby("Date")[column].max() == 0
    if not none.any():
        return pd.DatetimeIndex([])
    moves = _moves(prices).groupby(prices["Date"]).any()
    return pd.DatetimeIndex(none.index[none & moves])


def _moves(prices: pd.DataFrame) -> "pd.Series[bool]":
    before = prices.groupby("Code")["Close"].shift()
    stepped = before.notna() & (prices["Close"] != before)
    return ~prices["Halted"] & (stepped | (prices["High"] > prices["Low"]))


def _silent_rows(prices: pd.DataFrame) -> list[str]:
    if "Volume" not in prices:
        return []
    idle = (prices["Volume"] == 0) & ~prices["Halted"]
    # A close may step in a halt, where the exchange sets another base price. A range is trading,
    # and so is a close that moves on where a stock never has any volume.
    odd = idle & (prices["High"] > prices["Low"])
    most = prices.groupby("Code")["Volume"].max()
    never = idle & prices["Code"].isin(most.index[most == 0])
    if never.any():
        odd |= never & _moves(prices)
    if not odd.any():
        return []
    odd &= ~prices["Date"].isin(_silent_days(prices, "Volume"))
    codes = prices["Code"][odd]
    if codes.empty:
        return []
    return [
        f"{counted(len(codes), 'row')} of {counted(codes.nunique(), 'stock')}, such as "
        f"{codes.iloc[0]!r}, without volume while the price moves: counted as not traded"
    ]
