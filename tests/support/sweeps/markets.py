"""A small market and its sweeps."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.execution import Work, work, work_of
from rollsight.backtests.sweeps.grid import Given, read_grid
from rollsight.backtests.sweeps.plan import Planner, SweepPlan
from rollsight.backtests.trials.outcomes import Outcome
from rollsight.base.progress import silent
from tests.support.markets import Recipe

A = TypeVar("A")
T = TypeVar("T")

WRITTEN = ("sweep.toml", "trials.parquet", "returns.parquet", "sweep.json", "report.html")
RECIPE = Recipe(n_stocks=5, n_days=260, halts=((1, 180), (2, 200)), last_rows={4: 220})
GRID: dict[str, list[Any]] = {
    "label.horizon": [3, 5],
    "threshold.objective": ["precision", "net_return"],
    "strategy.stop_loss": [None, 0.02],
}


class SerialExecutor:
    """An executor without any worker: one task after the other, in order."""

    def run(self, function: Callable[[A], T], tasks: Sequence[A]) -> Iterator[tuple[int, T]]:
        """Yield each task's position and result."""
        return ((at, function(task)) for at, task in enumerate(tasks))


def home_of(folder: Path) -> Home:
    return Home(folder, folder / "networks")


def planned(spec: RunSpec, grid: Given = GRID) -> SweepPlan:
    planner = Planner(spec)
    planner.add(read_grid({}, grid).every())
    return planner.plan()


def worked(plan: SweepPlan, home: Home) -> tuple[Work, dict[str, Outcome | str]]:
    """Return what was left of a plan, and what came of it."""
    todo = work_of(plan, home)
    return todo, work(todo, SerialExecutor(), silent, lambda outcome: outcome.validation.sharpe)


def results(out: Path) -> dict[str, bytes]:
    """Return the files of a sweep's directory that may not depend on how it was run."""
    outcomes = {p.name: p.read_bytes() for p in sorted((out / "outcomes").iterdir())}
    return outcomes | {name: (out / name).read_bytes() for name in WRITTEN}


def without_spec(out: Path) -> dict[str, bytes]:
    return {name: content for name, content in results(out).items() if name != "sweep.toml"}
