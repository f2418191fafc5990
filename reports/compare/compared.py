"""A finished run as it is compared."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rollsight.backtests.directory.result import read_result
from rollsight.backtests.spec import RunSpec
from rollsight.base.errors import RollsightError
from rollsight.base.records import record
from rollsight.reports.run.holdout.facts import holdout_of
from rollsight.reports.run.holdout.sentence import with_holdout
from rollsight.reports.run.numbers import RunNumbers

OF = ("spec_digest", "data_digest", "model_digests")  # by which numbers are a run's own
UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError)  # torn, or of another form


@dataclass(frozen=True, eq=False)
class Compared:
    """A finished run as it is compared.

    Attributes
    ----------
    folder
        as the user named it; None of a run that was not written
    numbers
        those of its report
    data_digest
        of the market that it was made on
    seconds_training
        of the call that finished it; None where they are not known, or networks lay ready
    """

    folder: Path | None
    spec: RunSpec
    numbers: RunNumbers
    data_digest: str
    seconds_training: float | None = None

    @property
    def label(self) -> str:
        """Its name, and that of its folder."""
        if self.folder is None:
            return self.numbers.name
        return f"{self.numbers.name} ({self.folder.name})"

    @property
    def span(self) -> tuple[str, str]:
        """Its first and last test session."""
        return self.numbers.headline.first_session, self.numbers.headline.last_session


def read_compared(folder: Path) -> Compared:
    """Return a finished run's spec and numbers.

    Raises
    ------
    RollsightError
        If the folder holds no finished run, as `read_result` has it, or the numbers of another one
        or of another version.
    """
    found = read_result(folder)
    path, digests = folder / "metrics.json", {k: found.manifest[k] for k in OF}
    again = f"call rollsight report {folder} to write it again"
    try:
        metrics: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        own = {key: metrics["digests"][key] for key in OF} == digests
        numbers = record(RunNumbers, metrics)
    except UNREADABLE as error:
        raise RollsightError(f"{path} cannot be read: {again}") from error
    if not own:
        raise RollsightError(f"{path} has the numbers of another run: {again}")
    # Somebody may have looked since they were written.
    numbers = with_holdout(numbers, holdout_of(found.spec, found.manifest))
    return Compared(folder, found.spec, numbers, digests["data_digest"], _seconds(folder))


def _seconds(folder: Path) -> float | None:
    try:
        timings = json.loads((folder / "timings.json").read_text(encoding="utf-8"))
        seconds: float | None = timings.get("seconds_training")
    except (OSError, ValueError, AttributeError):
        return None
    return seconds
