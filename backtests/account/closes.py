"""Closes of the stocks that were traded, so that a report can show what a trade went through."""

import numpy as np
import pandas as pd

from rollsight.signals.prices.market import Market

LEAD = 40  # sessions before the first test session


def traded_closes(market: Market, trades: pd.DataFrame, first: int) -> pd.DataFrame:
    """Return one row a traded stock and session: code, date, close.

    Closes are in quote currency, and null where the market has no row, so that the rows of every
    stock stand on the same sessions.

    Parameters
    ----------
    first
        session of the market at which the test spans begin
    """
    start = max(first - LEAD, 0)
    at = {code: i for i, code in enumerate(market.codes)}
    codes = sorted(set(trades["code"]))
    stocks = np.array([at[code] for code in codes], dtype=int)
    days = market.sessions[start:].astype("datetime64[ms]")
    return pd.DataFrame(
        {
            "code": pd.array(np.repeat(np.array(codes, dtype=object), len(days)), dtype="str"),
            "date": np.tile(days, len(codes)),
            "close": market.close[stocks, start:].reshape(-1).astype(float),
        }
    )
