"""The decision of one session: each stock's confidences beside its prices of that day."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.decisions.decider import Decider
from rollsight.signals.known.calendar import exchange_calendar
from rollsight.signals.prices.market import Market

PRICES = ("open", "high", "low", "close", "volume")
CONFIDENCES = ("p_down", "p_hold", "p_up")


@dataclass(frozen=True, eq=False)
class Decision:
    """What was decided at the close of a session.

    Attributes
    ----------
    session, next_session
        days as text; orders wait for the open of the next one
    decided_at
        instant of the close, UTC, as in ``2024-01-02T06:30:00Z``
    window, model
        number of the window in force, and the digest of its networks
    threshold
        of the window; None where it does not trade
    rows
        one row a stock with a price that day: code, name, open, high, low, close, volume (NaN
        where the folder has none), change of the close since the one before (a fraction, NaN where
        there is none), p_down, p_hold, p_up and score (NaN where it cannot be decided on), and buy
    decided
        the rows that were decided, as `decide` returns them
    """

    session: str
    next_session: str
    decided_at: str
    window: int
    model: str
    threshold: float | None
    rows: pd.DataFrame
    decided: pd.DataFrame


def decision_at(decider: Decider, day: int) -> Decision:
    """Return the decision at the close of a session.

    Raises
    ------
    RollsightError
        If the run cannot decide it, as `decide` says.
    """
    market, window = decider.ready.market, decider.window_of(day)
    decided = decider.at(day)
    threshold = float(decider.windows["threshold"].iloc[window.number])
    return Decision(
        session=str(market.sessions[day]),
        next_session=next_session(market, day),
        decided_at=f"{np.datetime_as_string(market.closes[day], unit='s')}Z",
        window=window.number,
        model=decider.manifest["model_digests"][window.number],
        threshold=None if np.isnan(threshold) else threshold,
        rows=_rows(market, day, decided),
        decided=decided,
    )


def next_session(market: Market, day: int) -> str:
    """Return the session after one: the market's, or what the exchange's calendar has."""
    if day + 1 < len(market.sessions):
        return str(market.sessions[day + 1])
    last = market.sessions[day]
    # Two weeks hold a session of any exchange.
    to_come = exchange_calendar(
        market.exchange, last, last + np.timedelta64(14, "D"), market.corrections
    ).sessions
    return str(to_come[to_come > last][0])


def _rows(market: Market, day: int, decided: pd.DataFrame) -> pd.DataFrame:
    stocks = np.flatnonzero(market.has_bar[:, day])
    codes = [market.codes[stock] for stock in stocks]
    found: dict[str, Any] = {"code": codes, "name": [market.names.get(c, c) for c in codes]}
    for name in PRICES:
        values = getattr(market, name)
        found[name] = np.nan if values is None else values[stocks, day]
    found["change"] = found["close"] / _close_before(market, day)[stocks] - 1
    known = decided.set_index("code")[[*CONFIDENCES, "score", "buy"]].reindex(codes)
    return pd.DataFrame(found).assign(
        **{name: known[name].to_numpy(dtype="float64") for name in (*CONFIDENCES, "score")},
        buy=known["buy"].eq(True).to_numpy(),
    )


def _close_before(market: Market, day: int) -> npt.NDArray[np.float64]:
    """Return each stock's last close before a session, NaN where it has none."""
    bars = market.has_bar[:, :day]
    last = np.where(bars, np.arange(day), -1).max(axis=1, initial=-1)
    before = market.close[np.arange(len(last)), last]
    return np.asarray(np.where(last >= 0, before, np.nan))
