"""A session's signals as table, CSV and JSON: the run's own figures, and the verdict first."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from rollsight.backtests.directory.result import read_table
from rollsight.commands import main
from rollsight.decisions.signals import signals, signals_text
from rollsight.live.runs.liverun import LiveRun
from rollsight.reports.page.language import speak
from rollsight.reports.run.scores.judgement import judged


def said(folder: Path, *options: str) -> str:
    done = CliRunner().invoke(main, ["signals", str(folder), *options])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture(scope="module")
def session(run_folder: Path) -> str:
    """Return a session at whose close the account asks for something."""
    orders = read_table(run_folder, "orders")
    return f"{orders.loc[orders['shares'] > 0, 'submitted_at'].iloc[0]:%Y-%m-%d}"


@pytest.fixture(scope="module")
def following(live_run: LiveRun, session: str) -> str:
    return live_run.sessions[live_run.sessions.index(session) + 1]


@pytest.fixture(scope="module")
def own(run_folder: Path, session: str) -> pd.DataFrame:
    signals = read_table(run_folder, "signals")
    return signals[signals["decided_at"] == session].set_index("code")


def test_csv_holds_every_row_to_the_last_bit(
    run_folder: Path, session: str, own: pd.DataFrame
) -> None:
    text = said(run_folder, "--date", session, "--format", "csv")
    table = pd.read_csv(io.StringIO(text), dtype={"code": str})
    table = table.set_index("code").loc[own.index]
    for name in ("p_down", "p_hold", "p_up", "score", "threshold", "buy"):
        assert table[name].tolist() == own[name].tolist()
    beside = read_table(run_folder, "baselines")
    beside = beside[beside["decided_at"] == session].set_index("code").loc[own.index]
    assert table["logistic_p_up"].tolist() == beside["p_up"].tolist()
    assert set(table["session"]) == {session}


def test_json_holds_what_the_account_will_ask_for(
    run_folder: Path, live_run: LiveRun, session: str, following: str
) -> None:
    found = json.loads(said(run_folder, "--date", session, "--format", "json"))
    orders = read_table(run_folder, "orders")
    asked = orders[(orders["submitted_at"] == session) & (orders["shares"] > 0)]
    planned = [[o["code"], o["side"], o["shares"]] for o in found["account"]["planned"]]
    assert planned == asked[["code", "side", "shares"]].to_numpy().tolist()
    assert planned
    assert found["next_session"] == following
    assert found == live_run.signals(session)


def test_the_terminal_gets_the_verdict_first_and_then_what_to_do(
    run_folder: Path, live_run: LiveRun, own: pd.DataFrame, session: str, following: str
) -> None:
    lines = said(run_folder, "--date", session).splitlines()
    assert lines[0] == judged(live_run.numbers, speak("en"))
    best = own["score"].idxmax()
    row = next(line for line in lines if line.startswith(best))
    assert f"{own['p_up'][best]:.4f}" in row
    assert ("buy" in row) == own["buy"][best]
    assert any(line == f"Orders for the open of {following}:" for line in lines)


def test_a_window_without_a_threshold_is_said_not_to_trade(run_folder: Path, session: str) -> None:
    found = signals(run_folder, session)
    closed = replace(found, decision=replace(found.decision, threshold=None))
    assert f"({found.decision.model[:12]}), which does not trade\n" in signals_text(closed)
    assert f", threshold {found.decision.threshold:.4f}\n" in signals_text(found)


def test_wide_letters_keep_the_columns_below_each_other(run_folder: Path, session: str) -> None:
    lines = said(run_folder, "--date", session).splitlines()
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
