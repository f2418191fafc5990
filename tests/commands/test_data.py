"""The command line on folders as vendors and editors write them."""

from pathlib import Path

import pandas as pd
import pytest

from tests.support.commands import TINY, invoke, refused
from tests.support.markets import Recipe, index_table, write_market, write_table

RECIPE = Recipe(n_stocks=2, n_days=40)
COMMANDS = {
    "run": ["run", "krx", "--out", "{out}"],
    "audit": ["audit", "krx", "--trials", "1"],
    "ledger": ["ledger", "krx"],
}


def in_utc(folder: Path, *, cut: bool) -> Path:
    """Write a market whose indices are stamped in UTC, at the midnight of Seoul's next day."""
    table = index_table(RECIPE)
    table["Date"] = table["Date"].dt.tz_localize("Asia/Seoul").dt.tz_convert("UTC")
    table["Date"] = table["Date"].dt.tz_localize(None)
    if cut:
        table["Date"] = table["Date"].dt.normalize()
    write_table(table, write_market(folder, RECIPE) / "indices.parquet")
    return folder


@pytest.mark.parametrize("cut", [False, True], ids=["stamps", "dates"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_takes_an_index_stamped_in_utc(tmp_path: Path, command: str, cut: bool) -> None:
    folder, out = in_utc(tmp_path / "market", cut=cut), tmp_path / "out"
    asked = [word.format(out=out) for word in COMMANDS[command]]
    said = refused(*asked, "--market", str(folder), *TINY)
    assert ("its dates are shifted" if cut else "15:00:00 has a time of day") in said
    assert "write the local date" in said
    assert not out.exists()


def test_files_of_a_windows_editor_are_read(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market", Recipe(n_stocks=2, n_days=40, suffix="csv"))
    settings = 'calendar = "XKRX"\r\n[indices."^GSPC"]\r\ncalendar = "XNYS"\r\n'
    (folder / "market.toml").write_bytes(b"\xef\xbb\xbf" + settings.encode())
    for path in (folder / "prices.csv", folder / "indices.csv"):
        path.write_text("\ufeff" + path.read_text().replace("GSPC", "^GSPC"), encoding="utf-8")
    spec = tmp_path / "mine.toml"
    text = f'\ufeffname = "한국"\n[market]\nfolder = "{folder}"\n[features]\nlookback = 20\n'
    spec.write_text(text, encoding="utf-8")
    lines = invoke("ledger", str(spec)).splitlines()
    assert [line.split()[0] for line in lines if line.startswith(("KS11", "^GSPC"))] == [
        "KS11", "^GSPC",
    ]  # fmt: skip


def test_the_ledger_shows_the_value_before_oil_fell_below_zero(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market", RECIPE)
    table = index_table(RECIPE).assign(CL=60.5)
    table.loc[table["Date"] == pd.Timestamp("2024-01-10"), "CL"] = -37.63
    write_table(table, folder / "indices.parquet")
    shown = invoke("ledger", "sample", "--market", str(folder), "--day", "2024-01-11",
                   *TINY)  # fmt: skip
    oil = next(line.split() for line in shown.splitlines() if line.startswith("CL"))
    assert oil[:3] == ["CL", "60.5", "2024-01-09"]
