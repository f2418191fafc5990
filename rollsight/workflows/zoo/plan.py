"""Which families a zoo walks forward, each with its spec."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rollsight.backtests.baselines.specs import without_others
from rollsight.backtests.chain.prepared import Prepared, prepare, require_trainable
from rollsight.backtests.changes import sealed, spec_at
from rollsight.backtests.directory.manifest import data_digest
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.teacher.source import can_be_taught, soft_labels
from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.signals.teacher.softlabels import require_met
from rollsight.signals.teacher.spec import TeacherSpec
from rollsight.training.models.families import FAMILIES, family_of, options_of

REFERENCE = "frequencies"  # that always takes part: what each gain is over
EVERY = 5  # sessions from one that is learnt to the next: a label of ten overlaps all between


@dataclass(frozen=True, eq=False)
class Plan:
    """Which families are to be walked forward, and which cannot be.

    Attributes
    ----------
    specs
        of each family by name
    left_out
        names with reasons
    data
        digest of the market
    teacher
        what the families that can learn soft labels learn them of; None where there is none
    """

    ready: Prepared
    specs: dict[str, RunSpec]
    left_out: tuple[tuple[str, str], ...]
    data: str
    teacher: str | None

    def teacher_of(self, spec: RunSpec) -> str | None:
        """Return the digest of what teaches a family; None where no file or run does."""
        soft = self.ready.samples.soft
        if not spec.teacher.is_set or soft is None or soft.said is None:
            return None
        return soft.said.digest

    def networks(self, name: str) -> int:
        """Return how many networks a family has."""
        return len(self.specs[name].training.network_seeds) * len(self.ready.windows)

    @property
    def lines(self) -> list[str]:
        """What is to be done, a line each."""
        windows, count = len(self.ready.windows), sum(map(self.networks, self.specs))
        return [
            f"{len(self.specs)} families x {windows} windows, {count} networks: "
            + ", ".join(self.specs),
            *(f"left out: {name}: {why}" for name, why in self.left_out),
        ]


def planned(
    spec: RunSpec | str | Path,
    models: Sequence[str] | None = None,
    *,
    market: str | Path | None = None,
    seeds: int = 5,
    every: int = EVERY,
) -> Plan:
    """Return which families are to be walked forward, each with its spec.

    Raises
    ------
    RollsightError
        If spec or data cannot be used, or there is no such family.
    """
    base = without_others(sealed(spec_at(spec, market)))
    for name in models or ():
        if name not in FAMILIES and ":" not in name:
            raise RollsightError(
                f"--models names no family {name!r} {did_you_mean(name, FAMILIES)}"
            )
    ready = prepare(_spec_of(base, REFERENCE, 1, every))  # which any data can carry
    ready = _taught(ready, base)
    specs, left_out = {}, []
    for name in dict.fromkeys([*(models or FAMILIES), REFERENCE]):
        own = _spec_of(base, name, seeds, every)
        try:
            require_trainable(ready, own)
        except RollsightError as reason:
            left_out.append((name, str(reason)))
        else:
            specs[name] = own
    teacher = base.teacher.source if base.teacher.is_set else None
    return Plan(ready, specs, tuple(left_out), data_digest(ready.market), teacher)


def _taught(ready: Prepared, spec: RunSpec) -> Prepared:
    """Return what was laid out for a family without a teacher, with the soft labels of a spec's."""
    soft = soft_labels(spec, ready.market)
    if soft is not None and soft.said is not None:
        require_met(soft.said)
    return replace(ready, samples=replace(ready.samples, soft=soft))


def _spec_of(base: RunSpec, name: str, seeds: int, every: int) -> RunSpec:
    own = base.model if base.model.name == name else options_of(name)(name=name)
    wanted = seeds if family_of(name).can.seeded else 1
    training = base.training.model_copy(update={"seeds": wanted, "every": every})
    attribution = base.attribution.model_copy(update={"methods": ()})
    teacher = base.teacher if can_be_taught(own) else TeacherSpec()
    changes = {"name": f"{base.name}: {name}", "model": own, "training": training}
    return base.model_copy(update=changes | {"attribution": attribution, "teacher": teacher})
