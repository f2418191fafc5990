"""What a trial predicted and earned, in memory and on disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rollsight.base.arrays import read_arrays, write_arrays

Float64 = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]
KNOWN = "known "  # before the name of an objective
OF_ACCOUNT = ("sharpe", "annual_return")  # objectives that a trial without a trade does not have
ARRAYS = ("returns", "validation_returns", "sessions", "validation_sessions", "opens")


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a trial predicted and earned.

    Attributes
    ----------
    validation, test
        figures of either path, fractions, the Sharpe ratio annualised, log-losses in
        nats; None where there is none
    known
        of each objective, by window, its value over the test spans before that window, from
        what was known at its first decision; NaN where there is none
    returns, validation_returns
        change of the account from session to session, fractions, the
        first one the start's 0; of the test path and of the validation path
    sessions, validation_sessions
        their dates
    opens
        first test session of each window
    actions
        what became of the buys of the test path, and of how many of them
    """

    validation: Mapping[str, float | None]
    test: Mapping[str, float | None]
    known: Mapping[str, Float64]
    returns: Float64
    validation_returns: Float64
    sessions: Dates
    validation_sessions: Dates
    opens: Dates
    actions: Mapping[str, int] = field(default_factory=dict)

    @property
    def traded(self) -> bool:
        """Whether anything was bought on the test path."""
        return bool(self.test["trades"])

    def objective(self, span: Literal["validation", "test"], name: str) -> float | None:
        """Return what the trial is chosen for; an account that never moved has no figure."""
        moved = {"validation": self.validation_returns, "test": self.returns}[span]
        if name in OF_ACCOUNT and not np.any(moved):
            return None
        found: float | None = getattr(self, span)[name]
        return found


def write_outcome(found: Outcome, path: Path) -> None:
    """Write an outcome atomically, the same bytes for the same outcome."""
    about = {"validation": found.validation, "test": found.test, "actions": found.actions}
    known = {f"{KNOWN}{name}": values for name, values in found.known.items()}
    write_arrays(path, about, {name: getattr(found, name) for name in ARRAYS} | known)


def read_outcome(path: Path) -> Outcome | None:
    """Return a stored outcome; None where there is none, or a damaged one."""
    stored = read_arrays(path)
    if stored is None:
        return None
    about, arrays = stored
    known = {n.removeprefix(KNOWN): a for n, a in arrays.items() if n.startswith(KNOWN)}
    fields: dict[str, Any] = {**about, **{name: arrays[name] for name in ARRAYS}}
    return Outcome(**fields, known=known)
