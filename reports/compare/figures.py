"""A figure of each of several runs, and how it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rollsight.reports.page.html import number, percent
from rollsight.reports.page.language import Say

Unit = Literal["count", "nats", "percent", "ratio"]
DIGITS = {"count": 0, "nats": 4, "ratio": 2}


@dataclass(frozen=True)
class Figure:
    """A figure of each run.

    Attributes
    ----------
    title
        in English, with braces for ``facts``
    values
        one a run; fractions, nats for log-loss, None where a run has none
    """

    title: str
    unit: Unit
    values: tuple[float | None, ...]
    facts: Mapping[str, int] = field(default_factory=dict)

    def row(self, say: Say) -> list[str]:
        """Return the title, then the value of each run as text."""
        return [say(self.title, **self.facts), *(shown(v, self.unit) for v in self.values)]


def shown(value: float | None, unit: Unit) -> str:
    """Return a figure as text."""
    return percent(value, 2) if unit == "percent" else number(value, DIGITS[unit])
