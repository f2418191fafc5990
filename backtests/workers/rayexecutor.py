"""Workers of a ray cluster: one that is there, or one of processes on this machine."""

import logging
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from rollsight.backtests.workers.executors import ONE_THREAD, WorkerPool
from rollsight.backtests.workers.workforce import Workforce, installed
from rollsight.base.errors import RollsightError

A = TypeVar("A")
T = TypeVar("T")

ANSWER = 5.0  # seconds in which a scheduler answers


@dataclass(frozen=True)
class RayPlaces:
    """The cores of a cluster's nodes."""

    workforce: Workforce
    tasks: dict[Future[Any], Any] = field(default_factory=dict)  # what ray knows them by

    def count(self) -> int:
        """Return the number of cores of all nodes.

        Raises
        ------
        RollsightError
            If a node has another rollsight, or none was there for long.
        """
        import ray

        cores = {
            node["NodeID"]: int(node["Resources"]["CPU"])
            for node in ray.nodes()
            if node["Alive"] and node["Resources"].get("CPU")
        }
        self.workforce.check(_answers(set(cores) - self.workforce.checked))
        return self.workforce.wait(sum(cores.values()))

    def start(self, function: Callable[[A], T], task: A) -> Future[T]:
        """Send a task to a free core."""
        import ray

        # Tried again by the run: ray would try without end where memory ran out.
        sent = ray.remote(num_cpus=1, max_retries=0)(function).remote(task)
        future: Future[T] = Future()
        sent.future().add_done_callback(partial(_settle, future))
        self.tasks[future] = sent
        return future

    def stop(self, future: Future[T]) -> None:
        """End a task."""
        import ray

        ray.cancel(self.tasks.pop(future), force=True)

    def deaths(self, error: BaseException) -> int:
        """Return 1 if the task's worker died, or the machine that it was on."""
        from ray import exceptions as rays

        died = rays.WorkerCrashedError, rays.OutOfMemoryError, rays.NodeDiedError
        return int(isinstance(error, (*died, rays.ObjectLostError)))


@contextmanager
def ray_pool(jobs: int, scheduler: str | None) -> Iterator[WorkerPool]:
    """Join a cluster; without its address, start one of ``jobs`` processes on this machine.

    Raises
    ------
    RollsightError
        If ray is not installed, or the cluster does not answer.
    """
    try:
        import ray
    except ImportError as error:
        raise RollsightError(
            "backend=ray needs the package ray: pip install 'rollsight[ray]'"
        ) from error
    at: dict[str, Any] = {"address": "local", "num_cpus": jobs, "include_dashboard": False}
    if scheduler is not None:
        _reach(scheduler)
        at = {"address": scheduler}
    try:
        ray.init(
            **at,
            log_to_driver=False,
            logging_level=logging.CRITICAL,
            runtime_env={"env_vars": ONE_THREAD},
        )
    except (Exception, SystemExit) as error:  # ray exits where it loses what it spoke to
        raise _absent(scheduler or "this machine", error) from error
    cluster = scheduler or "ray's cluster on this machine"
    try:
        yield RayPlaces(Workforce(cluster, "start `ray start` where the tasks shall run"))
    finally:
        ray.shutdown()


def _reach(scheduler: str) -> None:
    # ray itself tries for five minutes, and says so all the time.
    host, _, port = scheduler.removeprefix("ray://").rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=ANSWER).close()
    except (OSError, ValueError) as error:
        raise _absent(scheduler, error) from error


def _absent(scheduler: str, error: BaseException) -> RollsightError:
    return RollsightError(
        f"no ray scheduler answers at {scheduler} ({' '.join(str(error).split())}): start "
        "`ray start --head` there and `ray start` here, or leave the scheduler out for processes "
        "on this machine"
    )


def _answers(nodes: set[str]) -> dict[str, str | None]:
    import ray
    from ray.exceptions import RayError
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    answers: dict[str, str | None] = {}
    for node in nodes:
        there = NodeAffinitySchedulingStrategy(node, soft=False)
        asked = ray.remote(num_cpus=0, max_retries=0, scheduling_strategy=there)(installed())
        # One that dies meanwhile is asked again the next time.
        with suppress(RayError):
            answers[node] = ray.get(asked.remote())
    return answers


def _settle(future: Future[T], sent: Future[T]) -> None:
    error = sent.exception()
    if error is None:
        future.set_result(sent.result())
    else:
        # ray wraps what a task raised.
        future.set_exception(getattr(error, "cause", None) or error)
