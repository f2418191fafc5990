"""Price rows on the sessions of an exchange, and where trading ends for good."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.signals.calendar import Calendar, Days
from rollsight.signals.errors import RollsightError
from rollsight.signals.spec import MarketSpec
from rollsight.signals.toml import toml_value

Prices = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

SHOWN = 10  # days of a fault that are named


def named_days(days: npt.NDArray[np.datetime64]) -> str:
    """Return the first days by name, and how many there are beside."""
    more = f" and {len(days) - SHOWN} more" if len(days) > SHOWN else ""
    return ", ".join(str(day) for day in days[:SHOWN]) + more


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
            _refuse_days(np.unique(days[off]), prices["Code"][off].iloc[0], calendar, path)
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


def _refuse_days(off: Days, code: str, calendar: Calendar, path: Path) -> NoReturn:
    where = f"{path}: there are rows, such as those of code {code!r}, on days that"
    closed = off[np.isin(off, np.array(calendar.corrections.closed, dtype="datetime64[D]"))]
    if len(closed):
        raise RollsightError(
            f"{where} market.toml has in closed = {toml_value(closed[:SHOWN].tolist())}: delete "
            "the rows, or the days there"
        )
    line = f"write open = {toml_value(off.tolist())}" if len(off) <= SHOWN else "add them to open"
    raise RollsightError(
        f"{where} are no session of {calendar.name}: {named_days(off)}; delete them, correct "
        f"market.calendar, or, if the exchange was open, {line} in market.toml"
    )


@dataclass(frozen=True, eq=False)
class Endings:
    """How delisted stocks stop trading for good.

    Attributes
    ----------
    session : (n_stocks,) session in which a holding is turned into its terminal value, -1 where
        trading goes on, the data merely ends, or the session lies beyond the data
    value : (n_stocks,) that value, quote currency, NaN where there is none
    known : (n_stocks,) session from which the ending is known; n_days where that is beyond the data
    labelled : (n_stocks,) the rows reach the delisting, so the ending settles labels
    """

    session: Ints
    value: Prices
    known: Ints
    labelled: Flags


def endings(panel: Panel, listings: pd.DataFrame, calendar: Calendar, spec: MarketSpec) -> Endings:
    """Return how each delisted stock ends.

    Rows that reach to within ``spec.delisting_gap`` sessions of the delisting end in the session
    after the last one, at the last close less the haircut. Rows that stop longer before it merely
    end, which gives no label; a holding caught in them is written down when the delisting comes.
    """
    n_stocks = len(panel.codes)
    session = np.full(n_stocks, -1, dtype=np.int64)
    known = np.full(n_stocks, panel.n_days, dtype=np.int64)
    value = np.full(n_stocks, np.nan)
    labelled = np.zeros(n_stocks, dtype=bool)
    close = panel.grid("Close")
    for stock, code in enumerate(panel.codes):
        last = int(panel.last_row[stock])
        if code not in listings.index or not listings["Delisted"][code]:
            continue
        delisted_on = listings["DelistingDate"][code]
        # Without a date, the ending is taken to show when as many sessions have gone by as may lie
        # between a last row and a delisting.
        delisting = last + 1 + spec.delisting_gap
        if not pd.isna(delisted_on):
            at = int(np.searchsorted(calendar.sessions, delisted_on.to_datetime64()))
            delisting = max(at, last + 1)
        near = pd.isna(delisted_on) or delisting - last <= spec.delisting_gap
        end = last + 1 if near else delisting
        if end < panel.n_days:
            haircut = spec.delisting_haircut if near else spec.suspension_haircut
            session[stock], labelled[stock] = end, near
            value[stock] = close[stock, last] * (1 - haircut)
            known[stock] = min(delisting, panel.n_days)
    return Endings(session, value, known, labelled)
