"""The one thread that calls a desk, so that whoever serves its answers never waits for it."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

from rollsight.live.desk import Desk

T = TypeVar("T")


class DeskThread:
    """A desk and the thread that opens it and makes all its calls, one after the other.

    An executor of the standard library would be waited for at the end of the process, however
    long a call takes.
    """

    def __init__(self, open_desk: Callable[[], Desk]) -> None:
        self._calls: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._desk: Desk | None = None
        self._thread = threading.Thread(target=self._work, name="desk", daemon=True)
        self._thread.start()
        self._opened = self._submit(lambda: self._open(open_desk))

    def open(self) -> None:
        """Wait until the desk is open, and raise what its opening raised."""
        self._opened.result()

    def wait_for(self, use: Callable[[Desk], T]) -> T:
        """Return what a use of the desk returns, waiting for it."""
        return self._submit(lambda: use(self._here())).result()

    async def call(self, use: Callable[[Desk], T]) -> T:
        """Return what a use of the desk returns."""
        return await asyncio.wrap_future(self._submit(lambda: use(self._here())))

    def close(self, seconds: float) -> None:
        """Make no more calls, and wait for the last one, not for ever."""
        self._calls.put(None)
        self._thread.join(seconds)

    def _open(self, open_desk: Callable[[], Desk]) -> None:
        self._desk = open_desk()

    def _here(self) -> Desk:
        assert self._desk is not None  # the first call opened it
        return self._desk

    def _submit(self, use: Callable[[], T]) -> "Future[T]":
        answer: Future[T] = Future()
        self._calls.put(lambda: _fulfil(answer, use))
        return answer

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()


def _fulfil(answer: "Future[Any]", use: Callable[[], Any]) -> None:
    if not answer.set_running_or_notify_cancel():
        return
    try:
        answer.set_result(use())
    except Exception as error:  # noqa: BLE001  # raised where the answer is waited for
        answer.set_exception(error)
