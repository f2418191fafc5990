"""What the checks of an audit found."""

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 6  # faults of a check that are named


@dataclass(frozen=True)
class Check:
    """One check of the battery.

    Attributes
    ----------
    trials
        how often it tried
    faults
        what it found, series and day; empty where it passed
    said
        what it measured
    """

    name: str
    trials: int
    faults: tuple[str, ...]
    said: str

    @property
    def passed(self) -> bool:
        """Nothing was found."""
        return not self.faults


class Audit(tuple[Check, ...]):
    """The checks of an audit, shown as the text that ``rollsight audit`` prints."""

    __slots__ = ()

    @property
    def passed(self) -> bool:
        """No check found anything."""
        return all(check.passed for check in self)

    def __repr__(self) -> str:
        return "\n".join(audit_lines(self))


def audit_lines(checks: Sequence[Check]) -> list[str]:
    """Return the battery's outcome as lines of text: verdict, name, trials, what was measured."""
    width = max(len(c.name) for c in checks)
    lines = []
    for check in checks:
        verdict = "FAILED" if check.faults else "passed" if check.trials else "no case"
        lines.append(f"{verdict:<7}  {check.name:<{width}}  {check.trials:>5}  {check.said}")
        indent = " " * (width + 18)
        lines += [f"{indent}{fault}" for fault in check.faults[:SHOWN]]
        if len(check.faults) > SHOWN:
            lines.append(f"{indent}and {len(check.faults) - SHOWN} more")
    return lines
