"""What the seed alone changes: the spread of figures over trials that differ in nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from rollsight.backtests.sweeps.grid import Settings
from rollsight.backtests.sweeps.seedgroups import Setting, choosable, settings_of
from rollsight.backtests.sweeps.spec import SEED
from rollsight.backtests.trials.outcomes import Outcome, Performance
from rollsight.reports.sweep.numbers.paths import Finished


@dataclass(frozen=True)
class Spread:
    """The spread of ``n`` values; one value has no deviation."""

    n: int
    mean: float
    deviation: float | None
    low: float
    high: float


@dataclass(frozen=True)
class Spreads:
    """The spread of each figure of an account over the test sessions; None without a value."""

    sharpe: Spread | None
    annual_return: Spread | None
    total_return: Spread | None
    max_drawdown: Spread | None

    @property
    def mean(self) -> Performance:
        """The mean of each."""
        own = (self.sharpe, self.annual_return, self.total_return, self.max_drawdown)
        return Performance(*(None if spread is None else spread.mean for spread in own))


@dataclass(frozen=True)
class SettingSpread:
    """A setting, its trials by number, and the spread of their figures.

    Attributes
    ----------
    chosen
        whether one of them is
    validation
        of the objective
    """

    settings: Settings
    trials: tuple[int, ...]
    chosen: bool
    validation: Spread | None
    test: Spreads


@dataclass(frozen=True)
class Seeds:
    """The spread over seeds of each setting's figures.

    Attributes
    ----------
    comparable
        whether every setting was tried with the same seeds, and there are several
    """

    comparable: bool
    settings: tuple[SettingSpread, ...]


def seeds_of(done: Finished) -> Seeds | None:
    """Return the spread over seeds of each setting's figures, None where no seed was swept."""
    if SEED not in done.grid.keys:
        return None
    settings = settings_of(done.plan.trials)
    return Seeds(choosable(settings), tuple(_setting(done, own) for own in settings))


def spread(values: Sequence[float | None]) -> Spread | None:
    """Return mean, standard deviation, lowest and highest of values; missing ones are left out.

    >>> spread([1.0, None, 2.0, 3.0])
    Spread(n=3, mean=2.0, deviation=1.0, low=1.0, high=3.0)
    """
    known = [v for v in values if v is not None]
    if not known:
        return None
    deviation = stdev(known) if len(known) > 1 else None
    return Spread(len(known), fmean(known), deviation, min(known), max(known))


def shown_setting(seeds: Seeds | None) -> SettingSpread | None:
    """Return the setting that is chosen, or the only one there is."""
    settings = () if seeds is None else seeds.settings
    return next((s for s in settings if s.chosen), settings[0] if len(settings) == 1 else None)


def _setting(done: Finished, own: Setting) -> SettingSpread:
    found = [o for t in own.trials if isinstance(o := done.found.get(t.key), Outcome)]
    return SettingSpread(
        settings=dict(own.settings),
        trials=tuple(t.number for t in own.trials),
        chosen=done.chosen is not None and done.chosen in own.trials,
        validation=spread([o.objective("validation", done.sweep.objective) for o in found]),
        test=Spreads(
            sharpe=spread([o.test.sharpe for o in found]),
            annual_return=spread([o.test.annual_return for o in found]),
            total_return=spread([o.test.total_return for o in found]),
            max_drawdown=spread([o.test.max_drawdown for o in found]),
        ),
    )
