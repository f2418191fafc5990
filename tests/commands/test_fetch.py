"""The command rollsight fetch as a user meets it: what it says, and how it ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from rollsight.commands import main
from tests.support.vendors.wire import Vendors, replayed, small_vendors

SMALL = ["--start", "2023-03-02", "--end", "2023-12-28", "--indices", "KS11,USD/KRW"]


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with replayed(small_vendors(2)) as found:
        yield found


def invoked(*arguments: str) -> Result:
    command = ["fetch", "krx", "--rate", "1000000", *arguments]
    return CliRunner().invoke(main, command, catch_exceptions=False)


def test_a_whole_fetch_ends_well_and_says_what_to_do_next(vendors: Vendors, tmp_path: Path) -> None:
    out = str(tmp_path / "krx")
    result = invoked("--out", out, "--top", "1", *SMALL)
    assert result.exit_code == 0
    assert result.stdout == (
        f"{out}: 2 stocks, 2 indices\nTry: rollsight run krx --market {out} --out runs/krx\n"
    )
    assert "USD/KRW is USDKRW here" in result.stderr
    assert "survivorship bias" in result.stderr


def test_a_fetch_in_part_names_each_missing_series_and_ends_with_1(
    vendors: Vendors, tmp_path: Path
) -> None:
    result = invoked("--out", str(tmp_path / "krx"), "--codes", "000010,123450", *SMALL)
    assert result.exit_code == 1
    assert "Missing: 123450: Naver has no NAVER:123450\n" in result.stderr
    assert "1 stocks, 2 indices" in result.stdout


def test_an_update_takes_what_the_folder_has(vendors: Vendors, tmp_path: Path) -> None:
    out = str(tmp_path / "krx")
    invoked("--out", out, "--codes", "000010", *SMALL)
    result = invoked("--out", out, "--update", "--end", "2024-01-10")
    assert result.exit_code == 0
    assert "2024-01-10" in (tmp_path / "krx" / "listings.csv").read_text(encoding="utf-8")
    refused = invoked("--out", out, "--update", "--top", "3")
    assert refused.exit_code == 2
    assert "--update takes what the folder has: leave --top out" in refused.stderr


def test_ctrl_c_keeps_what_came_and_says_how_to_go_on(vendors: Vendors, tmp_path: Path) -> None:
    out = str(tmp_path / "krx")
    vendors.interrupt_at = 7
    result = invoked("--out", out, "--top", "1", *SMALL)
    assert result.exit_code == 130
    said = f"Interrupted; what came is kept in {out}: the same call goes on"
    assert result.stderr.splitlines()[-1] == said
    assert result.stderr.count("Interrupted") == 1
    assert invoked("--out", out, "--top", "1", *SMALL).exit_code == 0
    assert vendors.asked.count("ks11/2023") == 1


def test_a_failure_that_is_no_misuse_is_one_line_and_ends_with_1(
    vendors: Vendors, tmp_path: Path
) -> None:
    vendors.faults["krx"] = ["404"]
    result = invoked("--out", str(tmp_path / "krx"), *SMALL)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the list of stocks: ")
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--codes", "000010", "--top", "3"], "leave --top and --market out"),
        (["--codes", "000010,,000020"], "names nothing between commas"),
        (["--indices", "KS12"], "no index is called 'KS12'"),
        (["--end", "2999-01-04"], "end=2999-01-04 is not over"),
        (["--start", "2024-01-04", "--end", "2023-12-28"], "lies after end=2023-12-28"),
        (["--update"], "was not written by rollsight fetch"),
        (["--top", "0"], "'--top'"),
        (["--rate", "0"], "'--rate'"),
        (["--market", "nyse"], "'--market'"),
        (["--start", "soon"], "'--start'"),
    ],
)
def test_misuse_ends_with_2_and_asks_nothing(
    arguments: list[str], said: str, vendors: Vendors, tmp_path: Path
) -> None:
    result = invoked("--out", str(tmp_path / "krx"), *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert list(tmp_path.iterdir()) == []
    assert vendors.asked == []
