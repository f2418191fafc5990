"""What a whole run costs: by stage, by stocks, by windows, with two jobs, and taken up again."""

import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from joblib.externals.loky import get_reusable_executor

from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.workflows.run import run
from tests.support.planted import planted_market

TRAIN, VALIDATION, TEST, LEAD = 250, 60, 60, 70
SMALL = [
    "baselines=[]",
    "market.indices=all",
    "market.benchmark=none",
    f"windows.train_days={TRAIN}",
    f"windows.validation_days={VALIDATION}",
    f"windows.test_days={TEST}",
    "training.epochs=3",
    "training.patience=3",
    "label.horizon=5",
]


def chain() -> dict[str, Any]:
    """Return seconds by stage and the peak of memory of whole runs, each in its own process."""
    by_stocks = {str(n): _apart(n, 2, 1) for n in (50, 200, 1_000)}
    by_windows = {str(n): _apart(200, n, 1) for n in (5, 10, 20)}
    one, two = by_windows["20"], _apart(200, 20, 2)
    return {
        "stocks": by_stocks,
        "windows": by_windows,
        "two_jobs": two,
        "one_job_to_two_training": one["train networks"] / two["train networks"],
        "resumed_to_whole": one["resumed"] / one["all"],
    }


def _apart(stocks: int, windows: int, jobs: int) -> dict[str, float]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_measured, stocks, windows, jobs).result()


def _measured(stocks: int, windows: int, jobs: int) -> dict[str, float]:
    with TemporaryDirectory() as folder:
        days = LEAD + TRAIN + VALIDATION + TEST * windows
        market = planted_market(
            Path(folder) / "market", seed=0, strength=0.4, n_stocks=stocks, n_days=days
        )
        spec, out = read_spec("krx", SMALL, str(market)), Path(folder) / "run"
        stages = seconds_by_stage(spec, out, jobs)
        again = seconds_by_stage(spec, out, jobs)["all"]
        # Idle workers would keep this process from ending for minutes.
        get_reusable_executor().shutdown()
        return {**stages, "resumed": again, "peak_mib": _peak_mib()}


def _peak_mib() -> float:
    """Return the most memory that this process has held; its parent's is no part of it."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 2**10


def seconds_by_stage(spec: RunSpec, out: Path | None, jobs: int) -> dict[str, float]:
    """Return the seconds of each stage of a run, and of all."""
    marks: dict[str, list[float]] = {}

    def note(stage: str, _done: int, _total: int) -> None:
        marks.setdefault(stage, []).append(time.perf_counter())

    began = time.perf_counter()
    run(spec, out=out, jobs=jobs, progress=note)
    whole = time.perf_counter() - began
    return {**{stage: times[-1] - times[0] for stage, times in marks.items()}, "all": whole}
