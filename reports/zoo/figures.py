"""Figures of a zoo."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from rollsight.reports.page.drawing import (
    GREY,
    LESS,
    MORE,
    OURS,
    THEIRS,
    drawing,
    house_style,
    svg,
)
from rollsight.reports.page.language import Say
from rollsight.reports.zoo.numbers import Maps, Member, Segment, ZooNumbers
from rollsight.reports.zoo.ranks import Ranks

T = TypeVar("T")

SHOWN = 12  # channels
LINES = (OURS, LESS, MORE, THEIRS)


def gain_figure(data: ZooNumbers, say: Say) -> str:
    """Return the gain of each model with its interval, the largest on top."""
    members = data.members[::-1]
    told = {
        True: ("o", OURS, say("above 0 with its whole interval")),
        False: ("s", GREY, say("not told from 0, or below")),
    }
    with drawing(9.6, 0.9 + 0.24 * len(members)) as drawn:
        axes = drawn.subplots()
        for place, one in enumerate(members):
            gain = one.gain
            if gain.low is not None and gain.high is not None:
                ends = [gain.low, gain.high]
                axes.plot(ends, [place, place], color=THEIRS, lw=2, label=say("95 % interval"))
            marker, color, label = told[gain.above]
            axes.plot(
                [gain.value or 0.0], [place], marker=marker, color=color, ms=5, ls="", label=label
            )
        axes.axvline(0, color="#5c6670", lw=0.7)
        axes.set_yticks(range(len(members)), [one.name for one in members])
        axes.set_xlabel(say("nats a row"))
        _legend(axes)
        return svg(drawn)


def rank_figure(found: Ranks, say: Say) -> str:
    """Return mean ranks on a line, with bars that join what is no different."""
    with drawing(9.6, 1.1 + 0.2 * len(found.names) + 0.1 * len(found.tied)) as drawn:
        axes = drawn.subplots()
        places = np.arange(len(found.names))
        axes.plot(found.ranks, places, "o", color=OURS, ms=5, label=say("mean rank"))
        for n, (first, last) in enumerate(found.tied):
            at, ends = -0.8 - 0.5 * n, [found.ranks[first], found.ranks[last]]
            axes.plot(ends, [at, at], color=LESS, lw=3, label=say("no different"))
        axes.set_yticks(places, found.names)
        axes.set_xlim(0.8, len(found.names) + 0.2)
        axes.set_xlabel(say("mean rank of the log-loss, 1 the best"))
        axes.invert_yaxis()
        _legend(axes)
        return svg(drawn)


def curves_figure(data: ZooNumbers, say: Say) -> str:
    """Return the losses by epoch of each model in a panel of its own, nothing where none has."""
    shown = [m for m in data.members if len(m.losses[1]) > 1]
    if not shown:
        return ""

    def draw(axes: Axes, one: Member) -> None:
        learnt, judged = one.losses
        axes.plot(
            range(1, len(learnt) + 1), learnt, color=THEIRS, lw=1.2, label=say("Train"),
        )  # fmt: skip
        first = len(learnt) - len(judged) + 1  # 0 where it started from another's weights
        axes.plot(
            range(first, len(learnt) + 1), judged, color=OURS, lw=1.4, label=say("Not learnt")
        )
        axes.set_xlabel(say("epoch"), fontsize=7.5)
        axes.set_ylabel(say("squared error") if one.squared else say("nats"), fontsize=7.5)

    return _panels({one.name: one for one in shown}, draw, height=1.75)


def segments_figure(data: ZooNumbers, say: Say) -> str:
    """Return each segment's outcomes as bars, and what the models said as lines."""
    names = [m.name for m in data.members[: len(LINES)]]

    def draw(axes: Axes, segment: Segment) -> None:
        days = np.arange(len(segment.outcome))
        axes.bar(days, segment.outcome, color=GREY, label=say("what came"))
        beside = axes.twinx()
        for name, color in zip(names, LINES, strict=False):
            beside.plot(days, segment.said[name], color=color, lw=1.1, label=name)
            axes.plot([], [], color=color, lw=1.1, label=name)
        beside.tick_params(labelsize=6.5, length=2)
        beside.grid(visible=False)
        beside.yaxis.set_major_locator(MaxNLocator(4))

    return _panels({f"{s.code} {s.dates[0]}": s for s in data.segments}, draw, height=1.55)


def maps_figure(maps: Maps) -> str:
    """Return each model's shares of the channels, as dots whose area is the share."""
    names = list(maps.shares)
    share = np.array([maps.shares[name] for name in names])
    order = np.argsort(-share.mean(axis=0), kind="stable")[:SHOWN]
    with drawing(9.6, 0.9 + 0.26 * len(names)) as drawn:
        axes = drawn.subplots()
        for row, name in enumerate(names):
            axes.scatter(
                range(len(order)), [row] * len(order), s=4 + 400 * share[row, order],
                color=OURS, lw=0, label=name,
            )  # fmt: skip
        labels = [maps.channels[c] for c in order]
        axes.set_xticks(range(len(order)), labels, rotation=30, ha="right", fontsize=8)
        axes.set_yticks(range(len(names)), names)
        axes.set_ylim(len(names) - 0.5, -0.5)
        return svg(drawn)


def _panels(shown: Mapping[str, T], draw: Callable[[Axes, T], None], *, height: float) -> str:
    """Return panels, four in a row, each with its title, under one legend; inches a panel."""
    columns = min(4, len(shown))
    rows = -(-len(shown) // columns)
    width, tall = 9.6, 0.35 + height * rows
    with house_style():
        # Evenly spaced by hand: laying so many axes out takes longer than drawing them.
        made = Figure(figsize=(width, tall))
        made.subplots_adjust(
            left=0.55 / width, right=1 - 0.45 / width, bottom=0.4 / tall, top=1 - 0.52 / tall,
            wspace=0.42, hspace=0.55,
        )  # fmt: skip
        grid = made.subplots(rows, columns, squeeze=False)
        for axes, (title, one) in zip(grid.flat, shown.items(), strict=False):
            draw(axes, one)
            axes.set_title(title, fontsize=8, pad=3)
            axes.tick_params(labelsize=6.5, length=2)
            axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
            axes.yaxis.set_major_locator(MaxNLocator(4))
        for axes in list(grid.flat)[len(shown) :]:
            axes.set_axis_off()
        handles, labels = grid.flat[0].get_legend_handles_labels()
        made.legend(
            handles, labels, loc="upper left", ncols=len(labels), fontsize=8, borderpad=0,
            borderaxespad=0.3,
        )  # fmt: skip
        return svg(made)


def _legend(axes: Axes) -> None:
    """Say above the axes what each mark is, once."""
    handles = dict(zip(*axes.get_legend_handles_labels()[::-1], strict=True))
    axes.legend(
        handles.values(), handles.keys(), loc="lower left", bbox_to_anchor=(0, 1), ncols=4,
        fontsize=8, borderpad=0,
    )  # fmt: skip
