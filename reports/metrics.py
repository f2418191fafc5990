"""Every number of the report: what was predicted beside what was earned."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from rollsight.backtests.result import Result
from rollsight.reports import statistics
from rollsight.reports.attribution import attribution_data, saliency_data
from rollsight.reports.baserates import CLASSES, with_base_rates
from rollsight.reports.costs import costs_by_year
from rollsight.signals.labels import Label
from rollsight.training.evaluation import evaluate
from rollsight.training.resampling import mean_estimate

DRAWN_TRADES = 4  # largest winners, and as many largest losers, drawn with their maps


def build_metrics(result: Result) -> dict[str, Any]:
    """Return the numbers of a run's report, ready for JSON; shares and returns are fractions.

    A number that does not exist, such as the precision of no buys, is None.
    """
    signals = with_base_rates(result.signals)
    metrics = {
        "name": result.spec.name,
        "headline": _headline(result),
        "overall": _group(signals, result.trades, result),
        "years": [
            {"year": year, **_group(s, t, result)}
            for year, s, t in _by_year(signals, result.trades)
        ],
        "windows": _windows(signals, result),
        "skill": _skill(signals, result),
        "buys": _counts(signals.loc[signals["buy"], "action"]),
        "unfilled": _counts(result.orders.loc[result.orders["filled_at"].isna(), "reason"]),
        "costs_by_year": costs_by_year(result.orders),
        "exits": _counts(result.trades["exit_reason"]),
        "saliency": saliency_data(result.attribution_summary),
        "attribution": attribution_data(result),
        "trades": _trades(result),
        "equity": _equity(result.equity),
        "data": {"join": result.spec.features.join}
        | {k: result.manifest[k] for k in ("market", "universe", "channels", "ledger", "losses")},
        "digests": _digests(result.manifest),
    }
    numbers: dict[str, Any] = plain(metrics)
    return numbers


def _headline(result: Result) -> dict[str, Any]:
    per_year = result.manifest["market"]["sessions_per_year"]
    equity, trades = result.equity, result.trades
    benchmark = equity["benchmark_return"].to_numpy()
    # An extended holding is longer than its label's trade.
    kept = trades["exit_reason"].eq("horizon") & (not result.spec.strategy.extend)
    held = trades[kept]
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
        "benchmark": None if np.isnan(benchmark).all() else _performance(benchmark, per_year),
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


def _group(signals: pd.DataFrame, trades: pd.DataFrame, result: Result) -> dict[str, Any]:
    """Return figures of some of the rows: of all buys, and of those that became trades."""
    probability = signals[["p_down", "p_hold", "p_up"]].to_numpy()
    label = signals["plain_label"].to_numpy()
    figures = evaluate(probability, label, signals["threshold"].to_numpy())
    bought = signals[signals["buy"] & (label >= 0)]
    taken = signals.loc[trades["signal"]]
    taken = taken[taken["plain_label"] >= 0]
    return {
        "figures": asdict(figures),
        "all_buys": {
            "buys": int(signals["buy"].sum()),
            **_classes(bought, signals, result),
            "gross_return": _mean(bought["label_return"]),
            "net_return": _mean(bought["net_label_return"]),
        },
        "taken": {
            "trades": len(trades),
            **_classes(taken, signals, result),
            "gross_return": _mean(trades["gross_return"]),
            "net_return": _mean(trades["net_return"]),
            "profitable": _mean(trades["net_return"] > 0),
            "profit": trades["profit"].sum(),
        },
    }


def _classes(buys: pd.DataFrame, signals: pd.DataFrame, result: Result) -> dict[str, Any]:
    """Return the share of each class among labelled buys beside its base rates.

    The edge is precision less the UP share of equally volatile stocks of the same dates, over the
    buys that have such a base; its interval pairs each buy with its own base.
    """
    found: dict[str, Any] = {"labelled": len(buys)}
    for share, name in (("precision", "up"), ("soso_fail", "hold"), ("crucial_fail", "down")):
        hit = (buys["plain_label"] == CLASSES[name]).astype(float)
        low, high = _interval(signals, hit, result)
        found |= {share: _mean(hit), f"{share}_low": low, f"{share}_high": high}
        found[f"base_{name}_of_date"] = _mean(buys[f"{name}_of_date"].dropna())
        found[f"base_{name}_of_alike"] = _mean(buys[f"{name}_of_alike"].dropna())
    edge = ((buys["plain_label"] == Label.UP) - buys["up_of_alike"]).dropna()
    low, high = _interval(signals, edge, result)
    return found | {"edge": _mean(edge), "edge_low": low, "edge_high": high}


def _interval(
    rows: pd.DataFrame, values: pd.Series, result: Result
) -> tuple[float | None, float | None]:
    """Return the 95 % interval of the mean of some rows' values; all rows give the dates."""
    at = pd.Series(pd.factorize(rows["decided_at"], sort=True)[0], rows.index)
    found = mean_estimate(
        values.to_numpy(float), at[values.index].to_numpy(), span=result.spec.label.horizon + 1
    )
    return found.low, found.high


def _by_year(
    signals: pd.DataFrame, trades: pd.DataFrame
) -> Iterator[tuple[int, pd.DataFrame, pd.DataFrame]]:
    year, traded = signals["decided_at"].dt.year, trades["decided_at"].dt.year
    for y in sorted(year.unique()):
        yield int(y), signals[year == y], trades[traded == y]


def _windows(signals: pd.DataFrame, result: Result) -> list[dict[str, Any]]:
    rows = []
    for window in result.windows.to_dict("records"):
        number = window["number"]
        own = signals[signals["window"] == number]
        trades = result.trades[result.trades["window"] == number]
        rows.append({str(k): v for k, v in window.items()} | _group(own, trades, result))
    return rows


def _skill(signals: pd.DataFrame, result: Result) -> dict[str, Any]:
    """Return how many windows beat the class frequencies, on validation and then on test."""
    windows = result.windows
    labelled = signals[signals["plain_label"] >= 0]
    label = labelled["plain_label"].to_numpy()
    at = windows["number"].searchsorted(labelled["window"])
    each = np.arange(len(label))
    forecast = windows[["frequency_down", "frequency_hold", "frequency_up"]].to_numpy()[at]
    model = labelled[["p_down", "p_hold", "p_up"]].to_numpy()
    own, constant = (-np.log(np.maximum(p[each, label], 1e-12)) for p in (model, forecast))
    low, high = _interval(labelled, pd.Series(constant - own, labelled.index), result)
    return {
        "windows": len(windows),
        "skilled": int(windows["skilled"].sum()),
        "trading": int(windows["threshold"].notna().sum()),
        "log_loss": _mean(own),
        "frequency_log_loss": _mean(constant),
        "gain_low": low,
        "gain_high": high,
    }


def _trades(result: Result) -> dict[str, Any]:
    trades = result.trades
    best = trades.sort_values("net_return", ascending=False, kind="stable")
    winners = best[best["net_return"] > 0].head(DRAWN_TRADES)["trade"]
    losers = best[best["net_return"] <= 0].tail(DRAWN_TRADES)["trade"][::-1]
    shown = ["trade", "code", "name", "window", "decided_at", "entry_at", "exit_at",
             "entry_price", "exit_price", "shares", "gross_return", "net_return", "profit",
             "commission", "tax", "slippage", "exit_reason", "outcome"]  # fmt: skip
    return {
        "list": trades[shown].to_dict("records"),
        "winners": [_drawn(int(t), result) for t in winners],
        "losers": [_drawn(int(t), result) for t in losers],
    }


def _drawn(trade: int, result: Result) -> dict[str, Any]:
    own = result.attribution[result.attribution["trade"] == trade]
    channels = [c["name"] for c in result.manifest["channels"]]
    maps = {}
    for column in ("gradient", "contribution"):
        grid = own.pivot_table(index="channel", columns="lag", values=column, observed=True)
        maps[column] = grid.reindex(channels).to_numpy().astype(float).tolist()
    return {"trade": trade, **maps}


def _equity(equity: pd.DataFrame) -> dict[str, Any]:
    return {
        "date": equity["date"].dt.strftime("%Y-%m-%d").tolist(),
        "equity": equity["equity"].tolist(),
        "return": equity["return"].tolist(),
        "benchmark_return": equity["benchmark_return"].tolist(),
    }


def _digests(manifest: dict[str, Any]) -> dict[str, Any]:
    named = ("rollsight", "libraries", "spec_digest", "data_digest", "seeds", "model_digests")
    return {key: manifest[key] for key in named}


def _counts(values: pd.Series) -> dict[str, int]:
    return {str(k): int(n) for k, n in values.value_counts(sort=True).sort_index().items()}


def _mean(values: "pd.Series | np.ndarray") -> float | None:
    return float(np.mean(values)) if len(values) else None


def plain(value: Any) -> Any:  # JSON has no narrower type
    """Return a value as JSON knows it: NaN and missing become None, dates ISO text."""
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(v) for v in value]
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, np.bool_ | bool):
        return bool(value)
    if isinstance(value, np.integer | int):
        return int(value)
    if isinstance(value, np.floating | float):
        return float(value) if np.isfinite(value) else None
    return None if value is None or value is pd.NaT or value is pd.NA else str(value)
