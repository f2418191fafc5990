"""What the page says of held-out sessions, and of the looks at them."""

from dataclasses import replace

from rollsight.reports.page.html import number
from rollsight.reports.page.language import Say
from rollsight.reports.run.holdout.alone import alone_said
from rollsight.reports.run.holdout.facts import Holdout
from rollsight.reports.run.numbers import RunNumbers


def with_holdout(numbers: RunNumbers, found: Holdout | None) -> RunNumbers:
    """Return a run's numbers with its holdout, and its verdict among all that looked at it."""
    if found is None:
        return numbers
    verdict = numbers.verdict.among(found.tries) if found.tries > 1 else numbers.verdict
    return replace(numbers, holdout=found, verdict=verdict)


def opened_said(numbers: RunNumbers, say: Say) -> list[str]:
    """Return sentences on a run's holdout, and on what the opened sessions made by themselves."""
    found, said = numbers.holdout, holdout_said(numbers.holdout, say)
    if found is None or not found.opened or found.start is None:
        return said
    per_year = numbers.headline.sessions_per_year
    return [*said, *alone_said(numbers.equity, found.start, per_year, say)]


def holdout_said(found: Holdout | None, say: Say) -> list[str]:
    """Return a sentence on what was held out, none where nothing was and nobody looked."""
    if found is None:
        return []
    facts = {"looks": number(found.looks), "specs": number(found.specs)}
    if found.start is None:
        return [
            say(
                "This run has read sessions from {first} on, which other runs hold out: they were "
                "looked at {looks} times with {specs} specifications (holdout.jsonl), and the "
                "verdict counts these as tries.",
                first=found.first,
                **facts,
            )
        ]
    if found.opened and found.tries <= 1:
        return [
            say(
                "The sessions from {start} on were held out and are opened here: they were looked "
                "at {looks} times with {specs} specifications (holdout.jsonl).",
                start=found.start,
                **facts,
            )
        ]
    if found.opened:
        return [
            say(
                "The sessions from {start} on were held out and are opened here: they were looked "
                "at {looks} times with {specs} specifications (holdout.jsonl), and the verdict "
                "asks {tries} times as much as of one.",
                start=found.start,
                tries=number(found.tries),
                **facts,
            )
        ]
    if not found.looks:
        return [
            say(
                "The sessions from {start} on are held out: none of them was read, and no look at "
                "them is on record (holdout.jsonl); rollsight reveal opens them, and counts it.",
                start=found.start,
            )
        ]
    return [
        say(
            "The sessions from {start} on are held out, and none of them was read here; they were "
            "looked at {looks} times with {specs} specifications (holdout.jsonl).",
            start=found.start,
            **facts,
        )
    ]
