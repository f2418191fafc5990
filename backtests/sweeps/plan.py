"""The plan of a sweep: which trials there are, and what they need that others need too."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rollsight.backtests.chain import networks
from rollsight.backtests.chain.prepared import Prepared, require_trainable
from rollsight.backtests.changes import changed
from rollsight.backtests.decidable import Carried, require_decidable
from rollsight.backtests.owncode import forecast_digest, run_digest
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.forecasts import forecast_keys
from rollsight.backtests.sweeps.grid import Settings
from rollsight.backtests.sweeps.reader import Reader, data_part
from rollsight.base.digests import content_digest
from rollsight.base.errors import RollsightError
from rollsight.signals.spec import DEFAULTS
from rollsight.strategies.spec import CostSpec
from rollsight.training.fitting.keys import digest
from rollsight.training.fitting.windows import known_rows, spaced
from rollsight.training.spec import NetworkSpec

# What figures do not depend on; where the data lie does not count, their digest does.
NO_PART: Any = {"name": True, "attribution": True, "baselines": True, "market": {"folder"},
                "training": {"device"}}  # fmt: skip
SWEPT = {"market.folder", "training.device"}  # of which each value is a try for all that
# Seconds of fitting a sample with 16 channels, and of a trial's row, on one core: for estimates.
FIT, FIT_RESNET18, TRADE = 1.8e-6, 1.2e-3, 2e-6


@dataclass(frozen=True, eq=False)
class Training:
    """The networks of every window that some trials share.

    Attributes
    ----------
    spec
        of one of these trials, with any costs
    data
        digest of the market
    code
        digest of the code that it depends on
    keys
        of the networks, by seed, then by window
    forecasts
        key of each window's forecast
    opens
        first test session of each window
    channels
        names of the inputs
    samples
        rows that the networks of one seed learn from, over all windows
    test_rows
        rows of the test spans
    carried
        what the market carries
    """

    spec: RunSpec
    data: str
    code: str
    keys: tuple[tuple[str, ...], ...]
    forecasts: tuple[str, ...]
    opens: tuple[str, ...]
    channels: tuple[str, ...]
    samples: int
    test_rows: int
    carried: Carried


@dataclass(frozen=True, eq=False)
class Trial:
    """One setting of a sweep.

    Attributes
    ----------
    number
        its place in the plan, from 0
    key
        digest of all that its outcome depends on
    spec_digest
        of what its figures depend on beside data and code; of its settings where these
        do not go together
    spec, training
        and the place of its networks in the plan; None where it cannot be run
    fault
        why it cannot be run, empty where it can
    code
        digest of the code that it depends on
    """

    number: int
    settings: Settings
    key: str
    spec_digest: str
    spec: RunSpec | None = None
    training: int | None = None
    fault: str = ""
    code: str = ""


@dataclass(frozen=True, eq=False)
class SweepPlan:
    """All that a sweep is going to do.

    Attributes
    ----------
    duplicates
        settings that were left out, being the same as others
    signals
        distinct tables of signals
    """

    trials: tuple[Trial, ...]
    trainings: tuple[Training, ...]
    duplicates: int
    signals: int

    @property
    def networks(self) -> dict[str, tuple[int, int, int]]:
        """Where each distinct network is needed first: training, place of its seed, window."""
        found: dict[str, tuple[int, int, int]] = {}
        for n, training in enumerate(self.trainings):
            for seed, keys in enumerate(training.keys):
                for window, key in enumerate(keys):
                    found.setdefault(key, (n, seed, window))
        return found

    def lines(self, missing: Sequence[str], left: Sequence[Trial], jobs: int) -> list[str]:
        """Return the plan as text.

        Parameters
        ----------
        missing
            keys of the networks that are to be trained
        left
            trials that are to be run
        """
        stored = len(self.networks) - len(missing)
        runnable = sum(not t.fault for t in self.trials)
        said = [
            f"{len(self.trials):,} trials{_of(len(self.trials) - runnable, 'cannot be run')}"
            f"{_of(runnable - len(left), 'done before')}{_of(self.duplicates, 'more the same')}",
            *(f"for instance: {fault}" for fault in [t.fault for t in self.trials if t.fault][:1]),
            f"{len(self.networks):,} distinct trainings in {len(self.trainings):,} sets of networks"
            f"{_of(stored, 'in the store')}",
            f"{self.signals:,} distinct tables of signals, {runnable:,} backtests",
        ]
        if missing or left:
            minutes = self._seconds(missing, left) / jobs / 60
            said.append(f"about {max(minutes, 1):,.0f} min at most with jobs={jobs}")
        return said

    def _seconds(self, missing: Sequence[str], left: Sequence[Trial]) -> float:
        """Return a rough estimate of the seconds that are left on one core."""
        seconds, needed = 0.0, self.networks
        for key in missing:
            training = self.trainings[needed[key][0]]
            seconds += training.samples / len(training.opens) * _fit_seconds(training.spec)
        rows = (self.trainings[t.training].test_rows for t in left if t.training is not None)
        return seconds + TRADE * sum(rows)


class Planner:
    """Lays out trials of one specification, and keeps in mind what the earlier ones need."""

    def __init__(self, spec: RunSpec) -> None:
        self._spec = spec
        self._trials: dict[str, Trial] = {}
        self._trainings: list[Training] = []
        self._place: dict[str, int] = {}  # of a training in the list, by its part of the spec
        self._faults: dict[str, str] = {}  # by the same
        self._signals: set[str] = set()
        self._duplicates = 0
        self._reader = Reader()

    def add(self, settings: Iterable[Settings]) -> list[Trial]:
        """Lay out a trial of each setting, and return those; the same one twice is one trial."""
        asked = [(one, self._changed(one)) for one in settings]
        self._add_trainings([spec for _, spec in asked if isinstance(spec, RunSpec)])
        return [self._trial(one, spec) for one, spec in asked]

    def plan(self) -> SweepPlan:
        """Return the plan of all trials so far."""
        trials, trainings = tuple(self._trials.values()), tuple(self._trainings)
        return SweepPlan(trials, trainings, self._duplicates, len(self._signals))

    def _changed(self, settings: Settings) -> RunSpec | str:
        try:
            return changed(self._spec, settings)
        except RollsightError as error:
            return str(error)

    def _add_trainings(self, specs: Iterable[RunSpec]) -> None:
        new = {training_part(s): s.model_copy(update={"costs": CostSpec()}) for s in specs}
        new = {part: s for part, s in new.items() if part not in self._place | self._faults}
        groups: dict[str, list[tuple[str, RunSpec]]] = {}
        for part, spec in new.items():
            groups.setdefault(data_part(spec), []).append((part, spec))
        for members in groups.values():
            self._lay_group(members)

    def _lay_group(self, members: Sequence[tuple[str, RunSpec]]) -> None:
        """Find the networks of specs that have the same inputs and labels."""
        try:
            ready = self._reader.prepare(members[0][1])
        except RollsightError as error:
            self._faults |= {part: str(error) for part, _ in members}
            return
        samples = content_digest(ready.samples)
        for part, spec in members:
            try:
                require_trainable(ready, spec)
            except RollsightError as error:
                self._faults[part] = str(error)
            else:
                self._place[part] = len(self._trainings)
                self._trainings.append(_training(ready, spec, self._reader.digest, samples))

    def _trial(self, settings: Settings, spec: RunSpec | str) -> Trial:
        told = spec.chosen(exclude=NO_PART) if isinstance(spec, RunSpec) else settings
        swept = {key: settings[key] for key in SWEPT & settings.keys()}
        spec_digest = digest([_json([DEFAULTS, {**told, **swept}])])
        fault = self._fault(spec)
        if fault or isinstance(spec, str):
            key = digest(["it cannot be run", spec_digest])
            found = Trial(len(self._trials), settings, key, spec_digest, fault=fault)
        else:
            found = self._runnable(settings, spec, spec_digest)
        if found.key in self._trials:
            self._duplicates += 1
        return self._trials.setdefault(found.key, found)

    def _fault(self, spec: RunSpec | str) -> str:
        """Return why a trial cannot be run, or nothing."""
        if isinstance(spec, str):
            return spec
        part = training_part(spec)
        place = self._place.get(part)
        try:
            require_decidable(spec, None if place is None else self._trainings[place].carried)
        except RollsightError as error:
            return str(error)
        return self._faults.get(part, "")

    def _runnable(self, settings: Settings, spec: RunSpec, spec_digest: str) -> Trial:
        place = self._place[training_part(spec)]
        training = self._trainings[place]
        code = run_digest(spec)
        key = digest([code, training.data, *training.forecasts, spec_digest])
        costs = spec.costs.model_dump_json() if spec.threshold.objective == "net_return" else ""
        self._signals.add(f"{place}{spec.threshold.model_dump_json()}{costs}")
        return Trial(len(self._trials), settings, key, spec_digest, spec, place, code=code)


def training_part(spec: RunSpec) -> str:
    """Return the part of a spec that its networks depend on."""
    parts = (spec.model, spec.training, spec.gate)
    return _json([data_part(spec), *(part.model_dump() for part in parts)])


def _training(ready: Prepared, spec: RunSpec, data: str, samples: str) -> Training:
    keys = [
        tuple(networks.keys(ready.samples, ready.windows, spec, seed))
        for seed in spec.training.network_seeds
    ]
    every = spec.training.every
    tests = (ready.samples.usable[:, w.test.start : w.test.stop] for w in ready.windows)
    return Training(
        spec=spec,
        data=data,
        code=forecast_digest(spec),
        keys=tuple(keys),
        forecasts=forecast_keys(samples, ready.windows, spec, zip(*keys, strict=True)),
        opens=tuple(str(ready.market.sessions[w.test.start]) for w in ready.windows),
        channels=ready.samples.channels,
        samples=sum(
            int(known_rows(spaced(ready.samples, w, every), w.train, w.validation.start).sum())
            for w in ready.windows
        ),
        test_rows=sum(int(own.sum()) for own in tests),
        carried=ready.carried,
    )


def _fit_seconds(spec: RunSpec) -> float:
    if spec.model.name == "resnet18":
        return FIT_RESNET18 * spec.training.epochs
    width = spec.model.width if isinstance(spec.model, NetworkSpec) else 16
    return FIT * spec.training.epochs * float(max(width / 16, 0.25) ** 1.5)


def _of(count: int, what: str) -> str:
    return f", {count:,} {what}" if count else ""


def _json(content: Any) -> str:
    return json.dumps(content, sort_keys=True, default=str)
