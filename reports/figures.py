"""Figures of the report, drawn from its numbers as inline SVG."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from rollsight.reports.drawing import BAD, GOOD, GREY, OURS, THEIRS, drawing, panels, svg


def equity_figure(metrics: dict[str, Any]) -> str:
    """Return growth of one unit, strategy beside benchmark, with the drawdown below."""
    equity, name = metrics["equity"], metrics["headline"]["benchmark_name"]
    days = np.array(equity["date"], dtype="datetime64[D]")
    own = np.cumprod(1 + np.array(equity["return"]))
    with drawing(9.6, 3.9) as figure:
        top, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        if metrics["headline"]["benchmark"] is not None:
            other = np.cumprod(1 + np.array(equity["benchmark_return"]))
            top.plot(days, other, color=THEIRS, lw=1.2, label=name)
        top.plot(days, own, color=OURS, lw=1.6, label="Strategy, net of costs")
        top.axhline(1, color="#5c6670", lw=0.7)
        top.set_ylabel("Growth of 1")
        top.legend(loc="upper left", ncols=2)
        fall = own / np.maximum(np.maximum.accumulate(own), 1) - 1
        below.fill_between(days, fall, 0, color=BAD, alpha=0.35, lw=0)
        below.set_ylim(min(1.05 * float(fall.min()), -0.01), 0)
        below.yaxis.set_major_formatter(PercentFormatter(1))
        below.set_ylabel("Drawdown")
        return svg(figure)


def windows_figure(metrics: dict[str, Any]) -> str:
    """Return, per window, precision beside the same dates' base rate, over mean net returns."""
    windows = metrics["windows"]
    number = np.array([w["number"] for w in windows])
    precision = _values(w["figures"]["precision"] for w in windows)
    base = _values(w["all_buys"]["base_up_of_alike"] for w in windows)
    earned = _values(w["all_buys"]["net_return"] for w in windows)
    taken = _values(w["taken"]["net_return"] for w in windows)
    skilled = np.array([w["skilled"] for w in windows])
    with drawing(9.6, 4.6) as figure:
        top, below = figure.subplots(2, 1, sharex=True)
        top.plot(
            number,
            base,
            "_",
            color="#3d4752",
            ms=11,
            mew=1.6,
            label="Base rate, same dates and volatility",
        )
        top.plot(number[skilled], precision[skilled], "o", color=OURS, label="Precision, skilled")
        top.plot(number[~skilled], precision[~skilled], "o", mfc="white", color=OURS,
                 label="Precision, no skill on validation")  # fmt: skip
        top.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        top.set_title("Predicted: precision of all buys", pad=22)
        top.legend(loc="lower left", bbox_to_anchor=(0, 0.99), ncols=4, fontsize=8, borderpad=0)
        below.bar(number - 0.2, earned, 0.38, color=GREY, label="All buys")
        below.bar(number + 0.2, taken, 0.38, label="Trades taken",
                  color=np.where(taken >= 0, GOOD, BAD))  # fmt: skip
        below.axhline(0, color="#5c6670", lw=0.7)
        below.yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
        below.set_title("Earned: mean net return of a buy (grey) and of a trade (colour)")
        below.set_xlabel("Window")
        below.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=24))
        return svg(figure)


def thresholds_figure(metrics: dict[str, Any]) -> str:
    """Return each window's validation precision by threshold, with the one that was taken."""

    def draw(axes: Axes, window: dict[str, Any]) -> None:
        axes.plot(window["curve_threshold"], window["curve_precision"], color=OURS, lw=1.1)
        if window["threshold"] is None:
            axes.text(0.5, 0.5, "no trade", transform=axes.transAxes, ha="center", color=BAD)
        else:
            axes.axvline(window["threshold"], color=BAD, lw=1)
        if window["figures"]["base_up"] is not None:
            axes.axhline(window["figures"]["base_up"], color=THEIRS, lw=0.8, ls=":")
        axes.set_ylim(0, 1)
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))

    return panels(metrics["windows"], draw)


def losses_figure(metrics: dict[str, Any]) -> str:
    """Return each window's loss curves beside the log-loss of the class frequencies."""

    def draw(axes: Axes, window: dict[str, Any]) -> None:
        curves = zip(
            window["train_loss"], window["validation_loss"], window["best_epoch"], strict=True
        )
        for train, validation, best in curves:
            epochs = np.arange(1, len(train) + 1)
            axes.plot(epochs, train, color=THEIRS, lw=1)
            axes.plot(epochs, validation, color=OURS, lw=1.2)
            axes.plot(best, validation[best - 1], "o", color=OURS, ms=3.5)
        axes.axhline(window["frequency_log_loss"], color=BAD, lw=0.9, ls="--")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=4))

    return panels(metrics["windows"], draw)


def map_figure(contribution: Sequence[Sequence[float]], names: Sequence[str]) -> str:
    """Return one trade's contributions, channel by lag; the decision's own session is right."""
    grid = np.array(contribution, dtype=float)[:, ::-1]
    far = float(np.abs(grid).max()) or 1.0
    lookback = grid.shape[1]
    with drawing(4.7, 0.75 + 0.19 * len(names)) as figure:
        axes = figure.subplots()
        drawn = axes.imshow(grid, cmap="BrBG", vmin=-far, vmax=far, aspect="auto")
        axes.set_yticks(range(len(names)), names, fontsize=7.5)
        lags = range(0, lookback, max(1, lookback // 6))
        axes.set_xticks([lookback - 1 - lag for lag in lags], [str(lag) for lag in lags])
        axes.set_xlabel("Sessions before the decision", fontsize=8)
        axes.grid(visible=False)
        bar = figure.colorbar(drawn, ax=axes, fraction=0.046, pad=0.02)
        bar.ax.tick_params(labelsize=7)
        bar.ax.yaxis.set_major_locator(MaxNLocator(4))
        return svg(figure)


def _values(numbers: Iterator[float | None] | Any) -> np.ndarray:
    return np.array([np.nan if n is None else n for n in numbers], dtype=float)
