"""Where trading ends for good, and when that is known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.signals.known.calendar import Calendar
from rollsight.signals.prices.panel import Flags, Panel, Prices
from rollsight.signals.spec import MarketSpec

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Endings:
    """How delisted stocks stop trading for good.

    Attributes
    ----------
    session
        (n_stocks,) session in which the delisting is known, and a holding is turned into its
        terminal value; -1 where trading goes on, the data merely ends, or that session lies beyond
        the data
    value
        (n_stocks,) that value, quote currency, NaN where there is none
    labelled
        (n_stocks,) it traded until shortly before the delisting, so the ending settles
        labels
    """

    session: Ints
    value: Prices
    labelled: Flags


def endings(panel: Panel, listings: pd.DataFrame, calendar: Calendar, spec: MarketSpec) -> Endings:
    """Return how each delisted stock ends.

    A stock that traded within ``spec.delisting_gap`` sessions of its delisting ends at its last
    traded close less the haircut. One that was suspended for longer merely ends, which gives no
    label; a holding caught in it loses the larger haircut. Both are known when the delisting comes,
    and not when trading stops; rows without trading are no trading.
    """
    n_stocks = len(panel.codes)
    session = np.full(n_stocks, -1, dtype=np.int64)
    value = np.full(n_stocks, np.nan)
    labelled = np.zeros(n_stocks, dtype=bool)
    close = panel.grid("Close")
    delisted = listings.index[listings["Delisted"].astype(bool)]
    for stock, code in enumerate(panel.codes):
        last = int(panel.last_traded[stock])
        if last < 0 or code not in delisted:
            continue
        delisted_on = listings["DelistingDate"][code]
        known = _known(delisted_on, last, calendar, spec)
        if known < panel.n_days:
            near = pd.isna(delisted_on) or known - last <= spec.delisting_gap
            haircut = spec.delisting_haircut if near else spec.suspension_haircut
            session[stock], labelled[stock] = known, near
            value[stock] = close[stock, last] * (1 - haircut)
    return Endings(session, value, labelled)


def _known(delisted_on: pd.Timestamp, last: int, calendar: Calendar, spec: MarketSpec) -> int:
    """Return the session in which a delisting is known, given the last traded one."""
    # Without a date, the ending is taken to show when as many sessions have gone by as may lie
    # between the last trade and a delisting.
    if pd.isna(delisted_on):
        return last + 1 + spec.delisting_gap
    at = int(np.searchsorted(calendar.sessions, delisted_on.to_datetime64()))
    return max(at, last + 1)


def closed_after_delisting(prices: pd.DataFrame, listings: pd.DataFrame) -> pd.DataFrame:
    """Return price rows of which those after their stock's delisting are halted."""
    gone = listings["DelistingDate"].where(listings["Delisted"]).dropna()
    own = prices["Code"].isin(gone.index).to_numpy()
    if not own.any():
        return prices
    late = np.zeros(len(prices), dtype=bool)
    late[own] = (prices["Date"][own] > prices["Code"][own].map(gone)).to_numpy()
    return prices.assign(Halted=prices["Halted"] | late) if late.any() else prices
