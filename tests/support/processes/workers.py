"""Tasks that end well, that fail, and that kill the worker which has them."""

import os
import signal
import subprocess
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

from rollsight.backtests.workers.executors import executor


class Task(NamedTuple):
    """What a worker is to do, and the folder in which it leaves its marks."""

    number: int
    folder: Path


def square(task: Task) -> int:
    _mark(task)
    return task.number**2


def die_once(task: Task) -> int:
    """Square a number; the worker that has number 2 first is killed."""
    if _mark(task) == 1 and task.number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return task.number**2


def die_always(task: Task) -> int:
    """Square a number; each worker that has number 2 is killed."""
    _mark(task)
    if task.number == 2:
        # The others are in the middle of their tasks.
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.1)
    return task.number**2


def fill_the_disk(task: Task) -> int:
    """Square a number; the disk is full at number 2."""
    _mark(task)
    if task.number == 2:
        raise OSError(28, "No space left on device")
    while task.number > 2 and not (task.folder / "2-1").exists():
        time.sleep(0.05)  # its worker may start later than the others
    if task.number > 2:
        time.sleep(0.3)
    return task.number**2


def process(task: Task) -> tuple[int, str | None]:
    """Return who does it, and with how many threads."""
    time.sleep(0.2)
    return os.getpid(), os.environ.get("OMP_NUM_THREADS")


def hold(task: Task) -> int:
    """Stay until the end of the test."""
    _mark(task)
    time.sleep(600)
    return task.number


def hold_all_but_the_first(task: Task) -> int:
    return task.number if task.number == 0 else hold(task)


def marks(folder: Path) -> list[str]:
    """Return the tasks that began, and how often, as ``number-try``."""
    return sorted(path.name for path in folder.glob("*-*"))


def pids(folder: Path) -> set[int]:
    """Return the processes in which tasks began."""
    return {int(path.read_text()) for path in folder.glob("*-*")}


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat")
        # One that ended and that nobody asked about yet is dead too.
        return not status.exists() or status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except ProcessLookupError:
        return False


def ended(processes: set[int]) -> bool:
    """Return whether the processes end within 20 seconds; what is left is killed."""
    for _ in range(400):
        if not any(map(alive, processes)):
            return True
        time.sleep(0.05)
    for pid in filter(alive, processes):
        os.kill(pid, signal.SIGKILL)
    return False


def stopped(backend: str, folder: Path, how: signal.Signals) -> tuple[int, str]:
    """Return the exit code and the words of a run that a signal ends in the middle."""
    # As in a terminal, Ctrl-C reaches the workers too where they belong to the run's group.
    run = subprocess.Popen(
        [sys.executable, "-m", "tests.support.processes.workers", backend, str(folder)],
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    for _ in range(600):
        if len(marks(folder)) == 2:
            break
        time.sleep(0.05)
    if how == signal.SIGINT:
        os.killpg(run.pid, how)
    else:
        run.send_signal(how)
    _, said = run.communicate(timeout=30)
    return run.returncode, said


def _mark(task: Task) -> int:
    attempt = 1
    while (path := task.folder / f"{task.number}-{attempt}").exists():
        attempt += 1
    beside = task.folder / f".{task.number}-{attempt}"
    beside.write_text(str(os.getpid()))
    beside.rename(path)
    return attempt


def main(backend: str, folder: str) -> None:
    """Hold the workers of an executor until Ctrl-C comes."""
    # By this module's name: what belongs to __main__ would not be found by other processes.
    held = import_module("tests.support.processes.workers")
    # What a background job starts ignores Ctrl-C, unless told otherwise.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with executor(backend, jobs=2) as opened:  # type: ignore[arg-type]
            list(opened.run(held.hold, [held.Task(number, Path(folder)) for number in range(4)]))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main(*sys.argv[1:])
