"""Tasks in processes of their own: what becomes of them when one of the processes dies."""

import os
import signal
import subprocess
import sys

import pytest
from joblib import delayed

from rollsight.backtests.workers.parallel import parallel
from rollsight.base.errors import RollsightError
from tests.workers import ended

ORPHANS = """
import os, time
from joblib import delayed
from rollsight.backtests.workers.parallel import parallel
def stay():
    os.write(1, f"{os.getpid()}\\n".encode())
    time.sleep(600)
list(parallel([delayed(stay)(), delayed(stay)()], jobs=2))
"""


def kill(task: int) -> int:
    if task == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def starve(task: int) -> int:
    raise MemoryError


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_tasks(jobs: int) -> None:
    tasks = (delayed(divmod)(n, 3) for n in range(7))
    assert list(parallel(tasks, jobs=jobs)) == [divmod(n, 3) for n in range(7)]


def test_a_killed_process_is_one_line_that_says_how_to_go_on() -> None:
    with pytest.raises(RollsightError) as caught:
        list(parallel((delayed(kill)(n) for n in range(3)), jobs=2))
    assert str(caught.value) == (
        "one of jobs=2 died, killed or out of memory: finished networks are kept in the run's "
        "directory; make the same call again, with fewer jobs where memory is short"
    )


@pytest.mark.parametrize(("jobs", "said"), [(1, "jobs=1 ran out"), (2, "one of jobs=2 ran out")])
def test_memory_that_ran_out_is_one_line(jobs: int, said: str) -> None:
    with pytest.raises(RollsightError, match=f"^{said} of memory: "):
        list(parallel((delayed(starve)(n) for n in range(2)), jobs=jobs))


@pytest.mark.skipif(sys.platform == "win32", reason="an orphan cannot tell there")
def test_processes_of_a_killed_run_end_with_it() -> None:
    run = subprocess.Popen([sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    workers = {int(run.stdout.readline()) for _ in range(2)}
    assert run.pid not in workers
    run.kill()
    run.wait()
    run.stdout.close()
    assert ended(workers)
