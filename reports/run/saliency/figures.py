"""Figures of the saliency section, from its numbers."""

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from rollsight.backtests.chain.attributed import BY_GROUP
from rollsight.reports.page.drawing import BAD, GOOD, GREY, LESS, MORE, OURS, drawing, svg
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import word
from rollsight.reports.run.numbers import RunNumbers
from rollsight.reports.run.saliency.attribution import (
    FALSE_DISCOVERIES,
    Saliency,
    first_method,
)
from rollsight.reports.run.saliency.explained import explained_name, share_name, share_title

Float64 = npt.NDArray[np.float64]
Groups = dict[tuple[str, str], Saliency]

ZERO = "#5c6670"
MOST_TICKS = 12


def groups_of(numbers: RunNumbers, method: str | None = None) -> Groups:
    """Return a method's entries by period and outcome, by default the first's."""
    own = method or first_method(numbers.saliency)
    return {(s.period, s.outcome): s for s in numbers.saliency if s.method == own}


def names_of(numbers: RunNumbers, method: str | None = None) -> list[str]:
    """Return the names of the channels, or of a grouped method's groups, in order."""
    own = groups_of(numbers, method)
    found = next((list(entry.share) for entry in own.values()), None)
    return [c.name for c in numbers.data.channels] if found is None else found


def shown(name: str, method: str | None, say: Say) -> str:
    """Return what the page calls a channel, which has one name, or a group, which has words."""
    return word(name, say) if method is not None and method.endswith(BY_GROUP) else name


def periods_of(groups: Groups, kind: str) -> list[str]:
    """Return the periods of a kind (year, quarter, window) that have trades, in order."""
    return sorted({period for period, _ in groups if period.startswith(f"{kind} ")})


def grid(groups: Groups, periods: list[str], names: list[str], outcome: str, key: str) -> Float64:
    """Return (channels, periods) of a figure, NaN where a period has none."""
    found = np.full((len(names), len(periods)), np.nan)
    for column, period in enumerate(periods):
        values = getattr(groups.get((period, outcome)), key, None)
        if values is not None:
            found[:, column] = [np.nan if values[n] is None else values[n] for n in names]
    return found


def channels_figure(numbers: RunNumbers, say: Say, method: str | None = None) -> str:
    """Return, over the windows that count, each channel's share and contribution by outcome."""
    names, groups = names_of(numbers, method), groups_of(numbers, method)
    titles = {
        "share": share_title(numbers.attribution, say),
        "contribution": say("Mean contribution to {target}", target=_target(numbers, say)),
    }
    outcomes = (("profit", say("Winners"), MORE, 0.19), ("loss", say("Losers"), LESS, -0.19))
    with drawing(9.6, 0.9 + 0.36 * len(names)) as figure:
        panels = figure.subplots(1, 2, sharey=True)
        for axes, (key, title) in zip(panels, titles.items(), strict=True):
            for outcome, name, color, shift in outcomes:
                if ("all", outcome) in groups:
                    group = groups["all", outcome]
                    label = say("{outcome} ({n} trades)", outcome=name, n=group.trades)
                    values = [getattr(group, key)[n] for n in names]
                    axes.barh(_rows(names) + shift, values, 0.36, color=color, label=label)
            axes.axvline(0, color=ZERO, lw=0.7)
            axes.set_title(title, pad=20)
            axes.set_yticks(_rows(names), [shown(name, method, say) for name in names])
        panels[0].xaxis.set_major_formatter(PercentFormatter(1))
        panels[0].legend(loc="lower left", bbox_to_anchor=(0, 0.985), ncols=2, fontsize=8)
        return svg(figure)


def differences_figure(numbers: RunNumbers, say: Say, method: str | None = None) -> str:
    """Return winners less losers in contribution, with intervals; muted where luck would do."""
    names, groups = names_of(numbers, method), groups_of(numbers, method)
    titles = {"profit": say("Profit less loss"), "success": say("Success less crucial-fail")}
    with drawing(9.6, 0.9 + 0.32 * len(names)) as figure:
        panels = figure.subplots(1, 2, sharey=True, sharex=True)
        for axes, (outcome, title) in zip(panels, titles.items(), strict=True):
            called = {name: shown(name, method, say) for name in names}
            _differences(axes, called, groups.get(("all", outcome)), say)
            axes.set_title(title)
            axes.set_yticks(_rows(names), list(called.values()))
            axes.set_xlabel(say("To {target}, within windows", target=_target(numbers, say)))
        return svg(figure)


def _differences(axes: Axes, called: dict[str, str], group: Saliency | None, say: Say) -> None:
    axes.axvline(0, color=ZERO, lw=0.7)
    if group is None or not group.difference:
        axes.text(0.5, 0.5, say("nothing to compare"), transform=axes.transAxes, ha="center")
        return
    for row, (name, its) in zip(_rows(list(called)), called.items(), strict=True):
        value = group.difference[name] or 0.0
        real = found(group, name)
        color = (GOOD if value > 0 else BAD) if real else GREY
        label = its if real else say("{channel}: not significant", channel=its)
        fill = color if real else "none"
        axes.barh(row, value, 0.6, facecolor=fill, edgecolor=color, label=label)
        low, high = ((bound or {}).get(name) for bound in (group.low, group.high))
        if low is not None and high is not None:
            reach = [low, high]
            label = say("{channel}: 95 % interval", channel=its)
            axes.plot(reach, [row, row], color="#3d4752", lw=1.2, label=label)


def found(group: Saliency | None, name: str) -> bool:
    """Return whether a channel's difference survives the false discovery rate, and the gate."""
    if group is None:
        return False
    q = (group.q_value or {}).get(name)
    return q is not None and q < FALSE_DISCOVERIES and group.passed


def periods_figure(numbers: RunNumbers, kind: str, say: Say, method: str | None = None) -> str:
    """Return shares by period for winners and losers, and how their contributions differ.

    Periods that failed the gate are grey; a dot marks a difference that is significant.

    Parameters
    ----------
    kind
        ``year``, ``quarter`` or ``window``
    """
    names, groups = names_of(numbers, method), groups_of(numbers, method)
    periods = periods_of(groups, kind)
    shares = [grid(groups, periods, names, outcome, "share") for outcome in ("profit", "loss")]
    gap = grid(groups, periods, names, "profit", "difference")
    most, far = _largest(np.array(shares)), _largest(np.abs(gap))
    parts = [
        (shares[0], say("Share, profitable trades"), "Greens", 0.0, most),
        (shares[1], say("Share, losing trades"), "Reds", 0.0, most),
        (gap, say("Contribution, profit less loss, within windows"), "BrBG", -far, far),
    ]
    failed = np.array([_failed(groups, period) for period in periods])
    starts = {w.number: w.test_start[:7] for w in numbers.windows}
    called = [_called(period, kind, starts) for period in periods]
    wide = len(periods) <= MOST_TICKS + 4
    size = (9.6, 0.9 + 0.26 * len(names)) if wide else (9.6, 1.5 + 0.66 * len(names))
    with drawing(*size) as figure:
        panels = figure.subplots(*((1, 3) if wide else (3, 1)), sharey=True, sharex=True)
        for axes, (values, title, colors, low, high) in zip(panels, parts, strict=True):
            drawn = axes.imshow(
                np.where(failed, np.nan, values), cmap=colors, vmin=low, vmax=high, aspect="auto"
            )
            axes.imshow(
                np.where(failed, np.abs(values), np.nan),
                cmap="Greys", vmin=-0.5 * high, vmax=1.5 * high, aspect="auto",
            )  # fmt: skip
            _label(axes, [shown(name, method, say) for name in names], called)
            axes.set_title(title)
            bar = figure.colorbar(drawn, ax=axes, fraction=0.046, pad=0.02)
            bar.ax.yaxis.set_major_locator(MaxNLocator(4))
        for column, period in enumerate(periods):
            group = groups.get((period, "profit"))
            hits = [row for row, name in enumerate(names) if found(group, name)]
            panels[2].plot(
                [column] * len(hits), hits, "o", color="#1d2733", ms=4, mec="#ffffff", mew=0.8
            )
        return svg(figure)


def _failed(groups: Groups, period: str) -> bool:
    return any(not group.passed for (p, _), group in groups.items() if p == period)


def _called(period: str, kind: str, starts: dict[int, str]) -> str:
    """Return a period without its kind; a window beside the month in which its test begins."""
    own = period.removeprefix(f"{kind} ")
    return f"{int(own)} \N{MIDDLE DOT} {starts[int(own)]}" if kind == "window" else own


def _label(axes: Axes, names: list[str], periods: list[str]) -> None:
    step = max(1, len(periods) // MOST_TICKS)
    axes.set_yticks(range(len(names)), names)
    axes.set_xticks(range(0, len(periods), step), periods[::step], rotation=90)
    axes.grid(visible=False)


def lags_figure(numbers: RunNumbers, say: Say) -> str:
    """Return each lag's share of what the network looks at, winners beside losers."""
    lags = numbers.attribution.lags
    outcomes = (("profit", say("Winners"), MORE), ("loss", say("Losers"), LESS))
    with drawing(9.6, 2.6) as figure:
        axes = figure.subplots()
        for outcome, name, color in outcomes:
            if outcome in lags:
                axes.plot(range(len(lags[outcome])), lags[outcome], color=color, lw=1.4, label=name)
        axes.invert_xaxis()
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=12))
        axes.set_xlabel(say("Sessions before the decision"))
        axes.set_ylabel(say("Share of |gradient|"))
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
        axes.legend(loc="upper left")
        return svg(figure)


def importance_figure(numbers: RunNumbers, say: Say) -> str:
    """Return permutation importance beside the shares of saliency."""
    names = names_of(numbers)
    share = groups_of(numbers)["all", "all"].share
    nats = numbers.attribution.importance.nats or {}
    parts = [
        ([share[n] for n in names], share_name(numbers.attribution, say), OURS),
        ([nats[n] for n in names], say("Log-loss gained by permuting it, nats"), "#3d4752"),
    ]
    with drawing(9.6, 0.7 + 0.28 * len(names)) as figure:
        for axes, (values, title, color) in zip(
            figure.subplots(1, 2, sharey=True), parts, strict=True
        ):
            axes.barh(_rows(names), values, 0.6, color=color, label=title)
            axes.axvline(0, color=ZERO, lw=0.7)
            axes.set_yticks(_rows(names), names)
            axes.set_title(title)
        return svg(figure)


def methods_figure(numbers: RunNumbers, say: Say) -> str:
    """Return each channel's share under every method that was computed."""
    names, methods = names_of(numbers), numbers.attribution.methods
    values = np.array(
        [[groups_of(numbers, m)["all", "all"].share[n] for m in methods] for n in names]
    )
    with drawing(9.6, 1.4 + 0.26 * len(names)) as figure:
        axes = figure.subplots()
        drawn = axes.imshow(values, cmap="Greens", vmin=0, aspect="auto")
        axes.set_yticks(range(len(names)), names)
        axes.set_xticks(range(len(methods)), [m.replace("_", " ") for m in methods])
        axes.set_title(say("Share of a channel, by method"))
        axes.grid(visible=False)
        figure.colorbar(drawn, ax=axes, fraction=0.046, pad=0.02)
        return svg(figure)


def _target(numbers: RunNumbers, say: Say) -> str:
    return explained_name(numbers.attribution, say)


def _rows(names: list[str]) -> npt.NDArray[np.int64]:
    return np.arange(len(names))[::-1]


def _largest(values: Float64) -> float:
    return float(np.nanmax(values)) or 1.0 if np.isfinite(values).any() else 1.0
