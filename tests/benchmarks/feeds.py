"""What a backtest costs: Backtrader with its own feeds against ours, and a whole market."""

import gc
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import backtrader as bt
import numpy as np
import pandas as pd

from rollsight.backtests.account.backtest import trade
from rollsight.signals.known.calendar import exchange_calendar
from rollsight.signals.prices.market import Market
from rollsight.strategies.diary import Diary
from rollsight.strategies.engines.arrays import run_arrays
from rollsight.strategies.engines.backtrader import run_backtrader, run_cerebro
from rollsight.strategies.engines.broker import OpenBroker
from rollsight.strategies.feed import Bars, bars_of
from rollsight.strategies.plan import Buy, OrderPlan, Terms
from rollsight.strategies.rules import rule_of
from rollsight.strategies.spec import StrategySpec
from tests.benchmarks.clock import seconds
from tests.support.panels import columns_of, costs_of, flat, panel, signals_of

HORIZON, EVERY = 10, 30  # sessions from entry to exit, and from buy to buy of a stock
SLIP, TAX, COMMISSION = 0.001, 0.002, 0.00015
REPEATS = 2  # the faster one counts: other processes only ever slow down
OFTEN = 6  # where it takes less than seconds
SPEC = StrategySpec(cash=1e9)


def feeds() -> dict[str, Any]:
    """Return seconds of CPU and their ratios at 10, 50 and 200 feeds, and those of a market.

    Of each number of feeds over 2,500 bars: ours, ours but with PandasData (our strategy and
    broker on both sides), and PandasData with Backtrader's own broker (our strategy alone).
    """
    run_backtrader(plan_of(10))  # whatever is done once only
    compared = {str(n): _compared(plan_of(n)) for n in (10, 50, 200)}
    return {**compared, "market": whole_market(1_000, 5_000)}


def _compared(plan: OrderPlan) -> dict[str, Any]:
    ours, diary = _fastest(lambda: run_backtrader(plan))
    feed, same = _fastest(lambda: plain(plan, OpenBroker(cash=plan.terms[0].spec.cash)))
    stock, equal = _fastest(lambda: plain(plan, _own_broker(plan)))
    return {
        "ours_s": ours,
        "pandas_data_s": feed,
        "pandas_data_own_broker_s": stock,
        "pandas_data_to_ours": feed / ours,
        "pandas_data_own_broker_to_ours": stock / ours,
        "orders": len(diary.orders),
        # Equity, cash, orders and trips, to the last bit.
        "identical": repr(diary) == repr(same) == repr(equal),
    }


def engines(n_stocks: int, n_days: int) -> dict[str, Any]:
    """Return seconds of CPU of a plan of a hundred positions, many orders."""
    plan = plan_of(n_stocks, n_days, StrategySpec(cash=1e9, max_positions=100))
    arrays, one = _fastest(lambda: run_arrays(plan), repeats=OFTEN)
    backtrader, other = _fastest(lambda: run_backtrader(plan))
    beside = vectorbt(plan, one)
    return {
        "arrays_s": arrays,
        "backtrader_s": backtrader,
        "backtrader_to_arrays": backtrader / arrays,
        "vectorbt": beside,
        "arrays_to_vectorbt": None if isinstance(beside, str) else arrays / beside["vectorbt_s"],
        "orders": len(one.orders),
        "identical": repr(one) == repr(other),
    }


def vectorbt(plan: OrderPlan, diary: Diary) -> dict[str, float] | str:
    """Return seconds of CPU that vectorbt takes for value and trades of the orders that filled.

    The difference is that of the last equity, a fraction of ours: vectorbt fills in the order of
    its columns, and its fees are a share of the slipped value too.
    """
    try:
        from vectorbt import Portfolio
    except ImportError:
        return "vectorbt is not installed: pip install '.[bench]'"
    shape = len(plan.bars[0].close), len(plan.bars)
    sizes, fees = np.full(shape, np.nan), np.zeros(shape)
    for order in diary.orders:
        if order.filled:
            sold = order.side == "sell"
            sizes[order.filled_at, order.feed] = -order.filled if sold else order.filled
            fees[order.filled_at, order.feed] = COMMISSION + (TAX if sold else 0.0)
    close, opened = (
        pd.DataFrame(np.column_stack([getattr(bars, name) for bars in plan.bars]))
        for name in ("close", "open")
    )

    def whole() -> float:
        done = Portfolio.from_orders(
            close, size=sizes, price=opened, fees=fees, slippage=SLIP, freq="D",
            init_cash=plan.terms[0].spec.cash, cash_sharing=True, group_by=True, call_seq="auto",
        )  # fmt: skip
        assert len(done.trades.records)
        return float(done.value().iloc[-1])

    taken = seconds(whole, repeats=OFTEN)
    return {"vectorbt_s": taken, "difference": whole() / diary.equity[-1] - 1}


def _own_broker(plan: OrderPlan) -> bt.brokers.BackBroker:
    cash = plan.terms[0].spec.cash
    return bt.brokers.BackBroker(
        cash=cash, slip_perc=SLIP, slip_open=True, slip_out=True, checksubmit=False
    )


def _fastest(work: Callable[[], Diary], repeats: int = REPEATS) -> tuple[float, Diary]:
    """Return the CPU seconds of an account, the fastest of some, and the account."""
    taken = []
    for _ in range(repeats):
        gc.collect()  # what was left by others
        began = time.process_time()
        diary = work()
        taken.append(time.process_time() - began)
    return min(taken), diary


def plain(plan: OrderPlan, broker: bt.brokers.BackBroker) -> Diary:
    """Trade a plan in Backtrader as it is usually used: every stock a PandasData."""
    cerebro = bt.Cerebro(stdstats=False)
    for bars in plan.bars:
        cerebro.adddata(pandas_feed(bars), name=bars.code)
    cerebro.broker = broker
    return run_cerebro(cerebro, plan, cerebro.datas)


def pandas_feed(bars: Bars) -> bt.feeds.PandasData:
    """Return Backtrader's own feed on the same bars."""
    columns = {n: getattr(bars, n) for n in ("open", "high", "low", "close")}
    index = pd.DatetimeIndex(bars.sessions.astype("datetime64[ns]"))
    return bt.feeds.PandasData(dataname=pd.DataFrame(columns, index).assign(volume=0.0))


def walks(n_stocks: int, n_days: int) -> Market:
    """Return a market of random walks that trades in every session."""
    rng, always = np.random.default_rng(0), np.ones((n_stocks, n_days), dtype=bool)
    calendar = exchange_calendar("XKRX", *np.array(["2005-01-03", "2025-12-30"], "datetime64[D]"))
    close = 10_000 * np.exp(np.cumsum(rng.normal(0, 0.02, always.shape), axis=1))
    opened = close * np.exp(rng.normal(0, 0.005, close.shape))
    return replace(
        panel(flat(n_stocks, 1)),
        sessions=calendar.sessions[:n_days],
        closes=calendar.closes[:n_days],
        open=opened,
        high=np.maximum(opened, close),
        low=np.minimum(opened, close),
        close=close,
        has_bar=always,
        traded=always,
        buyable=always,
        sellable=always,
    )


def buys_of(n_stocks: int, n_days: int) -> list[tuple[int, int, float]]:
    """Return (stock, session, score): a buy of every stock every thirty sessions."""
    rng = np.random.default_rng(0)
    days = [(s, d) for s in range(n_stocks) for d in range(s % EVERY, n_days, EVERY)]
    return [(s, d, float(rng.random())) for s, d in days]


def plan_of(n_feeds: int, n_days: int = 2_500, spec: StrategySpec = SPEC) -> OrderPlan:
    """Return a plan on random walks."""
    market = walks(n_feeds, n_days)
    rows = enumerate(buys_of(n_feeds, n_days))
    buys = columns_of((day, Buy(signal, stock, score)) for signal, (stock, day, score) in rows)
    bars = tuple(bars_of(market, stock, 0) for stock in range(n_feeds))
    costs = costs_of(market, commission=COMMISSION, slippage=SLIP, tax=TAX)
    scores = np.full((n_feeds, n_days), np.nan)
    terms = [Terms(HORIZON, spec)] * n_days
    return OrderPlan(buys, bars, terms, costs, scores, rule_of("hold"))


def whole_market(n_stocks: int, n_days: int) -> dict[str, float]:
    """Return seconds and memory of a whole backtest, from signals to tables and accounts."""
    market = walks(n_stocks, n_days)
    signals = signals_of(market, buys_of(n_stocks, n_days), horizon=HORIZON)
    costs = costs_of(market, commission=COMMISSION, slippage=SLIP, tax=TAX)

    def go() -> int:
        done = trade(market, signals, first=0, horizon=HORIZON, spec=SPEC, costs=costs)
        return len(done.orders)

    began = time.process_time()
    orders = go()
    taken = time.process_time() - began
    tracemalloc.start()  # slow: a run of its own
    go()
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return {
        "stocks": n_stocks,
        "sessions": n_days,
        "seconds": taken,
        "peak_mib": peak,
        "orders": orders,
    }
