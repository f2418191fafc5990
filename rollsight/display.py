"""How far a call is: bars on a terminal and in a notebook, and else lines on stderr."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from rollsight.base.progress import Progress

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import ProgressColumn, TaskID

EVERY = 30.0  # seconds between two lines of a stage


@contextmanager
def shown() -> Iterator[Progress]:
    """Show stages and the time left."""
    from rich import progress as bars
    from rich.console import Console

    console = Console(stderr=True)
    if in_notebook():
        with _in_cell() as redraw:
            display = bars.Progress(*_columns(), auto_refresh=False)
            yield Bars(display, lambda: redraw(display))
        return
    if not console.is_terminal:
        yield Lines(lambda line: click.echo(line, err=True))
        return
    with bars.Progress(*_columns(), console=console) as display:
        yield Bars(display, lambda: None)


def in_notebook() -> bool:
    """Return whether the code runs in a notebook's cell."""
    from rich.console import Console

    return Console().is_jupyter


def _columns() -> "tuple[ProgressColumn, ...]":
    from rich import progress as bars

    return (
        bars.TextColumn("{task.description:<18}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
        bars.TextColumn("{task.fields[left]}"),
        bars.TextColumn("{task.fields[note]}"),
    )


@contextmanager
def _in_cell() -> Iterator[Callable[[object], None]]:
    """Yield what draws below the cell, each time in the place of what it drew before.

    Twice a second at most, and once more at the end.
    """
    from IPython.display import display

    handle = display(display_id=True)
    drawn, waiting = 0.0, list[object]()

    def redraw(content: object) -> None:
        nonlocal drawn
        waiting[:] = [content]
        if time.monotonic() - drawn > 0.5:
            handle.update(content)
            drawn = time.monotonic()

    try:
        yield redraw
    finally:
        for content in waiting:
            handle.update(content)


class Bars:
    """Draw a bar a stage.

    Parameters
    ----------
    display
        takes the bars
    drawn
        called after each step
    """

    def __init__(self, display: "RichProgress", drawn: Callable[[], None]) -> None:
        self._display, self._drawn = display, drawn
        self._stages: dict[str, Stage] = {}
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, stage: str, done: int, total: int, note: str = "", /) -> None:
        """Take note of a step."""
        now = time.monotonic()
        if stage not in self._tasks:
            self._stages[stage] = Stage(now, now, now)
            self._tasks[stage] = self._display.add_task(stage, total=total, left="", note="")
        left = self._stages[stage].left(now, done, total)
        task = self._tasks[stage]
        self._display.update(task, completed=done, total=total, left=left, note=note)
        self._drawn()


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
