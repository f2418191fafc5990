"""A session's signals as table, CSV and JSON: the run's own figures, and the verdict first."""

import io
import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from rollsight.backtests.directory.result import read_table
from rollsight.commands import main
from rollsight.live.runs.liverun import LiveRun
from rollsight.reports.page.language import speak
from rollsight.reports.run.scores.judgement import judged

SESSION = "2024-10-14"


def said(folder: Path, *options: str) -> str:
    done = CliRunner().invoke(main, ["signals", str(folder), *options])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def own(run_folder: Path) -> pd.DataFrame:
    signals = read_table(run_folder, "signals")
    return signals[signals["decided_at"] == SESSION].set_index("code")


def test_csv_holds_every_row_to_the_last_bit(run_folder: Path, own: pd.DataFrame) -> None:
    text = said(run_folder, "--date", SESSION, "--format", "csv")
    table = pd.read_csv(io.StringIO(text), dtype={"code": str})
    table = table.set_index("code").loc[own.index]
    for name in ("p_down", "p_hold", "p_up", "score", "threshold", "buy"):
        assert table[name].tolist() == own[name].tolist()
    beside = read_table(run_folder, "baselines")
    beside = beside[beside["decided_at"] == SESSION].set_index("code").loc[own.index]
    assert table["logistic_p_up"].tolist() == beside["p_up"].tolist()
    assert set(table["session"]) == {SESSION}


def test_json_holds_what_the_account_will_ask_for(run_folder: Path, live_run: LiveRun) -> None:
    found = json.loads(said(run_folder, "--date", SESSION, "--format", "json"))
    orders = read_table(run_folder, "orders")
    asked = orders[(orders["submitted_at"] == SESSION) & (orders["shares"] > 0)]
    planned = [[o["code"], o["side"], o["shares"]] for o in found["account"]["planned"]]
    assert planned == asked[["code", "side", "shares"]].to_numpy().tolist()
    assert found["next_session"] == "2024-10-15"
    assert found == live_run.signals(SESSION)


def test_the_terminal_gets_the_verdict_first_and_then_what_to_do(
    run_folder: Path, live_run: LiveRun, own: pd.DataFrame
) -> None:
    lines = said(run_folder, "--date", SESSION).splitlines()
    assert lines[0] == judged(live_run.numbers, speak("en"))
    best = own["score"].idxmax()
    row = next(line for line in lines if line.startswith(best))
    assert f"{own['p_up'][best]:.4f}" in row
    assert ("buy" in row) == own["buy"][best]
    assert any(line == "Orders for the open of 2024-10-15:" for line in lines)


def test_wide_letters_keep_the_columns_below_each_other(run_folder: Path) -> None:
    lines = said(run_folder, "--date", SESSION).splitlines()
    head = next(line for line in lines if line.startswith("code"))
    assert head.split()[:4] == ["code", "name", "close", "p_down"]


def test_without_a_date_it_is_the_newest_session(run_folder: Path, live_run: LiveRun) -> None:
    found = json.loads(said(run_folder, "--format", "json"))
    assert found["session"] == live_run.sessions[-1]


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        (["--date", "2024-10-13"], "is no session of XKRX"),
        (["--date", "2024-01-03"], "comes before"),
        (["--date", "yesterday"], "is no date: write it as"),
    ],
)
def test_a_session_that_cannot_be_decided_is_one_line(
    run_folder: Path, options: list[str], rule: str
) -> None:
    done = CliRunner().invoke(main, ["signals", str(run_folder), *options])
    assert done.exit_code == 2
    assert rule in done.output
    assert done.output.count("\n") == 1
