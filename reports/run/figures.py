"""Figures of the report, drawn from its numbers as inline SVG."""

from collections.abc import Sequence
from itertools import cycle

import numpy as np
from matplotlib.dates import AutoDateFormatter, AutoDateLocator
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from rollsight.reports.page.drawing import LESS, OURS, THEIRS, drawing, svg
from rollsight.reports.page.language import Say
from rollsight.reports.run.data.benchmark import benchmark_label, is_universe
from rollsight.reports.run.numbers import RunNumbers


def equity_figure(numbers: RunNumbers, say: Say) -> str:
    """Return growth of one unit, strategy beside benchmark, with the drawdown below."""
    with drawing(5.7, 3.0) as figure:
        draw_equity(figure, numbers, say)
        return svg(figure)


def draw_equity(figure: Figure, numbers: RunNumbers, say: Say) -> None:
    """Draw growth of one unit, strategy beside benchmark, with the drawdown below."""
    equity, head = numbers.equity, numbers.headline
    days = np.array(equity.date, dtype="datetime64[D]")
    own = np.cumprod(1 + np.array(equity.return_))
    top, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    if head.benchmark is not None and not is_universe(head.benchmark_name):
        label = benchmark_label(head.benchmark_name, head.benchmark_span, say)
        other = held(own, np.array(equity.benchmark_return, dtype=float))
        top.plot(days, other, color=THEIRS, lw=1.2, label=label)
    styles = cycle(("-.", ":", (0, (5, 1))))
    others = {k: v for k, v in (equity.benchmarks or {}).items() if not is_universe(k)}
    for (name, returns), style in zip(others.items(), styles, strict=False):
        other = held(own, np.array(returns, dtype=float))
        top.plot(days, other, color=THEIRS, lw=1.2, ls=style, label=name)
    if head.universe is not None:
        everything = np.cumprod(1 + np.array(equity.universe_return))
        label = say("Universe, equal weight, before costs")
        top.plot(days, everything, color=THEIRS, lw=1.2, ls="--", label=label)
    top.plot(days, own, color=OURS, lw=1.6, label=say("Strategy, net of costs"))
    top.axhline(1, color="#5c6670", lw=0.7)
    top.set_ylabel(say("Growth of 1"))
    top.legend(loc="lower left", bbox_to_anchor=(0, 0.98), ncols=2, fontsize=8, borderpad=0)
    fall = own / np.maximum(np.maximum.accumulate(own), 1) - 1
    below.fill_between(days, fall, 0, color=LESS, alpha=0.35, lw=0)
    below.plot(days, fall, color=LESS, lw=0.7, label=say("Drawdown"))
    below.set_ylim(min(1.05 * float(fall.min()), -0.01), 0)
    below.yaxis.set_major_formatter(PercentFormatter(1))
    below.set_ylabel(say("Drawdown"))
    few = AutoDateLocator(minticks=3, maxticks=7)  # type: ignore[no-untyped-call]
    below.xaxis.set_major_locator(few)
    below.xaxis.set_major_formatter(AutoDateFormatter(few))  # type: ignore[no-untyped-call]


def held(own: np.ndarray, returns: np.ndarray) -> np.ndarray:
    """Return the growth of what is held from its first value on, from the strategy's level there.

    Where it has no value it is drawn nowhere.
    """
    known = np.isfinite(returns)
    level = own[known.argmax()] * np.cumprod(1 + np.where(known, returns, 0.0))
    return np.where(known, level, np.nan)


def map_figure(grid: np.ndarray, names: Sequence[str], say: Say) -> str:
    """Return one trade's contributions, channel by lag; the decision's own session is right.

    Parameters
    ----------
    grid
        (channels, lags), lag 0 first
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
