"""Every number of the report: what was predicted beside what was earned."""

from typing import Any

import numpy as np
import pandas as pd

from rollsight.backtests.account import statistics
from rollsight.backtests.account.benchmark import Common, common
from rollsight.backtests.directory.result import Result
from rollsight.base.records import plain
from rollsight.reports.run.account.costs import costs_by_year
from rollsight.reports.run.account.money import money_data
from rollsight.reports.run.account.tradefacts import trade_facts
from rollsight.reports.run.data.benchmark import span_data
from rollsight.reports.run.data.moves import moves_data
from rollsight.reports.run.learning.governance import governed, thresholds_data
from rollsight.reports.run.learning.modelage import model_age_data
from rollsight.reports.run.learning.modes import training_data
from rollsight.reports.run.saliency.attribution import attribution_data, saliency_data
from rollsight.reports.run.scores.scorecard import scorecard
from rollsight.reports.run.scores.stretches import stretches_data
from rollsight.reports.statistics.baserates import with_base_rates


def build_metrics(result: Result) -> dict[str, Any]:
    """Return the numbers of a run's report, ready for JSON; shares and returns are fractions.

    A number that does not exist, such as the precision of no buys, is None.
    """
    headline, signals = _headline(result), with_base_rates(result.signals)
    card, held = scorecard(result, signals), governed(result, signals)
    metrics = {
        "name": result.spec.name,
        "headline": headline,
        **card,
        "windows": [w | t for w, t in zip(card["windows"], held, strict=True)],
        "thresholds": thresholds_data(held, result.spec.threshold),
        "training": training_data(result.spec, result.windows),
        "model_age": model_age_data(
            signals, result.windows, result.equity["date"], span=result.spec.label.horizon + 1
        ),
        "buys": _counts(result.signals.loc[result.signals["buy"], "action"]),
        "unfilled": _counts(result.orders.loc[result.orders["filled_at"].isna(), "reason"]),
        "costs_by_year": costs_by_year(result.orders),
        "exits": _counts(result.trades["exit_reason"]),
        "money": money_data(result, headline),
        "saliency": saliency_data(result.attribution_summary),
        "attribution": attribution_data(result),
        "trades": trade_facts(result),
        "stretches": stretches_data(result),
        "equity": _equity(result.equity),
        "data": {
            "join": result.spec.features.join,
            "impossible": moves_data(result),
            "leading": result.manifest.get("leading", []),
        }
        | {k: result.manifest[k] for k in ("market", "universe", "channels", "ledger", "losses")},
        "digests": _digests(result.manifest),
    }
    numbers: dict[str, Any] = plain(metrics)
    return numbers


def _headline(result: Result) -> dict[str, Any]:
    per_year = result.manifest["market"]["sessions_per_year"]
    equity, trades = result.equity, result.trades
    # An extended holding is longer than its label's trade, and an impossible price gives no label.
    kept = trades["exit_reason"].eq("horizon") & (not result.spec.strategy.extend)
    kept &= trades["impossible_at"].isna()
    held = trades[kept]
    own, other = (equity[c].to_numpy(float) for c in ("return", "benchmark_return"))
    both = common(own, other)
    return {
        "currency": result.manifest["market"]["currency"],
        "first_session": f"{equity['date'].iloc[0]:%Y-%m-%d}",
        "last_session": f"{equity['date'].iloc[-1]:%Y-%m-%d}",
        "sessions": len(equity),
        "sessions_per_year": per_year,
        "cash": result.spec.strategy.cash,
        "final_equity": equity["equity"].iloc[-1],
        "strategy": _performance(equity["return"].to_numpy(), per_year),
        "benchmark_name": result.spec.market.benchmark,
        **_benchmark(result.spec.market.benchmark, both, equity["date"], per_year),
        "universe": _beside(equity, "universe_return", per_year),
        "trades": len(trades),
        "profitable": _mean(trades["net_return"] > 0),
        "gross_profit": trades[["profit", "commission", "tax", "slippage"]].to_numpy().sum(),
        "commission": trades["commission"].sum(),
        "tax": trades["tax"].sum(),
        "slippage": trades["slippage"].sum(),
        "net_profit": trades["profit"].sum(),
        "invested": _mean(1 - equity["cash"] / equity["equity"]),
        "equity_residual": result.manifest["equity_residual"],
        "label_is_trade": _mean(held["gross_return"] == held["label_return"]),
        "stale_holdings": _stale(result),
    }  # fmt: skip


def _benchmark(
    name: str | None, both: Common | None, dates: pd.Series, per_year: float
) -> dict[str, Any]:
    """Return the benchmark's figures, and where it does not cover the run the strategy's beside."""
    found: dict[str, Any] = dict.fromkeys(("benchmark", "benchmark_span", "strategy_beside"))
    if name is None:
        return found
    found["benchmark_span"] = span_data(both, dates.dt.strftime("%Y-%m-%d").tolist())
    if both is not None:
        year = both.sessions_per_year(per_year)
        found["benchmark"] = _performance(both.other, year)
        if not both.whole:
            found["strategy_beside"] = _performance(both.own, year)
    return found


def _beside(equity: pd.DataFrame, column: str, per_year: float) -> dict[str, float | None] | None:
    """Return the figures of what is held against the strategy, None where the run has no such."""
    if equity[column].isna().all():
        return None
    return _performance(equity[column].to_numpy(), per_year)


def _stale(result: Result) -> dict[str, Any]:
    """Return number and value of holdings at the end whose last close is not a fresh one."""
    left = result.trades[result.trades["exit_reason"] == "end"]
    dates = result.equity["date"]
    fresh = dates.iloc[-1 - min(result.spec.features.max_staleness, len(dates) - 1)]
    old = left[left["exit_at"] < fresh]
    return {"holdings": len(old), "value": (old["shares"] * old["exit_price"]).sum()}


def _performance(returns: np.ndarray, per_year: float) -> dict[str, float | None]:
    return {
        "total_return": statistics.total_return(returns),
        "annual_return": statistics.annual_return(returns, per_year),
        "volatility": statistics.volatility(returns, per_year),
        "sharpe": statistics.sharpe_ratio(returns, per_year),
        "max_drawdown": statistics.max_drawdown(returns),
    }  # fmt: skip


def _equity(equity: pd.DataFrame) -> dict[str, Any]:
    return {
        "date": equity["date"].dt.strftime("%Y-%m-%d").tolist(),
        "equity": equity["equity"].tolist(),
        "return": equity["return"].tolist(),
        "benchmark_return": equity["benchmark_return"].tolist(),
        "universe_return": equity["universe_return"].tolist(),
    }


def _digests(manifest: dict[str, Any]) -> dict[str, Any]:
    named = ("rollsight", "libraries", "spec_digest", "data_digest", "seeds", "model_digests")
    # Runs of earlier versions have no digest of the whole chain.
    return {key: manifest[key] for key in named} | {"chain_digest": manifest.get("chain_digest")}


def _counts(values: pd.Series) -> dict[str, int]:
    return {str(k): int(n) for k, n in values.value_counts(sort=True).sort_index().items()}


def _mean(values: "pd.Series | np.ndarray") -> float | None:
    return float(np.mean(values)) if len(values) else None
