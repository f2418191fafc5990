"""Figures of how well scores rank the stocks of each date."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from rollsight.reports.page.drawing import GREY, OURS, THEIRS, drawing, svg
from rollsight.reports.page.language import Say
from rollsight.reports.run.ranking.deciles import Deciles
from rollsight.reports.run.ranking.facts import Ranking

INK, SOFT = "#3d4752", "#5c6670"


def ranking_figure(found: Ranking, say: Say) -> str:
    """Return, per year, both rank coefficients, beside what each tenth of the stocks earned."""
    with drawing(9.6, 3.2) as figure:
        left, right = figure.subplots(1, 2)
        _years(left, found, say)
        _deciles(right, found.deciles, say)
        return svg(figure)


def _years(axes: Axes, found: Ranking, say: Say) -> None:
    plain, matched = [y.plain for y in found.years], [y.matched for y in found.years]
    year = np.array([int(y.name) for y in found.years])
    handles = []
    for at, of, colour, label in (
        (year - 0.2, plain, THEIRS, say("Among all stocks of the date")),
        (year + 0.2, matched, OURS, say("Among stocks as volatile")),
    ):
        mean, low, high = (_values(getattr(i, k) for i in of) for k in ("mean", "low", "high"))
        handles.append(axes.bar(at, mean, 0.38, color=colour, label=label))
        interval = axes.vlines(at, low, high, color=INK, lw=1, label=say("95 % interval"))
    axes.axhline(0, color=SOFT, lw=0.7)
    axes.set_title(say("Mean rank coefficient by year"), pad=22)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8))
    axes.legend(handles=[*handles, interval], loc="lower left", bbox_to_anchor=(0, 0.99), ncols=3,
                fontsize=7.5, borderpad=0, columnspacing=1, handlelength=1.2)  # fmt: skip


def _deciles(axes: Axes, found: Deciles, say: Say) -> None:
    at = np.array([part.part for part in found.parts])
    axes.bar(at - 0.2, _values(p.gross for p in found.parts), 0.38, color=GREY,
             label=say("Before costs"))  # fmt: skip
    axes.bar(at + 0.2, _values(p.net for p in found.parts), 0.38, color=OURS,
             label=say("After costs"))  # fmt: skip
    axes.axhline(0, color=SOFT, lw=0.7)
    axes.set_title(say("Mean label return of each tenth, by score"), pad=22)
    axes.set_xlabel(say("Tenth of the stocks; 10 has the highest scores"))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=10))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=1))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 0.99), ncols=2, fontsize=7.5, borderpad=0)


def _values(found: Iterable[float | None]) -> npt.NDArray[np.float64]:
    return np.array([np.nan if v is None else v for v in found])
