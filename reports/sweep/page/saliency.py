"""Which indices drive the networks of a sweep, and whether its settings agree on them."""

from collections.abc import Sequence
from html import escape

import numpy as np

from rollsight.reports.page.drawing import drawing, svg
from rollsight.reports.page.html import (
    NONE,
    Cell,
    figure,
    folded,
    number,
    paragraph,
    section,
    table,
)
from rollsight.reports.page.language import Say
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.numbers.saliency import Agreement, TrainingSaliency
from rollsight.reports.sweep.page.figures import pale
from rollsight.reports.sweep.page.trials import settings_name

TOP = 3  # channels named of each training
MOST_ROWS = 200
MOST_TRAININGS = 24  # side by side
FEW_TRAININGS = 8  # that half the page has room for


def saliency(data: SweepNumbers, say: Say) -> str:
    """Return whether distinct trainings look at the same indices."""
    found = data.saliency
    title = say("Which indices drive the networks")
    if not found:
        said = say("No trial computed saliency: nothing is known of what drove its networks.")
        return section("saliency", title, paragraph(said))
    drawn = [s for s in found if s.share is not None]
    return section(
        "saliency",
        title,
        paragraph(_said(data, say)),
        _left_out(found, say),
        _figures(drawn, data.agreement, say) if drawn else "",
        _table(data, say),
    )


def saliency_figure(saliency: Sequence[TrainingSaliency], say: Say) -> str:
    """Return each training's shares of saliency by channel; grey where no window has skill."""
    drawn = [s for s in saliency if s.share is not None][:MOST_TRAININGS]
    channels = list(dict.fromkeys(c for s in drawn for c in s.channels))
    shares = np.full((len(channels), len(drawn)), np.nan)
    for column, own in enumerate(drawn):
        shares[[channels.index(c) for c in own.channels], column] = own.share
    skilled = np.array([bool(s.skilled) for s in drawn])
    wide = 9.6 if len(drawn) > FEW_TRAININGS else 4.7
    with drawing(wide, 1.1 + 0.24 * len(channels)) as figure:
        axes = figure.subplots()
        high = float(np.nanmax(shares)) or 1.0
        for keep, colors in ((skilled, "Greens"), (~skilled, "Greys")):
            axes.imshow(np.where(keep, shares, np.nan), cmap=pale(colors), vmin=0, vmax=high,
                        aspect="auto")  # fmt: skip
        axes.set_yticks(range(len(channels)), channels)
        axes.set_xticks(range(len(drawn)), [str(s.training) for s in drawn])
        axes.set_xlabel(say("Training no."))
        axes.set_title(say("Share of |gradient|"))
        axes.grid(visible=False)
        for row, column in zip(*np.nonzero(np.isfinite(shares)), strict=True):
            axes.text(column, row, f"{100 * shares[row, column]:.0f}", ha="center", va="center",
                      fontsize=7)  # fmt: skip
        return svg(figure)


def agreement_figure(agreement: Agreement, say: Say) -> str:
    """Return the rank correlations of the channels' shares, training by training."""
    most = MOST_TRAININGS
    names = [str(number) for number in agreement.trainings[:most]]
    matrix = np.array([row[:most] for row in agreement.matrix[:most]], dtype=float)
    wide = 9.6 if len(names) > FEW_TRAININGS else 4.7
    with drawing(wide, 1.1 + 0.3 * len(names)) as figure:
        axes = figure.subplots()
        axes.imshow(matrix, cmap=pale("Greens"), vmin=0, vmax=1, aspect="auto")
        axes.set_xticks(range(len(names)), names)
        axes.set_yticks(range(len(names)), names)
        axes.set_xlabel(say("Training no."))
        axes.set_title(say("Rank correlation of the shares"))
        axes.grid(visible=False)
        for row, column in zip(*np.nonzero(np.isfinite(matrix)), strict=True):
            axes.text(column, row, number(matrix[row, column], 2), ha="center", va="center",
                      fontsize=7)  # fmt: skip
        return svg(figure)


def _left_out(found: Sequence[TrainingSaliency], say: Say) -> str:
    count = sum(1 for s in found if s.skilled and s.share is None)
    if not count:
        return ""
    said = say(
        "Through the models of {n} trainings no gradient flows: what they look at is left out.",
        n=count,
    )
    return paragraph(said)


def _said(data: SweepNumbers, say: Say) -> str:
    found, shared = data.saliency, data.agreement
    skilled = sum(1 for s in found if s.skilled)
    if not skilled:
        return say(
            "None of {n} distinct trainings has a window with skill on validation: their maps are "
            "those of noise, shown in grey, and say nothing of what drives the market.",
            n=len(found),
        )
    counted = say(
        "{skilled} of {n} distinct trainings have windows with skill on validation.",
        skilled=skilled,
        n=len(found),
    )
    if shared is None or shared.overall is None:
        lone = say("That is too few to tell whether settings agree on what drives them.")
        return f"{counted} {lone}"
    agreed = say(
        "The ranks of their channels correlate {overall} on average (Spearman): near 1, the "
        "settings look at the same indices; near 0, each looks at something else.",
        overall=number(shared.overall, 2),
    )
    return f"{counted} {agreed}"


def _figures(drawn: list[TrainingSaliency], shared: Agreement | None, say: Say) -> str:
    said = say(
        "Per cent of what each training's networks look at, by channel. Grey: no window has skill."
    )
    cut = say("The first {shown} of {n} trainings.", shown=MOST_TRAININGS, n=number(len(drawn)))
    caption = said if len(drawn) <= MOST_TRAININGS else f"{said} {cut}"
    parts = [figure(saliency_figure(drawn, say), escape(caption))]
    if shared is not None:
        told = say("Only trainings with skill. Near 1, two of them look at the same indices.")
        parts.append(figure(agreement_figure(shared, say), escape(told)))
    html = "".join(parts)
    return html if len(drawn) > FEW_TRAININGS else f'<div class="maps">{html}</div>'


def _table(data: SweepNumbers, say: Say) -> str:
    shared = data.agreement
    mean = dict(zip(shared.trainings, shared.mean, strict=True)) if shared else {}
    rows = [_row(s, mean.get(s.training), say) for s in data.saliency[:MOST_ROWS]]
    heads: list[Cell | str] = [
        say("Training no."), say("Settings"), say("Largest shares"), Cell(say("Trials")),
        Cell(say("Windows with skill")), Cell(say("Agreement with the others")),
    ]  # fmt: skip
    return folded(
        say("Distinct trainings ({n})", n=number(len(data.saliency))),
        table(heads, rows, texts=3),
    )


def _row(own: TrainingSaliency, mean: float | None, say: Say) -> list[Cell | str]:
    """Return a row, in grey words where no window has skill."""
    soft = "" if own.skilled else "soft"
    named = settings_name(own.settings, say)
    ranked = sorted(zip(own.share or [], own.channels, strict=False), reverse=True)[:TOP]
    top = ", ".join(channel for _, channel in ranked) or NONE
    return [
        Cell(str(own.training), soft, text=True),
        Cell(named or say("the base specification"), f"wrap {soft}".strip(), text=True),
        Cell(top, soft, text=True),
        Cell(number(own.trials), soft),
        Cell(say("{skilled} of {n}", skilled=own.skilled, n=own.windows), soft),
        Cell(number(mean, 2), soft),
    ]
