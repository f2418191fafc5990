"""The money once more, from orders and prices alone, without Backtrader."""

import numpy as np
import pandas as pd

from rollsight.signals.errors import RollsightError
from rollsight.strategies.feed import Bars

CENT = 0.01


def reconcile(
    orders: pd.DataFrame, equity: pd.DataFrame, bars: tuple[Bars, ...], cash: float
) -> float:
    """Return the largest gap between an equity curve and its recomputation, quote currency.

    Cash is what was paid and received, unslipped price by share, less slippage, commission and
    tax; equity is cash plus every held share at its close.

    Raises
    ------
    RollsightError
        If the gap reaches a cent.
    """
    close = {b.code: b.close for b in bars}
    filled = orders[orders["filled_at"].notna()]
    at = equity["date"].searchsorted(filled["filled_at"])
    sign = np.where(filled["side"] == "buy", 1, -1)
    shares = sign * filled["shares"].to_numpy()
    costs = (filled["slippage"] + filled["commission"] + filled["tax"]).to_numpy()
    flow = np.zeros(len(equity))
    np.add.at(flow, at, -shares * filled["price"].to_numpy() - costs)
    value = cash + np.cumsum(flow)
    for code in filled["code"].unique():
        own = (filled["code"] == code).to_numpy()
        change = np.zeros(len(equity))
        np.add.at(change, at[own], shares[own])
        value += np.cumsum(change) * close[code]
    gaps = np.abs(value - equity["equity"].to_numpy())
    worst = int(gaps.argmax())
    if gaps[worst] >= CENT:
        raise RollsightError(
            f"equity {equity['equity'].iloc[worst]:.2f} on {equity['date'].iloc[worst]:%Y-%m-%d} "
            f"is not the {value[worst]:.2f} that orders and prices give: this is a fault of "
            "rollsight, please report it with your run.toml"
        )
    return float(gaps[worst])
