"""Figures of what was predicted, beside what luck and costs make of it."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from rollsight.reports.page.drawing import BAD, GREY, OURS, THEIRS, drawing, svg
from rollsight.reports.page.language import Say
from rollsight.reports.run.numbers import RunNumbers, WindowNumbers

Float64 = npt.NDArray[np.float64]

INK, SOFT = "#3d4752", "#5c6670"
MOST_TICKS = 12  # windows that are named below a figure


def windows_figure(numbers: RunNumbers, say: Say) -> str:
    """Return, per window, precision beside the same dates' base rate, over mean net returns."""
    windows = numbers.windows
    number = np.array([w.number for w in windows])
    precision = _values(w.figures.precision for w in windows)
    base = _values(w.all_buys.base_up_of_alike for w in windows)
    kinds: list[tuple[bool | None, str, str]] = [
        (True, say("Precision, skilled on validation"), OURS),
        (False, say("Precision, no skill on validation"), "none"),
    ]
    if numbers.skill.skilled is None:
        kinds = [(None, say("Precision"), OURS)]
    with drawing(9.6, 4.6) as figure:
        top, below = figure.subplots(2, 1, sharex=True)
        top.plot(number, base, "_", color=INK, ms=11, mew=1.6,
                 label=say("Base rate, same dates and volatility"))  # fmt: skip
        for skilled, label, fill in kinds:
            own = np.array([w.skilled == skilled for w in windows])
            top.plot(number[own], precision[own], "o", mfc=fill, color=OURS, label=label)
        _percent(top)
        top.set_title(say("Predicted: precision of all buys"), pad=22)
        top.legend(loc="lower left", bbox_to_anchor=(0, 0.99), ncols=4, fontsize=8, borderpad=0)
        _earned(below, windows, number, say)
        return svg(figure)


def luck_figure(numbers: RunNumbers, say: Say) -> str:
    """Return, per year, how far all buys are ahead of the mean of random ones, and their bands."""
    drawn = [(y.year, y.all_buys.random_buys) for y in numbers.years]
    years = [(year, beside) for year, beside in drawn if beside is not None]
    at = np.array([year for year, _ in years])
    with drawing(9.6, 2.7) as figure:
        for axes, found, title in zip(
            figure.subplots(1, 2),
            ([b.precision for _, b in years], [b.net_return for _, b in years]),
            (say("Precision of all buys less the mean of random buys"),
             say("Net return of all buys less the mean of random buys")),
            strict=True,
        ):  # fmt: skip
            low, high = _values(f.ahead_low for f in found), _values(f.ahead_high for f in found)
            axes.axhline(0, color=SOFT, lw=0.7)
            axes.vlines(at, low, high, color=THEIRS, lw=7, alpha=0.6,
                        label=say("Random buys, 5 % to 95 %"))  # fmt: skip
            axes.plot(at, _values(f.ahead for f in found), "o", color=OURS, ms=4,
                      label=say("This run"))  # fmt: skip
            axes.set_title(title)
            _percent(axes, 1)
            _years(axes)
            axes.legend(fontsize=8)
        return svg(figure)


def lead_figure(numbers: RunNumbers, say: Say) -> str:
    """Return, per year, precision less crucial-fail beside the lines that costs demand."""
    years = numbers.years
    at, found = np.array([y.year for y in years]), [y.break_even for y in years]
    lead = _values(f.lead for f in found)
    with drawing(9.6, 2.9) as figure:
        axes = figure.subplots()
        axes.bar(at, lead, 0.55, color=GREY, label=say("Precision less crucial-fail"))
        axes.plot(at, _values(f.needed for f in found), "_", color=BAD, ms=22, mew=2,
                  label=say("Needed, if UP and DOWN move by the label's band"))  # fmt: skip
        axes.plot(at, _values(f.needed_made for f in found), "_", color=OURS, ms=22, mew=2,
                  label=say("Needed, at the returns these buys made"))  # fmt: skip
        axes.axhline(0, color=SOFT, lw=0.7)
        _percent(axes)
        _years(axes)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 0.99), ncols=3, fontsize=8, borderpad=0)
        return svg(figure)


def reliability_figure(numbers: RunNumbers, say: Say) -> str:
    """Return what came beside what was forecast, one point a tenth of the rows."""
    bins = numbers.calibration
    forecast, observed = _values(b.forecast for b in bins), _values(b.observed for b in bins)
    low, high = _values(b.low for b in bins), _values(b.high for b in bins)
    with drawing(4.7, 3.4) as figure:
        axes = figure.subplots()
        ends = [float(np.nanmin([forecast, observed])), float(np.nanmax([forecast, observed]))]
        axes.plot(ends, ends, color=BAD, lw=1, ls="--", label=say("Means what it says"))
        axes.vlines(forecast, low, high, color=THEIRS, lw=2, label=say("95 % interval"))
        axes.plot(forecast, observed, "o-", color=OURS, ms=4, lw=1.2,
                  label=say("Tenths of the rows"))  # fmt: skip
        axes.set_xlabel(say("Forecast probability of UP"))
        axes.set_ylabel(say("Share that went UP"))
        _percent(axes)
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.legend(fontsize=8)
        return svg(figure)


def information_figure(numbers: RunNumbers, say: Say) -> str:
    """Return, per year, the mean rank information coefficient with its interval."""
    years = numbers.years
    at, found = np.array([y.year for y in years]), [y.information for y in years]
    mean = _values(f.mean for f in found)
    low, high = _values(f.low for f in found), _values(f.high for f in found)
    with drawing(4.7, 3.4) as figure:
        axes = figure.subplots()
        axes.bar(at, mean, 0.6, label=say("Mean rank information coefficient"), color=OURS)
        axes.vlines(at, low, high, color=INK, lw=1.2, label=say("95 % interval"))
        axes.axhline(0, color=SOFT, lw=0.7)
        axes.set_ylabel(say("Rank information coefficient"))
        _years(axes)
        return svg(figure)


def _earned(axes: Axes, windows: Sequence[WindowNumbers], number: Float64, say: Say) -> None:
    earned = _values(w.all_buys.net_return for w in windows)
    taken = _values(w.taken.net_return for w in windows)
    axes.bar(number - 0.2, earned, 0.38, color=GREY, label=say("All buys"))
    axes.bar(number + 0.2, taken, 0.38, label=say("Trades taken"), color=OURS)
    axes.axhline(0, color=SOFT, lw=0.7)
    _percent(axes, 1)
    axes.set_title(say("Earned: mean net return of a buy (grey) and of a trade (colour)"))
    axes.set_xlabel(say("Window, and the month in which its test begins"))
    step = -(-len(windows) // MOST_TICKS)
    named = [f"{w.number}\n{w.test_start[:7]}" for w in windows[::step]]
    axes.set_xticks(number[::step], named)


def _percent(axes: Axes, decimals: int = 0) -> None:
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=decimals))


def _years(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=10))


def _values(found: Iterable[float | None]) -> Float64:
    return np.array([np.nan if v is None else v for v in found])
