"""The page that sets runs side by side."""

from collections.abc import Sequence
from html import escape

import numpy as np

from rollsight.reports.compare.modes import modes_rows
from rollsight.reports.compare.numbers import Comparison, Gain, gained, luckiest, remarks
from rollsight.reports.page.document import document
from rollsight.reports.page.drawing import LESS, MORE, OURS, THEIRS, drawing, svg
from rollsight.reports.page.html import Cell, figure, paragraph, section, table, words
from rollsight.reports.page.language import Say
from rollsight.reports.run.headline import verdict_line
from rollsight.reports.run.scores.judgement import among, reasons
from rollsight.reports.statistics.multiplicity import Drawn, strays

COLORS = (OURS, LESS, MORE, THEIRS)  # of the runs' lines; dashes tell a fifth from the first


def comparison(data: Comparison, say: Say) -> str:
    """Return the page of a comparison.

    Parameters
    ----------
    data
        what `compare_data` returned
    """
    title = say("Runs side by side")
    parts = {
        "figures": (say("What they predicted and earned"), _figures(data, say)),
        **_modes(data, say),
        "spec": (say("What differs in their specifications"), _spec(data, say)),
    }
    body = "".join(section(key, heading, *html) for key, (heading, html) in parts.items())
    subtitle = " · ".join(data.labels)
    contents = {key: heading for key, (heading, _) in parts.items()}
    return document(title, subtitle, contents, body, say=say, lead=_verdicts(data, say))


def _verdicts(data: Comparison, say: Say) -> str:
    """Return the verdict on each run, asked as many times as there are runs."""
    tries = len(data.runs)
    found = [(run.label, among(run.numbers, tries)) for run in data.runs]
    lines = (
        verdict_line(one.verdict.word, reasons(one, say), say, of=label) for label, one in found
    )
    return "".join(lines) + paragraph(luckiest(tries, say))


def growth_figure(data: Comparison, say: Say) -> str:
    """Return the growth of one unit in every run."""
    with drawing(9.6, 3.4) as drawn:
        axes = drawn.subplots()
        for n, run in enumerate(data.runs):
            days = np.array(run.numbers.equity.date, dtype="datetime64[D]")
            money = np.array(run.numbers.equity.equity, dtype=float)
            axes.plot(
                days, money / money[0], color=COLORS[n % len(COLORS)], label=run.label,
                lw=1.4, ls="-" if n < len(COLORS) else "--",
            )  # fmt: skip
        axes.axhline(1, color="#5c6670", lw=0.7)
        axes.set_ylabel(say("Growth of 1"))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=8)
        return svg(drawn)


def drawn_by_comparison(gains: Sequence[Gain]) -> Drawn:
    """Return how many intervals the page draws."""
    return Drawn(intervals=sum(gain.low is not None for gain in gains))


def _figures(data: Comparison, say: Say) -> list[str]:
    rows: list[list[Cell | str]] = [
        [words(title), *cells] for title, *cells in (f.row(say) for f in data.figures)
    ]
    rows.append([words(say("A day, less the first (95 % interval)")), "", *map(gained, data.gains)])
    return [
        *map(paragraph, remarks(data, say)),
        figure(growth_figure(data, say), escape(say("Equity at each close, costs included."))),
        table(["", *data.labels], rows),
        paragraph(
            say(
                "Each figure is that of the run's own report. The last row tells whether one run "
                "earned more than the first by more than luck: an interval that holds zero does "
                "not."
            )
        ),
        *(paragraph(said) for said in [strays(drawn_by_comparison(data.gains), say)] if said),
    ]


def _modes(data: Comparison, say: Say) -> dict[str, tuple[str, list[str]]]:
    if data.modes is None:
        return {}
    rows: list[list[Cell | str]] = [
        [words(title), *cells] for title, *cells in modes_rows(data.modes, say)
    ]
    told = say(
        "An epoch of fine-tuning is shorter than one over the whole train span; seconds are those "
        "of this machine, and are missing where networks lay ready. The rank correlation "
        "says how much the maps of one window resemble those of the next, all of them, whether "
        "they passed their checks or not."
    )
    content = [table(["", *data.labels], rows), paragraph(told)]
    return {"modes": (say("What the modes of training cost and give"), content)}


def _spec(data: Comparison, say: Say) -> list[str]:
    if not data.spec:
        return [paragraph(say("The specifications are the same."))]
    rows: list[list[Cell | str]] = [[words(s.key), *map(words, s.values)] for s in data.spec]
    return [table([say("Key"), *data.labels], rows, texts=len(rows[0]))]
