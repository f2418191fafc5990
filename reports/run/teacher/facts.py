"""A run's teacher, as its page shows it."""

from dataclasses import dataclass

from rollsight.backtests.directory.result import Result
from rollsight.backtests.teacher.facts import TeacherFacts
from rollsight.base.records import record
from rollsight.signals.teacher.spec import TeacherSpec


@dataclass(frozen=True)
class Teacher:
    """What was learnt of a teacher.

    Attributes
    ----------
    source, control
        as `TeacherSpec` has them; ``control`` is None where none was trained
    facts
        how many train rows had one, and how good it was
    """

    source: str
    control: str | None
    alpha: float
    temperature: float
    facts: TeacherFacts


def teacher_data(result: Result) -> Teacher | None:
    """Return a run's teacher; None where it has none."""
    found, spec = result.manifest.get("teacher"), result.spec.teacher
    if found is None:
        return None
    return Teacher(
        source=spec.source,
        control=_control(spec),
        alpha=spec.alpha,
        temperature=spec.temperature,
        facts=record(TeacherFacts, found),
    )


def _control(spec: TeacherSpec) -> str | None:
    control = spec.held_in_check
    return None if control is None else control.source
