"""How far a run is: what every stage reports to whoever shows it."""

import time
from typing import Protocol


class Progress(Protocol):
    """Takes a stage, the steps done, the steps in all, and what else there is to say of them."""

    def __call__(self, stage: str, done: int, total: int, note: str = "", /) -> None:
        """Take note of a step."""


def silent(_stage: str, _done: int, _total: int, _note: str = "", /) -> None:
    """Show nothing."""


class Steps:
    """A stage of so many steps: it is reported when made, and a call is one step more."""

    def __init__(self, progress: Progress, stage: str, total: int) -> None:
        self._progress, self._stage, self._total, self._done = progress, stage, total, 0
        progress(stage, 0, total)

    def __call__(self) -> None:
        """Report that a step is done."""
        self._done += 1
        self._progress(self._stage, self._done, self._total)


class Stopwatch:
    """Progress that is handed on, and timed: seconds of each stage that was reported to its end."""

    def __init__(self, progress: Progress) -> None:
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._began: dict[str, float] = {}

    def __call__(self, stage: str, done: int, total: int, note: str = "", /) -> None:
        """Take a report and hand it on."""
        began = self._began.setdefault(stage, time.perf_counter())
        if done == total:
            self.seconds[stage] = time.perf_counter() - began
        self._progress(stage, done, total, *([note] if note else []))

    def since_first(self) -> float:
        """Return the seconds since the first report."""
        return time.perf_counter() - min(self._began.values())
