"""The ledger of one day, in memory and on the command line."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from rollsight.backtests.audit.ledgerday import LedgerDay, ledger_day
from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.base.errors import RollsightError
from rollsight.commands import main
from tests.support.markets import INDICES, Recipe, sessions, sessions_between, write_market

FIRST, N_DAYS = "2023-10-04", 60
CHANGES = ["market.indices=all", "market.benchmark=none", "features.lookback=12"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a market whose indices' values tell their own dates: 1122 is that of 22 November."""
    path = write_market(tmp_path_factory.mktemp("market"), Recipe(n_days=N_DAYS, first=FIRST))
    last = sessions(N_DAYS, first=FIRST)[-1]
    columns = {}
    for symbol, calendar in INDICES.items():
        dates = pd.DatetimeIndex(sessions_between(np.datetime64(FIRST), last, calendar=calendar))
        columns[symbol] = pd.Series(100.0 * dates.month + dates.day, index=dates)
    columns["LATE"] = columns["KS11"][columns["KS11"].index >= "2023-11-24"]
    pd.DataFrame(columns).rename_axis("Date").to_parquet(path / "indices.parquet")
    with (path / "market.toml").open("a", encoding="utf-8") as settings:
        settings.write('[indices.LATE]\nname = "Late"\ntimezone = "Asia/Seoul"\nclose = 23:00:00\n')
    return path


def spec(folder: Path, *changes: str) -> RunSpec:
    return read_spec("krx", [*CHANGES, *changes], str(folder))


def used(found: LedgerDay, symbol: str) -> list[str]:
    """Return value, date, instant, age, next date and next instant of an index, as text."""
    row = found.entries.set_index("symbol").loc[symbol]
    columns = ["value", "dated", "known_at", "age", "next_dated", "next_known_at"]
    return [str(row[c]) for c in columns]


def printed(folder: Path, *arguments: str) -> list[str]:
    changes = [part for change in CHANGES for part in ("--set", change)]
    result = CliRunner().invoke(
        main, ["ledger", "krx", "--market", str(folder), *changes, *arguments],
        catch_exceptions=False,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def line_of(symbol: str, lines: list[str]) -> list[str]:
    (line,) = (line for line in lines if line.startswith(f"{symbol} "))
    return line.split(maxsplit=9)


def test_the_day_after_thanksgiving_knows_new_yorks_close_of_wednesday(folder: Path) -> None:
    found = ledger_day(spec(folder), date(2023, 11, 24))
    assert (found.exchange, found.timezone) == ("XKRX", "Asia/Seoul")
    assert str(found.decided_at) == "2023-11-24 15:30:00+09:00"
    # Known on Thursday at 06:00 in Seoul, so a session old on Friday. New York closes at 13:00 on
    # that Friday, which is 03:00 on Saturday.
    assert used(found, "GSPC") == [
        "1122.0", "2023-11-22 00:00:00", "2023-11-23 06:00:00", "1",
        "2023-11-24 00:00:00", "2023-11-25 03:00:00",
    ]  # fmt: skip
    assert used(found, "KS11") == [
        "1124.0", "2023-11-24 00:00:00", "2023-11-24 15:30:00", "0",
        "2023-11-27 00:00:00", "2023-11-27 15:30:00",
    ]  # fmt: skip


def test_the_monday_after_knows_the_half_day(folder: Path) -> None:
    found = ledger_day(spec(folder), date(2023, 11, 27))
    assert used(found, "GSPC") == [
        "1124.0", "2023-11-24 00:00:00", "2023-11-25 03:00:00", "0",
        "2023-11-27 00:00:00", "2023-11-28 06:00:00",
    ]  # fmt: skip


def test_a_series_not_begun_has_no_value_and_says_when_it_will(folder: Path) -> None:
    found = ledger_day(spec(folder), date(2023, 11, 24))
    assert used(found, "LATE") == [
        "nan", "NaT", "NaT", "-1", "2023-11-24 00:00:00", "2023-11-24 23:00:00",
    ]  # fmt: skip
    words = line_of("LATE", printed(folder, "--day", "2023-11-24"))
    assert words == ["LATE", "none", "2023-11-24", "2023-11-24", "23:00"]


def test_without_a_day_it_is_the_markets_last(folder: Path) -> None:
    found = ledger_day(spec(folder))
    last = sessions(N_DAYS, first=FIRST)[-1]
    assert found.decided_at.date() == last.item()
    assert used(found, "KS11")[1:] == [f"{last} 00:00:00", f"{last} 15:30:00", "0", "NaT", "NaT"]


@pytest.mark.parametrize(
    ("day", "nearest"),
    [
        (date(2023, 11, 26), "2023-11-27"),  # a Sunday
        (date(2023, 10, 9), "2023-10-10"),  # Hangul day, a Monday
        (date(2020, 1, 1), FIRST),
        (date(2030, 1, 1), str(sessions(N_DAYS, first=FIRST)[-1])),
    ],
)
def test_a_day_without_a_session_is_refused_and_the_nearest_named(
    folder: Path, day: date, nearest: str
) -> None:
    with pytest.raises(RollsightError) as refused:
        ledger_day(spec(folder), day)
    said = str(refused.value)
    assert f"--day {day} is no session of XKRX" in said
    assert said.endswith(f"the nearest is {nearest}")
    assert "\n" not in said


def test_the_command_prints_the_value_its_date_and_its_instant(folder: Path) -> None:
    lines = printed(folder, "--day", "2023-11-24")
    assert lines[0] == (
        "Decided at 2023-11-24 15:30 (Asia/Seoul), the close of XKRX; all times are wall-clock "
        "times there, ages in sessions."
    )
    assert line_of("GSPC", lines) == [
        "GSPC", "1,122", "2023-11-22", "2023-11-23", "06:00", "1", "2023-11-24", "2023-11-25",
        "03:00",
    ]  # fmt: skip
    assert not any("leak" in line for line in lines)
    heads = re.split(r"\s{2,}", lines[2])
    assert heads == ["Index", "Value", "Dated", "Known at", "Age", "Next dated", "Next known at"]


def test_the_command_refuses_a_day_without_a_session_in_one_line(folder: Path) -> None:
    changes = [part for change in CHANGES for part in ("--set", change)]
    result = CliRunner().invoke(
        main, ["ledger", "krx", "--market", str(folder), *changes, "--day", "2023-11-26"]
    )
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: --day 2023-11-26 is no session")
    assert result.stderr.count("\n") == 1


def test_the_command_marks_what_a_same_date_join_could_not_know(folder: Path) -> None:
    lines = printed(folder, "--day", "2023-11-24", "--set", "features.join=same-date")
    # The half day's close, ten hours and a half after the decision.
    assert line_of("GSPC", lines) == [
        "GSPC", "1,124", "2023-11-24", "2023-11-25", "03:00", "0", "2023-11-27", "2023-11-28",
        "06:00", "after the decision: a leak",
    ]  # fmt: skip
    assert line_of("KS11", lines)[:5] == ["KS11", "1,124", "2023-11-24", "2023-11-24", "15:30"]
    # A value known at 23:00 is a leak too, and one known at the very decision is none.
    leaks = [line.split()[0] for line in lines if line.endswith("after the decision: a leak")]
    assert leaks == ["GSPC", "LATE"]


def test_a_session_of_before_august_2016_decides_at_three(tmp_path: Path) -> None:
    folder = write_market(tmp_path, Recipe(n_days=30, first="2016-07-04"))
    friday, monday = (ledger_day(spec(folder), date(2016, *day)) for day in ((7, 29), (8, 1)))
    assert str(friday.decided_at) == "2016-07-29 15:00:00+09:00"
    assert str(monday.decided_at) == "2016-08-01 15:30:00+09:00"
    assert used(friday, "KS11")[2] == "2016-07-29 15:00:00"
    assert used(monday, "KS11")[2] == "2016-08-01 15:30:00"
