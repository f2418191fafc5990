"""A whole zoo, from a spec to its families' run directories and its page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from rollsight.backtests.changes import spec_at
from rollsight.backtests.directory.directory import is_run
from rollsight.backtests.directory.result import (
    Result,
    read_model,
    read_result,
    require_same_code,
    write_json,
)
from rollsight.backtests.owncode import require_same_sources
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.specs.keys import Changes
from rollsight.backtests.sweeps.directory import SPEC as SWEEP
from rollsight.backtests.trials.attempts import Entry, note, now
from rollsight.base.errors import RollsightError
from rollsight.base.files import write_text
from rollsight.base.progress import Progress, silent
from rollsight.base.records import plain
from rollsight.reports.compare.compared import read_compared
from rollsight.reports.page.language import Lang, speak
from rollsight.reports.zoo.facts import (
    Walked,
    common_rows,
    members_of,
    segments_of,
    window_ranks,
)
from rollsight.reports.zoo.numbers import Maps, ZooNumbers
from rollsight.reports.zoo.page import verdict, zoo_page
from rollsight.signals.inputs.labels import Label
from rollsight.workflows.display.calls import automatic, called
from rollsight.workflows.display.opening import show_page
from rollsight.workflows.run import run
from rollsight.workflows.zoo.networks import Networks, maps_of, networks_of
from rollsight.workflows.zoo.plan import EVERY, Plan, planned

PAGE = "zoo.html"


@dataclass(frozen=True, eq=False, repr=False)
class Zoo:
    """Families of models side by side.

    Attributes
    ----------
    numbers
        every number of the page
    html
        the page
    out
        its directory
    """

    numbers: ZooNumbers
    html: str
    out: Path

    def show(self) -> None:
        """Open the page in a browser; a notebook shows a link to it.

        Raises
        ------
        RollsightError
            If there is no browser.
        """
        show_page(self.html, self.out / PAGE)

    def __repr__(self) -> str:
        return "\n".join(verdict(self.numbers, speak("en")))


@called
def zoo(
    spec: RunSpec | str | Path,
    models: Sequence[str] | None = None,
    *,
    out: str | Path,
    changes: Changes = (),
    market: str | Path | None = None,
    seeds: int = 5,
    every: int = EVERY,
    jobs: int = 1,
    lang: Lang = "en",
    progress: Progress | None = automatic,
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
        finished is taken, what its networks said, a ledger, zoo.json and zoo.html
    changes
        values by ``section.key``, or ``section.key=value`` strings
    market
        market folder that takes the place of the spec's
    seeds
        networks a window of a family that has seeds, in the place of ``training.seeds``
    every
        sessions from one that every model learns to the next, in the place of ``training.every``
    jobs
        tasks at the same time; results do not depend on it
    lang
        language of the page
    progress
        called with stage, steps done and steps in all; shown by itself, None shows nothing
    tell
        takes the lines of the plan

    Raises
    ------
    RollsightError
        If spec, data or directory cannot be used, or fewer than two families are left.
    """
    out, progress = Path(out), progress or silent
    spec = spec_at(spec, market, changes)
    plan = planned(spec, models, seeds=seeds, every=every)
    _make(out)
    for line in plan.lines:
        tell(line)
    found, networks, failed = [], dict[str, Networks](), list(plan.left_out)
    for name, own in plan.specs.items():
        started = perf_counter()
        try:
            one, networks[name] = _walked(plan, name, out, jobs, progress)
            found.append(one)
            error = None
        except (OSError, MemoryError):  # which no other family is free of
            raise
        except Exception as reason:  # noqa: BLE001  # one family's fault may not stop the others
            known = isinstance(reason, RollsightError)
            said = str(reason) if known else f"{type(reason).__name__}: {reason}"
            error = " ".join(said.split())
            failed.append((name, error))
        _note(out, name, own, perf_counter() - started, error)
    if len(found) < 2:
        reasons = "; ".join(f"{name}: {why}" for name, why in failed) or "it alone was named"
        raise RollsightError(
            f"{len(found)} of the two families that a zoo needs could be walked forward ({reasons})"
        )
    progress("write the report", 0, 1)
    numbers = _numbers(plan, found, tuple(failed), maps_of(plan.ready, networks))
    page = zoo_page(numbers, speak(lang))
    write_json(out / "zoo.json", plain(numbers))
    write_text(out / PAGE, page)
    progress("write the report", 1, 1)
    return Zoo(numbers, page, out)


def _make(out: Path) -> None:
    """Make a zoo's directory, which is no run's and no sweep's: these have a ledger of their own.

    Raises
    ------
    RollsightError
        If it is one of these, or cannot be made.
    """
    why = "holds a run" if is_run(out) else "holds a sweep" if (out / SWEEP).is_file() else None
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = f"cannot be written ({error.strerror})"
    if why is not None:
        raise RollsightError(f"--out {out} {why}: name a new folder, or one of an earlier zoo")


def _walked(
    plan: Plan, name: str, out: Path, jobs: int, progress: Progress
) -> tuple[Walked, Networks]:
    """Return a family's finished run and what its networks say, made where they are not there."""
    folder, spec = out / _folder(name), plan.specs[name]

    def told(stage: str, done: int, total: int, note: str = "") -> None:
        progress(f"{name}: {stage}", done, total, note)

    found = _finished(folder, spec, plan)
    kept_in = out / f"{_folder(name)}.networks.json"
    with TemporaryDirectory() as asked:  # what networks forecast in their run is not asked again
        if found is None:
            found = run(spec, out=folder, store=asked, jobs=jobs, page=False, progress=told)
        model = partial(read_model, folder, found.manifest)
        said = networks_of(plan.ready, spec, found.manifest, model, kept_in, Path(asked), told)
    own = read_compared(folder)
    judged, seconds = own.numbers.verdict, own.seconds_training
    return Walked(name, found, judged, seconds, said.parameters, said.gains), said


def _finished(folder: Path, spec: RunSpec, plan: Plan) -> Result | None:
    """Return what a folder holds of a spec on the same data, with the code of now, if it does."""
    try:
        found = read_result(folder)
        require_same_code(found.manifest, folder)
        require_same_sources(spec, found.manifest, folder)
    except RollsightError:
        return None
    same = found.spec.digest == spec.digest and found.manifest["data_digest"] == plan.data
    taught_by = (found.manifest.get("teacher", {}).get("said") or {}).get("digest")
    return found if same and taught_by == plan.teacher_of(spec) else None


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
    note(out, [entry])


def _numbers(
    plan: Plan, found: Sequence[Walked], left_out: tuple[tuple[str, str], ...], maps: Maps | None
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
        every=spec.training.every,
        base=float((rows["label"] == Label.UP).mean()),
        members=members_of(found, rows),
        left_out=left_out,
        ranks=window_ranks(found, rows),
        segments=segments_of(found, rows),
        maps=maps,
        teacher=plan.teacher,
        untaught=tuple(one.name for one in found if not one.result.spec.teacher.is_set),
    )
