"""A trial with other seeds: what each part of its networks comes to by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.seeds.parts import Places
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.forecasts import StoredForecast
from rollsight.backtests.sweeps.spec import Objective
from rollsight.backtests.trials.arrays import read_arrays, write_arrays
from rollsight.backtests.trials.outcomes import Outcome, Performance
from rollsight.backtests.trials.trial import run_trial
from rollsight.base.records import plain, record


@dataclass(frozen=True)
class PartOutcome:
    """What some of a trial's networks come to.

    Attributes
    ----------
    networks
        which of them, by their order
    objectives
        on validation, by name; None where the account never moved
    test
        of the account on the test path
    """

    networks: tuple[int, ...]
    objectives: dict[str, float | None]
    test: Performance


def run_parts(
    ready: Prepared, spec: RunSpec, stored: Sequence[StoredForecast]
) -> list[PartOutcome]:
    """Trade each part of a trial's networks as the trial itself is; nothing is trained.

    Parameters
    ----------
    stored
        of each window, in order
    """
    # One part after the other: of many networks all of them are ten times the forecasts.
    return [
        _part(places, run_trial(ready, spec, [window.part(at) for window in stored]))
        for at, places in enumerate(stored[0].parts)
    ]


def write_parts(found: Sequence[PartOutcome], path: Path) -> None:
    """Write what parts came to atomically, the same bytes for the same figures."""
    write_arrays(path, {"parts": plain(list(found))}, {})


def read_parts(path: Path) -> list[PartOutcome] | None:
    """Return what was written; None where there is no file, or a damaged one."""
    stored = read_arrays(path)
    return None if stored is None else [record(PartOutcome, one) for one in stored[0]["parts"]]


def _part(places: Places, found: Outcome) -> PartOutcome:
    test = found.test
    return PartOutcome(
        networks=places,
        objectives={name: found.objective("validation", name) for name in get_args(Objective)},
        test=Performance(test.sharpe, test.annual_return, test.total_return, test.max_drawdown),
    )
