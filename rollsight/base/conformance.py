"""What a member of an extension point must keep to, as checks that name what does not hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from rollsight.base.errors import RollsightError

T = TypeVar("T")


@dataclass(frozen=True)
class Finding:
    """What a check of a member found.

    Attributes
    ----------
    rule
        what must hold, a sentence
    fault
        the value that breaks it, one line; empty where it holds
    """

    rule: str
    fault: str = ""


def findings(member: T, checks: Mapping[str, Callable[[T], object]]) -> list[Finding]:
    """Return what each check of a member found.

    Parameters
    ----------
    checks
        by the rule that each holds a member to; a check raises where the rule is broken
    """
    return [Finding(rule, fault_of(check, member)) for rule, check in checks.items()]


def fault_of(check: Callable[[T], object], member: T) -> str:
    """Return what a check raises, in one line; empty where it passes."""
    try:
        check(member)
    except RollsightError as error:
        return " ".join(str(error).split())
    except (Exception, SystemExit) as error:  # noqa: BLE001  # whatever a user's own code may raise
        return f"{type(error).__name__}: {' '.join(str(error).split())}"
    return ""
