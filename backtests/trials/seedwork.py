"""The work on other seeds of the trials that come first: done once each, and kept."""

from collections.abc import Sequence

from rollsight.backtests.changes import placed
from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.plan import SweepPlan, Trial
from rollsight.backtests.sweeps.seedgroups import settings_of
from rollsight.backtests.sweeps.tasks import SeedTask, perform
from rollsight.backtests.trials.otherseeds import PartOutcome, read_parts
from rollsight.backtests.workers.executors import Died, Executor
from rollsight.base.errors import RollsightError
from rollsight.base.progress import Progress


def other_seeds(
    trials: Sequence[Trial], plan: SweepPlan, home: Home, running: Executor, progress: Progress
) -> dict[int, tuple[PartOutcome, ...]]:
    """Return what parts of the networks of finished trials come to, by the trials' numbers.

    A trial of one network has none, and of trials that differ in their seed each is another's.

    Raises
    ------
    RollsightError
        If the account of a part cannot be made.
    """
    asked = [t for t in trials if _has_parts(t, plan)]
    left = [t for t in asked if read_parts(home.other_seeds(t.key)) is None]
    if left:
        progress("other seeds", 0, len(left))
    tasks = [_task(t, plan, home) for t in left]
    for count, (at, ended) in enumerate(running.run(perform, tasks), 1):
        fault = ended.reason if isinstance(ended, Died) else ended.fault
        if fault:
            raise RollsightError(f"trial {left[at].number} with other seeds: {fault}")
        progress("other seeds", count, len(left))
    read = {t.number: read_parts(home.other_seeds(t.key)) for t in asked}
    return {number: tuple(parts or ()) for number, parts in read.items()}


def _has_parts(trial: Trial, plan: SweepPlan) -> bool:
    assert trial.training is not None  # a trial that was run has one
    alone = any(own.trials == (trial,) for own in settings_of(plan.trials))
    return alone and len(plan.trainings[trial.training].keys) > 1


def _task(trial: Trial, plan: SweepPlan, home: Home) -> SeedTask:
    assert trial.spec is not None
    assert trial.training is not None
    training = plan.trainings[trial.training]
    of = (home, placed(trial.spec), training.data, trial.code)
    return SeedTask(*of, training.forecasts, trial.key)
