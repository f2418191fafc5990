"""What the tasks of a run return, in their order, or why the run cannot go on."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rollsight.backtests.workers.executors import Died, Executor, SerialExecutor, executor
from rollsight.base.errors import RollsightError

T = TypeVar("T")

SERIAL = SerialExecutor()
KEPT = "finished networks are kept in the run's directory: the same call goes on"


@contextmanager
def processes(jobs: int) -> Iterator[Executor]:
    """Open an executor of processes of this machine; one job runs in this process.

    Raises
    ------
    RollsightError
        If memory runs out meanwhile.
    """
    try:
        with executor("loky", jobs=jobs) as running:
            yield running
    except MemoryError as error:
        raise RollsightError(f"memory ran out with jobs={jobs}, take fewer; {KEPT}") from error


def results(running: Executor, tasks: Iterable[Callable[[], T]]) -> Iterator[T]:
    """Yield the tasks' results in their order.

    Parameters
    ----------
    tasks
        functions of modules with all their arguments (`functools.partial`)

    Raises
    ------
    RollsightError
        If the worker of a task died each time it was tried.
    """
    found: dict[int, T] = {}
    following = 0
    for at, result in running.run(_call, list(tasks)):
        if isinstance(result, Died):
            raise RollsightError(f"a task could not be done, {result.reason}; {KEPT}")
        found[at] = result
        while following in found:
            yield found.pop(following)
            following += 1


def _call(task: Callable[[], T]) -> T:
    return task()
