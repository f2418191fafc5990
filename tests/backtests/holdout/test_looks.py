"""Looks at a holdout, as they are written down and counted."""

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from rollsight.backtests.holdout.looks import (
    LOOKS,
    Look,
    _noted,
    known_looks,
    looks_at,
    note_look,
    read_looks,
    rows_digests,
    same_rows,
)
from rollsight.base.errors import RollsightError
from rollsight.base.own.state import _of_platform, state_path
from rollsight.reports.run.holdout.facts import Holdout, looked_at
from tests.support.markets import Recipe, market_of, write_market

pytestmark = pytest.mark.usefixtures("no_looks")

LOOK = Look(
    when="2026-11-27 12:00:00+09:00", who="kim", spec_digest="a", data_digest="b", run="/runs/a",
    market="krx", rows="r", start="2017-01-01", last="2026-11-20",
)  # fmt: skip


def test_a_torn_line_spoils_no_other(tmp_path: Path) -> None:
    folder = str(write_market(tmp_path / "krx", Recipe(n_days=5)))
    note_look(folder, LOOK)
    path = tmp_path / LOOKS
    path.write_text(path.read_text() + '{"when": "2026-11-2', encoding="utf-8")
    other = replace(LOOK, spec_digest="c")
    note_look(folder, other)
    assert read_looks(folder) == [LOOK, other]


def test_a_file_of_looks_that_cannot_be_read_is_not_taken_for_none(tmp_path: Path) -> None:
    folder = str(write_market(tmp_path / "krx", Recipe(n_days=5)))
    assert read_looks(folder) == []
    (tmp_path / LOOKS).mkdir()
    with pytest.raises(RollsightError, match=r"holdout\.jsonl cannot be read \(Is a directory\)"):
        read_looks(folder)


def test_a_market_is_known_by_its_name_or_by_its_rows() -> None:
    other_rows, other_name = replace(LOOK, rows="s"), replace(LOOK, market="copy")
    stranger = replace(LOOK, rows="s", market="us")
    looks = [LOOK, other_rows, other_name, stranger]
    found = looks_at(looks, market="krx", rows="r", first="2017-01-01", last="9999-12-31")
    assert found == [LOOK, other_rows, other_name]
    assert looks_at(looks, market="us", rows=None, first="2000-01-01", last="2030-01-01") == [
        stranger
    ]


def test_sessions_behind_the_last_look_were_not_seen() -> None:
    def count(first: str, last: str) -> int:
        return len(looks_at([LOOK], market="krx", rows=None, first=first, last=last))

    assert count("2026-11-20", "9999-12-31") == 1
    assert count("2026-11-21", "9999-12-31") == 0
    assert count("2000-01-01", "2016-12-31") == 0
    assert count("2000-01-01", "2017-01-01") == 1


def test_looks_are_counted_by_time_and_by_specification(tmp_path: Path) -> None:
    folder = str(write_market(tmp_path / "krx", Recipe(n_days=5)))
    span = "2016-01-01", "2018-01-01"
    assert looked_at(folder, None, span) is None
    for spec in ("a", "b", "a"):
        note_look(folder, replace(LOOK, spec_digest=spec))
    assert looked_at(folder, None, span) == Holdout(None, False, "2017-01-01", 3, 2)
    assert looked_at(folder, "2018-01-01", ("2027-01-01", "9999-12-31")) == Holdout(
        "2018-01-01", False, None, 0, 0
    )


def test_a_run_is_one_of_as_many_tries_as_have_looked() -> None:
    # Two specifications have looked: one's own reveal is one of two, a run that held nothing out
    # is a third, and a sealed run has seen nothing.
    assert Holdout("2017-01-01", True, "2017-01-01", 3, 2).tries == 2
    assert Holdout(None, False, "2017-01-01", 3, 2).tries == 3
    assert Holdout("2017-01-01", False, "2017-01-01", 3, 2).tries == 1


def known(folder: str, *, market: str = "other", rows: str | None = "r") -> list[Look]:
    return known_looks(folder, market=market, rows=rows, first="2017-01-01", last="9999-12-31")


def test_a_copy_in_another_directory_has_the_looks_that_its_user_has_made(tmp_path: Path) -> None:
    folder = str(write_market(tmp_path / "a" / "krx", Recipe(n_days=5)))
    copy = str(write_market(tmp_path / "b" / "mine", Recipe(n_days=5)))
    assert note_look(folder, LOOK) == ""
    assert known(copy) == known(folder, market="krx") == [LOOK]
    # Of rows that are not the same nothing is known, whatever the folder is called.
    assert known(copy, market="krx", rows="s") == known(copy, market="krx", rows=None) == []
    # Without the file beside the folder the look is still known, and in both it is one.
    (tmp_path / "a" / LOOKS).unlink()
    assert known(folder, market="krx") == [LOOK]
    note_look(copy, LOOK)
    assert known(copy) == known(folder) == [LOOK, LOOK]


def test_a_folder_that_nobody_may_write_beside_is_looked_at_on_record(tmp_path: Path) -> None:
    """Root writes everywhere else."""
    closed, kept = Path("/sys") / LOOKS, tmp_path / "state" / LOOKS
    if not closed.parent.is_dir():
        pytest.skip("this system has no /sys, in which nobody can write")
    said = _noted(LOOK, closed, kept)
    assert said.startswith(f"The look is counted in {kept} alone, which only you read: /sys/")
    assert kept.is_file()
    for own in (None, closed):
        with pytest.raises(RollsightError, match=r"/sys/holdout\.jsonl cannot be written \("):
            _noted(LOOK, closed, own)
    said = _noted(LOOK, tmp_path / LOOKS, None)
    assert said.endswith("alone: your state directory cannot be written (no home)")
    assert (tmp_path / LOOKS).is_file()


def test_another_start_or_a_short_stock_leaves_a_market_known_by_its_rows() -> None:
    """Of eight quarters, two stocks more in one of them and a start within another change these."""
    opens = np.full((4, 490), 100.0)
    short = np.ones(opens.shape, dtype=bool)
    short[3, 20:] = False  # rows in the first quarter alone
    market = market_of(opens, has_bar=short, first="2022-01-03")
    without = market_of(opens[:3], first="2022-01-03")
    found = rows_digests(market, date(2023, 12, 1))
    assert len(set(found.split())) == 8
    for other in (rows_digests(market, date(2023, 8, 1)), rows_digests(without, date(2023, 12, 1))):
        assert other != found
        assert same_rows(found, other)
    fewer = market_of(opens[:2], first="2022-01-03")
    assert not same_rows(found, rows_digests(fewer, date(2023, 12, 1)))


def test_looks_are_kept_where_the_platform_keeps_what_programs_remember(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert state_path(LOOKS) == tmp_path / "state" / "rollsight" / LOOKS
    monkeypatch.setenv("HOME", "/home/kim")
    for platform, folder in (("linux", ".local/state"), ("darwin", "Library/Application Support")):
        assert _of_platform(platform) == Path("/home/kim") / folder
    monkeypatch.setenv("LOCALAPPDATA", "/local")
    assert _of_platform("win32") == Path("/local")
    monkeypatch.setenv("XDG_STATE_HOME", "relative")  # which is to be left unread
    assert state_path(LOOKS) == _of_platform(sys.platform) / "rollsight" / LOOKS
