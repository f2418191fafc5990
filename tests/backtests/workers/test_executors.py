"""Engines on this machine: nothing is lost with a worker, and nothing goes on after the end."""

import os
import signal
import sys
from pathlib import Path

import pytest

from rollsight.backtests.workers.executors import Backend, Died, Process, executor
from rollsight.backtests.workers.mapping import mapped_arrays
from rollsight.base.errors import RollsightError
from tests.support.processes import workers
from tests.support.processes.workers import Task

HERE: list[tuple[Backend, int]] = [("loky", 1), ("loky", 2), ("threading", 2)]


def tasks(folder: Path, count: int = 5) -> list[Task]:
    return [Task(number, folder) for number in range(count)]


@pytest.mark.parametrize(("backend", "jobs"), HERE)
def test_every_task_arrives_with_its_position_wave_after_wave(
    backend: Backend, jobs: int, tmp_path: Path
) -> None:
    with executor(backend, jobs=jobs) as opened:
        first = dict(opened.run(workers.square, tasks(tmp_path)))
        second = dict(opened.run(workers.square, tasks(tmp_path)[3:]))
    assert first == {0: 0, 1: 1, 2: 4, 3: 9, 4: 16}
    assert second == {0: 9, 1: 16}


def test_no_task_is_no_result() -> None:
    with executor("loky", jobs=2) as opened:
        assert list(opened.run(workers.square, [])) == []


@pytest.mark.parametrize(("backend", "jobs"), HERE)
def test_an_exception_comes_out_and_nothing_begins_after_it(
    backend: Backend, jobs: int, tmp_path: Path
) -> None:
    with (
        executor(backend, jobs=jobs) as opened,
        pytest.raises(OSError, match="No space left on device") as caught,
    ):
        list(opened.run(workers.fill_the_disk, tasks(tmp_path, 50)))
    assert caught.value.errno == 28
    # At most one more task began for each that was running beside it.
    assert len(workers.marks(tmp_path)) < 8
    assert not (tmp_path / "49-1").exists()


def test_tasks_stay_in_their_workers_from_wave_to_wave(tmp_path: Path) -> None:
    with executor("loky", jobs=2) as opened:
        first = {pid for _, (pid, _) in opened.run(workers.process, tasks(tmp_path, 4))}
        second = {pid for _, (pid, _) in opened.run(workers.process, tasks(tmp_path, 4))}
    assert len(first) == 2
    assert second == first
    assert os.getpid() not in first
    assert workers.ended(first)


def test_a_worker_has_one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with executor("loky", jobs=2) as opened:
        ((_, (_, threads)),) = opened.run(workers.process, tasks(tmp_path, 1))
    assert threads == "1"


def test_one_job_stays_in_this_process(tmp_path: Path) -> None:
    with executor("loky", jobs=1) as opened:
        ((_, (pid, _)),) = opened.run(workers.process, tasks(tmp_path, 1))
    assert pid == os.getpid()


def test_what_a_killed_worker_had_is_tried_again(tmp_path: Path) -> None:
    with executor("loky", jobs=2) as opened:
        found = dict(opened.run(workers.die_once, tasks(tmp_path)))
    assert found == {0: 0, 1: 1, 2: 4, 3: 9, 4: 16}
    # The neighbour of the killed one went on: nothing else was done twice.
    assert workers.marks(tmp_path) == ["0-1", "1-1", "2-1", "2-2", "3-1", "4-1"]


def test_a_task_that_always_kills_its_worker_died_and_the_others_are_there(tmp_path: Path) -> None:
    with executor("loky", jobs=2) as opened:
        found = dict(opened.run(workers.die_always, tasks(tmp_path)))
        after = dict(opened.run(workers.process, tasks(tmp_path, 2)))
    assert found.pop(2) == Died(
        "its worker died 3 times, killed or out of memory: run fewer tasks at the same time where "
        "memory is short"
    )
    assert found == {0: 0, 1: 1, 3: 9, 4: 16}
    assert workers.marks(tmp_path) == ["0-1", "1-1", "2-1", "2-2", "2-3", "3-1", "4-1"]
    assert len(after) == 2


def test_workers_end_with_a_run_that_nobody_reads_to_its_end(tmp_path: Path) -> None:
    with executor("loky", jobs=2) as opened:
        arriving = opened.run(workers.hold_all_but_the_first, tasks(tmp_path))
        assert next(arriving) == (0, 0)
        del arriving
        # Two workers are free again at once, in place of those that held their tasks.
        assert len(dict(opened.run(workers.process, tasks(tmp_path, 2)))) == 2
    assert workers.ended(workers.pids(tmp_path))


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_a_scheduler_has_no_part_in_what_stays_here(backend: Backend) -> None:
    with (
        pytest.raises(RollsightError) as caught,
        executor(backend, jobs=2, scheduler="tcp://host:8786"),
    ):
        pass
    assert str(caught.value) == (
        f"scheduler=tcp://host:8786 has no part in backend={backend}, which stays on this machine: "
        "take backend=dask or ray, or leave the scheduler out"
    )


def test_an_unknown_backend_is_named() -> None:
    with (
        pytest.raises(RollsightError, match=r"^no backend is called 'locky' .* mean 'loky'\?$"),
        executor("locky", jobs=2),  # type: ignore[arg-type]
    ):
        pass


@pytest.mark.parametrize(("backend", "package"), [("dask", "distributed"), ("ray", "ray")])
def test_an_extra_that_is_not_installed_is_named(
    backend: Backend, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)  # an import of it fails, as without it
    with pytest.raises(RollsightError) as caught, executor(backend, jobs=2):
        pass
    assert str(caught.value) == (
        f"backend={backend} needs the package {package}: pip install 'rollsight[{backend}]'"
    )


def test_ctrl_c_ends_the_workers_without_a_word(tmp_path: Path) -> None:
    assert workers.stopped("loky", tmp_path, signal.SIGINT) == (130, "")
    assert workers.ended(workers.pids(tmp_path))


@pytest.mark.skipif(sys.platform == "win32", reason="an orphan cannot tell there")
def test_workers_of_a_killed_run_end_with_it(tmp_path: Path) -> None:
    workers.stopped("loky", tmp_path, signal.SIGKILL)
    assert len(workers.pids(tmp_path)) == 2
    assert workers.ended(workers.pids(tmp_path))


def test_a_worker_can_be_ended_as_soon_as_it_has_a_task(tmp_path: Path) -> None:
    # What goes wrong in the thread that watches a worker is an error of the test.
    with mapped_arrays() as arrays:
        for task in tasks(tmp_path):
            worker = Process(arrays)
            worker.start(workers.square, task).result()
            worker.start(workers.hold, task)
            worker.stop()
    assert workers.ended(workers.pids(tmp_path))
