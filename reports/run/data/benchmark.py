"""The benchmark on the page: over which sessions it can be held against the strategy."""

from collections.abc import Sequence
from dataclasses import dataclass

from rollsight.backtests.account.benchmark import Common
from rollsight.reports.page.language import Say
from rollsight.signals.spec import EQUAL_WEIGHT

SHOWN = 10  # missing sessions that are named


@dataclass(frozen=True)
class Span:
    """Which sessions strategy and benchmark share.

    Attributes
    ----------
    sessions
        how many; the first and last are None without any
    shorter
        the benchmark begins later or ends earlier
    missing
        days in between on which it has no value
    """

    sessions: int
    first: str | None
    last: str | None
    shorter: bool
    missing: tuple[str, ...]


def span_data(both: Common | None, dates: Sequence[str]) -> Span | None:
    """Return which sessions strategy and benchmark share, or None where they share all.

    Parameters
    ----------
    dates
        of the sessions, ISO text
    """
    if both is None:
        return Span(0, first=None, last=None, shorter=True, missing=())
    if both.whole:
        return None
    return Span(
        sessions=len(both.at),
        first=dates[both.at[0]],
        last=dates[both.at[-1]],
        shorter=bool(both.days < len(dates)),
        missing=tuple(dates[at] for at in both.missing),
    )


def is_universe(name: str | None) -> bool:
    """Return whether a benchmark is the universe, which stands beside every run by its own name."""
    return name == EQUAL_WEIGHT


def benchmark_label(name: str | None, span: Span | None, say: Say) -> str:
    """Return the benchmark's name, with the span that its figures are of where it is not all."""
    if span is None or name is None or not span.sessions:
        return name or say("no benchmark")
    return say("{name}, {first} to {last}", name=name, first=span.first, last=span.last)


def span_said(name: str | None, span: Span | None, say: Say) -> list[str]:
    """Return sentences on the sessions on which the benchmark has no value."""
    if span is None:
        return []
    if not span.sessions:
        return [say("{name} has no two values within the test sessions: nothing is held against "
                    "it.", name=name)]  # fmt: skip
    said = []
    if span.shorter:
        said.append(
            say(
                "Of the test sessions {name} covers {first} to {last} alone.",
                name=name,
                first=span.first,
                last=span.last,
            )
        )
    if span.missing:
        more = len(span.missing) - SHOWN
        days = ", ".join(span.missing[:SHOWN])
        said.append(
            say(
                "{name} has no value on {n} sessions in between: {days}.",
                name=name,
                n=len(span.missing),
                days=say("{days} and {more} more", days=days, more=more) if more > 0 else days,
            )
        )
    return said
