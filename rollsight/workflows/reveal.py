"""A run's held-out sessions opened, once and on purpose: the same run goes on over them."""

from dataclasses import dataclass
from pathlib import Path

from rollsight.backtests.chain.prepared import prepare_market
from rollsight.backtests.changes import opened
from rollsight.backtests.directory.claims import claim, refuse_another_spec
from rollsight.backtests.directory.manifest import data_digest
from rollsight.backtests.directory.result import Result, read_result, require_same_code
from rollsight.backtests.directory.swap import is_finished
from rollsight.backtests.holdout.looks import (
    Look,
    known_looks,
    note_look,
    now,
    real_folder,
    rows_digests,
    user,
)
from rollsight.backtests.holdout.market import aligned, folder_before
from rollsight.backtests.owncode import require_same_sources
from rollsight.backtests.sweeps.directory import SPEC as SWEEP
from rollsight.base.errors import RollsightError
from rollsight.base.files import write_bytes
from rollsight.base.progress import Progress, Stopwatch, silent
from rollsight.reports.page.language import Lang
from rollsight.signals.folder.reading import EMBEDDED, Folder, read_folder
from rollsight.workflows.display.calls import automatic, called
from rollsight.workflows.reading.report import report
from rollsight.workflows.run import Run, run_prepared
from rollsight.workflows.run import report as reported


@dataclass(frozen=True, eq=False)
class Revealed:
    """What a reveal made.

    Attributes
    ----------
    run
        the run that went on over the held-out sessions
    out
        its directory
    again
        number of earlier looks with the same specification
    note
        where the look could not be counted, a sentence; else empty
    """

    run: Run
    out: Path
    again: int
    note: str


@called
def reveal(
    run: str | Path,
    *,
    out: str | Path | None = None,
    jobs: int = 1,
    page: bool = True,
    lang: Lang = "en",
    progress: Progress | None = automatic,
) -> Revealed:
    """Let a finished run go on over the sessions that its spec holds out, and count the look.

    The look is written to ``holdout.jsonl`` beside the market folder, and to that of the user's
    state directory, before anything is decided in a held-out session.
    Windows that the run has trained are taken from its directory, which stays as it is.

    Parameters
    ----------
    run
        directory of the run
    out
        directory to write; None: beside the run's, with ``-revealed`` behind its name
    progress
        called with stage, steps done and steps in all; shown by itself, None shows nothing

    Raises
    ------
    RollsightError
        If the folder holds no finished run of this version with a holdout, its market folder has
        changed, there is nothing to open, or the look cannot be written down.
    """
    sealed_at, progress = Path(run), progress or silent
    before = _sealed_run(sealed_at)
    target = _target(sealed_at, out)
    spec = opened(before.spec)
    refuse_another_spec(target, spec)
    watch = Stopwatch(progress)
    watch("read the market", 0, 1)
    folder = read_folder(spec.market.folder)
    look = _look(before, folder, sealed_at)
    # What cannot be used is refused first, since nothing of it is shown: it is no look.
    prepared = prepare_market(spec, aligned(folder, spec))
    watch("read the market", 1, 1)
    note = note_look(spec.market.folder, look)
    again = _looks_before(look, spec.market.folder)
    if is_finished(target) and _is_of(target, data_digest(prepared.market), before):
        return Revealed(_shown_again(target, page=page, lang=lang), target, again, note)
    with claim(target, spec) as claimed:
        _take_networks(sealed_at / "models", claimed.models)
        made = run_prepared(spec, prepared, claimed, watch, jobs=jobs, page=page, lang=lang)
    return Revealed(made, target, again, note)


def _sealed_run(folder: Path) -> Result:
    if (folder / SWEEP).is_file():
        raise RollsightError(
            f"{folder} is a sweep, of which every trial would be a look: make a run of the trial "
            "that you choose, and reveal that"
        )
    found = read_result(folder)
    if found.spec.holdout.start is None:
        raise RollsightError(
            f"{folder} holds nothing out (holdout.start is unset), so there is nothing to reveal"
        )
    if found.spec.holdout.opened:
        raise RollsightError(f"{folder} is what a reveal has made: it is open already")
    if found.spec.market.folder in EMBEDDED:
        raise RollsightError(
            f"market.folder={found.spec.market.folder!r} is embedded, and no look can be written "
            "beside it: copy it to a folder of your own, and run on that"
        )
    require_same_code(found.manifest, folder)
    require_same_sources(found.spec, found.manifest, folder)
    return found


def _target(run: Path, out: str | Path | None) -> Path:
    target = run.absolute().with_name(f"{run.absolute().name}-revealed") if out is None else out
    if Path(target).resolve() == run.resolve():
        raise RollsightError(f"--out {out} is the run itself, which stays sealed: name another")
    return Path(target)


def _look(before: Result, folder: Folder, run: Path) -> Look:
    """Return the line that is written down, after all that can be wrong without opening anything.

    Raises
    ------
    RollsightError
        If the market folder is another than the run's, or has no session to open.
    """
    spec, start = before.spec, before.spec.holdout.start
    assert start is not None
    market = aligned(folder_before(folder, spec), spec)
    if data_digest(market) != before.manifest["data_digest"]:
        raise RollsightError(
            f"{spec.market.folder} has changed before {start} since {run} was made: make that "
            f"again with rollsight run {run / 'run.toml'} --out {run} --fresh, then reveal it"
        )
    last = folder.prices["Date"].max().date()
    if spec.market.end is not None:
        last = min(last, spec.market.end)
    if last < start:
        raise RollsightError(
            f"{spec.market.folder} ends on {last}, before holdout.start={start}: there is nothing "
            "to reveal yet"
        )
    return Look(
        when=now(),
        who=user(),
        spec_digest=spec.digest,
        data_digest=before.manifest["data_digest"],
        run=str(run.absolute()),
        market=real_folder(spec.market.folder).name,
        rows=rows_digests(market, start),
        start=str(start),
        last=str(last),
    )


def _looks_before(look: Look, folder: str) -> int:
    """Return how many looks with the same specification there were before one."""
    there = known_looks(
        folder, market=look.market, rows=look.rows, first=look.start, last=look.last
    )
    return sum(one.spec_digest == look.spec_digest for one in there) - 1


def _shown_again(target: Path, *, page: bool, lang: Lang) -> Run:
    """Return what an earlier look has made; its page says how many looks there are now."""
    if page:
        return report(target, lang=lang, progress=None)
    return reported(read_result(target), out=target, page=False)


def _take_networks(there: Path, here: Path) -> None:
    """Copy what was trained; whatever no longer fits its window by its key is trained anew."""
    for path in there.glob("*.pt"):
        if not (here / path.name).exists():
            write_bytes(here / path.name, path.read_bytes())


def _is_of(target: Path, data: str, before: Result) -> bool:
    """Return whether a directory holds what this reveal would make."""
    made = read_result(target).manifest
    return bool(
        made["data_digest"] == data and made["chain_digest"] == before.manifest["chain_digest"]
    )
