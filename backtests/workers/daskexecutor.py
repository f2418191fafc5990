"""Workers of a dask cluster: one that is there, or one of processes on this machine."""

import logging
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from rollsight.backtests.workers.executors import ONE_THREAD, WorkerPool
from rollsight.backtests.workers.workforce import Workforce, installed
from rollsight.base.errors import RollsightError

if TYPE_CHECKING:
    from distributed import Client

A = TypeVar("A")
T = TypeVar("T")

ANSWER = 8.0  # seconds in which a scheduler answers


@dataclass(frozen=True)
class DaskPlaces:
    """The threads of a cluster's workers."""

    client: "Client"
    workforce: Workforce

    def count(self) -> int:
        """Return the number of threads of all workers.

        Raises
        ------
        RollsightError
            If a worker has another rollsight, none was there for long, or the scheduler is gone.
        """
        try:
            threads: dict[str, int] = self.client.nthreads()
            new = list(set(threads) - self.workforce.checked)
            if new:
                answers = self.client.run(installed(), workers=new, on_error="ignore")
                self.workforce.check(answers)
        except OSError as error:
            raise self._gone() from error
        return self.workforce.wait(sum(threads.values()))

    def start(self, function: Callable[[A], T], task: A) -> Future[T]:
        """Send a task to a free worker."""
        # Not pure: the same function of the same task is to be run again in a new sweep.
        executor: Executor = self.client.get_executor(pure=False)
        return executor.submit(function, task)

    def stop(self, future: Future[T]) -> None:
        """Give a task up; a worker that is not ours goes on to its end."""
        future.cancel()

    def deaths(self, error: BaseException) -> int:
        """Return how many workers the scheduler saw die of a task.

        Raises
        ------
        RollsightError
            If the scheduler is gone, and took the task along.
        """
        from distributed import KilledWorker

        if isinstance(error, CancelledError):
            raise self._gone() from error
        return error.allowed_failures + 1 if isinstance(error, KilledWorker) else 0

    def _gone(self) -> RollsightError:
        return RollsightError(
            f"the scheduler {self.workforce.cluster} went away: what had arrived is kept; start it "
            "and its workers, and make the same call again"
        )


@contextmanager
def dask_pool(jobs: int, scheduler: str | None) -> Iterator[WorkerPool]:
    """Connect to a scheduler; without one, start it and ``jobs`` processes on this machine.

    Raises
    ------
    RollsightError
        If dask is not installed, or the scheduler does not answer.
    """
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise RollsightError(
            "backend=dask needs the package distributed: pip install 'rollsight[dask]'"
        ) from error
    if scheduler is not None:
        with _connected(scheduler) as client:
            yield DaskPlaces(client, _workforce(scheduler))
        return
    with _deaf_to_ctrl_c():
        cluster = LocalCluster(
            n_workers=jobs,
            threads_per_worker=1,
            memory_limit=None,
            dashboard_address=None,
            # Deaths are said in results and errors here.
            silence_logs=logging.CRITICAL + 1,
            # No page, and of its server any port that is free.
            scheduler_kwargs={"allowed_failures": 0, "dashboard_address": ":0"},
            env=ONE_THREAD,
        )
    with cluster, Client(cluster, set_as_default=False) as client:
        yield DaskPlaces(client, _workforce(cluster.scheduler_address))


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """Have what is started within, threads and processes, never get a terminal's Ctrl-C.

    Workers would die of it in the middle of a word; here it closes the cluster, which ends them.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _connected(scheduler: str) -> Iterator["Client"]:
    from distributed import Client

    try:
        client = Client(scheduler, timeout=ANSWER, set_as_default=False)
    except Exception as error:  # whatever another server's answer looks like to dask
        raise RollsightError(
            f"no dask scheduler answers at {scheduler} ({' '.join(str(error).split())}): start "
            "`dask scheduler` there, or leave the scheduler out for processes on this machine"
        ) from error
    with client:
        yield client


def _workforce(scheduler: str) -> Workforce:
    return Workforce(scheduler, f"start `dask worker {scheduler}` where the tasks shall run")
