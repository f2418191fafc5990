"""Tasks in processes of their own, which share large arrays and end with the run."""

import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from typing import Any, TypeVar

from joblib import Parallel
from joblib.externals.loky import process_executor

from rollsight.base.errors import RollsightError

T = TypeVar("T")
Task = tuple[Callable[..., T], Sequence[Any], Mapping[str, Any]]  # what joblib.delayed returns

ORPHANED = 0.25  # seconds between two looks at whether the run is still there


def parallel(tasks: Iterable[Task[T]], *, jobs: int) -> Iterator[T]:
    """Yield the tasks' results in their order.

    Parameters
    ----------
    tasks : from `joblib.delayed`; arrays above 1 MB travel as memory maps, written once
    jobs : processes; 1 stays in this one

    Raises
    ------
    RollsightError
        If a process was killed, or memory ran out.
    """
    tasks, own = list(tasks), os.getpid()
    busy = max(1, min(jobs, len(tasks)))
    # One task at a time: joblib would bundle long ones after a row of short ones.
    pool = Parallel(n_jobs=busy, backend="loky", batch_size=1, return_as="generator")
    try:
        yield from pool((_task, (own, *task), {}) for task in tasks)
    except (BrokenProcessPool, MemoryError) as error:
        died = isinstance(error, BrokenProcessPool)
        raise RollsightError(
            f"{'one of ' if jobs > 1 else ''}jobs={jobs} "
            f"{'died, killed or out of memory' if died else 'ran out of memory'}: finished "
            "networks are kept in the run's directory; make the same call again, with fewer jobs "
            "where memory is short"
        ) from error


@cache
def serve(run: int) -> None:
    """Have this process end with the run of that number, and leave Ctrl-C to it."""
    # loky looks for leaks each second: it takes a market that is kept for one, and ends the worker,
    # or collects garbage, which takes a tenth of a second with torch in memory.
    process_executor._MEMORY_LEAK_CHECK_DELAY = math.inf
    # Ctrl-C reaches every process of a terminal; the run's own ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A killed run cannot end its processes, and they would write what the next run must not find.
    threading.Thread(target=_end_with, args=(run,), daemon=True).start()


def _task(run: int, function: Callable[..., T], args: Sequence[Any], named: Mapping[str, Any]) -> T:
    if os.getpid() != run:
        serve(run)
    return function(*args, **named)


def _end_with(run: int) -> None:
    # On Windows the parent's number stays: there an orphan ends with the tasks that it has.
    while os.getppid() == run:
        time.sleep(ORPHANED)
    os._exit(1)
