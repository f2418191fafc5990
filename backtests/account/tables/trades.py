"""Round trips: what each buy and its sales made."""

from typing import Any

import numpy as np
import pandas as pd

from rollsight.backtests.account.accounts import by_feed
from rollsight.backtests.account.tables.orders import Columns, codes_of, session_dates
from rollsight.signals.prices.dividends import received
from rollsight.strategies.diary import Trip
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
    trips: list[Trip],
    orders: Columns,
    plan: OrderPlan,
    signals: pd.DataFrame,
    sessions: np.ndarray,
) -> pd.DataFrame:
    """Return an account's round trips as the run's directory has them, in order of entry.

    Parameters
    ----------
    orders
        of the account, by columns
    signals
        whose buys they came from
    sessions
        of the account
    """
    trips = _by_entry(trips, orders)
    table = pd.DataFrame(_columns(trips, orders, plan)).astype(TRIP_COLUMNS | PAID_COLUMNS)
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


def _by_entry(trips: list[Trip], orders: Columns) -> list[Trip]:
    filled_at = orders["filled_at"].tolist()
    return sorted(trips, key=lambda trip: (filled_at[trip.entry_order], trip.entry_order))


def _columns(trips: list[Trip], orders: Columns, plan: OrderPlan) -> dict[str, np.ndarray]:
    """Return the columns of round trips; every sum goes over a trip's parts in their order."""
    feed = np.array([trip.feed for trip in trips], dtype=np.int64)
    bought = _taken(orders, [trip.entry_order for trip in trips])
    sold = _taken(orders, [number for trip in trips for number in trip.exit_orders])
    sales = np.array([len(trip.exit_orders) for trip in trips], dtype=np.int64)
    own = np.repeat(np.arange(len(trips)), sales)  # trip of each sale
    shares, price = bought["filled"], bought["price"]
    left = _added(shares, own, -sold["filled"])
    # Still open at the end: valued at its last close, of that close's date, no sale yet.
    rest = np.flatnonzero(left)
    closes = np.array([plan.bars[f].close[-1] for f in feed[rest].tolist()], dtype=np.float64)
    part, lone = np.concatenate([own, rest]), sales + (left != 0) == 1
    number = np.concatenate([sold["filled"], left[rest]])
    at = np.concatenate([sold["filled_at"], np.full(len(rest), len(plan.bars[0].close) - 1)])
    exit_prices = np.concatenate([sold["price"], closes])
    paid = _paid(plan, feed[part], bought["filled_at"][part], at)
    none = np.zeros(len(trips))
    value, cash = (_added(none, part, number * of) for of in (exit_prices, paid))
    exit_price, each = value / shares, cash / shares
    one = np.flatnonzero(lone[part])  # without the rounding of a mean
    exit_price[part[one]], each[part[one]] = exit_prices[one], paid[one]
    # As the label has it, to the last bit.
    made = exit_price + each
    costs = {name: _added(bought[name], own, sold[name]) for name in COSTS}
    withheld = cash * plan.costs.dividend_tax
    costs["tax"] = costs["tax"] + withheld
    sale_costs = _added(none, own, sold["commission"] + sold["tax"] + sold["slippage"])
    spent = shares * price + bought["commission"] + bought["slippage"]
    profit = value - sale_costs - spent + (cash - withheld)
    lasts = np.array([bars.last for bars in plan.bars], dtype=np.int64)[feed]
    ended = lasts.copy()
    ended[own] = sold["filled_at"]  # of the last sale
    return {
        "trade": np.arange(len(trips)),
        "signal": np.array([trip.signal for trip in trips], dtype=np.int64),
        "code": codes_of(plan)[feed],
        "entry": bought["filled_at"],
        "exit": np.where(left != 0, lasts, ended),
        "entry_price": price,
        "exit_price": exit_price,
        "shares": shares,
        "gross_return": made / price - 1,
        "net_return": profit / spent,
        "profit": profit,
        **costs,
        "exit_reason": np.array([trip.exit_reason for trip in trips], dtype=object),
        "dividends": cash,
    }


def _taken(orders: Columns, numbers: list[int]) -> dict[str, Any]:
    at = np.array(numbers, dtype=np.int64)
    return {name: orders[name][at] for name in ("filled", "filled_at", "price", *COSTS)}


def _added(start: np.ndarray, at: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return sums that begin with ``start`` and take in each value at its place, one by one."""
    total = start.copy()
    np.add.at(total, at, values)
    return total


def _paid(plan: OrderPlan, feed: np.ndarray, bought: np.ndarray, sold: np.ndarray) -> np.ndarray:
    """Return the dividends of a share that is bought and sold at the opens of two sessions."""
    paid = np.zeros(len(feed))
    for number, rows in by_feed(feed) if plan.pays else ():
        dividend = plan.bars[number].dividend
        if dividend is not None:
            paid[rows] = received(dividend, bought[rows], sold[rows])
    return paid
