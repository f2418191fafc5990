"""Engines on clusters, with schedulers, workers and deaths that are real."""

import os
import secrets
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

from rollsight.backtests.workers import workforce
from rollsight.backtests.workers.executors import Backend, Died, executor
from rollsight.base.errors import RollsightError
from tests.support.processes import workers
from tests.support.processes.clusters import ROOT, answers, free_port, scheduler, worker
from tests.support.processes.workers import Task

SQUARES = {0: 0, 1: 1, 2: 4, 3: 9, 4: 16}
OTHER_CODE = "import rollsight.training.fitting.keys as s; s.code_digest = lambda name: 64 * 'f'"
NO_CODE = "import sys; sys.modules['rollsight'] = None"

JOINS = """
import sys
from pathlib import Path
from rollsight.backtests.workers.executors import executor
from tests.support.processes import workers
with executor("ray", jobs=1, scheduler=sys.argv[1]) as opened:
    tasks = [workers.Task(number, Path(sys.argv[2])) for number in range(5)]
    print(dict(sorted(opened.run(workers.die_once, tasks))))
"""

pytestmark = pytest.mark.slow


def needs(package: str, extra: str) -> pytest.MarkDecorator:
    missing = find_spec(package) is None
    return pytest.mark.skipif(missing, reason=f"needs pip install 'rollsight[{extra}]'")


dask = needs("distributed", "dask")
ray = needs("ray", "ray")
each_cluster = pytest.mark.parametrize(
    "backend", [pytest.param("dask", marks=dask), pytest.param("ray", marks=ray)]
)


def tasks(folder: Path, count: int = 5) -> list[Task]:
    return [Task(number, folder) for number in range(count)]


@each_cluster
def test_every_task_arrives_with_its_position_wave_after_wave(
    backend: Backend, tmp_path: Path
) -> None:
    with executor(backend, jobs=2) as opened:
        assert dict(opened.run(workers.square, tasks(tmp_path))) == SQUARES
        assert dict(opened.run(workers.square, tasks(tmp_path)[3:])) == {0: 9, 1: 16}
        # The same tasks again are done again.
        assert dict(opened.run(workers.square, tasks(tmp_path)[4:])) == {0: 16}
        assert list(opened.run(workers.square, [])) == []
    assert workers.marks(tmp_path)[-3:] == ["4-1", "4-2", "4-3"]
    assert workers.ended(workers.pids(tmp_path))


@dask
def test_two_clusters_stand_side_by_side(tmp_path: Path) -> None:
    # A warning of a port that is taken would be an error here.
    with executor("dask", jobs=1) as one, executor("dask", jobs=1) as other:
        for number, opened in enumerate((one, other)):
            (tmp_path / str(number)).mkdir()
            assert dict(opened.run(workers.square, tasks(tmp_path / str(number)))) == SQUARES


@each_cluster
def test_workers_are_two_processes_of_one_thread(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with executor(backend, jobs=2) as opened:
        found = dict(opened.run(workers.process, tasks(tmp_path, 40))).values()
    assert len({pid for pid, _ in found} - {os.getpid()}) == 2
    assert {threads for _, threads in found} == {"1"}


@each_cluster
def test_what_a_killed_worker_had_is_tried_again(backend: Backend, tmp_path: Path) -> None:
    with executor(backend, jobs=2) as opened:
        found = dict(opened.run(workers.die_once, tasks(tmp_path)))
    assert found == SQUARES
    assert workers.marks(tmp_path) == ["0-1", "1-1", "2-1", "2-2", "3-1", "4-1"]


@each_cluster
def test_a_task_that_always_kills_its_worker_died_and_the_others_are_there(
    backend: Backend, tmp_path: Path
) -> None:
    with executor(backend, jobs=2) as opened:
        found = dict(opened.run(workers.die_always, tasks(tmp_path)))
    died = found.pop(2)
    assert isinstance(died, Died)
    assert died.reason.startswith("its worker died 3 times, killed or out of memory: ")
    assert found == {0: 0, 1: 1, 3: 9, 4: 16}
    assert workers.marks(tmp_path) == ["0-1", "1-1", "2-1", "2-2", "2-3", "3-1", "4-1"]


@each_cluster
def test_an_exception_comes_out_and_nothing_begins_after_it(
    backend: Backend, tmp_path: Path
) -> None:
    with (
        executor(backend, jobs=2) as opened,
        pytest.raises(OSError, match="No space left on device") as caught,
    ):
        list(opened.run(workers.fill_the_disk, tasks(tmp_path, 50)))
    assert type(caught.value) is OSError
    assert caught.value.errno == 28
    assert not (tmp_path / "49-1").exists()


@each_cluster
def test_ctrl_c_closes_the_cluster_without_a_word(backend: Backend, tmp_path: Path) -> None:
    assert workers.stopped(backend, tmp_path, signal.SIGINT) == (130, "")
    assert workers.ended(workers.pids(tmp_path))


@each_cluster
def test_a_scheduler_that_is_not_there_is_refused(
    backend: Backend, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    start = time.monotonic()
    with (
        pytest.raises(RollsightError, match=rf"^no {backend} scheduler answers at .*:{port} \("),
        executor(backend, jobs=2, scheduler=f"127.0.0.1:{port}"),
    ):
        pass
    # What users are promised; the limit within is 8 seconds.
    assert time.monotonic() - start < 10


@dask
def test_workers_started_by_hand_go_on_where_one_is_killed(tmp_path: Path) -> None:
    with scheduler(tmp_path) as address, worker(address), worker(address):
        with executor("dask", jobs=1, scheduler=address) as opened:
            assert dict(opened.run(workers.die_once, tasks(tmp_path))) == SQUARES
            pids: set[int] = set()
            for _ in range(60):  # the killed one takes its time to come back
                pids |= {pid for _, (pid, _) in opened.run(workers.process, tasks(tmp_path, 6))}
                if len(pids) == 2:
                    break
        assert len(pids - {os.getpid()}) == 2
        # They stay for the next sweep.
        assert all(map(workers.alive, pids))


@dask
def test_a_worker_that_comes_later_is_given_tasks(tmp_path: Path) -> None:
    with (
        scheduler(tmp_path) as address,
        worker(address),
        executor("dask", jobs=1, scheduler=address) as opened,
    ):
        running = opened.run(workers.process, tasks(tmp_path, 60))
        first = next(running)[1][0]
        with worker(address):
            assert {pid for _, (pid, _) in running} > {first}


@dask
def test_a_scheduler_without_workers_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workforce, "PATIENCE", 1.0)
    with (
        scheduler(tmp_path) as address,
        executor("dask", jobs=1, scheduler=address) as opened,
        pytest.raises(RollsightError) as caught,
    ):
        list(opened.run(workers.square, tasks(tmp_path)))
    assert str(caught.value) == (
        f"no worker was at {address} for 1 seconds: start `dask worker {address}` "
        "where the tasks shall run"
    )


@dask
@pytest.mark.parametrize("count", [3, 5])
def test_the_last_worker_that_is_gone_is_told(
    count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        scheduler(tmp_path) as address,
        worker(address, "--no-nanny"),
        executor("dask", jobs=1, scheduler=address) as opened,
    ):
        # It dies of number 2, whether or not others wait behind it.
        running = opened.run(workers.die_always, tasks(tmp_path, count))
        assert [next(running), next(running)] == [(0, 0), (1, 1)]
        monkeypatch.setattr(workforce, "PATIENCE", 1.0)
        with pytest.raises(RollsightError, match=r"^no worker was at "):
            next(running)


@dask
def test_a_scheduler_that_goes_away_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with (
        scheduler(tmp_path) as address,
        worker(address),
        executor("dask", jobs=1, scheduler=address) as opened,
    ):
        running = opened.run(workers.hold_all_but_the_first, tasks(tmp_path))
        assert next(running) == (0, 0)
        os.kill(int((tmp_path / "scheduler.pid").read_text()), signal.SIGKILL)
        with pytest.raises(RollsightError, match=rf"^the scheduler {address} went away: "):
            next(running)
    assert capfd.readouterr().err == ""


@dask
@pytest.mark.parametrize(
    ("preload", "said"),
    [(OTHER_CODE, r"rollsight \S+ of code \S+-ffffffffffff"), (NO_CODE, "no rollsight")],
)
def test_a_worker_with_another_rollsight_is_named(preload: str, said: str, tmp_path: Path) -> None:
    with (
        scheduler(tmp_path) as address,
        worker(address, "--preload", preload),
        executor("dask", jobs=1, scheduler=address) as opened,
        pytest.raises(
            RollsightError, match=rf"^worker tcp://\S+ has {said}.*, this process has rollsight "
        ),
    ):
        list(opened.run(workers.square, tasks(tmp_path)))
    assert workers.marks(tmp_path) == []


@ray
def test_a_ray_cluster_started_by_hand_goes_on_where_a_worker_is_killed(tmp_path: Path) -> None:
    port = free_port()
    # ray keeps its mode of authentication for a process's life: who joins is a new process too.
    token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    head = subprocess.Popen(
        [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block",
         f"--port={port}", "--num-cpus=2", "--include-dashboard=false", "--disable-usage-stats"],
        cwd=ROOT, env=os.environ | token, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not answers(port):
            time.sleep(0.1)
        for _ in range(2):  # the cluster stays for the next sweep
            joined = subprocess.run(
                [sys.executable, "-c", JOINS, f"127.0.0.1:{port}", str(tmp_path)],
                cwd=ROOT, env=os.environ | token, capture_output=True, text=True, check=True,
            )  # fmt: skip
            assert joined.stdout.splitlines()[-1] == str(SQUARES)
    finally:
        head.terminate()
        head.wait(60)
