"""A sweep as it is asked for, and what it is going to do."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from rollsight.backtests.baselines.specs import without_others
from rollsight.backtests.changes import sealed, spec_at
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.specs.keys import Changes
from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.execution import Work, work_of
from rollsight.backtests.sweeps.grid import MOST, Given, Grid, Settings
from rollsight.backtests.sweeps.plan import Planner
from rollsight.backtests.sweeps.sampler import BATCH, Sampler
from rollsight.backtests.sweeps.spec import SweepSpec, check_sweep, read_sweep
from rollsight.backtests.trials.selection import require_rolling
from rollsight.base.errors import RollsightError, counted


@dataclass(frozen=True)
class SweepRequest:
    """A sweep as it was asked for."""

    spec: RunSpec
    sweep: SweepSpec
    grid: Grid

    def settings(self, *, many: bool) -> Iterator[Settings]:
        """Yield the settings of every trial, where no sampler has to see others first."""
        random = self.sweep.sampler == "random"
        count = (self.sweep.trials or 0) if random else self.grid.count()
        if count > MOST and not many:
            raise RollsightError(
                f"the sweep has {count:,} trials, over {MOST:,}: draw "
                "fewer with --random N, or insist with --yes"
            )
        if random:
            yield from self.grid.sample(count, seed=self.sweep.seed)
        else:
            yield from self.grid.every()


def read_request(
    spec: RunSpec | str | Path,
    grid: Given = (),
    *,
    market: str | Path | None = None,
    changes: Changes = (),
    **options: Any,
) -> SweepRequest:
    """Return a sweep as it is asked for.

    Parameters
    ----------
    spec
        a spec, a preset's name, or the path of a TOML file with a table ``[sweep]``
    grid
        values by ``section.key``, or ``section.key=v1,v2`` strings
    changes
        that every trial has, as `read_spec` takes them
    options
        further keys of ``[sweep]``; None leaves the file's

    Raises
    ------
    RollsightError
        If a key or value is not allowed, or nothing is to be swept.
    """
    base = sealed(spec_at(spec, market, changes))
    if isinstance(spec, RunSpec):
        sweep, axes = check_sweep({}, "the sweep", grid, family=base.model.name, **options)
    else:
        sweep, axes = read_sweep(str(spec), grid, family=base.model.name, **options)
    # Trials are held against each other: none has baselines, the kept ones neither.
    return SweepRequest(without_others(base), sweep, axes)


def home_of(out: str | Path, store: str | Path | None) -> Home:
    """Return where a sweep keeps what it finds, by whole paths: workers may start anywhere."""
    folder = Path(out).absolute()
    return Home(folder, folder / "networks" if store is None else Path(store).absolute())


def plan_sweep(asked: SweepRequest, home: Home, *, many: bool = False) -> Work:
    """Return what a sweep is going to do, and what of it is there already; nothing is written.

    Of the sampler tpe only the first batch is known.

    Raises
    ------
    RollsightError
        If the trials are too many to be prepared out without ``many``, all have the same fault, or
        cannot be chosen among window by window.
    """
    planner = Planner(asked.spec)
    if asked.sweep.sampler == "tpe":
        sampler = Sampler(asked.grid, seed=asked.sweep.seed)
        planner.add(one for _, one in next(sampler.batches(asked.sweep.trials or 1)))
    else:
        planner.add(asked.settings(many=many))
    plan = planner.plan()
    faults = {trial.fault for trial in plan.trials}
    if len(faults) == 1 and "" not in faults:
        raise RollsightError(faults.pop())
    if asked.sweep.select == "rolling":
        require_rolling(plan, asked.sweep.burn_in)
    return work_of(plan, home)


def plan_lines(asked: SweepRequest, first: Work, jobs: int) -> list[str]:
    """Return a plan as text."""
    lines, sweep = first.lines(jobs), asked.sweep
    if sweep.sampler == "tpe":
        batches = ceil((sweep.trials or 1) / BATCH)
        lines = [f"{sweep.trials:,} trials, {BATCH} at a time; of the first:", *lines]
        if batches > 1:
            lines.append(f"up to {batches} times that in all, a batch each")
    if first.missing or first.left:
        kept = f" and {counted(sweep.keep, 'kept run')} with its own" if sweep.keep else ""
        lines.append(f"on top of that: the page{kept}")
    return lines
