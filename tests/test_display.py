"""What a log and bars show of a command's way."""

from io import StringIO

import pytest
from rich.console import Console
from rich.progress import Progress

from rollsight.display import Bars, Lines, Stage


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_log_has_a_line_when_a_stage_begins_and_ends_and_each_half_minute() -> None:
    lines: list[str] = []
    clock = Clock()
    show = Lines(lines.append, clock)
    for done in range(101):
        show("train", done, 100)
        clock.now += 7
    # The last step comes 700 s after the first call. Lines are due 30 s after the one before, at
    # the next step: every 35 s. After 35 s 5 of 100 are done: 7 s each, 95 left, 665 s.
    assert lines[:3] == [
        "train: 0 of 100", "train: 5 of 100, 11:05 left", "train: 10 of 100, 10:30 left"
    ]  # fmt: skip
    assert lines[-2:] == ["train: 95 of 100, 00:35 left", "train: 100 done in 11:40"]
    assert len(lines) == 21


def test_what_there_is_to_say_of_a_step_ends_its_line() -> None:
    lines: list[str] = []
    clock = Clock()
    show = Lines(lines.append, clock)
    show("trials", 0, 2)
    clock.now += 40
    show("trials", 1, 2, "1 running, 1 failed")
    show("trials", 2, 2, "1 failed")
    assert lines == [
        "trials: 0 of 2", "trials: 1 of 2, 00:40 left, 1 running, 1 failed",
        "trials: 2 done in 00:40, 1 failed",
    ]  # fmt: skip


def test_a_stage_of_one_step_has_one_line() -> None:
    lines: list[str] = []
    clock = Clock()
    show = Lines(lines.append, clock)
    show("read", 0, 1)
    clock.now += 3_723
    show("read", 1, 1)
    assert lines == ["read: 1 done in 1:02:03"]


def test_what_was_read_is_no_part_of_the_time_left() -> None:
    stage = Stage(0.0, 0.0, 0.0)
    # 150 of 190 networks are read in 20 s; each of the others takes 8 s.
    for read in range(151):
        assert stage.left(read * 20 / 150, 0, 190 - read) == ""
    assert stage.left(28.0, 1, 40) == "05:12 left"  # 39 x 8 s
    assert stage.left(36.0, 2, 40) == "05:04 left"
    assert stage.left(340.0, 40, 40) == ""


def test_a_stage_that_had_nothing_to_do_ends_well() -> None:
    lines: list[str] = []
    show = Lines(lines.append, Clock())
    for left in (2, 1, 0):
        show("train", 0, left)
    assert lines == ["train: 0 of 2", "train: 0 done in 00:00"]


def test_a_bar_a_stage_is_drawn_after_each_step() -> None:
    drawn: list[list[tuple[str, float, float | None]]] = []
    display = Progress(console=Console(file=StringIO()))
    show = Bars(display, lambda: drawn.append([(t.description, t.completed, t.total)
                                               for t in display.tasks]))  # fmt: skip
    show("read", 1, 1)
    show("train", 0, 4)
    show("train", 3, 4, "1 failed")
    read = ("read", 1, 1)
    assert drawn == [[read], [read, ("train", 0, 4)], [read, ("train", 3, 4)]]
    assert display.tasks[1].fields["note"] == "1 failed"


@pytest.mark.parametrize(("done", "total"), [(0, 5), (5, 5), (0, 0)])
def test_no_time_is_told_where_none_is_known(done: int, total: int) -> None:
    assert Stage(0.0, 0.0, 0.0).left(9.0, done, total) == ""
