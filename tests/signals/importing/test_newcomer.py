"""A newcomer's way from tables to a page, by the commands that the console names."""

import os
import pty
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from rollsight.signals.folder.reading import read_folder
from tests.support.tables.bars import bars, one, wide

QUICK = ["--set", "training.epochs=1", "--set", "training.seeds=1", "--set", "model.width=4"]


def rollsight(*arguments: str, folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "rollsight", *arguments],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("last", ["2023-12-29", "2026-06-30"], ids=["short", "long"])
@pytest.mark.parametrize("index", [True, False], ids=["index", "stocks alone"])
def test_the_command_that_an_import_names_makes_a_page(
    index: bool, last: str, tmp_path: Path
) -> None:
    codes = tuple("ABCDEFGH")
    prices = bars((*codes, "^GSPC"), first="2023-01-03", last=last)
    wide(prices if index else prices[prices["Code"] != "^GSPC"]).to_csv(tmp_path / "download.csv")
    options = ["--index", "GSPC=^GSPC"] if index else []
    said = rollsight(
        "import", "download.csv", "--calendar", "XNYS", "--out", "my market", *options,
        folder=tmp_path,
    )  # fmt: skip
    named = said.splitlines()[-1]
    assert named.startswith("Try: rollsight run ")
    rollsight(*shlex.split(named.removeprefix("Try: rollsight ")), *QUICK, folder=tmp_path)
    assert (tmp_path / "runs" / "my market" / "report.html").is_file()


@pytest.mark.slow
def test_on_a_terminal_what_is_ambiguous_is_asked(tmp_path: Path) -> None:
    stock = one(bars(last="2024-01-12"), "AAPL").iloc[:3].assign(Dividends=0.0)
    stock["Date"] = stock["Date"].dt.strftime("%m/%d/%Y")
    stock.to_csv(tmp_path / "prices.csv", index=False)
    ours, theirs = pty.openpty()
    done = subprocess.Popen(
        [sys.executable, "-m", "rollsight", "import", "prices.csv", "--out", "market"],
        cwd=tmp_path, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    os.write(ours, b"XETR\nmdy\nAAPL\nraw\nEUR\n")
    said, asked = done.communicate(timeout=60)
    os.close(theirs)
    os.close(ours)
    assert done.returncode == 0, asked
    for question in ("Calendar of", "Code of", "Which comes first", "adjusted for", "Currency"):
        assert question in asked
    folder = read_folder(str(tmp_path / "market"))
    assert folder.prices["Date"].iloc[0] == pd.Timestamp("2024-01-02")
    assert folder.settings.currency == "EUR"
    assert "sessions are too few" in said
