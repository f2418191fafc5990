"""Processes that are killed just before one of their steps on files."""

import os
import signal
import sys
from collections.abc import Callable

STEPS = {"os.rename", "os.remove", "os.rmdir"}  # what the interpreter calls them


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do work in a process that is killed at its step, counted from 0; return whether it was.

    What the process moves or removes counts: a file that is replaced by one beside it, too.
    """
    child = os.fork()
    if child == 0:
        _work(step, work)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == 0
    return False


def _work(step: int, work: Callable[[], object]) -> None:
    left = step

    def count(event: str, _given: object) -> None:
        nonlocal left
        if event in STEPS:
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    sys.addaudithook(count)
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)
