"""What a sweep costs beside its trainings and its backtests, and what a second job gains."""

import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rollsight.backtests.engines import engine
from rollsight.backtests.grid import read_grid
from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.backtests.sweepdirectory import Home
from rollsight.backtests.sweeping import Work, work, work_of
from rollsight.backtests.sweepplan import Planner
from rollsight.backtests.trialledger import read_ledger
from rollsight.signals.progress import Stopwatch, silent
from rollsight.training.store import load_model, shared_path

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
    """Return seconds of planning, of scheduling a trial, and what two jobs gain on trainings."""
    with TemporaryDirectory() as folder:
        one, two = (_trained(Path(folder), jobs) for jobs in (1, 2))
        return {
            "plan_10000_trials": _planning(),
            "one_job_training": one,
            "two_jobs_training": two,
            "one_job_to_two": one / two,
            "overhead_a_trial": {str(jobs): _overhead(Path(folder), jobs) for jobs in (1, 2)},
        }


def rules(run: Path, jobs: int = 2) -> dict[str, Any]:
    """Return what 200 settings of the rules cost on a finished run, whose networks are there.

    Parameters
    ----------
    run : its directory; the market folder that its spec names must be there too
    """
    with TemporaryDirectory() as folder:
        home = Home(Path(folder), Path(folder) / "networks")
        home.make()
        for path in (run / "models").glob("*.pt"):
            (key,) = load_model(path).keys
            shutil.copy(path, shared_path(home.networks, key))
        began = time.perf_counter()
        todo = _planned(read_spec(str(run / "run.toml")), RULES, home)
        taken = _worked(todo, jobs)
        return {
            "trials": len(todo.plan.trials),
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


def _trained(folder: Path, jobs: int) -> float:
    """Return the seconds of 54 networks; the workers' start is a part of them."""
    home = Home(folder / f"jobs{jobs}", folder / f"jobs{jobs}" / "networks")
    spec = read_spec("sample", ["training.seeds=1", EPOCHS])
    return _worked(_planned(spec, ["training.seed=0,1"], home), jobs)["train networks"]


def _overhead(folder: Path, jobs: int) -> float:
    """Return the seconds that a trial takes beside its own backtests."""
    home = Home(folder / f"rules{jobs}", folder / "jobs1" / "networks")
    spec = read_spec("sample", ["training.seeds=1", EPOCHS])
    todo = _planned(spec, ["strategy.max_positions=" + ",".join(map(str, range(1, 101)))], home)
    taken = _worked(todo, jobs)["trials"]
    own = sum(entry.seconds or 0.0 for entry in read_ledger(home.out))
    return (taken - own / jobs) / len(todo.left)


def _planned(spec: RunSpec, grid: list[str], home: Home) -> Work:
    planner = Planner(spec)
    planner.add(read_grid({}, grid).every())
    return work_of(planner.plan(), home)


def _worked(todo: Work, jobs: int) -> dict[str, float]:
    """Return the seconds of each stage."""
    watch = Stopwatch(silent)
    with engine("loky", jobs=jobs) as running:
        work(todo, running, watch, lambda outcome: outcome.validation["sharpe"])
    return watch.seconds
