"""What an account's buys are of what is traded, and how large an account could be."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account.backtest import Traded
from rollsight.signals.inputs.tradedvalue import VALUE_DAYS, mean_value, traded_value
from rollsight.signals.prices.market import Market

Float64 = npt.NDArray[np.float64]

SHARE = 0.01  # of the mean traded value, at which the size of an account is told


def capacity_facts(
    market: Market, ranked_by: Float64 | None, traded: Traded, capacity: float | None
) -> dict[str, Any] | None:
    """Return what the buys are of the traded value known at their decision, ready for JSON.

    ``median`` and ``high``, the 95th percentile, are of the ordered money over that value;
    ``account`` and ``tenth`` the median and the tenth percentile of the equity with which a buy, an
    equal share of it as then, would be `SHARE` of that value, were there no capacity. ``idle`` is
    what the capacity cut from buys that were held, as a share of the equity at their decision,
    averaged over all sessions. None without volumes, or without a buy.

    Parameters
    ----------
    ranked_by
        values that the universe's members were ranked by, where there are some
    capacity
        of the account; None where nothing is cut
    """
    value, orders = traded_value(market, ranked_by), traded.orders
    orders = orders[(orders["side"] == "buy") & (orders["shares"] > 0)]
    if value is None or orders.empty:
        return None
    buys = _buys(market, value, orders, traded)
    known = buys[buys["value"] > 0]
    if known.empty:
        return None
    share = known["shares"] * known["close"] / known["value"]
    account = SHARE * known["equity"] * known["value"] / (known["wanted"] * known["close"])
    cut = buys[buys["shares"] < buys["wanted"]]
    return {
        "days": VALUE_DAYS,
        "buys": len(known),
        "median": float(share.median()),
        "high": float(share.quantile(0.95)),
        "share": SHARE,
        "account": float(account.median()),
        "tenth": float(account.quantile(0.1)),
        "capacity": capacity,
        "cut": len(cut),
        "idle": _idle(cut, traded),
    }


def _buys(market: Market, value: Float64, orders: pd.DataFrame, traded: Traded) -> pd.DataFrame:
    """Return the buys with close, equity and mean traded value of the session that decided."""
    stock = pd.Index(market.codes).get_indexer(pd.Index(orders["code"]))
    at = orders["submitted_at"].to_numpy().astype("datetime64[D]")
    day = np.searchsorted(market.sessions, at)
    equity = traded.equity.set_index("date")["equity"].reindex(orders["submitted_at"])
    wanted = orders["wanted"] if "wanted" in orders else orders["shares"]
    return orders[["code", "shares", "filled_at"]].assign(
        wanted=wanted,
        close=market.close[stock, day],
        equity=equity.to_numpy(),
        value=mean_value(value, stock, day),
    )


def _idle(cut: pd.DataFrame, traded: Traded) -> float:
    held = cut.merge(
        traded.trades[["code", "entry_at", "exit_at"]],
        left_on=["code", "filled_at"],
        right_on=["code", "entry_at"],
    )
    date = traded.equity["date"]
    sessions = date.searchsorted(held["exit_at"]) - date.searchsorted(held["entry_at"])
    left = (held["wanted"] - held["shares"]) * held["close"] / held["equity"]
    return float((left * sessions).sum() / len(date))
