"""Figures of a zoo."""

import numpy as np
from matplotlib.axes import Axes

from rollsight.reports.page.drawing import GREY, LESS, MORE, OURS, THEIRS, drawing, svg
from rollsight.reports.page.language import Say
from rollsight.reports.zoo.numbers import Maps, Member, Segment, ZooNumbers
from rollsight.reports.zoo.ranks import Ranks

SHOWN = 12  # channels
LINES = (OURS, LESS, MORE, THEIRS)


def gain_figure(data: ZooNumbers, say: Say) -> str:
    """Return the gain of each model with its interval, the largest on top."""
    members = data.members[::-1]
    with drawing(9.6, 0.7 + 0.24 * len(members)) as drawn:
        axes = drawn.subplots()
        for place, one in enumerate(members):
            gain = one.gain
            if gain.low is not None and gain.high is not None:
                axes.plot([gain.low, gain.high], [place, place], color=THEIRS, lw=2)
            axes.plot(
                [gain.value or 0.0], [place], marker="o" if gain.above else "s", ms=5,
                color=OURS if gain.above else GREY, ls="", label=one.name,
            )  # fmt: skip
        axes.axvline(0, color="#5c6670", lw=0.7)
        axes.set_yticks(range(len(members)), [one.name for one in members])
        axes.set_xlabel(say("nats a row"))
        return svg(drawn)


def rank_figure(found: Ranks) -> str:
    """Return mean ranks on a line, with bars that join what is no different."""
    with drawing(9.6, 0.9 + 0.2 * len(found.names)) as drawn:
        axes = drawn.subplots()
        places = np.arange(len(found.names))
        axes.plot(found.ranks, places, "o", color=OURS, ms=5)
        for n, (first, last) in enumerate(found.tied):
            at = -0.8 - 0.5 * n
            axes.plot([found.ranks[first], found.ranks[last]], [at, at], color=LESS, lw=3)
        axes.set_yticks(places, found.names)
        axes.set_xlim(0.8, len(found.names) + 0.2)
        axes.invert_yaxis()
        return svg(drawn)


def curves_figure(data: ZooNumbers) -> str:
    """Return the losses by epoch of each model in a panel of its own."""
    shown = [m for m in data.members if len(m.losses[1]) > 1]
    if not shown:
        return ""
    columns = min(4, len(shown))
    rows = -(-len(shown) // columns)
    with drawing(9.6, 0.2 + 1.5 * rows) as drawn:
        grid = drawn.subplots(rows, columns, squeeze=False)
        for axes, one in zip(grid.flat, shown, strict=False):
            _curve(axes, one)
        for axes in list(grid.flat)[len(shown) :]:
            axes.set_axis_off()
        return svg(drawn)


def segments_figure(data: ZooNumbers) -> str:
    """Return each segment's outcomes as bars, and what the models said as lines."""
    names = [m.name for m in data.members[: len(LINES)]]
    columns, rows = 4, -(-len(data.segments) // 4)
    with drawing(9.6, 0.5 + 1.6 * rows) as drawn:
        grid = drawn.subplots(rows, columns, squeeze=False)
        for axes, segment in zip(grid.flat, data.segments, strict=False):
            _segment(axes, segment, names)
        for axes in list(grid.flat)[len(data.segments) :]:
            axes.set_axis_off()
        handles, labels = grid.flat[0].get_legend_handles_labels()
        drawn.legend(handles, labels, loc="outside upper left", ncols=len(names), fontsize=8)
        return svg(drawn)


def maps_figure(maps: Maps) -> str:
    """Return each model's shares of the channels as a table of shades."""
    names = list(maps.shares)
    share = np.array([maps.shares[name] for name in names])
    order = np.argsort(-share.mean(axis=0), kind="stable")[:SHOWN]
    with drawing(9.6, 0.9 + 0.26 * len(names)) as drawn:
        axes = drawn.subplots()
        for row, name in enumerate(names):
            for column, channel in enumerate(order):
                value = float(share[row, channel])
                axes.scatter([column], [row], s=4 + 600 * value, color=OURS, label=name)
        axes.set_xticks(range(len(order)), [maps.channels[c] for c in order], rotation=30)
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.5, -0.5)
        return svg(drawn)


def _curve(axes: Axes, one: Member) -> None:
    learnt, judged = one.losses
    axes.plot(range(1, len(learnt) + 1), learnt, color=THEIRS, lw=1.2, label="learnt")
    axes.plot(range(1, len(judged) + 1), judged, color=OURS, lw=1.4, label="left out")
    axes.set_title(one.name, fontsize=8)
    axes.tick_params(labelsize=7)


def _segment(axes: Axes, segment: Segment, names: list[str]) -> None:
    days = np.arange(len(segment.outcome))
    axes.bar(days, segment.outcome, color=GREY, label="outcome")
    beside = axes.twinx()
    for name, color in zip(names, LINES, strict=False):
        beside.plot(days, segment.said[name], color=color, lw=1.1, label=name)
        axes.plot([], [], color=color, lw=1.1, label=name)
    axes.set_title(f"{segment.code} {segment.dates[0]}", fontsize=7.5)
    for one in (axes, beside):
        one.tick_params(labelsize=6)
