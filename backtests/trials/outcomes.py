"""What a trial predicted and earned, in memory and on disk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from rollsight.backtests.trials.arrays import read_arrays, write_arrays
from rollsight.base.records import plain, record

Float64 = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]
DATES = ("sessions", "validation_sessions", "opens")
KNOWN = "known "  # before the name of an objective
OF_ACCOUNT = ("sharpe", "annual_return")  # objectives that a trial without a trade does not have
ABOUT = ("validation", "test", "actions")
ARRAYS = ("returns", "validation_returns", "sessions", "validation_sessions", "opens")


@dataclass(frozen=True)
class Performance:
    """Figures of an account, fractions, the Sharpe ratio annualised; None where there is none."""

    sharpe: float | None = None
    annual_return: float | None = None
    total_return: float | None = None
    max_drawdown: float | None = None


@dataclass(frozen=True, kw_only=True)
class Figures(Performance):
    """Figures of a path: of its account, and of its buys.

    Attributes
    ----------
    precision, crucial_fail
        share of the buys that went UP, and DOWN
    net_return
        mean of the buys
    log_loss_gain
        of all rows beside the class frequencies, nats
    """

    trades: int
    buys: int
    precision: float | None
    crucial_fail: float | None
    net_return: float | None
    log_loss_gain: float | None

    def of(self, name: str) -> float | None:
        """Return a figure by its name, as an objective has it."""
        found: float | None = getattr(self, name)
        return found


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a trial predicted and earned.

    Attributes
    ----------
    validation, test
        figures of either path
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

    validation: Figures
    test: Figures
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
        return self.test.trades > 0

    def objective(self, span: Literal["validation", "test"], name: str) -> float | None:
        """Return what the trial is chosen for; an account that never moved has no figure."""
        figures, moved = {
            "validation": (self.validation, self.validation_returns),
            "test": (self.test, self.returns),
        }[span]
        return None if name in OF_ACCOUNT and not np.any(moved) else figures.of(name)


def write_outcome(found: Outcome, path: Path) -> None:
    """Write an outcome atomically, the same bytes for the same outcome."""
    about = {name: plain(getattr(found, name)) for name in ABOUT}
    known = {f"{KNOWN}{name}": values for name, values in found.known.items()}
    write_arrays(path, about, {name: getattr(found, name) for name in ARRAYS} | known)


def read_outcome(path: Path) -> Outcome | None:
    """Return a stored outcome; None where there is none, or a damaged one."""
    stored = read_arrays(path)
    if stored is None:
        return None
    about, arrays = stored
    known = {n.removeprefix(KNOWN): a for n, a in arrays.items() if n.startswith(KNOWN)}
    fields: dict[str, Any] = {name: arrays[name] for name in ARRAYS}
    fields |= {name: _kept(arrays[name].tobytes(), arrays[name].dtype.str) for name in DATES}
    return Outcome(
        validation=record(Figures, about["validation"]),
        test=record(Figures, about["test"]),
        actions=about["actions"],
        known=known,
        **fields,
    )


@lru_cache(maxsize=64)
def _kept(content: bytes, kind: str) -> Dates:
    """Return an array of a file, the same one for thousands of trials with the same sessions."""
    return np.frombuffer(content, dtype=kind)
