"""An account as it stands at the close of a session, and what it asks for at the next open."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account.backtest import order_plan
from rollsight.backtests.account.tables.orders import order_columns, order_table
from rollsight.signals.prices.market import Market
from rollsight.strategies.costs import Costs
from rollsight.strategies.diary import Diary
from rollsight.strategies.engines.backtrader import run_backtrader
from rollsight.strategies.feed import Bars
from rollsight.strategies.plan import OrderPlan, Terms
from rollsight.strategies.spec import StrategySpec

HELD = "end"  # exit reason of a trip that has not ended


@dataclass(frozen=True, eq=False)
class Standing:
    """An account at the close of its last session.

    Attributes
    ----------
    equity, cash
        (n_sessions,) at each close so far, quote currency
    orders
        every order so far, as in ``orders.parquet``; those that wait for an open are ``waiting``
    planned
        of each order that waits for the next open: code, side, shares, and the last close
    refused
        codes of the last session's buys that became no order, by why not
    positions
        of each holding: code, entry_at, entry_price, shares, close, value and change, a fraction
    """

    equity: npt.NDArray[np.float64]
    cash: npt.NDArray[np.float64]
    orders: pd.DataFrame
    planned: pd.DataFrame
    refused: Mapping[str, tuple[str, ...]]
    positions: pd.DataFrame


def account_at(
    market: Market,
    signals: pd.DataFrame,
    *,
    first: int,
    last: int,
    horizon: int,
    spec: StrategySpec,
    costs: Costs,
) -> Standing:
    """Return the account that trades a signal table, as it stands at the close of a session.

    It is the backtest's own up to there: nothing later than that close is looked at, and its
    equity and orders are those of a backtest that goes on.

    Parameters
    ----------
    signals
        with columns stock, day (positions in the market), score and buy
    first, last
        sessions of the market at whose closes trading begins, and at which the account stands
    costs
        of every stock on every session of the market
    """
    known = signals[signals["day"].between(first, last)]
    terms = [Terms(horizon, spec)] * (len(market.sessions) - first)
    plan = known_at(order_plan(market, known, first, terms, costs), last - first)
    diary = run_backtrader(plan)
    # The orders of the last session have met no open yet.
    sessions = np.append(market.sessions[first : last + 1], np.datetime64("NaT", "D"))
    now = last - first
    orders = order_table(order_columns(diary), plan, sessions)
    asked = (o.submitted_at == now and o.shares > 0 and o.filled_at < 0 for o in diary.orders)
    new = np.fromiter(asked, dtype=bool)  # what is delisted now is sold already
    orders.loc[new, ["status", "reason"]] = ["waiting", ""]
    return Standing(
        equity=np.array(diary.equity[: now + 1]),
        cash=np.array(diary.cash[: now + 1]),
        orders=orders,
        planned=_planned(orders[orders["status"] == "waiting"], plan, now),
        refused=_refused(diary, known[(known["day"] == last) & known["buy"]], market, now),
        positions=pd.DataFrame(_positions(diary, plan, now, sessions), columns=_POSITION),
    )


def known_at(plan: OrderPlan, now: int) -> OrderPlan:
    """Return a plan as it is known at the close of a session, and one session more.

    In that one, which stands for whatever comes next, nothing trades: orders wait for it.
    """
    stop, costs = now + 1, plan.costs
    slip = np.concatenate([costs.slip[:, :stop], costs.slip[:, now:stop]], axis=1)
    tax = np.concatenate([costs.sell_tax[:, :stop], costs.sell_tax[:, now:stop]], axis=1)
    unknown = np.full((len(plan.scores), 1), np.nan)
    return replace(
        plan,
        buys=plan.buys.until(now),
        bars=tuple(_until(bars, stop) for bars in plan.bars),
        terms=[*plan.terms[:stop], plan.terms[now]],
        costs=replace(costs, slip=slip, sell_tax=tax),
        scores=np.concatenate([plan.scores[:, :stop], unknown], axis=1),
    )


def _until(bars: Bars, stop: int) -> Bars:
    close = bars.close[:stop]
    prices = {
        name: np.append(getattr(bars, name)[:stop], close[-1])
        for name in ("open", "high", "low", "close")
    }
    flags = {
        name: np.append(getattr(bars, name)[:stop], False)
        for name in ("traded", "buyable", "sellable")
    }
    paid = bars.dividend
    return Bars(
        code=bars.code,
        dividend=None if paid is None else np.append(paid[:stop], 0.0),
        sessions=np.append(bars.sessions[:stop], bars.sessions[stop - 1] + np.timedelta64(1, "D")),
        most=np.append(bars.most[:stop], 0.0),
        ends=bars.ends if bars.ends < stop else -1,
        last=int(np.flatnonzero(bars.traded[:stop]).max(initial=-1)),
        **prices,
        **flags,
    )


def _planned(waiting: pd.DataFrame, plan: OrderPlan, now: int) -> pd.DataFrame:
    close = {bars.code: float(bars.close[now]) for bars in plan.bars}
    found = waiting[["code", "side", "shares"]].reset_index(drop=True)
    return found.assign(close=found["code"].map(close).astype("float64"))


def _refused(
    diary: Diary, buys: pd.DataFrame, market: Market, now: int
) -> dict[str, tuple[str, ...]]:
    ordered = {o.signal for o in diary.orders if o.submitted_at == now and o.shares}
    found: dict[str, tuple[str, ...]] = {}
    action = diary.action
    for signal, stock in zip(buys.index, buys["stock"], strict=True):
        if signal not in ordered:
            why = action[signal]
            found[why] = (*found.get(why, ()), market.codes[stock])
    return found


_POSITION = ("code", "entry_at", "entry_price", "shares", "close", "value", "change")


def _positions(
    diary: Diary, plan: OrderPlan, now: int, sessions: npt.NDArray[np.datetime64]
) -> Iterator[Sequence[object]]:
    for trip in diary.trips:
        if trip.exit_reason != HELD:
            continue
        bought, bars = diary.orders[trip.entry_order], plan.bars[trip.feed]
        shares = bought.filled - sum(diary.orders[n].filled for n in trip.exit_orders)
        close = float(bars.close[now])
        yield (
            bars.code, str(sessions[bought.filled_at]), bought.price, shares, close,
            shares * close, close / bought.price - 1,
        )  # fmt: skip
