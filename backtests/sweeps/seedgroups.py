"""Trials that differ in their seed alone: one setting, tried several times."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rollsight.backtests.sweeps.grid import Settings
from rollsight.backtests.sweeps.plan import Trial
from rollsight.backtests.sweeps.spec import SEED


@dataclass(frozen=True, eq=False)
class Setting:
    """What a sweep may choose: a trial, or several that differ in ``training.seed`` alone.

    Attributes
    ----------
    settings
        without the seed
    trials
        in the plan's order
    """

    settings: Settings
    trials: tuple[Trial, ...]

    def mean(self, values: Mapping[int, float]) -> float | None:
        """Return the mean of its trials' values by number; None where one has none."""
        own = [values[t.number] for t in self.trials if t.number in values]
        return sum(own) / len(own) if len(own) == len(self.trials) else None

    def middle(self, values: Mapping[int, float]) -> Trial:
        """Return the trial whose value is the middle one, the lower one of two."""
        order = sorted(self.trials, key=lambda t: (values[t.number], t.number))
        return order[(len(order) - 1) // 2]


def settings_of(trials: Sequence[Trial]) -> list[Setting]:
    """Return the settings of trials, in the order of their first ones."""
    found: dict[str, list[Trial]] = {}
    for trial in trials:
        found.setdefault(repr(_seedless(trial)), []).append(trial)
    return [Setting(_seedless(own[0]), tuple(own)) for own in found.values()]


def choosable(settings: Sequence[Setting]) -> bool:
    """Return whether settings can be chosen among: several, each tried with the same seeds.

    Without seeds among what is tried, a single one can be too: there is one way to run it.
    """
    seeds = {
        tuple(sorted(t.settings[SEED] for t in own.trials if SEED in t.settings))
        for own in settings
    }
    return seeds == {()} or (len(settings) > 1 and len(seeds) == 1)


def _seedless(trial: Trial) -> Settings:
    return {key: value for key, value in trial.settings.items() if key != SEED}
