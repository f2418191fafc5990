"""Price rows on the sessions of an exchange."""

from datetime import date
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.reading import Folder
from rollsight.signals.folder.volumes import rows_traded
from rollsight.signals.known.calendar import Calendar, Days, named_days

Prices = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

FEWEST_DAILY = 0.1  # share of rows that follow the one before by a weekday, even of thin stocks


def require_daily(prices: pd.DataFrame, path: Path) -> None:
    """Raise where next to no row follows the one before of its stock within a weekday."""
    day = prices["Date"].to_numpy().astype("datetime64[D]")
    same = (prices["Code"] == prices["Code"].shift()).to_numpy()[1:]
    step = np.busday_count(day[:-1], day[1:])[same]
    if len(step) and (step <= 1).mean() < FEWEST_DAILY:
        raise RollsightError(
            f"{path}: the rows of a stock usually lie {np.median(step):g} weekdays apart, and only "
            "daily data can be used: write one row a session"
        )


class Panel:
    """Long price rows laid on (stock, session) grids.

    Attributes
    ----------
    codes
        stock codes, ascending
    sessions
        (n_days,) of the exchange, up to the last row or ``end``
    last_traded
        (n_stocks,) session in which each stock traded last, also where that lies after
        ``end``; -1 where it never did
    has_bar, traded
        (n_stocks, n_days)
    """

    def __init__(
        self, prices: pd.DataFrame, calendar: Calendar, folder: Folder, end: date | None
    ) -> None:
        path = folder.table("prices")
        days = prices["Date"].to_numpy().astype("datetime64[D]")
        day = np.searchsorted(calendar.sessions, days)
        inside = day < len(calendar.sessions)
        off = ~inside
        off[inside] = calendar.sessions[day[inside]] != days[inside]
        if off.any():
            _refuse_days(np.unique(days[off]), prices["Code"][off].iloc[0], calendar, folder)
        n_days = int(day.max()) + 1
        if end is not None:
            n_days = min(
                n_days, int(np.searchsorted(calendar.sessions, np.datetime64(end), "right"))
            )
        if n_days == 0:
            raise RollsightError(
                f"market.end={end} lies before the first row {calendar.sessions[0]} of {path}"
            )
        self.codes = tuple(sorted(prices["Code"].unique()))
        stock = prices["Code"].map({c: i for i, c in enumerate(self.codes)}).to_numpy()
        trades = rows_traded(prices)
        self.last_traded = np.full(len(self.codes), -1, dtype=np.int64)
        np.maximum.at(self.last_traded, stock[trades], day[trades])
        self.n_days = n_days
        self.sessions = calendar.sessions[:n_days]
        kept = day < n_days
        self._cells = (stock[kept], day[kept])
        self._prices = prices[kept]
        self.has_bar = np.zeros((len(self.codes), n_days), dtype=bool)
        self.has_bar[self._cells] = True
        self.traded = np.zeros_like(self.has_bar)
        self.traded[self._cells] = trades[kept]

    def grid(self, column: str) -> Prices:
        """Return (n_stocks, n_days) of a column, NaN where there is no row."""
        out = np.full(self.has_bar.shape, np.nan)
        out[self._cells] = self._prices[column].to_numpy()
        return out


def _refuse_days(off: Days, code: str, calendar: Calendar, folder: Folder) -> NoReturn:
    path = folder.table("prices")
    where = f"{path}: there are rows, such as those of code {code!r}, on days that"
    closed = off[np.isin(off, np.array(calendar.corrections.closed, dtype="datetime64[D]"))]
    if len(closed):
        raise RollsightError(
            f"{where} are named as closed, {named_days(closed)}: delete the rows, or the "
            "days in closed"
        )
    raise RollsightError(
        f"{where} are no session of {calendar.name}: {named_days(off)}; delete them, correct "
        f"market.calendar, or, if the exchange was open, {folder.opened(off.tolist())}"
    )
