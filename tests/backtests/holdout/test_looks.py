"""Looks at a holdout, as they are written down and counted."""

from dataclasses import replace
from pathlib import Path

import pytest

from rollsight.backtests.holdout.looks import LOOKS, Look, looks_at, note_look, read_looks
from rollsight.base.errors import RollsightError
from rollsight.reports.run.holdout.facts import Holdout, looked_at
from tests.support.markets import Recipe, write_market

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
