"""The money once more, from orders and prices alone, without Backtrader."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.strategies.plan import OrderPlan

CENT = 0.01
FAULT = "this is a fault of rollsight, please report it with your run.toml"


def reconcile(orders: pd.DataFrame, equity: pd.DataFrame, plan: OrderPlan, cash: float) -> float:
    """Return the largest gap between an equity curve and its recomputation, quote currency.

    Of an order only its stock, side, session and filled shares are taken: price, slippage,
    commission and tax are recomputed from the bars and the rule book, and compared. Cash is what
    was paid and received for the shares at open prices, less costs, and the dividends of what was
    held at the close before their ex-dates, less tax; equity is cash plus every held share at its
    close.

    Raises
    ------
    RollsightError
        If a gap reaches a cent, or eight steps of a double of that size where these are more: from
        some ten thousand billions on, doubles no longer count cents.
    """
    filled = orders[orders["filled_at"].notna()].reset_index(drop=True)
    at = equity["date"].searchsorted(filled["filled_at"])
    feed = filled["code"].map({b.code: i for i, b in enumerate(plan.bars)}).to_numpy(dtype=int)
    sign = np.where(filled["side"] == "buy", 1, -1)
    shares = sign * filled["filled"].to_numpy()
    money = _recomputed(shares, feed, at, plan)
    within = _tolerance(shares * money["price"])
    for name, values in money.items():
        _compare(filled, name, values, within)
    flow = np.zeros(len(equity))
    np.add.at(flow, at, -shares * money["price"])
    for cost in ("slippage", "commission", "tax"):
        np.add.at(flow, at, -money[cost])
    value = cash + np.cumsum(flow)
    for own, rows in by_feed(feed):
        change = np.zeros(len(equity))
        np.add.at(change, at[rows], shares[rows])
        held = np.cumsum(change)
        value += held * plan.bars[own].close + _dividends(held, plan, own)
    gaps = np.abs(value - equity["equity"].to_numpy())
    worst = int(gaps.argmax())
    if gaps[worst] >= _tolerance(value).max():
        raise RollsightError(
            f"equity {equity['equity'].iloc[worst]:.2f} on {equity['date'].iloc[worst]:%Y-%m-%d} "
            f"is not the {value[worst]:.2f} that orders and prices give: {FAULT}"
        )
    return float(gaps[worst])


def by_feed(feed: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield each feed, ascending, with its rows."""
    order = np.argsort(feed, kind="stable")
    feeds, starts = np.unique(feed[order], return_index=True)
    return zip(feeds.tolist(), np.split(order, starts[1:]), strict=False)


def _dividends(held: np.ndarray, plan: OrderPlan, feed: int) -> np.ndarray:
    """Return what a stock's shares have paid by each close, less tax, quote currency."""
    paid = plan.bars[feed].dividend
    if paid is None:
        return np.zeros(len(held))
    before = np.concatenate([[0], held[:-1]])
    return np.asarray(np.cumsum(before * paid) * (1 - plan.costs.dividend_tax))


def _recomputed(
    shares: np.ndarray, feed: np.ndarray, at: np.ndarray, plan: OrderPlan
) -> dict[str, np.ndarray]:
    """Return open and costs of fills, quote currency; ``shares`` sold are negative."""
    price = np.zeros(len(feed))
    for own, rows in by_feed(feed):
        price[rows] = plan.bars[own].open[at[rows]]
    slip = plan.costs.slip[feed, at]
    value = np.abs(shares) * price * (1 + np.sign(shares) * slip)
    return {
        "price": price,
        "slippage": np.abs(shares) * price * slip,
        "commission": value * plan.costs.commission,
        "tax": np.where(shares < 0, value * plan.costs.tax(feed, at), 0.0),
    }


def _tolerance(amounts: np.ndarray) -> np.ndarray:
    return np.asarray(np.maximum(CENT, 8 * np.spacing(np.abs(amounts))))


def _compare(filled: pd.DataFrame, name: str, values: np.ndarray, within: np.ndarray) -> None:
    wrong = np.flatnonzero(np.abs(filled[name].to_numpy() - values) >= within)
    if len(wrong):
        order = filled.iloc[int(wrong[0])]
        raise RollsightError(
            f"{name} {order[name]:.2f} of a {order['side']} of {order['code']!r} on "
            f"{order['filled_at']:%Y-%m-%d} is not the {values[wrong[0]]:.2f} that orders and "
            f"prices give: {FAULT}"
        )
