"""The audit: a battery that hunts for look-ahead in a run, and fails where it finds any."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from rollsight.backtests.audit import causality
from rollsight.backtests.audit.causality import Subject
from rollsight.backtests.audit.differences import Fault, named
from rollsight.backtests.audit.parts import STOCKS, is_large
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
from rollsight.backtests.workers.executors import Executor
from rollsight.backtests.workers.results import processes, results
from rollsight.base.errors import RollsightError
from rollsight.base.progress import Progress, silent
from rollsight.reports.page.html import percent
from rollsight.reports.run.checks import Check
from rollsight.reports.run.data.leading import ledger_check
from rollsight.reports.statistics import plausibility
from rollsight.reports.statistics.plausibility import Edge
from rollsight.signals.folder.reading import Folder
from rollsight.signals.prices.edits import as_used
from rollsight.strategies.engines.both import run_both
from rollsight.training.fitting.store import Store

TRIALS, RETRAINED, CUTS = 200, 3, 5
SHARES = 4  # of the trials, for each process
WHOLE, TIMES = 4, 14  # of a large market: futures of the whole, and of each part


def audit(
    spec: RunSpec,
    *,
    out: Path | None = None,
    market: Folder | None = None,
    trials: int = TRIALS,
    jobs: int = 1,
    seed: int = 0,
    progress: Progress = silent,
) -> tuple[Check, ...]:
    """Train the run, or take the models of ``out``, and try to show that it sees the future.

    Parameters
    ----------
    out
        run directory whose models are used and kept, and where audit.json is written
    market
        a market in memory, in place of the spec's folder
    trials
        edits of the future; more find rarer faults
    jobs
        processes; the result does not depend on it

    Raises
    ------
    RollsightError
        If the spec, the data or the directory cannot be used.
    """
    spec = sealed(spec_at(spec, market))
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
        checks = _Battery(subject, trials, running, jobs, seed, progress).checks()
        if out is not None:
            content = [asdict(c) | {"passed": c.passed} for c in checks]
            of = {"spec_digest": spec.digest, "data_digest": data_digest(laid)}
            made = {"chain_digest": run_digest(spec)}
            write_json(out / "audit.json", {**of, **made, "checks": content})
    return checks


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


@dataclass(frozen=True, eq=False)
class _Battery:
    subject: Subject
    trials: int
    running: Executor
    jobs: int
    seed: int
    progress: Progress

    def checks(self) -> tuple[Check, ...]:
        return (
            self._future_edit(),
            self._retrained(),
            self._truncated(),
            self._warmed_up(),
            ledger_check(self.subject.ready, self.subject.spec.features.join),
            self._fills(),
            self._delayed(),
            self._placebo(),
        )

    def _future_edit(self) -> Check:
        whole, said = self.trials, ""
        if is_large(self.subject.ready):
            whole = min(WHOLE, whole)
            said = f"; of the whole market {whole} times, else of {STOCKS} stocks of a window"
        seeds = [(self.seed + n,) for n in range(whole)]
        rest = [
            (self.seed + n, min(TIMES, self.trials - n)) for n in range(whole, self.trials, TIMES)
        ]
        faults = [
            *self._found("edit the future", causality.future_edit, seeds),
            *self._found("edit a part's future", causality.future_edits, rest),
        ]
        return Check(
            "another future",
            self.trials,
            named(faults),
            "what becomes known after a random test session was edited: neither what the windows "
            f"before it are fitted on nor what their models say may change{said}",
        )

    def _retrained(self) -> Check:
        last = len(self.subject.folds) - 1
        numbers = np.unique(np.linspace(0, last, RETRAINED).round().astype(int))
        tasks = [(int(n), self.seed, another) for n in numbers for another in (True, False)]
        return Check(
            "trained again",
            len(numbers),
            self._tried("train again", causality.retrained, tasks),
            f"windows {', '.join(map(str, numbers))} trained anew on another future and on none: "
            "the models must be the same, bit for bit",
        )

    def _truncated(self) -> Check:
        rng = np.random.default_rng(self.seed)
        days = rng.permutation(np.unique(self.subject.signals["day"]))
        # The size of an order shows on its own session alone: those that bought come first.
        dates = self.subject.ready.market.sessions[days].astype("datetime64[ms]")
        orders = self.subject.traded.orders.query("side == 'buy' and shares > 0")
        rest = ~np.isin(dates, orders["submitted_at"].to_numpy())
        tasks = [(int(d),) for d in np.sort(days[np.argsort(rest, kind="stable")][:CUTS])]
        return Check(
            "truncation",
            len(tasks),
            self._tried("end the data", causality.truncated, tasks),
            "inputs, signals, orders and equity must be the same up to the end when the data ends "
            f"on {self._dates(tasks)}",
        )

    def _warmed_up(self) -> Check:
        usable = np.flatnonzero(self.subject.ready.samples.usable.any(axis=0))
        tasks = [(int(usable[int(share * len(usable))]),) for share in (0.1, 0.4)]
        return Check(
            "warm-up",
            len(tasks),
            self._tried("begin later", causality.warmed_up, tasks),
            "no input and no model's output may change when the history begins only on "
            f"{self._dates(tasks)}",
        )

    def _fills(self) -> Check:
        self.progress("look at results", 0, 3)
        traded = self.subject.traded
        return Check(
            "label against fill",
            len(traded.trades),
            tuple(plausibility.fills(self.subject)),
            "every buy fills at the open after its decision, and a trade held to its horizon makes "
            "exactly its label's return",
        )

    def _delayed(self) -> Check:
        self.progress("look at results", 1, 3)
        late, lost = plausibility.delayed_buys(self.subject)
        money = plausibility.delayed_money(self.subject)
        if lost is None:
            return Check("delayed execution", 0, (), "there is no buy with a label")
        faults: tuple[str, ...] = ()
        if lost.real and late[1] < late[0] / 2:
            first = self.subject.ready.market.sessions[self.subject.folds[0].window.test.start]
            faults = (
                f"buys from {first} on: one session of delay costs {percent(lost.value, 2)}, over "
                "half of what a buy makes",
            )
        gross = ", ".join(percent(one, 2, sign=True) for one in late)
        net = ", ".join(percent(one, sign=True) for one in money)
        return Check(
            "delayed execution",
            len(late),
            faults,
            f"filled 0, 1, 2, 3 sessions later a buy makes {gross} gross, and the strategy {net} "
            "net in all",
        )

    def _placebo(self) -> Check:
        self.progress("look at results", 2, 3)
        gain, edge = plausibility.placebo(self.subject, self.seed, self.running)
        self.progress("look at results", 3, 3)
        named = (
            ("log-loss gain", gain, "{:+.4f}".format),
            ("edge over the base rate", edge, lambda x: percent(x, 2, sign=True)),
        )
        return Check(
            "placebo",
            plausibility.PLACEBO_WINDOWS,
            tuple(
                f"shuffled labels, all dates: the {name} is above zero beyond luck"
                for name, found, _ in named
                if found.real
            ),
            "after learning shuffled labels"
            # A chain of windows would learn the labels of the others.
            + (", each window anew: " if self.subject.spec.training.chained else ": ")
            + ", ".join(f"{name} {_shown(found, text)}" for name, found, text in named),
        )

    def _tried(
        self, stage: str, check: Callable[..., list[Fault]], tasks: Sequence[tuple[int, ...]]
    ) -> tuple[str, ...]:
        """Return what all trials found; each series once, with how often it was found."""
        return named(self._found(stage, check, tasks))

    def _found(
        self, stage: str, check: Callable[..., list[Fault]], tasks: Sequence[tuple[int, ...]]
    ) -> list[Fault]:
        if not tasks:
            return []
        self.progress(stage, 0, len(tasks))
        # The tables of a market travel to a worker once a share, not once a trial.
        size = -(-len(tasks) // (SHARES * self.jobs))
        shares = [tasks[n : n + size] for n in range(0, len(tasks), size)]
        found: list[Fault] = []
        done = 0
        each = [partial(_each, check, self.subject, share) for share in shares]
        for share, faults in zip(shares, results(self.running, each), strict=True):
            done += len(share)
            self.progress(stage, done, len(tasks))
            found += faults
        return found

    def _dates(self, tasks: Sequence[tuple[int, ...]]) -> str:
        return ", ".join(str(self.subject.ready.market.sessions[day]) for (day,) in tasks)


def _each(
    check: Callable[..., list[Fault]], subject: Subject, tasks: Sequence[tuple[int, ...]]
) -> list[Fault]:
    return [fault for task in tasks for fault in check(subject, *task)]


def _shown(edge: Edge, text: Callable[[float], str]) -> str:
    if edge.low is None or edge.high is None:
        return f"{text(edge.value)} (too few dates for an interval)"
    return f"{text(edge.value)} (99 %: {text(edge.low)} to {text(edge.high)})"
