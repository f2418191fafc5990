"""Price rows on the sessions of an exchange, and where trading ends for good."""

from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.signals.calendar import Calendar
from rollsight.signals.errors import RollsightError
from rollsight.signals.spec import MarketSpec

Prices = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


class Panel:
    """Long price rows laid on (stock, session) grids.

    Attributes
    ----------
    codes : stock codes, ascending
    sessions : (n_days,) of the exchange, up to the last row or ``end``
    last_row : (n_stocks,) session of each stock's last row, also where that lies after ``end``
    has_bar, traded : (n_stocks, n_days)
    """

    def __init__(
        self, prices: pd.DataFrame, calendar: Calendar, path: Path, end: date | None
    ) -> None:
        days = prices["Date"].to_numpy().astype("datetime64[D]")
        day = np.searchsorted(calendar.sessions, days)
        inside = day < len(calendar.sessions)
        off = ~inside
        off[inside] = calendar.sessions[day[inside]] != days[inside]
        if off.any():
            row = prices.iloc[int(np.flatnonzero(off)[0])]
            raise RollsightError(
                f"{path}: code {row['Code']!r} has a row on {row['Date']:%Y-%m-%d}, which is no "
                f"session of {calendar.name}: delete the row, or correct market.calendar"
            )
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
        self.last_row = np.zeros(len(self.codes), dtype=np.int64)
        np.maximum.at(self.last_row, stock, day)
        self.n_days = n_days
        self.sessions = calendar.sessions[:n_days]
        kept = day < n_days
        self._cells = (stock[kept], day[kept])
        self._prices = prices[kept]
        self.has_bar = np.zeros((len(self.codes), n_days), dtype=bool)
        self.has_bar[self._cells] = True
        trades = ~self._prices["Halted"].to_numpy()
        if "Volume" in prices:
            trades &= self._prices["Volume"].to_numpy() > 0
        self.traded = np.zeros_like(self.has_bar)
        self.traded[self._cells] = trades

    def grid(self, column: str) -> Prices:
        """Return (n_stocks, n_days) of a column, NaN where there is no row."""
        out = np.full(self.has_bar.shape, np.nan)
        out[self._cells] = self._prices[column].to_numpy()
        return out


def endings(
    panel: Panel, listings: pd.DataFrame, calendar: Calendar, spec: MarketSpec
) -> tuple[Ints, Prices]:
    """Return the session in which each delisted stock ends, and its value there.

    Returns
    -------
    (n_stocks,) the session after the last row, -1 where the data merely ends or trading goes on;
    (n_stocks,) the last close less the haircut, NaN likewise
    """
    ends = np.full(len(panel.codes), -1, dtype=np.int64)
    terminal = np.full(len(panel.codes), np.nan)
    close = panel.grid("Close")
    for stock, code in enumerate(panel.codes):
        last = int(panel.last_row[stock])
        if code not in listings.index or not listings["Delisted"][code]:
            continue
        delisting = listings["DelistingDate"][code]
        if not pd.isna(delisting):
            gap = np.searchsorted(calendar.sessions, delisting.to_datetime64()) - last
            # Rows that stop long before the delisting merely end: their fate is not known.
            if gap > spec.delisting_gap:
                continue
        if last + 1 < panel.n_days:
            ends[stock] = last + 1
            terminal[stock] = close[stock, last] * (1 - spec.delisting_haircut)
    return ends, terminal
