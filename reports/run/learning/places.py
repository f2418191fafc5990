"""The section on thresholds of a run that buys the best of each date: nothing was tuned."""

from rollsight.reports.page.html import (
    Cell,
    folded,
    number,
    paragraph,
    percent,
    signed,
    table,
    words,
)
from rollsight.reports.page.language import Say
from rollsight.reports.page.words import score_name
from rollsight.reports.run.learning.dateshares import date_sentence
from rollsight.reports.run.numbers import RunNumbers, WindowNumbers


def places(numbers: RunNumbers, say: Say) -> str:
    """Return how many are bought of a date, and what these were on validation and on test."""
    listed = table(_heads(say), [_row(window, say) for window in numbers.windows], texts=2)
    parts = (
        paragraph(_explained(numbers, say)),
        paragraph(date_sentence(numbers.date_shares, say)),
        paragraph(_summed(numbers, say)),
        folded(say("Every window's buys ({n})", n=len(numbers.windows)), listed),
    )
    return "".join(parts)


def fixed(numbers: RunNumbers, listed: str, say: Say) -> str:
    """Return the one threshold that all windows were given, and a table of what it came to."""
    said = say(
        "A buy is a row in which {score} reaches {threshold}. That threshold is given and not "
        "tuned on validation (threshold.at): what luck was in choosing it cannot be seen here.",
        score=score_name(numbers.thresholds.score, say),
        threshold=number(numbers.windows[0].curve_threshold[0], 3),
    )
    return "".join(
        (
            paragraph(said),
            paragraph(date_sentence(numbers.date_shares, say)),
            folded(say("Every window's threshold ({n})", n=len(numbers.windows)), listed),
        )
    )


def _explained(numbers: RunNumbers, say: Say) -> str:
    return say(
        "The {best} best of each date are the buys, by {score}: 1 is the best, and equal scores go "
        "by code. That number is given and not tuned on validation (threshold.best): what luck was "
        "in choosing it cannot be seen here. A window whose model tells no stock of a date from "
        "another does not trade.",
        best=number(1 - numbers.windows[0].curve_threshold[0]),
        score=score_name(numbers.thresholds.score, say),
    )


def _summed(numbers: RunNumbers, say: Say) -> str:
    overall = numbers.thresholds
    if not overall.counted:
        return say("No window bought anything on its test span, so there is nothing to compare.")
    pairs = [
        (g.validation_buys, g.test_buys)
        for g in (window.governance for window in numbers.windows)
        if g.validation_buys and g.test_buys
    ]
    return say(
        "Over the {counted} of {windows} windows that bought on their test span there were "
        "{validation} buys on validation and {test} on test with a label.",
        counted=overall.counted,
        windows=overall.windows,
        validation=number(sum(pair[0] for pair in pairs)),
        test=number(sum(pair[1] for pair in pairs)),
    )


def _heads(say: Say) -> list[str]:
    return [
        say("Window"), say("Test from"), say("Bought of a date"), say("Validation buys"),
        say("Test buys"), say("Precision"), say("Net"), say("Between dates, validation"),
        say("Between dates, test"),
    ]  # fmt: skip


def _row(window: WindowNumbers, say: Say) -> list[Cell | str]:
    found = window.governance
    best = say("none") if window.threshold is None else number(1 - window.threshold)
    return [
        words(window.number), words(window.test_start),
        best,
        number(found.validation_buys), number(found.test_buys), percent(found.test_precision),
        signed(found.test_net_return), percent(window.validation_date_share, 0),
        percent(window.test_date_share, 0),
    ]  # fmt: skip
