"""Figures of the sweep's page, drawn from its numbers as inline SVG."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, ListedColormap
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator, PercentFormatter

from rollsight.backtests.trials.outcomes import Performance
from rollsight.reports.page.drawing import BAD, GREY, LESS, MORE, OURS, THEIRS, drawing, svg
from rollsight.reports.page.html import number
from rollsight.reports.page.language import Say
from rollsight.reports.run.data.benchmark import benchmark_label
from rollsight.reports.sweep.numbers.importance import Heatmap, Matrix
from rollsight.reports.sweep.numbers.levels import Level, distinct, is_number
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.numbers.trials import both_objectives, distribution, sampled
from rollsight.reports.sweep.page.trials import KINDS, figure_name, value_name, written

Float64 = npt.NDArray[np.float64]

INK, SOFT = "#1d2733", "#5c6670"
POINTS = 1_000  # of the scatter
NAME = 18  # letters of a value beside a heat map
COLUMN_LETTERS = 58  # that there is room for below one
MOST_SLANTED = 16  # columns whose slanted names do not touch
CELL_LETTERS = 80  # that there is room for in a row of a map


def distribution_figure(data: SweepNumbers, say: Say) -> str:
    """Return how test outcomes are spread over trials, and where the chosen one stands."""
    with drawing(9.6, 3.0) as figure:
        left, right = figure.subplots(1, 2)
        _spread(left, data, "sharpe", lambda found: found.sharpe, say)
        _spread(right, data, "annual_return", lambda found: found.annual_return, say)
        figure.axes[0].set_ylabel(say("Trials"))
        handles = {
            label: handle
            for axes in figure.axes
            for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        figure.legend(handles.values(), handles.keys(), loc="outside upper left", ncols=5,
                      fontsize=8, borderpad=0)  # fmt: skip
        return svg(figure)


def choice_figure(data: SweepNumbers, say: Say) -> str:
    """Return the objective on test sessions by that on validation, one point a trial."""
    objective = data.objective
    ran = sampled(data.trials, POINTS)
    x, y = np.array([both_objectives(t, objective) for t in ran], dtype=float).T
    own = np.array([t.chosen for t in ran], dtype=bool)
    with drawing(4.7, 3.4) as figure:
        axes = figure.subplots()
        known = np.isfinite(x) & np.isfinite(y)
        ends = [max(x[known].min(), y[known].min()), min(x[known].max(), y[known].max())]
        if ends[0] < ends[1]:
            axes.plot(
                ends, ends, color=SOFT, lw=0.8, ls="--", label=say("As good as on validation")
            )
        axes.scatter(x[~own], y[~own], s=14, color=THEIRS, alpha=0.75, lw=0, label=say("Trials"))
        axes.scatter(x[own], y[own], s=58, color=OURS, label=say("Chosen"), zorder=3)
        axes.set_xlabel(say("Validation: {figure}", figure=figure_name(objective, say)))
        axes.set_ylabel(say("Test: {figure}", figure=figure_name(objective, say)))
        for axis in (axes.xaxis, axes.yaxis):
            if KINDS[objective] in ("return", "share"):
                axis.set_major_formatter(PercentFormatter(1, decimals=1))
        axes.legend(fontsize=8)
        return svg(figure)


def overfitting_figure(ranks: Sequence[float], say: Say) -> str:
    """Return where the best of one half of the sessions came in the other half, by split."""
    counts, edges = np.histogram(ranks, bins=20, range=(0, 1))
    with drawing(4.7, 3.4) as figure:
        axes = figure.subplots()
        middle = (edges[:-1] + edges[1:]) / 2
        halves = ((slice(10), LESS, say("Below the median")),
                  (slice(10, None), MORE, say("Above the median")))  # fmt: skip
        for half, color, label in halves:
            own = edges[: len(edges) - 10] if color == LESS else edges[10:]
            axes.stairs(counts[half], own, fill=True, color=color, alpha=0.8)
            axes.plot(middle[half], counts[half], ls="", label=label)
        axes.axvline(0.5, color=INK, lw=0.9, ls="--")
        axes.set_xlabel(say("Share of trials that did worse in the other half"))
        axes.set_ylabel(say("Splits"))
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        return svg(figure)


def growth_figure(data: SweepNumbers, say: Say) -> str:
    """Return the growth of one unit: the chosen trial beside all that it is measured by."""
    equity = data.equity
    lines = [
        (equity.universe, say("Universe, equal weight, before costs"), THEIRS, "--", 1.1),
        (equity.benchmark, _benchmark(data, say), THEIRS, "-", 1.2),
        (equity.median, say("Median trial"), SOFT, "-", 1.2),
        (equity.rolling, say("Chosen anew each window"), MORE, "-", 1.4),
        (equity.chosen, say("Chosen"), OURS, "-", 1.7),
    ]
    days = np.array(equity.date, dtype="datetime64[D]")
    with drawing(5.7, 3.0) as figure:
        axes = figure.subplots()
        for grown, label, color, dash, wide in lines:
            if grown:
                axes.plot(days, np.array(grown, float), color=color, ls=dash, lw=wide, label=label)
        axes.axhline(1, color=SOFT, lw=0.7)
        axes.set_ylabel(say("Growth of 1"))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 0.98), ncols=2, fontsize=8, borderpad=0)
        return svg(figure)


def _benchmark(data: SweepNumbers, say: Say) -> str:
    return benchmark_label(data.benchmark_name, data.statistics.benchmark_span, say)


def importance_figure(data: SweepNumbers, say: Say) -> str:
    """Return the share of variance that each key explains, beside what shuffling would show."""
    found = data.importance[::-1]
    sides = (
        ([key.validation for key in found],
         say("Validation: {figure}", figure=figure_name(data.objective, say))),
        ([key.test for key in found], say("Test: {figure}", figure=figure_name("sharpe", say))),
    )  # fmt: skip
    rows = np.arange(len(found))
    with drawing(9.6, 1.0 + 0.34 * len(found)) as figure:
        for axes, (side, title) in zip(
            figure.subplots(1, 2, sharey=True, sharex=True), sides, strict=True
        ):
            share = np.array([None if key is None else key.share for key in side], float)
            chance = np.array([None if key is None else key.chance_high for key in side], float)
            sure = share > chance
            axes.barh(rows, share, 0.6, color=np.where(sure, OURS, GREY),
                      label=say("Share of the variance"))  # fmt: skip
            axes.plot(chance, rows, "|", color=BAD, ms=15, mew=1.8,
                      label=say("Shuffled settings, 95 %"))  # fmt: skip
            axes.set_yticks(rows, [key.key for key in found])
            axes.set_title(title)
            axes.xaxis.set_major_formatter(PercentFormatter(1))
            axes.set_xlim(0, None)
        return svg(figure)


def heatmap_figure(pair: Heatmap, data: SweepNumbers, say: Say) -> str:
    """Return medians by the values of two keys, on validation and on test sessions."""
    pairs = data.heatmaps.pairs
    parts = [
        (pair.validation, [p.validation for p in pairs], data.objective,
         say("Validation: {figure}", figure=figure_name(data.objective, say))),
        (pair.test, [p.test for p in pairs], "sharpe",
         say("Test: {figure}", figure=figure_name("sharpe", say))),
    ]  # fmt: skip
    # The name of the rows stands upright beside them.
    tall = max(1.0 + 0.3 * len(pair.rows), 0.7 + 0.07 * len(pair.keys[0]))
    with drawing(9.6, tall) as figure:
        for axes, (cells, all_cells, name, title) in zip(
            figure.subplots(1, 2, sharey=True), parts, strict=True
        ):
            _cells(axes, cells, name, limits=_range(all_cells))
            _frame(axes, pair, data)
            _name_columns(axes, pair.columns, say)
            rows = [level_name(level, say) for level in pair.rows]
            axes.set_yticks(range(len(rows)), rows, fontsize=8)
            axes.set_xlabel(pair.keys[1])
            axes.set_title(title)
        figure.axes[0].set_ylabel(pair.keys[0])
        return svg(figure)


def _spread(
    axes: Axes,
    data: SweepNumbers,
    name: str,
    figure: Callable[[Performance], float | None],
    say: Say,
) -> None:
    found = distribution(data.trials, figure)
    axes.set_title(say("Test: {figure}", figure=figure_name(name, say)))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    if KINDS[name] == "return":
        axes.xaxis.set_major_formatter(PercentFormatter(1))
    if found is None:
        axes.text(0.5, 0.5, say("no trial has it"), transform=axes.transAxes, ha="center")
        return
    values = np.array(found.values)
    spread = np.ptp(values) > 1e-12 * max(1.0, float(np.abs(values).max()))
    counts, edges = np.histogram(values, bins=min(30, max(6, len(values) // 3)) if spread else 1)
    axes.stairs(counts, edges, fill=True, color=GREY)
    axes.plot((edges[:-1] + edges[1:]) / 2, counts, ls="", label="_")
    rolling = data.rolling.figures if data.rolling else Performance()
    marks = [
        (found.chosen, say("Chosen"), OURS, "-", 2.0),
        (figure(rolling), say("Chosen anew each window"), MORE, "-", 2.0),
        (found.median, say("Median of the trials"), INK, "--", 1.2),
        (figure(data.statistics.benchmark or Performance()), _benchmark(data, say), SOFT, "-", 1.2),
        (data.statistics.expected_best if name == "sharpe" else None,
         say("Best expected of no skill"), BAD, ":", 1.8),
    ]  # fmt: skip
    for at, label, color, dash, wide in marks:
        if at is not None:
            axes.axvline(at, color=color, ls=dash, lw=wide, label=label)


def _cells(axes: Axes, matrix: Matrix, name: str, *, limits: tuple[float, float]) -> None:
    """Draw medians in colours, and in numbers where these do not touch."""
    values = np.array(matrix, dtype=float)
    drawn = axes.imshow(values, cmap=pale("Blues"), vmin=limits[0], vmax=limits[1], aspect="auto")
    axes.grid(visible=False)
    small = 8 if values.shape[1] <= 8 else 6.5
    known = list(zip(*np.nonzero(np.isfinite(values)), strict=True))
    texts = [written(float(values[cell]), name).replace(" %", "") for cell in known]
    if values.shape[1] * (1 + max(map(len, texts), default=0)) > CELL_LETTERS:
        bar = axes.figure.colorbar(drawn, ax=axes, fraction=0.046, pad=0.02)
        if KINDS[name] in {"return", "share"}:
            bar.ax.yaxis.set_major_formatter(PercentFormatter(1))
        return
    for (row, column), text in zip(known, texts, strict=True):
        axes.text(column, row, text, ha="center", va="center", fontsize=small)


def _frame(axes: Axes, pair: Heatmap, data: SweepNumbers) -> None:
    """Frame the cell of the chosen trial."""
    for trial in data.trials:
        if trial.chosen:
            row, column = (
                next((n for n, lv in enumerate(side) if _holds(lv, trial.settings.get(key))), None)
                for side, key in zip((pair.rows, pair.columns), pair.keys, strict=True)
            )
            if row is not None and column is not None:
                axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, ec=INK,
                                         lw=1.8, clip_on=False, zorder=4))  # fmt: skip


def _holds(level: Level, value: Any) -> bool:
    if len(level) == 2:
        return is_number(value) and level[0] <= value <= level[1]
    return len(distinct([level[0], value])[0]) == 1


def pale(name: str) -> Colormap:
    """Return the lighter part of a scale: ink is read on it, by night on its turned lightness."""
    return ListedColormap(colormaps[name](np.linspace(0.02, 0.55, 256)))


def _range(matrices: Sequence[Matrix]) -> tuple[float, float]:
    """Return the limits of all heat maps of a figure, so that their colours compare."""
    known = [v for matrix in matrices for row in matrix for v in row if v is not None]
    return min(known, default=0.0), max(known, default=1.0)


def level_name(level: Level, say: Say) -> str:
    """Return the value of a level, or its range, shortened where it is long."""
    if len(level) == 2:
        return say("{low} to {high}", low=number_name(level[0]), high=number_name(level[1]))
    text = value_name(level[0], say)
    return text if len(text) <= NAME else f"{text[: NAME - 1]}\N{HORIZONTAL ELLIPSIS}"


def number_name(value: float) -> str:
    """Return an end of a range of settings."""
    return f"{value:.3g}" if abs(value) < 1000 else number(value)


def _name_columns(axes: Axes, levels: Sequence[Level], say: Say) -> None:
    """Name columns, ranges in two lines; slanted or not each of them where names would touch."""
    names = [
        " ~\n".join(map(number_name, level)) if len(level) == 2 else level_name(level, say)
        for level in levels
    ]
    longest = max(len(line) for name in names for line in name.split("\n"))
    slanted = longest * len(names) > COLUMN_LETTERS
    step = math.ceil(len(names) / MOST_SLANTED)
    axes.set_xticks(
        range(0, len(names), step), names[::step], fontsize=8, rotation=25 if slanted else 0,
        ha="right" if slanted else "center", rotation_mode="anchor" if slanted else "default",
    )  # fmt: skip
