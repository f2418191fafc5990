"""What the seed alone changes: figures with other seeds, and the lead of the best setting."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean, stdev

from rollsight.backtests.sweeps.grid import Settings
from rollsight.backtests.sweeps.seedgroups import Setting, choosable, settings_of
from rollsight.backtests.sweeps.spec import SEED
from rollsight.backtests.trials.outcomes import Outcome, Performance
from rollsight.reports.sweep.numbers.paths import Finished
from rollsight.training.models.families import family_of


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
    """A setting, its trials by number, and the spread of their figures, or of its networks'.

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


@dataclass(frozen=True)
class Lead:
    """By how much the best setting leads the second on validation, and with other seeds of both.

    Other seeds are the trials of a setting that differ in ``training.seed``, or else each network
    of its trial and each half of them. The same ones of both are compared where they have them,
    else each of one with each of the other.

    Attributes
    ----------
    best, second
        their figures with other seeds; there is no second where one setting alone has the objective
    own
        the lead, in units of the objective
    others
        the lead with other seeds, where both have the objective
    ahead, of
        cases in which it is above zero, and all of them; none with one network a window
    seeds
        that are independent of each other: networks, or trials, of the one that has fewer
    seeded
        a seed changes the model of either
    """

    best: SettingSpread
    second: SettingSpread | None
    own: float | None
    others: Spread | None
    ahead: int
    of: int
    seeds: int
    seeded: bool = True

    @property
    def times(self) -> int:
        """In how many tries settings that do not differ have one ahead with every seed once."""
        return int(2 ** (self.seeds - 1))  # a sign test, either of them being the best

    @property
    def stands(self) -> bool:
        """Whether the best is ahead with all other seeds that there are."""
        return 0 < self.ahead == self.of


@dataclass(frozen=True)
class _Try:
    objective: float | None
    test: Performance
    seeds: int = 1


def lead_of(done: Finished) -> Lead | None:
    """Return the lead of the setting that validation puts first; None where it puts none."""
    settings = {t.number: own for own in settings_of(done.plan.trials) for t in own.trials}
    first = [settings[trial.number] for trial in done.ranked[:2]]
    if not first:
        return None
    names = {t.spec.model.name for t in done.ranked[:2] if t.spec is not None}
    seeded = any(family_of(name).can.seeded for name in names)
    tries = [_tries(done, own) for own in first]
    best, *second = (
        _spreads(done, own, list(tried.values())) for own, tried in zip(first, tries, strict=True)
    )
    if not second:
        return Lead(best, None, own=None, others=None, ahead=0, of=0, seeds=0, seeded=seeded)
    pairs = _pairs(*tries)
    leads = [b - s for b, s in pairs if b is not None and s is not None]
    values = _objectives(done)
    means = [mean for own in first if (mean := own.mean(values)) is not None]
    return Lead(
        best,
        second[0],
        own=means[0] - means[1],
        others=spread(leads),
        ahead=sum(lead > 0 for lead in leads),
        of=len(pairs),
        seeds=min(sum(one.seeds == 1 for one in tried.values()) for tried in tries),
        seeded=seeded,
    )


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
    return _spreads(done, own, list(_trials(done, own).values()))


def _spreads(done: Finished, own: Setting, tries: Sequence[_Try]) -> SettingSpread:
    return SettingSpread(
        settings=dict(own.settings),
        trials=tuple(t.number for t in own.trials),
        chosen=done.chosen is not None and done.chosen in own.trials,
        validation=spread([one.objective for one in tries]),
        test=Spreads(
            sharpe=spread([one.test.sharpe for one in tries]),
            annual_return=spread([one.test.annual_return for one in tries]),
            total_return=spread([one.test.total_return for one in tries]),
            max_drawdown=spread([one.test.max_drawdown for one in tries]),
        ),
    )


def _tries(done: Finished, own: Setting) -> Mapping[Hashable, _Try]:
    """Return a setting with each of its seeds, or with each part of its networks."""
    if len(own.trials) > 1:
        return _trials(done, own)
    parts = done.other_seeds.get(own.trials[0].number, ())
    name = done.sweep.objective
    return {p.networks: _Try(p.objectives[name], p.test, len(p.networks)) for p in parts}


def _trials(done: Finished, own: Setting) -> Mapping[Hashable, _Try]:
    found = [(t, o) for t in own.trials if isinstance(o := done.found.get(t.key), Outcome)]
    name = done.sweep.objective
    return {t.settings.get(SEED): _Try(o.objective("validation", name), o.test) for t, o in found}


def _pairs(
    best: Mapping[Hashable, _Try], second: Mapping[Hashable, _Try]
) -> list[tuple[float | None, float | None]]:
    if best.keys() == second.keys():
        return [(best[seed].objective, second[seed].objective) for seed in best]
    return [(b.objective, s.objective) for b, s in product(best.values(), second.values())]


def _objectives(done: Finished) -> dict[int, float]:
    found = {n: o.objective("validation", done.sweep.objective) for n, o in done.outcomes.items()}
    return {number: value for number, value in found.items() if value is not None}
