"""How far a command is, on stderr: bars on a terminal, and else a line now and then."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import click

from rollsight.base.progress import Progress

EVERY = 30.0  # seconds between two lines of a stage


@contextmanager
def shown() -> Iterator[Progress]:
    """Show stages and the time left."""
    from rich import progress as bars
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield Lines(lambda line: click.echo(line, err=True))
        return
    columns = (
        bars.TextColumn("{task.description:<18}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
        bars.TextColumn("{task.fields[left]}"),
        bars.TextColumn("{task.fields[note]}"),
    )
    stages: dict[str, Stage] = {}
    tasks: dict[str, Any] = {}
    with bars.Progress(*columns, console=console) as display:

        def show(stage: str, done: int, total: int, note: str = "", /) -> None:
            now = time.monotonic()
            if stage not in tasks:
                stages[stage] = Stage(now, now, now)
                tasks[stage] = display.add_task(stage, total=total, left="", note="")
            left = stages[stage].left(now, done, total)
            display.update(tasks[stage], completed=done, total=total, left=left, note=note)

        yield show


class Lines:
    """Write a line when a stage begins, when it ends, and every half minute in between.

    Parameters
    ----------
    write
        takes each line
    clock
        seconds
    """

    def __init__(
        self, write: Callable[[str], object], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._write, self._clock = write, clock
        self._stages: dict[str, Stage] = {}

    def __call__(self, stage: str, done: int, total: int, note: str = "", /) -> None:
        """Take note of a step."""
        now = self._clock()
        begins = stage not in self._stages
        about = self._stages.setdefault(stage, Stage(now, now, now))
        left = about.left(now, done, total)
        if done >= total:
            self._write(f"{stage}: {total} done in {_clock_time(now - about.first)}{_of(note)}")
            del self._stages[stage]
        # A stage of one step has nothing to say before its end.
        elif (begins and total > 1) or now - about.written >= EVERY:
            self._write(f"{stage}: {done} of {total}{_of(left)}{_of(note)}")
            about.written = now


@dataclass
class Stage:
    """When a stage began, in seconds of some clock.

    Attributes
    ----------
    first
        its first call
    began
        the last call before its first step
    written
        the last line about it
    """

    first: float
    began: float
    written: float

    def left(self, now: float, done: int, total: int) -> str:
        """Return the time left at the pace since the first step, or nothing where none is known."""
        if done == 0:
            self.began = now
        if not 0 < done < total:
            return ""
        return f"{_clock_time((now - self.began) / done * (total - done))} left"


def _of(text: str) -> str:
    return text and f", {text}"


def _clock_time(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds))).removeprefix("0:")
