"""How many intervals and p-values a page draws, and how many of them luck alone leads astray."""

from dataclasses import dataclass

from rollsight.reports.page.html import number
from rollsight.reports.page.language import Say

TWENTY = 20  # one in so many intervals misses, and p-values of nothing are below 0.05


@dataclass(frozen=True)
class Drawn:
    """What a page draws that luck leads astray once in twenty times.

    Attributes
    ----------
    intervals
        of 95 %; a p-value of the same estimate is no other chance to err
    p_values
        by themselves, none of them adjusted for their number
    q_values
        adjusted for the number of channels that are looked at together
    marks
        of what chance passes once in twenty times, for each key of a sweep
    """

    intervals: int = 0
    p_values: int = 0
    q_values: int = 0
    marks: int = 0


def strays(found: Drawn, say: Say) -> str | None:
    """Return how many are expected to stray by luck alone, None where the page draws none."""
    said = []
    if found.intervals:
        said.append(
            say(
                "This page draws {n} intervals at 95 %: about {strays} of them would miss the "
                "truth by luck alone.",
                n=number(found.intervals),
                strays=number(found.intervals / TWENTY, 1),
            )
        )
    if found.p_values:
        said.append(
            say(
                "{n} p-values of it are not adjusted for their number: were nothing there, about "
                "{strays} of them would be below 0.05.",
                n=number(found.p_values),
                strays=number(found.p_values / TWENTY, 1),
            )
        )
    if found.q_values:
        said.append(
            say(
                "{n} q-values of it are adjusted: about one in twenty of those below 0.05 would be "
                "luck.",
                n=number(found.q_values),
            )
        )
    if found.marks:
        said.append(
            say(
                "{n} bars of keys are held against a mark that chance passes once in twenty times: "
                "about {strays} of them would pass it by luck alone.",
                n=number(found.marks),
                strays=number(found.marks / TWENTY, 1),
            )
        )
    return " ".join(said) or None
