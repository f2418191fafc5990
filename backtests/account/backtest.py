"""Run the strategy over the signals and return its tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account import statistics
from rollsight.backtests.account.accounts import reconcile
from rollsight.backtests.account.benchmark import benchmark_returns
from rollsight.backtests.account.tables.orders import Columns, order_columns, order_table
from rollsight.backtests.account.tables.trades import trade_table
from rollsight.signals.prices.market import Market
from rollsight.strategies.capacity import largest_orders
from rollsight.strategies.costs import Costs
from rollsight.strategies.diary import Diary
from rollsight.strategies.engines.arrays import run_arrays
from rollsight.strategies.feed import bars_of, has_volume, require_volume
from rollsight.strategies.plan import Buys, OrderPlan, Terms
from rollsight.strategies.rules import NamedRule, rule_of
from rollsight.strategies.spec import StrategySpec

Fill = Callable[[OrderPlan], Diary]


@dataclass(frozen=True, eq=False)
class Traded:
    """What a backtest did; the columns are those of the run directory.

    Attributes
    ----------
    trades, orders, equity
        tables; prices and money in quote currency, returns as fractions
    action
        what became of each buy, by row of the signal table
    residual
        largest difference between the account's equity and the accounts recomputed from
        orders and prices, quote currency
    """

    trades: pd.DataFrame
    orders: pd.DataFrame
    equity: pd.DataFrame
    action: pd.Series
    residual: float


def trade(
    market: Market,
    signals: pd.DataFrame,
    *,
    first: int,
    horizon: int,
    spec: StrategySpec,
    costs: Costs,
    benchmark: str | None = None,
    rule: NamedRule | None = None,
    fill: Fill = run_arrays,
) -> Traded:
    """Trade the buys of a signal table.

    Parameters
    ----------
    signals
        with columns stock, day (positions in the market), score, buy and the label's columns;
        volatility where ``spec.shows_volatility``, traded_value where ``spec.capacity`` is set
    first
        session of the market at whose close trading begins
    costs
        of every stock on every session of the market
    rule
        which makes orders of the buys; None: the one that the spec names
    fill
        engine of the account, to the same bits; `run_both` holds Backtrader against the arrays

    Raises
    ------
    RollsightError
        If an answer of the rule cannot be, the account's equity is not the recomputed one to the
        cent, or a share is asked for of volumes that the market does not have.
    """
    terms = [Terms(horizon, spec)] * (len(market.sessions) - first)
    return trade_terms(
        market,
        signals,
        first=first,
        terms=terms,
        costs=costs,
        benchmark=benchmark,
        rule=rule,
        fill=fill,
    )


def trade_terms(
    market: Market,
    signals: pd.DataFrame,
    *,
    first: int,
    terms: Sequence[Terms],
    costs: Costs,
    benchmark: str | None = None,
    rule: NamedRule | None = None,
    fill: Fill = run_arrays,
) -> Traded:
    """Trade the buys of a signal table, each session's on its own terms, as `trade` does.

    Parameters
    ----------
    terms
        of every session from ``first`` on, all with the same rule, cash and share of the volume
    """
    plan = order_plan(market, signals, first, terms, costs)
    plan = plan if rule is None else replace(plan, rule=rule)
    sessions = market.sessions[first:]
    found = account_of(plan, sessions, benchmark_returns(market, first, benchmark), fill)
    action = pd.Series(found.diary.action, dtype="str").reindex(signals.index).fillna("")
    trades = trade_table(found.diary.trips, found.columns, plan, signals, sessions)
    return Traded(trades, found.orders, found.equity, action, found.residual)


@dataclass(frozen=True, eq=False)
class Account:
    """What an account did, by its own diary, with tables and residual of `Traded`."""

    diary: Diary
    columns: Columns
    orders: pd.DataFrame
    equity: pd.DataFrame
    residual: float


def account_of(
    plan: OrderPlan,
    sessions: np.ndarray,
    benchmark: np.ndarray | float = np.nan,
    fill: Fill = run_arrays,
) -> Account:
    """Return what a plan's account did, held against its accounts once more.

    Parameters
    ----------
    sessions
        of the account
    benchmark
        (n_days,) its changes, fractions; NaN where there is none

    Raises
    ------
    RollsightError
        As of `trade`.
    """
    diary = fill(plan)
    columns = order_columns(diary)
    orders = order_table(columns, plan, sessions)
    equity = _equity(diary, plan, sessions, benchmark)
    residual = reconcile(orders, equity, plan, plan.terms[0].spec.cash)
    return Account(diary, columns, orders, equity, residual)


def order_plan(
    market: Market,
    signals: pd.DataFrame,
    first: int,
    terms: Sequence[Terms],
    costs: Costs,
) -> OrderPlan:
    """Return what is to be done with the buys of a signal table, as `trade_terms` takes it."""
    chosen = signals[signals["buy"]]
    # Backtrader needs a clock even where nothing is ever bought.
    stocks = sorted(chosen["stock"].unique().tolist()) or [0]
    feed = {stock: i for i, stock in enumerate(stocks)}
    spec = terms[0].spec
    require_volume(spec, there=has_volume(market))
    buys = Buys(
        day=chosen["day"].to_numpy(np.int64) - first,
        signal=chosen.index.to_numpy(np.int64),
        feed=np.searchsorted(stocks, chosen["stock"].to_numpy(np.int64)),
        score=chosen["score"].to_numpy(np.float64),
        volatility=known_volatility(chosen, terms),
        most=largest_orders(market, chosen, terms, first),
    )
    return OrderPlan(
        buys=buys,
        bars=tuple(bars_of(market, stock, first, spec.participation) for stock in stocks),
        terms=terms,
        costs=costs.part(stocks, first),
        scores=_scores(market, signals, feed, first),
        rule=rule_of(spec.rule),
    )


def known_volatility(chosen: pd.DataFrame, terms: Sequence[Terms]) -> npt.NDArray[np.object_]:
    """Return the volatility of each buy, None where it is not known or nobody asks for it."""
    if "volatility" not in chosen or not any(own.spec.shows_volatility for own in terms):
        return np.full(len(chosen), None)
    known = chosen["volatility"].to_numpy(np.float64)
    found: npt.NDArray[np.object_] = known.astype(object)
    found[np.isnan(known)] = None
    return found


def _scores(
    market: Market, signals: pd.DataFrame, feed: Mapping[int, int], first: int
) -> npt.NDArray[np.float64]:
    """Return (n_feeds, n_days) the score of each row of stocks that are ever bought."""
    place = np.full(len(market.codes), -1)
    place[list(feed)] = list(feed.values())
    at = place[signals["stock"].to_numpy()]
    own = at >= 0
    scores = np.full((len(feed), len(market.sessions) - first), np.nan)
    scores[at[own], signals["day"].to_numpy()[own] - first] = signals["score"].to_numpy()[own]
    return scores


def _equity(
    diary: Diary, plan: OrderPlan, sessions: np.ndarray, benchmark: np.ndarray | float
) -> pd.DataFrame:
    equity = np.array(diary.equity)
    paid = np.zeros(len(equity))
    for payment in diary.payments:
        paid[payment.at] += payment.money - payment.tax
    return pd.DataFrame(
        {
            "date": sessions.astype("datetime64[ms]"),
            "equity": equity,
            "cash": np.array(diary.cash),
            "return": statistics.changes(equity),
            "benchmark_return": benchmark,
            **({"dividends": paid} if plan.pays else {}),
        }
    )
