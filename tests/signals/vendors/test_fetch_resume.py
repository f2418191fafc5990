"""A fetch that is interrupted, repeated, refused, or out of room loses nothing."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.vendors.vendor import FetchError
from tests.support.vendors.fetches import END, contents, fetched, indices
from tests.support.vendors.wire import QUICK, Vendors, replayed, small_vendors


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with replayed(small_vendors()) as found:
        yield found


def test_a_fetch_interrupted_at_any_request_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    small: dict[str, Any] = {"top": 1, "market": "kosdaq", "indices": ("KS11", "US1MT")}
    with replayed(small_vendors(2)) as vendors:
        fetched(tmp_path / "whole", **small)
        n_requests, whole = len(vendors.asked), contents(tmp_path / "whole")
        assert n_requests == 10  # five for the lists, three for the indices, two stocks
        for k in range(1, n_requests + 1):
            out = tmp_path / str(k)
            vendors.asked.clear()
            vendors.interrupt_at = k
            with pytest.raises(KeyboardInterrupt):
                fetched(out, **small)
            cut, so_far = vendors.asked[-1], set(vendors.asked[:-1])
            fetched(out, **small)
            assert contents(out) == whole
            assert not (out / ".parts").exists()
            series = so_far - {cut, "work date", "krx", "delisting"}
            assert all(vendors.asked.count(s) == (2 if s == "DGS1MO" else 1) for s in series), k


def test_a_damaged_part_is_fetched_again(vendors: Vendors, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    fetched(whole)
    vendors.asked.clear()
    vendors.interrupt_at = 12
    with suppress(KeyboardInterrupt):
        fetched(tmp_path / "krx")
    (part, *_) = sorted((tmp_path / "krx" / ".parts" / "indices").iterdir())
    part.write_bytes(part.read_bytes()[:100])
    fetched(tmp_path / "krx")
    assert contents(tmp_path / "krx") == contents(whole)


def test_an_unfinished_fetch_of_other_dates_is_not_mixed_in(
    vendors: Vendors, tmp_path: Path
) -> None:
    vendors.interrupt_at = 8
    with suppress(KeyboardInterrupt):
        fetched(tmp_path / "krx")
    with pytest.raises(RollsightError, match=r"unfinished fetch with start='2023-01-02'.*\.parts"):
        fetched(tmp_path / "krx", start=date(2023, 3, 2))


def test_a_fetch_that_goes_on_the_next_day_keeps_its_end(vendors: Vendors, tmp_path: Path) -> None:
    vendors.faults["delisting"] = ["404"] * QUICK.tries
    vendors.interrupt_at = 11
    with suppress(KeyboardInterrupt):
        fetched(tmp_path / "krx", end=None, yesterday=END)
    vendors.faults["delisting"] = ["404"] * QUICK.tries
    for _ in range(2):  # without and with the list of delistings
        fetched(tmp_path / "krx", end=None, yesterday=date(2024, 1, 11))
        assert indices(tmp_path / "krx").index[-1] == pd.Timestamp(END)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"end": date(2024, 1, 12)}, "end=2024-01-12 is not over: give 2024-01-11"),
        ({"start": date(2023, 12, 29)}, "start=2023-12-29 lies after end=2023-12-28"),
        ({"start": date(2023, 12, 23), "end": date(2023, 12, 25)}, "no session of XKRX lies from"),
        ({"indices": ("KS12",)}, "no index is called 'KS12'"),
    ],
)
def test_a_request_that_cannot_be_right_is_refused(
    changes: dict[str, Any], said: str, vendors: Vendors, tmp_path: Path
) -> None:
    with pytest.raises(RollsightError, match=said):
        fetched(tmp_path / "krx", **changes)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_ours_is_left_alone(vendors: Vendors, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(RollsightError, match=r"holds 'thesis\.txt' and was not written by"):
        fetched(tmp_path)
    with pytest.raises(RollsightError, match="is a file: name a folder"):
        fetched(tmp_path / "thesis.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]
    assert vendors.asked == []


def test_a_finished_folder_is_not_fetched_again(vendors: Vendors, tmp_path: Path) -> None:
    fetched(tmp_path / "krx")
    before = contents(tmp_path / "krx")
    with pytest.raises(RollsightError, match=r"is fetched already: .* with --update"):
        fetched(tmp_path / "krx")
    assert contents(tmp_path / "krx") == before


def test_a_full_disk_is_one_line_and_keeps_what_came(vendors: Vendors, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    fetched(tmp_path / "whole")
    vendors.asked.clear()
    # The parts of stocks are larger than those of indices: a real limit on a file's size.
    largest = max(p.stat().st_size for p in (tmp_path / "whole").iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest - 1, limits[1]))
    try:
        with pytest.raises(FetchError, match=r"cannot be written .*: what came is kept; make room"):
            fetched(tmp_path / "krx")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    so_far = len(vendors.asked)
    fetched(tmp_path / "krx")
    assert len(vendors.asked) == so_far
    assert contents(tmp_path / "krx") == contents(tmp_path / "whole")
