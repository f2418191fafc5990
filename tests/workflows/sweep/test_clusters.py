"""A sweep on clusters, of which a worker is killed in the middle: the same bytes as on this one."""

import os
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from rollsight.backtests.spec import RunSpec
from rollsight.backtests.trials.attempts import read_ledger
from rollsight.backtests.workers.executors import Backend
from rollsight.workflows.sweep import sweep
from tests.support.chains import spec_of
from tests.support.markets import write_market
from tests.support.sweeps.markets import RECIPE, results

pytestmark = pytest.mark.slow
GRID = {
    "label.horizon": [3, 5],
    "strategy.stop_loss": [None, 0.01, 0.02, 0.03],
    "strategy.max_positions": [1, 2, 3],
}


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
    return spec_of(write_market(tmp_path_factory.mktemp("market"), RECIPE))


@pytest.fixture(scope="module")
def on_loky(spec: RunSpec, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sweeps") / "loky"
    sweep(spec, GRID, out=out, jobs=2, keep=0)
    return out


def workers(backend: str) -> list[int]:
    """Return the processes of this one's cluster that perform tasks."""
    psutil = pytest.importorskip("psutil")
    # What dask's nannies start, and what Ray names after its task.
    name = {"dask": "multiprocessing.spawn", "ray": "ray::perform"}[backend]
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            words = " ".join(process.cmdline())
            if name in words:
                found.append(process.pid)
    return found


class Killer(threading.Thread):
    """Kills a worker of a sweep in the middle of its trials."""

    def __init__(self, out: Path, backend: str, after: int) -> None:
        super().__init__(daemon=True)
        self._outcomes, self._begun = out / "outcomes", out / "begun"
        self._backend, self._after = backend, after
        self.killed: list[int] = []
        self.over = threading.Event()

    def run(self) -> None:
        """Wait for so many trials and for one that goes on, and kill a worker."""
        while not (self.over.is_set() or self.killed):
            done = len(list(self._outcomes.glob("*.arrays")))
            if done >= self._after and any(self._begun.glob("*")):
                for pid in workers(self._backend)[:1]:
                    os.kill(pid, signal.SIGKILL)
                    self.killed.append(pid)
            time.sleep(0.005)


@pytest.mark.parametrize(("backend", "package"), [("dask", "distributed"), ("ray", "ray")])
def test_a_killed_worker_costs_no_trial_and_changes_no_byte(
    spec: RunSpec, on_loky: Path, tmp_path: Path, backend: Backend, package: str
) -> None:
    pytest.importorskip(package)
    out = tmp_path / "cluster"
    killer = Killer(out, backend, after=4)
    killer.start()
    found = sweep(spec, GRID, out=out, jobs=2, keep=0, backend=backend)
    killer.over.set()
    killer.join()
    assert len(killer.killed) == 1
    assert found.metrics["counts"]["done"] == 24
    assert results(out) == results(on_loky)
    assert [e.state for e in read_ledger(out)] == ["done"] * 24
