"""No change of a file's keys has sessions read that the file holds out, however it is written."""

from pathlib import Path

import pytest

from rollsight.backtests.spec import read_spec
from rollsight.base.errors import RollsightError

WRITTEN = ["2023-06-01", '"2023-06-01"', "2023-06-01T00:00:00"]


def held_out(folder: Path, written: str) -> str:
    path = folder / "held.toml"
    path.write_text(f"[holdout]\nstart = {written}\n", encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize(
    "change",
    ["start=2023-08-01", 'start="2023-08-01"', "start=2023-08-01T00:00:00", "start=none", "={}"],
)
def test_a_later_start_and_none_are_refused(tmp_path: Path, written: str, change: str) -> None:
    key = f"holdout{'' if change.startswith('=') else '.'}{change}"
    with pytest.raises(RollsightError, match="the file holds out from 2023-06-01 on: rollsight re"):
        read_spec(held_out(tmp_path, written), [key])


@pytest.mark.parametrize("written", WRITTEN)
def test_an_earlier_start_is_none_of_these(tmp_path: Path, written: str) -> None:
    spec = read_spec(held_out(tmp_path, written), ["holdout.start=2023-05-01T00:00:00"])
    assert str(spec.holdout.start) == "2023-05-01"


def test_a_change_to_what_is_no_date_is_named(tmp_path: Path) -> None:
    with pytest.raises(
        RollsightError, match=r"holdout\.start='soon' is not allowed: must be a date"
    ):
        read_spec(held_out(tmp_path, WRITTEN[0]), ["holdout.start=soon"])


@pytest.mark.parametrize("written", ["20", '" 2023-06-01 "', '"soon"'])
def test_a_start_that_is_no_date_is_mended_in_the_file_alone(tmp_path: Path, written: str) -> None:
    for change in ([], ["holdout.start=2023-08-01"], ["holdout.start=none"]):
        with pytest.raises(RollsightError, match="must be a date without a time of day"):
            read_spec(held_out(tmp_path, written), change)


@pytest.mark.parametrize("written", ["3", '"2023-06-01"', "[]"])
def test_a_holdout_that_is_no_table_is_refused(tmp_path: Path, written: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(f"holdout = {written}\n", encoding="utf-8")
    with pytest.raises(RollsightError, match="is not allowed: must be a table"):
        read_spec(str(path))
