"""The ledger of a sweep: all that was ever tried, and how it ended."""

from rollsight.reports.page.html import NONE, Cell, folded, number, paragraph, section, table, words
from rollsight.reports.page.language import Say
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.reports.sweep.page.trials import settings_name

MOST_ERRORS = 200  # trials that did not come to an end, listed one by one


def ledger(data: SweepNumbers, say: Say) -> str:
    """Return the counts of all tries, and why trials did not come to an end."""
    counts = data.counts
    under = "\N{EM SPACE}"
    rows: list[list[Cell | str]] = [
        [words(name), number(count)]
        for name, count in (
            (say("Trials ever started in this directory"), counts.ever),
            (under + say("abandoned"), counts.abandoned),
            (say("Trials of this sweep"), counts.trials),
            (under + say("done"), counts.done),
            (under + say("failed"), counts.failed),
            (say("Settings that came up twice"), counts.duplicates),
            (say("Networks that the trials needed"), counts.networks),
            (say("Distinct tables of signals"), counts.signals),
            (say("Backtests"), counts.backtests),
        )
    ]
    told = say(
        "Every trial that was ever started counts in the tests above, however it ended: leaving "
        "out what failed would make the rest look less tried than it is."
    )
    heads: list[Cell | str] = ["", Cell(say("Count"))]
    return section(
        "ledger",
        say("Ledger of tries"),
        paragraph(told),
        f'<div class="narrow">{table(heads, rows)}</div>',
        _unfinished(data, say),
    )


def _unfinished(data: SweepNumbers, say: Say) -> str:
    lost = [t for t in data.trials if t.state != "done"]
    if not lost:
        return ""
    names = {"failed": say("failed"), "abandoned": say("abandoned")}
    rows: list[list[Cell | str]] = [
        [
            words(t.number),
            words(names[t.state]),
            Cell(settings_name(t.settings, say), "wrap", text=True),
            Cell(t.error or NONE, "wrap", text=True),
        ]
        for t in lost[:MOST_ERRORS]
    ]
    heads = [say("Trial"), say("Outcome"), say("Settings"), say("Reason")]
    note = say("The first {shown} of {n} trials.", shown=len(rows), n=number(len(lost)))
    return folded(
        say("Trials without an end ({n})", n=number(len(lost))),
        table(heads, rows, texts=4) + (paragraph(note) if len(lost) > len(rows) else ""),
    )
