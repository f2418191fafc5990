"""The page that sets runs side by side."""

from html import escape
from typing import Any

import numpy as np

from rollsight.reports.compare.numbers import gained, shown, untraded_runs
from rollsight.reports.page.document import document
from rollsight.reports.page.drawing import BAD, GOOD, OURS, THEIRS, drawing, svg
from rollsight.reports.page.html import Cell, figure, paragraph, section, table, words
from rollsight.reports.page.language import Say
from rollsight.reports.run.learning.modes import modes_rows
from rollsight.reports.statistics.multiplicity import drawn_by_comparison, strays

COLORS = (OURS, BAD, GOOD, THEIRS)  # of the runs' lines; dashes tell a fifth from the first


def comparison(data: dict[str, Any], say: Say) -> str:
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
    subtitle = " · ".join(run["label"] for run in data["runs"])
    contents = {key: heading for key, (heading, _) in parts.items()}
    return document(title, subtitle, contents, body, say=say)


def growth_figure(data: dict[str, Any], say: Say) -> str:
    """Return the growth of one unit in every run."""
    with drawing(9.6, 3.4) as drawn:
        axes = drawn.subplots()
        for n, (run, equity) in enumerate(zip(data["runs"], data["equity"], strict=True)):
            days = np.array(equity["date"], dtype="datetime64[D]")
            money = np.array(equity["equity"], dtype=float)
            axes.plot(
                days, money / money[0], color=COLORS[n % len(COLORS)], label=run["label"],
                lw=1.4, ls="-" if n < len(COLORS) else "--",
            )  # fmt: skip
        axes.axhline(1, color="#5c6670", lw=0.7)
        axes.set_ylabel(say("Growth of 1"))
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, fontsize=8)
        return svg(drawn)


def _figures(data: dict[str, Any], say: Say) -> list[str]:
    rows: list[list[Cell | str]] = [
        [words(say(f["title"])), *(shown(v, f["unit"]) for v in f["values"])]
        for f in data["figures"]
    ]
    rows.append(
        [words(say("A day, less the first (95 % interval)")), "", *map(gained, data["gains"])]
    )
    remarks = [
        say("The runs were made on different data: figures differ by that too."),
        say("The runs were tested over different sessions: figures differ by that too."),
    ]
    faults = (not data["same_data"], not data["same_span"])
    return [
        *(paragraph(said) for said, wrong in zip(remarks, faults, strict=True) if wrong),
        *map(paragraph, untraded_runs(data, say)),
        figure(growth_figure(data, say), escape(say("Equity at each close, costs included."))),
        table(["", *(run["label"] for run in data["runs"])], rows),
        paragraph(
            say(
                "Each figure is that of the run's own report. The last row tells whether one run "
                "earned more than the first by more than luck: an interval that holds zero does "
                "not."
            )
        ),
        *(paragraph(said) for said in [strays(drawn_by_comparison(data), say)] if said),
    ]


def _modes(data: dict[str, Any], say: Say) -> dict[str, tuple[str, list[str]]]:
    if data["modes"] is None:
        return {}
    rows: list[list[Cell | str]] = [
        [words(title), *cells] for title, *cells in modes_rows(data["modes"], say)
    ]
    told = say(
        "An epoch of fine-tuning is shorter than one over the whole train span; seconds are those "
        "of this machine, and are missing where networks lay ready. The rank correlation "
        "says how much the maps of one window resemble those of the next, all of them, whether "
        "they passed their checks or not."
    )
    content = [table(["", *(run["label"] for run in data["runs"])], rows), paragraph(told)]
    return {"modes": (say("What the modes of training cost and give"), content)}


def _spec(data: dict[str, Any], say: Say) -> list[str]:
    if not data["spec"]:
        return [paragraph(say("The specifications are the same."))]
    rows: list[list[Cell | str]] = [
        [words(s["key"]), *(words(v) for v in s["values"])] for s in data["spec"]
    ]
    return [table([say("Key"), *(r["label"] for r in data["runs"])], rows, texts=len(rows[0]))]
