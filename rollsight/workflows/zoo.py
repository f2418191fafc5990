"""A zoo: each family of models walked forward on equal terms, and one page that sets them apart."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from rollsight.backtests.chain.prepared import Prepared, prepare, require_trainable
from rollsight.backtests.changes import sealed, spec_at
from rollsight.backtests.directory.manifest import data_digest
from rollsight.backtests.directory.result import (
    Result,
    read_model,
    read_result,
    require_same_code,
    write_json,
)
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.trials.attempts import Entry, note, now
from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.base.files import write_text
from rollsight.base.progress import Progress, silent
from rollsight.base.records import plain
from rollsight.reports.compare.compared import read_compared
from rollsight.reports.page.language import Lang, speak
from rollsight.reports.zoo.facts import (
    Walked,
    agreement_of,
    common_rows,
    members_of,
    segments_of,
    window_ranks,
)
from rollsight.reports.zoo.numbers import Maps, ZooNumbers
from rollsight.reports.zoo.page import verdict, zoo_page
from rollsight.signals.inputs.labels import Label
from rollsight.training.explaining.attribution import explain, shares
from rollsight.training.fitting.rows import Rows
from rollsight.training.models.families import FAMILIES, family_of, options_of
from rollsight.workflows.run import run

REFERENCE = "frequencies"  # that always takes part: what each gain is over
EXPLAINED = 16  # rows of each window whose gradients are set side by side


@dataclass(frozen=True, eq=False, repr=False)
class Zoo:
    """Families of models side by side.

    Attributes
    ----------
    numbers
        every number of the page
    html
        the page
    """

    numbers: ZooNumbers
    html: str

    def __repr__(self) -> str:
        return "\n".join(verdict(self.numbers, speak("en")))


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
    """

    ready: Prepared
    specs: dict[str, RunSpec]
    left_out: tuple[tuple[str, str], ...]
    data: str

    @property
    def lines(self) -> list[str]:
        """What is to be done, a line each."""
        windows = len(self.ready.windows)
        count = sum(len(one.training.network_seeds) for one in self.specs.values()) * windows
        return [
            f"{len(self.specs)} families x {windows} windows, {count} networks: "
            + ", ".join(self.specs),
            *(f"left out: {name}: {why}" for name, why in self.left_out),
        ]


def zoo(
    spec: RunSpec | str | Path,
    models: Sequence[str] | None = None,
    *,
    out: str | Path,
    market: str | Path | None = None,
    seeds: int = 5,
    jobs: int = 1,
    lang: Lang = "en",
    progress: Progress = silent,
    tell: Callable[[str], object] = lambda _line: None,
) -> Zoo:
    """Walk families forward on the same data, windows, costs and rule, and compare them.

    Parameters
    ----------
    spec
        a spec, a preset's name, or the path of a TOML file; its own family keeps its keys
    models
        names of families; None takes all
    out
        directory to write: a run directory a family below it, without a page, from which what has
        finished is taken, a ledger, zoo.json and zoo.html
    market
        market folder that takes the place of the spec's
    seeds
        networks a window of a family that has seeds
    jobs
        tasks at the same time; results do not depend on it
    lang
        language of the page
    progress
        called with stage, steps done and steps in all
    tell
        takes the lines of the plan

    Raises
    ------
    RollsightError
        If spec or data cannot be used, or fewer than two families are left.
    """
    plan, out = planned(spec, models, market=market, seeds=seeds), Path(out)
    for line in plan.lines:
        tell(line)
    found, failed = [], list(plan.left_out)
    for name, own in plan.specs.items():
        started = perf_counter()
        try:
            found.append(_walked(plan, name, out, jobs, progress))
            error = None
        except RollsightError as reason:
            error = str(reason)
            failed.append((name, error))
        _note(out, name, own, perf_counter() - started, error)
    if len(found) < 2:
        reasons = "; ".join(f"{name}: {why}" for name, why in failed)
        raise RollsightError(f"{len(found)} family could be walked forward ({reasons})")
    progress("write the report", 0, 1)
    numbers = _numbers(plan, found, tuple(failed), out)
    page = zoo_page(numbers, speak(lang))
    write_json(out / "zoo.json", plain(numbers))
    write_text(out / "zoo.html", page)
    progress("write the report", 1, 1)
    return Zoo(numbers, page)


def planned(
    spec: RunSpec | str | Path,
    models: Sequence[str] | None = None,
    *,
    market: str | Path | None = None,
    seeds: int = 5,
) -> Plan:
    """Return which families are to be walked forward, each with its spec.

    Raises
    ------
    RollsightError
        If spec or data cannot be used, or there is no such family.
    """
    base = sealed(spec_at(spec, market)).model_copy(update={"baselines": ()})
    for name in models or ():
        if name not in FAMILIES and ":" not in name:
            raise RollsightError(
                f"--models names no family {name!r} {did_you_mean(name, FAMILIES)}"
            )
    ready = prepare(_spec_of(base, REFERENCE, 1))  # which any data can carry
    specs, left_out = {}, []
    for name in dict.fromkeys([*(models or FAMILIES), REFERENCE]):
        own = _spec_of(base, name, seeds)
        try:
            require_trainable(ready, own)
        except RollsightError as reason:
            left_out.append((name, str(reason)))
        else:
            specs[name] = own
    return Plan(ready, specs, tuple(left_out), data_digest(ready.market))


def _spec_of(base: RunSpec, name: str, seeds: int) -> RunSpec:
    own = base.model if base.model.name == name else options_of(name)(name=name)
    wanted = seeds if family_of(name).can.seeded else 1
    training = base.training.model_copy(update={"seeds": wanted})
    attribution = base.attribution.model_copy(update={"methods": ()})
    title = f"{base.name}: {name}"
    changes = {"name": title, "model": own, "training": training, "attribution": attribution}
    return base.model_copy(update=changes)


def _walked(plan: Plan, name: str, out: Path, jobs: int, progress: Progress) -> Walked:
    """Return a family's finished run, which is made where it is not there yet."""
    folder, spec = out / _folder(name), plan.specs[name]

    def told(stage: str, done: int, total: int, note: str = "") -> None:
        progress(f"{name}: {stage}", done, total, note)

    found = _finished(folder, spec, plan.data)
    if found is None:
        found = run(spec, out=folder, jobs=jobs, page=False, progress=told)
    model = read_model(folder, found.manifest, 0)
    size = sum(np.asarray(array).size for array in model.weights[0].values())
    return Walked(name, found, read_compared(folder).seconds_training, size)


def _finished(folder: Path, spec: RunSpec, data: str) -> Result | None:
    """Return what a folder holds of a spec on the same data, with the code of now, if it does."""
    try:
        found = read_result(folder)
        require_same_code(found.manifest, folder)
    except RollsightError:
        return None
    same = found.spec.digest == spec.digest and found.manifest["data_digest"] == data
    return found if same else None


def _folder(name: str) -> str:
    return name.replace(":", ".")


def _note(out: Path, name: str, spec: RunSpec, seconds: float, error: str | None) -> None:
    entry = Entry(
        key=spec.digest,
        spec_digest=spec.digest,
        settings={"model.name": name},
        state="done" if error is None else "failed",
        at=now(),
        seconds=seconds,
        error=error,
    )
    out.mkdir(parents=True, exist_ok=True)
    note(out, [entry])


def _numbers(
    plan: Plan, found: Sequence[Walked], left_out: tuple[tuple[str, str], ...], out: Path
) -> ZooNumbers:
    rows = common_rows(found)
    dates = found[0].result.signals["decided_at"].dt.date.astype(str)
    spec = found[0].result.spec
    return ZooNumbers(
        name=spec.name.rpartition(": ")[0],
        first_session=min(dates),
        last_session=max(dates),
        rows=len(rows),
        windows=len(plan.ready.windows),
        base=float((rows["label"] == Label.UP).mean()),
        members=members_of(found, rows),
        left_out=left_out,
        ranks=window_ranks(found, rows),
        segments=segments_of(found, rows),
        maps=_maps(plan.ready, found, out),
    )


def _maps(ready: Prepared, found: Sequence[Walked], out: Path) -> Maps | None:
    """Return what the differentiable families look at on the same rows of every window."""
    shown = [one for one in found if family_of(one.name).can.differentiable]
    if not shown:
        return None
    summed: dict[str, np.ndarray] = {}
    channels, count = ready.samples.channels, 0
    for window in ready.windows:
        days = slice(window.test.start, window.test.stop)
        stock, day = np.nonzero(ready.samples.usable[:, days])
        at = np.unique(np.linspace(0, len(day) - 1, min(EXPLAINED, len(day))).round().astype(int))
        rows = Rows(stock[at], day[at] + window.test.start)
        count += len(rows)
        for one in shown:
            folder = out / _folder(one.name)
            model = read_model(folder, one.result.manifest, window.number)
            own = shares(explain(model, ready.samples, rows).gradient)
            summed[one.name] = summed.get(one.name, np.zeros(len(channels))) + own
    mean = {
        name: tuple(map(float, total / max(total.sum(), 1e-12))) for name, total in summed.items()
    }
    return Maps(channels, mean, agreement_of(mean), count)
