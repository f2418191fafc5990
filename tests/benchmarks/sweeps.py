"""What a sweep costs beside its trainings and its backtests, and what a second job gains."""

import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.execution import Work, work, work_of
from rollsight.backtests.sweeps.grid import read_grid
from rollsight.backtests.sweeps.plan import Planner
from rollsight.backtests.sweeps.tasks import READER
from rollsight.backtests.trials.attempts import read_ledger
from rollsight.backtests.workers.executors import Executor, executor
from rollsight.base.progress import Stopwatch, silent
from rollsight.training.fitting.paths import shared_path
from rollsight.training.fitting.store import load_model

HUNDRED = "strategy.stop_loss=" + ",".join(f"{n / 1000}" for n in range(10, 110))
TEN = "strategy.max_positions=" + ",".join(map(str, range(1, 11)))
RULES = [
    "strategy.stop_loss=none,0.03,0.05,0.08,0.12",
    "strategy.take_profit=none,0.05,0.1,0.2,0.3",
    "strategy.max_positions=5,10,20,40",
    "threshold.objective=precision,net_return",
]  # 200 settings
EPOCHS = "training.epochs=10"


def sweeps() -> dict[str, Any]:
    """Return seconds of planning, of scheduling a trial, and what two jobs gain on trainings.

    Workers start within seconds, whatever they are to do: that is measured apart.
    """
    with TemporaryDirectory() as folder:
        found = {str(jobs): _with(jobs, Path(folder)) for jobs in (1, 2)}
        return {
            "plan_10000_trials": _planning(),
            "one_job_to_two_training": found["1"]["training"] / found["2"]["training"],
            "jobs": found,
        }


def rules(run: Path, jobs: int = 2) -> dict[str, Any]:
    """Return what 200 settings of the rules cost on a finished run, whose networks are there.

    Parameters
    ----------
    run
        its directory; the market folder that its spec names must be there too
    """
    with TemporaryDirectory() as folder:
        home = Home(Path(folder), Path(folder) / "networks")
        home.make()
        for path in (run / "models").glob("*.pt"):
            (key,) = load_model(path).keys
            shutil.copy(path, shared_path(home.networks, key))
        began = time.perf_counter()
        todo = _planned(read_spec(str(run / "run.toml")), RULES, home)
        with executor("loky", jobs=jobs) as running:
            taken = _worked(todo, running)
        return {
            "settings": len(todo.plan.trials),
            "trained": len(todo.missing),
            **taken,
            "all": time.perf_counter() - began,
        }


def _planning() -> float:
    grid = [HUNDRED, TEN, "threshold.min_buys=" + ",".join(map(str, range(10, 20)))]
    began = time.perf_counter()
    nowhere = Path("nowhere")
    todo = _planned(read_spec("sample"), grid, Home(nowhere, nowhere))
    assert len(todo.plan.trials) == 10_000
    return time.perf_counter() - began


def _with(jobs: int, folder: Path) -> dict[str, float]:
    """Return the seconds of the workers' start, of 54 networks, and of a trial beside its own."""
    home = Home(folder / str(jobs), folder / str(jobs) / "networks")
    spec = read_spec("sample", ["training.seeds=1", EPOCHS])
    with executor("loky", jobs=jobs) as running:
        began = time.perf_counter()
        list(running.run(_lay, [spec] * jobs))
        start = time.perf_counter() - began
        trained = _worked(_planned(spec, ["training.seed=0,1"], home), running)["train networks"]
        before = len(read_ledger(home.out))
        todo = _planned(spec, [HUNDRED], home)
        taken = _worked(todo, running)["trials"]
    own = sum(entry.seconds or 0.0 for entry in read_ledger(home.out)[before:])
    overhead = (taken - own / jobs) / len(todo.left)
    return {"start": start, "training": trained, "overhead_a_trial": overhead}


def _lay(spec: RunSpec) -> None:
    READER.prepare(spec)


def _planned(spec: RunSpec, grid: list[str], home: Home) -> Work:
    planner = Planner(spec)
    planner.add(read_grid({}, grid).every())
    return work_of(planner.plan(), home)


def _worked(todo: Work, running: Executor) -> dict[str, float]:
    """Return the seconds of each stage."""
    watch = Stopwatch(silent)
    work(todo, running, watch, lambda outcome: outcome.validation.sharpe)
    return watch.seconds
