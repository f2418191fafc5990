"""A whole sweep, from a spec and a grid to its directory and its report."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from rollsight.backtests.directory.result import read_result, write_json
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.specs.keys import Changes
from rollsight.backtests.sweeps.directory import Home, claim_sweep, kept_market
from rollsight.backtests.sweeps.execution import Work, note_abandoned, work, work_of
from rollsight.backtests.sweeps.grid import Given
from rollsight.backtests.sweeps.plan import Planner, SweepPlan, Trial
from rollsight.backtests.sweeps.request import (
    SweepRequest,
    home_of,
    plan_lines,
    plan_sweep,
    read_request,
)
from rollsight.backtests.sweeps.sampler import Sampler as Drawn
from rollsight.backtests.sweeps.spec import Objective, Sampler, Select, SweepSpec
from rollsight.backtests.trials.outcomes import Outcome
from rollsight.backtests.trials.seedwork import other_seeds
from rollsight.backtests.trials.selection import best_on_validation, roll
from rollsight.backtests.workers.executors import Backend, Executor, executor
from rollsight.base.errors import RollsightError
from rollsight.base.files import write_file, write_text
from rollsight.base.progress import Progress, silent
from rollsight.base.records import plain
from rollsight.reports.page.language import Lang, speak
from rollsight.reports.sweep.numbers.metrics import SweepNumbers, compute_metrics
from rollsight.reports.sweep.numbers.paths import Finished
from rollsight.reports.sweep.numbers.tables import returns_table, summary_lines, trials_table
from rollsight.reports.sweep.page.page import render_page
from rollsight.reports.sweep.page.verdict import judged
from rollsight.signals.folder.reading import Folder
from rollsight.workflows.display.calls import automatic, called
from rollsight.workflows.display.notebook import sweep_html
from rollsight.workflows.display.opening import show_page
from rollsight.workflows.run import PAGE, run

Tell = Callable[[str], object]


@dataclass(frozen=True, eq=False, repr=False)
class Sweep:
    """What a sweep tried, what each trial earned, and which one it takes.

    Attributes
    ----------
    spec
        of which every trial is a change
    sweep
        what was tried
    trials
        one row a trial: its settings, state and figures, as in trials.parquet
    returns
        one column a finished trial, by number: daily changes of its account over the test
        spans, fractions, by date
    numbers
        every number of the report
    html
        the report, one self-contained page
    out
        its directory
    """

    spec: RunSpec
    sweep: SweepSpec
    trials: pd.DataFrame
    returns: pd.DataFrame
    numbers: SweepNumbers
    html: str
    out: Path

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """The numbers as sweep.json holds them."""
        found: dict[str, Any] = plain(self.numbers)
        return found

    def show(self) -> None:
        """Open the page in a browser; a notebook shows a link to it.

        Raises
        ------
        RollsightError
            If there is no browser.
        """
        show_page(self.html, self.out / PAGE)

    def __repr__(self) -> str:
        return "\n".join([judged(self.numbers, speak("en")), *summary_lines(self.numbers)])

    def _repr_html_(self) -> str:
        return sweep_html(self.numbers, self.returns, self.out / PAGE)


@called
def sweep(
    spec: RunSpec | str | Path,
    grid: Given = (),
    *,
    out: str | Path,
    market: str | Path | Folder | None = None,
    changes: Changes = (),
    store: str | Path | None = None,
    jobs: int = 1,
    backend: Backend = "loky",
    scheduler: str | None = None,
    many: bool = False,
    lang: Lang = "en",
    progress: Progress | None = automatic,
    tell: Tell = lambda _line: None,
    sampler: Sampler | None = None,
    trials: int | None = None,
    seed: int | None = None,
    objective: Objective | None = None,
    select: Select | None = None,
    burn_in: int | None = None,
    keep: int | None = None,
) -> Sweep:
    """Try many settings of a spec, training once what they share, and report what they earned.

    Parameters
    ----------
    spec
        a spec, a preset's name (``sample``, ``krx``), or the path of a TOML file, with a table
        ``[sweep]`` or without
    grid
        values by ``section.key``, or ``section.key=v1,v2`` strings, beside those of the table
    out
        directory to write, and to take finished trials from
    market
        market folder, or a market in memory, that takes the place of the spec's; one in memory is
        written to ``out``/market, where workers find it
    changes
        values by ``section.key``, or ``section.key=value`` strings, that every trial has
    store
        folder of networks that runs and sweeps share; None: ``out``/networks
    jobs
        tasks at the same time; results do not depend on it
    backend, scheduler
        what runs them: loky, threading, dask or ray, and where dask or ray are
    many
        lay out more than 10,000 trials
    lang
        language of the page
    progress
        called with stage, steps done, steps in all, and what is to be said of them; shown by
        itself, None shows nothing
    tell
        takes the lines of the plan
    sampler, trials, seed, objective, select, burn_in, keep
        keys of the table ``[sweep]``; None leaves the file's

    Raises
    ------
    RollsightError
        If spec, grid, data, directory or scheduler cannot be used, or all workers are gone;
        finished networks and trials are kept for the next call.
    """
    progress = progress or silent
    home = home_of(out, store)
    if isinstance(market, Folder):
        market = kept_market(home.out, market)
    asked = read_request(
        spec, grid, market=market, changes=changes, sampler=sampler, trials=trials, seed=seed,
        objective=objective, select=select, burn_in=burn_in, keep=keep,
    )  # fmt: skip
    with ExitStack() as workers:
        running = workers.enter_context(executor(backend, jobs=jobs, scheduler=scheduler))
        first = plan_sweep(asked, home, many=many)
        for line in plan_lines(asked, first, jobs):
            tell(line)
        with claim_sweep(home.out, asked.spec, asked.sweep):
            try:
                finished = _worked_off(asked, home, first, running, progress)
                workers.close()  # they hold much, and a kept run starts its own
                # Where no processes can be started, it starts none either.
                own = 1 if backend == "threading" else jobs
                return _reported(finished, home, own, lang, progress)
            except (OSError, MemoryError) as error:
                raise RollsightError(f"{_reason(error, home)}; what is finished is kept") from error


def _worked_off(
    asked: SweepRequest, home: Home, first: Work, running: Executor, progress: Progress
) -> Finished:
    note_abandoned(home)
    plan, found = _tried(asked, home, first, running, progress)
    ranked: list[Trial] = []
    rolling = None
    if asked.sweep.select == "rolling":
        rolling = roll(plan, found, asked.sweep, home)
    else:
        ranked = best_on_validation(plan.trials, found, asked.sweep)
    parts = other_seeds(ranked[:2], plan, home, running, progress)
    return Finished(asked.spec, asked.sweep, asked.grid, plan, found, ranked, parts, rolling)


def _reported(done: Finished, home: Home, jobs: int, lang: Lang, progress: Progress) -> Sweep:
    best = done.ranked
    if done.rolling is not None:
        best = [t for t in done.plan.trials if t.number == done.rolling.following]
    chosen = [(t, done.found[t.key]) for t in best[: done.sweep.keep]]
    kept = _kept(chosen, home, jobs, lang, progress)
    progress("write the report", 0, 1)
    numbers = compute_metrics(replace(done, kept=kept), home)
    page = render_page(numbers, speak(lang))
    trials, returns = trials_table(numbers), returns_table(done.plan, done.found)
    swept = Sweep(done.spec, done.sweep, trials, returns, numbers, page, home.out)
    _write(swept, home.out)
    progress("write the report", 1, 1)
    return swept


def _reason(error: OSError | MemoryError, home: Home) -> str:
    if isinstance(error, MemoryError):
        return "memory ran out: make the same call again with fewer jobs"
    why = f"{error.filename or home.out} cannot be read or written ({error.strerror or error})"
    return f"{why}: mend that or make room, and make the same call again"


def _tried(
    asked: SweepRequest, home: Home, first: Work, running: Executor, progress: Progress
) -> tuple[SweepPlan, dict[str, Outcome | str]]:
    def trial_value(outcome: Outcome) -> float | None:
        return outcome.objective("validation", asked.sweep.objective)

    if asked.sweep.sampler != "tpe":
        return first.plan, work(first, running, progress, trial_value)
    planner, found, failed = Planner(asked.spec), dict[str, Outcome | str](), dict[str, str]()
    sampler = Drawn(asked.grid, seed=asked.sweep.seed)
    for batch in sampler.batches(asked.sweep.trials or 1):
        trials = planner.add(settings for _, settings in batch)
        found = work(work_of(planner.plan(), home, failed), running, progress, trial_value)
        failed = {key: one for key, one in found.items() if isinstance(one, str)}
        for (one, _), trial in zip(batch, trials, strict=True):
            outcome = found[trial.key]
            sampler.tell(one, trial_value(outcome) if isinstance(outcome, Outcome) else None)
    return planner.plan(), found


def _kept(
    trials: Sequence[tuple[Trial, Outcome | str]],
    home: Home,
    jobs: int,
    lang: Lang,
    progress: Progress,
) -> dict[int, str]:
    """Write the run directories of these trials; return their reports by number."""
    links = {}
    if trials:
        progress("write kept runs", 0, len(trials))
    for count, (trial, outcome) in enumerate(trials, 1):
        assert trial.spec is not None  # a trial that was run has one
        out = home.out / "kept" / trial.key[:12]
        if not _is_finished(out, trial.spec, outcome, lang):
            # What is there is of an earlier call, with another name or other explanations.
            run(
                trial.spec, out=out, store=home.networks, jobs=jobs, lang=lang, fresh=True,
                progress=None,
            )  # fmt: skip
        links[trial.number] = (out / PAGE).relative_to(home.out).as_posix()
        progress("write kept runs", count, len(trials))
    return links


def _is_finished(out: Path, spec: RunSpec, outcome: Outcome | str, lang: Lang) -> bool:
    """Return whether a run directory is of this spec, in this language, and earned the same."""
    try:
        own, page = read_result(out), (out / PAGE).read_text(encoding="utf-8")
    except (RollsightError, FileNotFoundError):
        return False
    return (
        own.spec.digest == spec.digest
        and f'<html lang="{lang}">' in page[:200]
        and isinstance(outcome, Outcome)
        and np.array_equal(own.equity["return"], outcome.returns)
    )


def _write(done: Sweep, out: Path) -> None:
    write_file(out / "trials.parquet", partial(done.trials.to_parquet, index=False))
    write_file(out / "returns.parquet", done.returns.to_parquet)
    write_json(out / "sweep.json", done.metrics)
    write_text(out / PAGE, done.html)
