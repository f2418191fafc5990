"""Executors of tasks; a task whose worker dies is tried again."""

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar, get_args

import numpy as np
from joblib.externals.loky import BrokenProcessPool, ProcessPoolExecutor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from rollsight.backtests.workers.mapping import MappedArrays, mapped_arrays
from rollsight.backtests.workers.serving import serve
from rollsight.base.errors import RollsightError, did_you_mean

A = TypeVar("A")
T = TypeVar("T")

Backend = Literal["loky", "threading", "dask", "ray"]

TRIES = 3  # of a task whose worker dies
LOOK = 0.5  # seconds between two looks at how many workers there are
# Workers share the cores by tasks; more threads than cores would only wait for each other.
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Died:
    """Stands in place of a task's result whose worker died each time it was tried."""

    reason: str  # one line


class Executor(Protocol):
    """What runs tasks."""

    def run(self, function: Callable[[A], T], tasks: Sequence[A]) -> Iterator[tuple[int, T | Died]]:
        """Yield each task's position and result, as they arrive.

        Tasks begin in their order. An exception that the function raises comes out as itself, and
        nothing begins after it.

        Parameters
        ----------
        function
            of a module, with one argument; what it returns and takes is pickled
        """


class WorkerPool(Protocol):
    """Where tasks run at the same time: all that one executor differs in from another."""

    def count(self) -> int:
        """Return how many tasks can run now."""

    def start(self, function: Callable[[A], T], task: A) -> Future[T]:
        """Begin a task at a free place."""

    def stop(self, future: Future[T]) -> None:
        """End a task that nobody waits for any more, where that can be done."""

    def deaths(self, error: BaseException) -> int:
        """Return how many workers died of a task; 0 if the error is the task's own."""


@contextmanager
def executor(backend: Backend, *, jobs: int, scheduler: str | None = None) -> Iterator[Executor]:
    """Open an executor, and close on leaving what was started for it.

    Parameters
    ----------
    backend
        "loky": processes; "threading": threads, where no processes can be started;
        "dask", "ray": a cluster
    jobs
        tasks at the same time, on this machine; one of loky runs in this process
    scheduler
        address of a cluster that is there, whose workers run the tasks; without it dask
        and ray start one on this machine

    Raises
    ------
    RollsightError
        If the backend is not installed, or its scheduler does not answer.
    """
    if backend not in get_args(Backend):
        raise RollsightError(
            f"no backend is called {backend!r} {did_you_mean(backend, get_args(Backend))}"
        )
    if scheduler is not None and backend in {"loky", "threading"}:
        raise RollsightError(
            f"scheduler={scheduler} has no part in backend={backend}, which stays on this machine: "
            "take backend=dask or ray, or leave the scheduler out"
        )
    if backend == "loky" and jobs == 1:
        yield SerialExecutor()
    else:
        with _pool(backend, jobs, scheduler) as pool:
            yield ParallelExecutor(pool)


def _pool(backend: Backend, jobs: int, scheduler: str | None) -> AbstractContextManager[WorkerPool]:
    # A cluster's libraries are large, and extras: they are imported where they are asked for.
    if backend == "dask":
        from rollsight.backtests.workers.daskexecutor import dask_pool

        return dask_pool(jobs, scheduler)
    if backend == "ray":
        from rollsight.backtests.workers.rayexecutor import ray_pool

        return ray_pool(jobs, scheduler)
    return _threads(jobs) if backend == "threading" else _processes(jobs)


class SerialExecutor:
    """One process, this one, which runs one task after the other."""

    def run(self, function: Callable[[A], T], tasks: Sequence[A]) -> Iterator[tuple[int, T | Died]]:
        """Yield each task's position and result."""
        for position, task in enumerate(tasks):
            yield position, function(task)


@dataclass(frozen=True)
class ParallelExecutor:
    """Tasks spread over a pool's workers, no more than can run: what waits is never lost."""

    pool: WorkerPool

    def run(self, function: Callable[[A], T], tasks: Sequence[A]) -> Iterator[tuple[int, T | Died]]:
        """Yield each task's position and result, as they arrive."""
        waiting, busy, deaths = deque(range(len(tasks))), dict[Future[T], int](), Counter[int]()
        try:
            while waiting or busy:
                # Asked while the last ones run too: it tells when there is no worker any more.
                places = self.pool.count()
                while waiting and len(busy) < places:
                    position = waiting.popleft()
                    busy[self.pool.start(function, tasks[position])] = position
                yield from self._arrived(waiting, busy, deaths)
        finally:
            for future in busy:
                self.pool.stop(future)

    def _arrived(
        self, waiting: deque[int], busy: dict[Future[T], int], deaths: Counter[int]
    ) -> Iterator[tuple[int, T | Died]]:
        if not busy:
            time.sleep(LOOK)  # there is no worker yet
        for future in wait(busy, timeout=LOOK, return_when=FIRST_COMPLETED).done:
            position = busy.pop(future)
            error = CancelledError() if future.cancelled() else future.exception()
            died = 0 if error is None else self.pool.deaths(error)
            deaths[position] += died
            if not died:
                yield position, future.result()
            elif deaths[position] < TRIES:
                # Last of all: where memory ran out, it may be alone then.
                waiting.append(position)
            else:
                yield position, _died(deaths[position])


def _died(times: int) -> Died:
    return Died(
        f"its worker died {times} times, killed or out of memory: run fewer tasks at the same time "
        "where memory is short"
    )


@dataclass(frozen=True)
class Threads:
    """Threads of this process, which nothing can end but their tasks' end."""

    jobs: int
    pool: ThreadPoolExecutor

    def count(self) -> int:
        """Return the number of threads."""
        return self.jobs

    def start(self, function: Callable[[A], T], task: A) -> Future[T]:
        """Begin a task in a free thread."""
        return self.pool.submit(function, task)

    def stop(self, future: Future[T]) -> None:
        """Let it end."""

    def deaths(self, error: BaseException) -> int:  # noqa: ARG002
        """Return 0: a thread that dies takes the run with it."""
        return 0


@contextmanager
def _threads(jobs: int) -> Iterator[WorkerPool]:
    with ThreadPoolExecutor(jobs) as pool:
        yield Threads(jobs, pool)


@dataclass
class Process:
    """One worker, started when it is first used and anew when it died."""

    arrays: MappedArrays
    pool: ProcessPoolExecutor | None = None
    future: Future[Any] | None = None

    @property
    def free(self) -> bool:
        """Whether it has no task."""
        return self.future is None or self.future.done()

    def start(self, function: Callable[[A], T], task: A) -> Future[T]:
        """Begin a task."""
        try:
            return self._submit(function, task)
        except BrokenProcessPool:  # it died with its last task, or after it
            self.stop()
            return self._submit(function, task)

    def stop(self) -> None:
        """End it, whatever it does."""
        while self.future and not (self.future.running() or self.future.done()):
            time.sleep(0.001)  # loky's thread breaks on a task that it has not looked at yet
        if self.pool is not None:
            self.pool.shutdown(kill_workers=True)
        self.pool = self.future = None

    def _submit(self, function: Callable[[A], T], task: A) -> Future[T]:
        if self.pool is None:
            self.pool = ProcessPoolExecutor(
                1,
                job_reducers={np.ndarray: self.arrays},
                result_reducers={},  # else loky takes those of jobs: a worker's files go with it
                initializer=serve,
                initargs=(os.getpid(),),
                env=ONE_THREAD,
            )
        future: Future[T] = self.pool.submit(function, task)
        self.future = future
        return future


@dataclass(frozen=True)
class Processes:
    """Workers with a pool each: a death takes one task with it, and it is known which."""

    workers: tuple[Process, ...]

    def count(self) -> int:
        """Return the number of workers."""
        return len(self.workers)

    def start(self, function: Callable[[A], T], task: A) -> Future[T]:
        """Begin a task in a free worker."""
        return next(worker for worker in self.workers if worker.free).start(function, task)

    def stop(self, future: Future[T]) -> None:
        """End the worker that has the task."""
        for worker in self.workers:
            if worker.future is future:
                worker.stop()

    def deaths(self, error: BaseException) -> int:
        """Return 1 if the task's worker died."""
        return int(isinstance(error, TerminatedWorkerError))


@contextmanager
def _processes(jobs: int) -> Iterator[WorkerPool]:
    with mapped_arrays() as arrays:
        workers = tuple(Process(arrays) for _ in range(jobs))
        try:
            yield Processes(workers)
        finally:
            for worker in workers:
                worker.stop()
