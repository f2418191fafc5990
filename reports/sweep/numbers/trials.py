"""The trials of a sweep: settings, what became of them, and their figures on either span."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from rollsight.backtests.sweeps.grid import Settings
from rollsight.backtests.sweeps.plan import Trial
from rollsight.backtests.trials.outcomes import Figures, Outcome, Performance
from rollsight.reports.sweep.numbers.paths import Finished


@dataclass(frozen=True)
class Objective:
    """What trials are chosen for; None where an account never moved."""

    objective: float | None


@dataclass(frozen=True)
class SpanFigures(Figures, Objective):
    """The objective of a trial on a span, and all its figures."""


@dataclass(frozen=True)
class TrialNumbers:
    """A trial as the report has it.

    Attributes
    ----------
    digest
        the beginning of its key
    state
        done, or failed for the reason in ``error``
    training
        place among the sweep's trainings
    actions
        what became of the buys of the test sessions, and of how many of them
    link
        where its own report is, None where it has none
    """

    number: int
    digest: str
    settings: Settings
    state: str
    error: str | None
    training: int | None
    validation: SpanFigures | None
    test: SpanFigures | None
    actions: dict[str, int]
    chosen: bool
    link: str | None


@dataclass(frozen=True)
class Distribution:
    """How a test figure is spread over trials, and where the chosen one stands.

    Attributes
    ----------
    values
        in ascending order
    low, high
        quartiles
    rank
        of the chosen one, 1 the best; None where it has no figure
    """

    values: tuple[float, ...]
    low: float
    median: float
    high: float
    chosen: float | None
    rank: int | None


def trial_numbers(done: Finished, trial: Trial) -> TrialNumbers:
    """Return a trial as the report has it."""
    one = done.found.get(trial.key, "it was not run")
    outcome, error = (one, None) if isinstance(one, Outcome) else (None, one)
    return TrialNumbers(
        number=trial.number,
        digest=trial.key[:12],
        settings=dict(trial.settings),
        state="failed" if outcome is None else "done",
        error=error,
        training=trial.training,
        validation=_on(outcome, "validation", done.sweep.objective),
        test=_on(outcome, "test", done.sweep.objective),
        actions={} if outcome is None else dict(outcome.actions),
        chosen=trial is done.chosen,
        link=done.kept.get(trial.number),
    )


def done(trials: Iterable[TrialNumbers]) -> list[TrialNumbers]:
    """Return the trials that came to an end with figures."""
    return [trial for trial in trials if trial.state == "done"]


def traded(trials: Iterable[TrialNumbers]) -> list[TrialNumbers]:
    """Return the trials that are done and made a trade on the test sessions."""
    return [trial for trial in done(trials) if trial.test is not None and trial.test.trades]


def both_objectives(trial: TrialNumbers, name: str) -> tuple[float | None, float | None]:
    """Return what a trial is chosen for on validation, and the same figure on test."""
    if trial.validation is None or trial.test is None:
        return None, None
    return trial.validation.objective, trial.test.of(name)


def distribution(
    trials: Sequence[TrialNumbers], figure: Callable[[Performance], float | None]
) -> Distribution | None:
    """Return how a test figure is spread over trials; None where no trial has it."""
    found = [
        (value, trial.chosen)
        for trial in traded(trials)
        if trial.test is not None and (value := figure(trial.test)) is not None
    ]
    if not found:
        return None
    values = sorted(value for value, _ in found)
    chosen = next((value for value, own in found if own), None)
    low, middle, high = (float(v) for v in np.quantile(values, [0.25, 0.5, 0.75]))
    return Distribution(
        values=tuple(values),
        low=low,
        median=middle,
        high=high,
        chosen=chosen,
        rank=None if chosen is None else 1 + sum(v > chosen for v in values),
    )


def sampled(trials: Sequence[TrialNumbers], most: int) -> list[TrialNumbers]:
    """Return all trials that are done, or as many of them drawn at random, the chosen one too.

    The draw is the same each time; every so-many-th of a grid would leave out whole values.
    """
    ran = done(trials)
    if len(ran) <= most:
        return ran
    drawn = set(np.random.default_rng(0).choice(len(ran), most, replace=False).tolist())
    return [trial for at, trial in enumerate(ran) if at in drawn or trial.chosen]


def _on(
    outcome: Outcome | None, span: Literal["validation", "test"], objective: str
) -> SpanFigures | None:
    if outcome is None:
        return None
    figures = outcome.validation if span == "validation" else outcome.test
    return SpanFigures(outcome.objective(span, objective), **vars(figures))
