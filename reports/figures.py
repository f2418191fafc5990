"""Figures of the report, drawn from its numbers as inline SVG."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

from rollsight.reports.drawing import BAD, GOOD, OURS, THEIRS, drawing, svg
from rollsight.reports.language import Say


def equity_figure(metrics: dict[str, Any], say: Say) -> str:
    """Return growth of one unit, strategy beside benchmark, with the drawdown below."""
    equity, name = metrics["equity"], metrics["headline"]["benchmark_name"]
    days = np.array(equity["date"], dtype="datetime64[D]")
    own = np.cumprod(1 + np.array(equity["return"]))
    with drawing(9.6, 3.9) as figure:
        top, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        if metrics["headline"]["benchmark"] is not None:
            other = np.cumprod(1 + np.array(equity["benchmark_return"]))
            top.plot(days, other, color=THEIRS, lw=1.2, label=name)
        if metrics["headline"]["universe"] is not None:
            held = np.cumprod(1 + np.array(equity["universe_return"]))
            label = say("Universe, equal weight, before costs")
            top.plot(days, held, color=THEIRS, lw=1.2, ls="--", label=label)
        top.plot(days, own, color=OURS, lw=1.6, label=say("Strategy, net of costs"))
        top.axhline(1, color="#5c6670", lw=0.7)
        top.set_ylabel(say("Growth of 1"))
        top.legend(loc="upper left", ncols=3)
        fall = own / np.maximum(np.maximum.accumulate(own), 1) - 1
        below.fill_between(days, fall, 0, color=BAD, alpha=0.35, lw=0)
        below.plot(days, fall, color=BAD, lw=0.7, label=say("Drawdown"))
        below.set_ylim(min(1.05 * float(fall.min()), -0.01), 0)
        below.yaxis.set_major_formatter(PercentFormatter(1))
        below.set_ylabel(say("Drawdown"))
        return svg(figure)


def saliency_figure(metrics: dict[str, Any]) -> str:
    """Return, over the whole run, each channel's share and contribution, winners beside losers."""
    names = [c["name"] for c in metrics["data"]["channels"]]
    groups = {(s["period"], s["outcome"]): s for s in metrics["saliency"]}
    at = np.arange(len(names))[::-1]
    with drawing(9.6, 0.9 + 0.36 * len(names)) as figure:
        for axes, key, title in zip(
            figure.subplots(1, 2, sharey=True),
            ("share", "contribution"),
            ("Share of |gradient|: what the network looks at",
             "Mean contribution to the log-odds of UP"),
            strict=True,
        ):  # fmt: skip
            for outcome, color, shift in (("profit", GOOD, 0.19), ("loss", BAD, -0.19)):
                if ("all", outcome) in groups:
                    group = groups["all", outcome]
                    values = [group[key][n] for n in names]
                    label = f"{outcome} ({group['trades']} trades)"
                    axes.barh(at + shift, values, 0.36, color=color, label=label)
            axes.axvline(0, color="#5c6670", lw=0.7)
            axes.set_title(title, pad=20)
            axes.set_yticks(at, names)
            if key == "share":
                axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
                axes.legend(loc="lower left", bbox_to_anchor=(0, 0.985), ncols=2, fontsize=8)
        return svg(figure)


def periods_figure(metrics: dict[str, Any], kind: str) -> str:
    """Return shares by period for winners and losers, and how their contributions differ.

    Parameters
    ----------
    kind : ``year`` or ``window``
    """
    names = [c["name"] for c in metrics["data"]["channels"]]
    groups = {(s["period"], s["outcome"]): s for s in metrics["saliency"]}
    periods = [f"year {y['year']}" for y in metrics["years"]]
    if kind == "window":
        periods = [f"window {w['number']:03d}" for w in metrics["windows"]]
    won, lost = (_grid(groups, periods, names, o, "share") for o in ("profit", "loss"))
    gap = _grid(groups, periods, names, "profit", "contribution")
    gap = gap - _grid(groups, periods, names, "loss", "contribution")
    most = np.nanmax([won, lost]) if np.isfinite([won, lost]).any() else 1
    far = np.nanmax(np.abs(gap)) if np.isfinite(gap).any() else 1
    parts = [
        (won, "Share, profitable trades", "Greens", 0, most),
        (lost, "Share, losing trades", "Reds", 0, most),
        (gap, "Contribution, profit less loss", "BrBG", -far, far),
    ]
    across = (1, 3) if kind == "year" else (3, 1)
    size = (9.6, 0.9 + 0.26 * len(names)) if kind == "year" else (9.6, 1.5 + 0.66 * len(names))
    with drawing(*size) as figure:
        for axes, (grid, title, colors, low, high) in zip(
            figure.subplots(*across, sharey=True, sharex=True).flat, parts, strict=True
        ):
            drawn = axes.imshow(grid, cmap=colors, vmin=low, vmax=high, aspect="auto")
            axes.set_yticks(range(len(names)), names)
            step = max(1, len(periods) // 12)
            ticks = [p.removeprefix(f"{kind} ").lstrip("0") or "0" for p in periods[::step]]
            axes.set_xticks(range(0, len(periods), step), ticks, rotation=90)
            axes.set_title(title)
            axes.grid(visible=False)
            bar = figure.colorbar(drawn, ax=axes, fraction=0.046, pad=0.02)
            bar.ax.yaxis.set_major_locator(MaxNLocator(4))
        return svg(figure)


def map_figure(grid: np.ndarray, names: Sequence[str], say: Say) -> str:
    """Return one trade's contributions, channel by lag; the decision's own session is right.

    Parameters
    ----------
    grid : (channels, lags), lag 0 first
    """
    grid = grid[:, ::-1]
    far = float(np.abs(grid).max()) or 1.0
    lookback = grid.shape[1]
    with drawing(4.7, 0.75 + 0.19 * len(names)) as figure:
        axes = figure.subplots()
        drawn = axes.imshow(grid, cmap="BrBG", vmin=-far, vmax=far, aspect="auto")
        axes.set_yticks(range(len(names)), names, fontsize=7.5)
        lags = range(0, lookback, max(1, lookback // 6))
        axes.set_xticks([lookback - 1 - lag for lag in lags], [str(lag) for lag in lags])
        axes.set_xlabel(say("Sessions before the decision"), fontsize=8)
        axes.grid(visible=False)
        bar = figure.colorbar(drawn, ax=axes, fraction=0.046, pad=0.02)
        bar.ax.tick_params(labelsize=7)
        bar.ax.yaxis.set_major_locator(MaxNLocator(4))
        return svg(figure)


def _grid(
    groups: dict[tuple[str, str], Any], periods: list[str], names: list[str], outcome: str, key: str
) -> np.ndarray:
    """Return (channels, periods), NaN where a period has no such trades."""
    grid = np.full((len(names), len(periods)), np.nan)
    for column, period in enumerate(periods):
        if (period, outcome) in groups:
            grid[:, column] = [groups[period, outcome][key][n] for n in names]
    return grid


def _values(numbers: Iterator[float | None] | Any) -> np.ndarray:
    return np.array([np.nan if n is None else n for n in numbers], dtype=float)
