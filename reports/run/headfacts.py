"""The figures of a whole run that stand in its headline."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account import statistics
from rollsight.backtests.account.benchmark import Common, common
from rollsight.backtests.directory.result import Result
from rollsight.base.records import IF_ANY
from rollsight.reports.run.beside.riskfree import RiskFree, cash_of, risk_free_data
from rollsight.reports.run.data.benchmark import Span, span_data

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Performance:
    """Figures of daily returns, fractions; None where there are too few."""

    total_return: float
    annual_return: float | None
    volatility: float | None
    sharpe: float | None
    max_drawdown: float


@dataclass(frozen=True)
class Stale:
    """Number and value of holdings at the end whose last close is not a fresh one."""

    holdings: int
    value: float


@dataclass(frozen=True)
class Headline:
    """The figures of a whole run; money in quote currency.

    Attributes
    ----------
    cash, final_equity
        at the start and at the last close
    benchmark_span
        see `span_data`
    strategy_beside
        over the sessions that the benchmark has too, where these are not all
    profitable
        share of the trades; None without any
    invested
        mean share of the equity that is not cash
    equity_residual
        largest difference from the money recomputed
    label_is_trade
        share of trades that returned what their label says, of those that should
    risk_free
        what Sharpe ratios are above; None without a rate
    """

    currency: str
    first_session: str
    last_session: str
    sessions: int
    sessions_per_year: float
    cash: float
    final_equity: float
    strategy: Performance
    benchmark_name: str | None
    benchmark: Performance | None
    benchmark_span: Span | None
    strategy_beside: Performance | None
    universe: Performance | None
    trades: int
    profitable: float | None
    gross_profit: float
    commission: float
    tax: float
    slippage: float
    net_profit: float
    invested: float | None
    equity_residual: float
    label_is_trade: float | None
    stale_holdings: Stale
    risk_free: RiskFree | None = field(default=None, metadata=IF_ANY)


def headline_data(result: Result) -> Headline:
    """Return the figures of a whole run."""
    per_year = result.manifest["market"]["sessions_per_year"]
    equity, trades = result.equity, result.trades
    # An extended holding is longer than its label's trade, and an impossible price gives no label.
    kept = trades["exit_reason"].eq("horizon") & (not result.spec.strategy.extend)
    kept &= trades["impossible_at"].isna()
    held = trades[kept]
    name = result.spec.market.first_benchmark
    both, span = _compared(name, equity)
    year = both.sessions_per_year(per_year) if both else per_year
    cash = cash_of(equity)
    shared = None if cash is None or both is None else both.over(cash)
    return Headline(
        currency=result.manifest["market"]["currency"],
        first_session=f"{equity['date'].iloc[0]:%Y-%m-%d}",
        last_session=f"{equity['date'].iloc[-1]:%Y-%m-%d}",
        sessions=len(equity),
        sessions_per_year=per_year,
        cash=result.spec.strategy.cash,
        final_equity=float(equity["equity"].iloc[-1]),
        strategy=performance(equity["return"].to_numpy(), per_year, cash),
        benchmark_name=name,
        benchmark=performance(both.other, year, shared) if both else None,
        benchmark_span=span,
        strategy_beside=performance(both.own, year, shared) if both and not both.whole else None,
        universe=_beside(equity, "universe_return", per_year),
        trades=len(trades),
        profitable=_mean(trades["net_return"] > 0),
        gross_profit=trades[["profit", "commission", "tax", "slippage"]].to_numpy().sum(),
        commission=trades["commission"].sum(),
        tax=trades["tax"].sum(),
        slippage=trades["slippage"].sum(),
        net_profit=trades["profit"].sum(),
        invested=_mean(1 - equity["cash"] / equity["equity"]),
        equity_residual=result.manifest["equity_residual"],
        label_is_trade=_mean(held["gross_return"] == held["label_return"]),
        stale_holdings=_stale(result),
        risk_free=risk_free_data(result.spec.market.risk_free, cash, per_year),
    )


def _compared(name: str | None, equity: pd.DataFrame) -> tuple[Common | None, Span | None]:
    """Return strategy beside benchmark, and its span where that does not cover the run."""
    if name is None:
        return None, None
    own, other = (equity[c].to_numpy(float) for c in ("return", "benchmark_return"))
    both = common(own, other)
    return both, span_data(both, equity["date"].dt.strftime("%Y-%m-%d").tolist())


def _beside(equity: pd.DataFrame, column: str, per_year: float) -> Performance | None:
    """Return the figures of what is held against the strategy, None where the run has no such."""
    if equity[column].isna().all():
        return None
    return performance(equity[column].to_numpy(), per_year, cash_of(equity))


def _stale(result: Result) -> Stale:
    """Return number and value of holdings at the end whose last close is not a fresh one."""
    left = result.trades[result.trades["exit_reason"] == "end"]
    dates = result.equity["date"]
    fresh = dates.iloc[-1 - min(result.spec.features.max_staleness, len(dates) - 1)]
    old = left[left["exit_at"] < fresh]
    return Stale(len(old), float((old["shares"] * old["exit_price"]).sum()))


def performance(returns: Float64, per_year: float, cash: Float64 | None = None) -> Performance:
    """Return the figures of daily returns, the first the start's 0.

    Parameters
    ----------
    cash
        what it earned in the same sessions at the risk-free rate; None is 0
    """
    return Performance(
        total_return=statistics.total_return(returns),
        annual_return=statistics.annual_return(returns, per_year),
        volatility=statistics.volatility(returns, per_year),
        sharpe=statistics.sharpe_ratio(returns, per_year, cash),
        max_drawdown=statistics.max_drawdown(returns),
    )


def _mean(values: "pd.Series | np.ndarray") -> float | None:
    return float(np.mean(values)) if len(values) else None
