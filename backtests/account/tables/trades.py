"""Round trips: what each buy and its sales made."""

import numpy as np
import pandas as pd

from rollsight.strategies.diary import Diary, Trip
from rollsight.strategies.feed import paid_between
from rollsight.strategies.plan import OrderPlan

TRIP_COLUMNS = {
    "trade": "int64", "signal": "int64", "code": "str", "entry": "int64", "exit": "int64",
    "entry_price": "float64", "exit_price": "float64", "shares": "int64",
    "gross_return": "float64", "net_return": "float64", "profit": "float64",
    "commission": "float64", "tax": "float64", "slippage": "float64", "exit_reason": "str",
}  # fmt: skip
# Where the market has dividends.
PAID_COLUMNS = {"dividends": "float64"}
COSTS = ("commission", "tax", "slippage")
OUTCOMES = {0: "crucial", 1: "soso", 2: "success"}


def trade_table(
    diary: Diary, plan: OrderPlan, signals: pd.DataFrame, sessions: np.ndarray
) -> pd.DataFrame:
    """Return an account's round trips as the run's directory has them, in order of entry.

    Parameters
    ----------
    signals
        whose buys they came from
    sessions
        of the account
    """
    trips = sorted(
        diary.trips, key=lambda t: (diary.orders[t.entry_order].filled_at, t.entry_order)
    )
    rows = [_round_trip(n, trip, diary, plan) for n, trip in enumerate(trips)]
    columns = TRIP_COLUMNS | PAID_COLUMNS
    table = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    about = signals.loc[table["signal"], ["window", "decided_at", "label", "label_return"]]
    table = pd.concat([table, about.reset_index(drop=True)], axis=1)
    table["entry_at"] = session_dates(table["entry"], sessions)
    table["exit_at"] = session_dates(table["exit"], sessions)
    table["outcome"] = (
        table["label"].map(OUTCOMES).astype("str").where(table["label"].notna(), None)
    )
    return table[
        ["trade", "code", "window", "decided_at", "entry_at", "exit_at", "entry_price",
         "exit_price", "shares", "gross_return", "net_return", "profit", "commission", "tax",
         "slippage", "exit_reason", "label", "label_return", "outcome", "signal",
         *(PAID_COLUMNS if plan.pays else ())]
    ]  # fmt: skip


def session_dates(positions: "list[int] | pd.Series", sessions: np.ndarray) -> pd.Series:
    """Return the dates of sessions, NaT for -1."""
    at = np.asarray(positions, dtype="int64")
    dates = sessions[np.maximum(at, 0)].astype("datetime64[ms]")
    return pd.Series(np.where(at >= 0, dates, np.datetime64("NaT", "ms")))


def _round_trip(number: int, trip: Trip, diary: Diary, plan: OrderPlan) -> list[object]:
    orders = diary.orders
    bought, sales = orders[trip.entry_order], [orders[n] for n in trip.exit_orders]
    own, shares, price = plan.bars[trip.feed], bought.filled, bought.price
    left = shares - sum(sold.filled for sold in sales)
    parts = [(sold.filled, sold.price, sold.filled_at) for sold in sales]
    if left:
        # Still open at the end: valued at its last close, of that close's date, no sale yet.
        parts.append((left, float(own.close[-1]), len(own.close) - 1))
    value = sum(n * exit_price for n, exit_price, _ in parts)
    exit_price = parts[0][1] if len(parts) == 1 else value / shares
    paid = [paid_between(own, bought.filled_at, at) for _, _, at in parts]
    cash = sum(n * share for (n, _, _), share in zip(parts, paid, strict=True))
    # As the label has it, to the last bit.
    made = exit_price + (paid[0] if len(parts) == 1 else cash / shares)
    costs = [sum(getattr(o, c) for o in (bought, *sales)) for c in COSTS]
    withheld = cash * plan.costs.dividend_tax
    costs[COSTS.index("tax")] += withheld
    sale_costs = sum(sold.commission + sold.tax + sold.slippage for sold in sales)
    spent = shares * price + bought.commission + bought.slippage
    profit = value - sale_costs - spent + (cash - withheld)
    return [number, trip.signal, own.code, bought.filled_at,
            own.last if left else sales[-1].filled_at, price, exit_price, shares,
            made / price - 1, profit / spent, profit, *costs, trip.exit_reason,
            cash]  # fmt: skip
