"""What the checks of an audit found."""

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 6  # faults of a check that are named


@dataclass(frozen=True)
class Check:
    """One check of the battery.

    Attributes
    ----------
    trials : how often it tried
    faults : what it found, series and day; empty where it passed
    said : what it measured
    """

    name: str
    trials: int
    faults: tuple[str, ...]
    said: str

    @property
    def passed(self) -> bool:
        """Nothing was found."""
        return not self.faults


def audit_lines(checks: Sequence[Check]) -> list[str]:
    """Return the battery's outcome as lines of text."""
    width = max(len(c.name) for c in checks)
    lines = []
    for check in checks:
        verdict = "passed" if check.passed else "FAILED"
        lines.append(f"{verdict}  {check.name:<{width}}  {check.said}")
        lines += [f"{'':8}{'':{width}}  {fault}" for fault in check.faults[:SHOWN]]
        if len(check.faults) > SHOWN:
            lines.append(f"{'':8}{'':{width}}  and {len(check.faults) - SHOWN} more")
    return lines
