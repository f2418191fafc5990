"""A folder is fetched once a day, when the day before is over, and again where that failed."""

from datetime import date, datetime
from pathlib import Path

import pytest

from rollsight.live.runs.following import SEOUL, Fetching
from rollsight.signals.vendors.fetch import fetch
from rollsight.signals.vendors.plan import Request
from tests.support.live.clock import Clock
from tests.support.vendors.wire import QUICK, replayed, small_vendors

MIDDLE = date(2023, 12, 26)


def fetched(folder: Path) -> None:
    span = {"start": date(2023, 11, 1), "end": MIDDLE}
    fetch(Request(folder, date(2024, 1, 11), top=2, indices=("KS11",), **span), QUICK)


def look(fetching: Fetching, *at: int) -> list[str]:
    """Look at a time of Seoul, wait for what that begins, and return the lines that it adds."""
    before = len(fetching.log)
    fetching.look(datetime(*at, tzinfo=SEOUL))  # type: ignore[arg-type] # year to minute
    if fetching._running is not None:
        fetching._running.result()
    return fetching.log[before:]


def test_each_day_is_fetched_once_whatever_the_clock_on_the_wall_does(tmp_path: Path) -> None:
    clock = Clock()
    with replayed(small_vendors(2)):
        fetched(tmp_path / "krx")
        fetching = Fetching([tmp_path / "krx"], clock)
        # Before half past midnight the day before is not asked for yet.
        assert look(fetching, 2023, 12, 28, 0, 29) == [f"2023-12-26: {tmp_path}/krx is up to date"]
        assert look(fetching, 2023, 12, 28, 0, 31) == []  # what was tried waits ten minutes
        clock.now = 601
        assert look(fetching, 2023, 12, 28, 0, 31) == [f"2023-12-27: {tmp_path}/krx is up to date"]
        clock.now = 2000
        assert look(fetching, 2023, 12, 28, 9, 0) == []
        assert look(fetching, 2023, 12, 20, 9, 0) == []  # the clock went back


@pytest.mark.slow
def test_what_failed_is_said_and_tried_again(tmp_path: Path) -> None:
    clock = Clock()
    with replayed(small_vendors(2)):
        fetched(tmp_path / "krx")
    (tmp_path / "krx").rename(tmp_path / "away")
    fetching = Fetching([tmp_path / "krx"], clock)
    assert "krx" in look(fetching, 2023, 12, 28, 9, 0)[0]
    (tmp_path / "away").rename(tmp_path / "krx")
    clock.now = 601
    with replayed(small_vendors(2)):
        assert look(fetching, 2023, 12, 28, 9, 0) == [f"2023-12-27: {tmp_path}/krx is up to date"]
