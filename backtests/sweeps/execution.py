"""The work of a sweep: what trials share is made once, each trial is traded, and noted."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType

from rollsight.backtests.changes import placed
from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.forecasts import read_forecast
from rollsight.backtests.sweeps.plan import SweepPlan, Trial
from rollsight.backtests.sweeps.reader import signal_part
from rollsight.backtests.sweeps.tasks import Ended, FitTask, ForecastTask, Task, TradeTask, perform
from rollsight.backtests.trials.attempts import Entry, State, note, now, read_entries, read_ledger
from rollsight.backtests.trials.outcomes import Outcome, read_outcome
from rollsight.backtests.trials.paths import account_part
from rollsight.backtests.workers.executors import Died, Executor
from rollsight.base.progress import Progress
from rollsight.training.fitting.paths import shared_path

NOTHING: Mapping[str, str] = MappingProxyType({})

TrialValue = Callable[[Outcome], float | None]  # what is shown of a trial while others go on


@dataclass(frozen=True, eq=False)
class Work:
    """A plan, and what of it is there already.

    Attributes
    ----------
    found
        outcomes, and faults of earlier attempts in this call, by the keys of their trials
    left
        trials that are to be run
    missing_forecasts
        keys of the forecasts that are missing
    missing
        keys of the networks that these and the trials that are left need, not in the store
    """

    plan: SweepPlan
    home: Home
    found: dict[str, Outcome | str]
    left: tuple[Trial, ...]
    missing_forecasts: frozenset[str]
    missing: tuple[str, ...]

    def lines(self, jobs: int) -> list[str]:
        """Return the plan as text."""
        return self.plan.lines(self.missing, self.left, jobs)


def work_of(plan: SweepPlan, home: Home, failed: Mapping[str, str] = NOTHING) -> Work:
    """Return what is there already of a plan, made by earlier sweeps or runs.

    Parameters
    ----------
    failed
        faults of trials that are not to be tried again, by their keys
    """
    stored = {t.key: read_outcome(home.outcome(t.key)) for t in plan.trials}
    found: dict[str, Outcome | str] = {k: o for k, o in stored.items() if o is not None}
    found |= {t.key: failed[t.key] for t in plan.trials if t.key in failed}
    left = tuple(t for t in plan.trials if not t.fault and t.key not in found)
    spoilt = {t.training for t in plan.trials if t.key in failed} - {t.training for t in left}
    # The report tells what the networks of finished trials look at, too.
    asked = {k: p for p, t in enumerate(plan.trainings) if p not in spoilt for k in t.forecasts}
    missing_forecasts = frozenset(k for k in asked if read_forecast(home.forecast(k)) is None)
    needed = {t.training for t in left} | {asked[key] for key in missing_forecasts}
    missing = tuple(
        key
        for key, (training, _, _) in plan.networks.items()
        if training in needed and not shared_path(home.networks, key).is_file()
    )
    return Work(plan, home, found, left, missing_forecasts, missing)


def work(
    todo: Work, executor: Executor, progress: Progress, trial_value: TrialValue
) -> dict[str, Outcome | str]:
    """Do all that is left, and return the outcome, or the fault, of every trial of the plan.

    Each result is on disk as soon as it is there, and each trial in the ledger.

    Parameters
    ----------
    trial_value
        of an outcome, what the best so far is told by

    Raises
    ------
    OSError, RollsightError
        If a folder cannot be written or shared, or the workers are gone; what is finished is kept.
    """
    todo.home.make()
    _note_missing(todo)
    spoilt = _prepare(todo, executor, progress)
    found = dict(todo.found)
    for trial in todo.plan.trials:
        fault = trial.fault or spoilt.get(trial.training, "")
        if fault and trial.key not in found:
            found[trial.key] = fault
            _note(todo.home, trial, Ended(fault=fault))
    tally = Tally(todo.home, trial_value)
    for trial in todo.plan.trials:
        if trial.key in found:
            tally.add(trial, found[trial.key])
    trials = grouped(t for t in todo.left if t.key not in found)
    if trials:
        progress("trials", 0, len(trials), str(tally))
    for count, (at, ended) in enumerate(_run(executor, [_trade(todo, t) for t in trials]), 1):
        found[trials[at].key] = _taken(todo.home, trials[at], ended)
        tally.add(trials[at], found[trials[at].key])
        progress("trials", count, len(trials), str(tally))
    return found


class Tally:
    """What is said of trials while others go on.

    Parameters
    ----------
    trial_value
        value of an outcome by which the best is told; None where it has none
    """

    def __init__(self, home: Home, trial_value: TrialValue) -> None:
        self._begun, self._value = home.begun, trial_value
        self._failed = 0
        self._best: tuple[float, int] | None = None

    def add(self, trial: Trial, found: Outcome | str) -> None:
        """Count an outcome, or a fault."""
        if isinstance(found, str):
            self._failed += 1
            return
        value = self._value(found)
        if value is not None:
            # Of equal ones the first.
            self._best = max(self._best or (value, -trial.number), (value, -trial.number))

    def __str__(self) -> str:
        running = sum(1 for _ in self._begun.iterdir())
        said = [f"{running} running"] if running else []
        said += [f"{self._failed} failed"] if self._failed else []
        if self._best is not None:
            value, number = self._best
            said.append(f"best on validation {value:.4g} (trial {-number})")
        return ", ".join(said)


def _prepare(todo: Work, executor: Executor, progress: Progress) -> dict[int | None, str]:
    """Train and ask what is missing; return the faults by the place of the training."""
    faults: dict[int | None, str] = {}
    fits = _fits(todo)
    trained = 0
    if fits:
        progress("train networks", 0, len(todo.missing))
    for at, ended in _run(executor, [fit for fit, _ in fits]):
        _, keys = fits[at]
        trained += len(keys)
        faults = _faults(todo.plan, keys, ended) | faults
        progress("train networks", trained, len(todo.missing))
    asks = _forecast_tasks(todo, faults)
    if asks:
        progress("score windows", 0, len(asks))
    for count, (at, ended) in enumerate(_run(executor, asks), 1):
        faults = _faults(todo.plan, {asks[at].key}, ended) | faults
        progress("score windows", count, len(asks))
    return faults


def _faults(plan: SweepPlan, keys: set[str], ended: Ended) -> dict[int | None, str]:
    """Return the fault of a task by the places of the trainings that need what it was to make."""
    needing = (
        place
        for place, training in enumerate(plan.trainings)
        if ended.fault and keys & {*training.forecasts, *chain(*training.keys)}
    )
    return dict.fromkeys(needing, ended.fault)


def _fits(todo: Work) -> list[tuple[FitTask, set[str]]]:
    """Return the tasks that train what is missing, each with the keys of what it trains."""
    found: dict[tuple[int, int, int], set[str]] = {}
    needed = todo.plan.networks
    for key in todo.missing:
        place, seed, window = needed[key]
        chained = todo.plan.trainings[place].spec.training.chained
        found.setdefault((place, seed, -1 if chained else window), set()).add(key)
    return [(_fit(todo, *at), keys) for at, keys in found.items()]


def _fit(todo: Work, place: int, seed: int, window: int) -> FitTask:
    training = todo.plan.trainings[place]
    number = training.spec.training.network_seeds[seed]
    windows = tuple(range(len(training.opens))) if window < 0 else (window,)
    spec = placed(training.spec)
    return FitTask(todo.home, spec, training.data, training.code, number, windows)


def _forecast_tasks(todo: Work, faults: dict[int | None, str]) -> list[ForecastTask]:
    """Return the tasks that ask networks for the forecasts that are missing."""
    found: dict[str, ForecastTask] = {}
    for place, training in enumerate(todo.plan.trainings):
        for window, key in enumerate(training.forecasts):
            if key in todo.missing_forecasts and place not in faults:
                networks = tuple(keys[window] for keys in training.keys)
                spec = placed(training.spec)
                of = (todo.home, spec, training.data, training.code)
                found.setdefault(key, ForecastTask(*of, window, networks, key))
    return list(found.values())


def grouped(trials: Iterable[Trial]) -> list[Trial]:
    """Return trials in an order in which those that share much follow each other.

    A worker keeps what it has prepared last.
    """

    def place(trial: Trial) -> tuple[int | None, str, str, int]:
        assert trial.spec is not None  # of what is left
        parts = signal_part(trial.spec), account_part(trial.spec.strategy)
        return trial.training, *parts, trial.number

    return sorted(trials, key=place)


def _trade(todo: Work, trial: Trial) -> TradeTask:
    assert trial.spec is not None  # of what is left
    assert trial.training is not None
    training = todo.plan.trainings[trial.training]
    about = entry_of(trial, "abandoned")
    of = (todo.home, placed(trial.spec), training.data, trial.code)
    return TradeTask(*of, training.forecasts, about)


def _run(executor: Executor, tasks: Sequence[Task]) -> Iterator[tuple[int, Ended]]:
    for at, ended in executor.run(perform, tasks):
        yield at, Ended(fault=ended.reason) if isinstance(ended, Died) else ended


def _taken(home: Home, trial: Trial, ended: Ended) -> Outcome | str:
    """Return a trial's outcome, or its fault, and note it."""
    outcome = None if ended.fault else read_outcome(home.outcome(trial.key))
    if outcome is None and not ended.fault:
        fault = f"{home.outcome(trial.key)} is not to be seen here: do all share one folder?"
        ended = Ended(ended.seconds, fault)
    _note(home, trial, ended)
    home.started(trial.key).unlink(missing_ok=True)
    return ended.fault if outcome is None else outcome


def _note(home: Home, trial: Trial, ended: Ended) -> None:
    state: State = "failed" if ended.fault else "done"
    note(home.out, [entry_of(trial, state, ended.seconds, ended.fault or None)])


def entry_of(
    trial: Trial, state: State, seconds: float | None = None, error: str | None = None
) -> Entry:
    """Return a trial's line of the ledger."""
    return Entry(trial.key, trial.spec_digest, trial.settings, state, now(), seconds, error)


def note_abandoned(home: Home) -> None:
    """Note the trials that an earlier call began and did not end, killed or interrupted."""
    for mark in sorted(home.begun.glob("*")):
        begun = read_entries(mark)
        note(home.out, (e for e in begun if read_outcome(home.outcome(e.key)) is None))
        mark.unlink()


def _note_missing(todo: Work) -> None:
    """Note trials that are done and not in the ledger: a call was killed in between."""
    noted = {entry.key for entry in read_ledger(todo.home.out) if entry.state == "done"}
    for trial in todo.plan.trials:
        if isinstance(todo.found.get(trial.key), Outcome) and trial.key not in noted:
            note(todo.home.out, [entry_of(trial, "done")])
