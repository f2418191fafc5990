"""The audit: a battery that hunts for look-ahead in a run, and fails where it finds any."""

from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from rollsight.backtests.audit.causality import Subject
from rollsight.backtests.chain.prepared import prepare_market
from rollsight.backtests.chain.signals import signal_table, trade_signals
from rollsight.backtests.chain.walkforward import run_folds
from rollsight.backtests.changes import sealed, spec_at
from rollsight.backtests.directory.claims import claim, read_run_spec
from rollsight.backtests.directory.differences import spec_differences, told_differences
from rollsight.backtests.directory.directory import SPEC, is_run
from rollsight.backtests.directory.manifest import data_digest
from rollsight.backtests.directory.result import read_result, require_same_code, write_json
from rollsight.backtests.directory.swap import is_finished
from rollsight.backtests.holdout.market import aligned, folder_of
from rollsight.backtests.owncode import require_same_sources, run_digest
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.specs.keys import Changes
from rollsight.backtests.workers.results import processes
from rollsight.base.errors import RollsightError
from rollsight.base.progress import Progress, silent
from rollsight.reports.run.checks import Audit
from rollsight.signals.folder.reading import Folder
from rollsight.signals.prices.edits import as_used
from rollsight.strategies.engines.both import run_both
from rollsight.training.fitting.store import Store
from rollsight.training.given.family import GivenSpec
from rollsight.workflows.auditing.battery import Battery
from rollsight.workflows.display.calls import automatic, called

TRIALS = 200


@called
def audit(
    spec: RunSpec | str | Path,
    changes: Changes = (),
    *,
    out: str | Path | None = None,
    market: str | Path | Folder | None = None,
    trials: int = TRIALS,
    jobs: int = 1,
    seed: int = 0,
    progress: Progress | None = automatic,
) -> Audit:
    """Train the run, or take the models of ``out``, and try to show that it sees the future.

    Parameters
    ----------
    spec
        a spec, a preset's name (``sample``, ``krx``), or the path of a TOML file
    changes
        values by ``section.key``, or ``section.key=value`` strings
    out
        run directory whose models are used and kept, and where audit.json is written
    market
        market folder, or a market in memory, that takes the place of the spec's
    trials
        edits of the future; more find rarer faults
    jobs
        processes; the result does not depend on it
    seed
        of the edits
    progress
        called with stage, steps done and steps in all; shown by itself, None shows nothing

    Returns
    -------
    A row a check; shown as the text that ``rollsight audit`` prints

    Raises
    ------
    RollsightError
        If the spec, the data or the directory cannot be used.
    """
    spec, progress = sealed(spec_at(spec, market, changes)), progress or silent
    if isinstance(spec.model, GivenSpec):
        raise RollsightError(
            "model.name='given': these signals were made elsewhere, and nobody can try what they "
            "knew: audit a spec whose model learns"
        )
    out = None if out is None else Path(out)
    folder = folder_of(spec, market)
    laid = aligned(folder, spec)
    ready = prepare_market(spec, laid)
    with ExitStack() as held:
        if out is None:
            store = Store(Path(held.enter_context(TemporaryDirectory())))
        else:
            _require_same(out, spec, data_digest(laid))
            claimed = held.enter_context(claim(out, spec))
            store = Store(claimed.models, earlier=claimed.earlier)
        running = held.enter_context(processes(jobs))
        folds = run_folds(ready, spec, store=store, running=running, progress=progress)
        # What was left out or repaired once is so from here on, like any correction of a vendor's.
        folder = as_used(folder, laid, ready.universe)
        signals = signal_table(ready, folds)
        traded = trade_signals(ready, spec, signals, run_both)
        subject = Subject(spec, folder, ready, tuple(folds), signals, traded)
        checks = Battery(subject, trials, running, jobs, seed, progress).checks()
        if out is not None:
            content = [asdict(c) | {"passed": c.passed} for c in checks]
            of = {"spec_digest": spec.digest, "data_digest": data_digest(laid)}
            made = {"chain_digest": run_digest(spec)}
            write_json(out / "audit.json", {**of, **made, "checks": content})
    return Audit(checks)


def _require_same(out: Path, spec: RunSpec, data: str) -> None:
    if not is_run(out):
        return
    ways = f"audit {out / SPEC}, run it again, or name a new folder"
    differences = spec_differences(read_run_spec(out), spec)
    if differences:
        raise RollsightError(
            f"--out {out} holds a run of another spec or other data, whose models would be lost "
            f"({told_differences(differences)}): {ways}"
        )
    if not is_finished(out):
        return
    before = read_result(out)
    require_same_code(before.manifest, out)
    require_same_sources(spec, before.manifest, out)
    if before.manifest["data_digest"] != data:
        raise RollsightError(
            f"--out {out} holds a run of another spec or other data, whose models would be lost "
            f"({spec.market.folder} has changed since): {ways}"
        )
