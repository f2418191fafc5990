"""Which key of a sweep matters, and what each pair of keys comes to."""

from collections.abc import Sequence
from html import escape

from rollsight.reports.page.html import (
    Cell,
    figure,
    folded,
    number,
    paragraph,
    section,
    table,
    words,
)
from rollsight.reports.page.language import Say
from rollsight.reports.statistics.multiplicity import Drawn
from rollsight.reports.sweep.numbers.importance import KeyImportance
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.page.figures import heatmap_figure, importance_figure, level_name
from rollsight.reports.sweep.page.trials import figure_name, written


def keys_section(data: SweepNumbers, say: Say) -> str:
    """Return how much each key explains, and the heat map of each pair."""
    known = any(f.validation or f.test for f in data.importance)
    told = say(
        "The share of the variance over trials that the means of a key's values explain by "
        "themselves (first-order Sobol index, the main effect of a functional analysis of "
        "variance). The red mark is what shuffled settings reach once in twenty: grey bars do not "
        "pass it. What no bar explains is keys working together, and luck."
    )
    return section(
        "keys",
        say("Which key matters"),
        *([paragraph(told), figure(importance_figure(data, say), "")] if known else []),
        *([] if known else [paragraph(say("The trials do not differ enough to tell."))]),
        _levels(data, say),
        *_heatmaps(data, say),
    )


def drawn_by_trials(importance: Sequence[KeyImportance]) -> Drawn:
    """Return how many marks the section draws: a sweep's tests of many tries count their own."""
    shares = [share for key in importance for share in (key.validation, key.test)]
    return Drawn(marks=sum(share is not None for share in shares))


def _levels(data: SweepNumbers, say: Say) -> str:
    rows: list[list[Cell | str]] = [
        [
            words(found.key),
            words(level_name(level.value, say)),
            number(level.n),
            written(level.validation, data.objective),
            written(level.test, "sharpe"),
        ]
        for found in data.importance
        for level in found.levels
    ]
    heads = [
        say("Key"), say("Value"), say("Trials"),
        say("Validation: {figure}", figure=figure_name(data.objective, say)),
        say("Test: {figure}", figure=figure_name("sharpe", say)),
    ]  # fmt: skip
    return folded(
        say("Medians by value ({n})", n=len(rows)),
        table(heads, rows, texts=2),
    )


def _heatmaps(data: SweepNumbers, say: Say) -> list[str]:
    pairs, of = data.heatmaps.pairs, data.heatmaps.of
    if not pairs:
        return []
    told = say(
        "Medians over all other keys. Colours of one figure compare between maps; a broad plateau "
        "is worth more than a lonely peak. Framed: the chosen trial's. Blank: no trial."
    )
    cut = say("The {shown} most important of {n} pairs.", shown=len(pairs), n=of)
    return [
        f"<h3>{escape(say('Each pair of keys'))}</h3>",
        paragraph(told if len(pairs) == of else f"{told} {cut}"),
        *(figure(heatmap_figure(pair, data, say), "") for pair in pairs),
    ]
