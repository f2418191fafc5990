"""A replay says what the run decided, to the bit, session by session, as time is told to go."""

import shutil
from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.directory.result import read_table
from rollsight.base.errors import RollsightError
from rollsight.live.desks import open_desk, replay_journal
from rollsight.live.messages import Message
from rollsight.live.runs.liverun import LiveRun
from rollsight.live.runs.replay import Replay
from tests.support.live.clock import Clock
from tests.support.live.runs import FIRST_TEST


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def replay(live_run: LiveRun, clock: Clock) -> Replay:
    """Return a replay of 40 sessions, one a second."""
    sessions = live_run.sessions
    return Replay([live_run], sessions[0], sessions[39], 1.0, clock)


def body(messages: list[Message], kind: str) -> Any:
    (found,) = (m.body for m in messages if m.kind == kind)
    return found


def walked(replay: Replay) -> Iterator[list[Message]]:
    yield replay.state()
    while replay.at + 1 < len(replay.sessions):
        yield replay.ask(None, ["step", 1])


def test_every_confidence_and_buy_is_the_runs_own_to_the_bit(
    replay: Replay, live_run: LiveRun
) -> None:
    signals, rows = read_table(live_run.decider.out, "signals"), 0
    for messages in walked(replay):
        own = signals[signals["decided_at"] == replay.sessions[replay.at]]
        _, codes, triples = body(messages, "confidence")
        said = {c: t for c, t in zip(codes, triples, strict=True) if t is not None}
        expected = own[["p_down", "p_hold", "p_up"]].to_numpy().tolist()
        assert said == dict(zip(own["code"], expected, strict=True))
        assert set(body(messages, "buy")[1:]) == set(own["code"][own["buy"]])
        rows += len(own)
    assert rows > 100


def test_the_account_is_the_runs_at_every_step(replay: Replay, live_run: LiveRun) -> None:
    equity = read_table(live_run.decider.out, "equity")
    said = [body(messages, "account")[1] for messages in walked(replay)]
    assert [account["equity"] for account in said] == equity["equity"].tolist()[:40]
    assert said[-1]["curve"][-1] == [replay.sessions[-1], equity["equity"][39]]


def test_baselines_say_what_the_run_has_of_them(replay: Replay, live_run: LiveRun) -> None:
    own = read_table(live_run.decider.out, "baselines")
    own = own[own["decided_at"] == replay.sessions[0]]
    name, codes, p_up, buy = body(replay.state(), "baseline")[1:]
    assert (name, codes, p_up) == ("logistic", own["code"].tolist(), own["p_up"].tolist())
    assert buy == own["buy"].tolist()


def test_time_goes_by_as_it_is_told(replay: Replay, clock: Clock) -> None:
    assert {m.session for m in replay.poll()} == {replay.sessions[1]}
    assert replay.poll() == []  # the next one is due in a second
    clock.now = 1.0
    assert {m.session for m in replay.poll()} == {replay.sessions[2]}
    replay.ask(None, ["pause"])
    clock.now = 9.0
    assert replay.poll() == []
    replay.ask(None, ["speed", 2])
    replay.ask(None, ["play"])
    clock.now = 9.6
    assert {m.session for m in replay.poll()} == {replay.sessions[3], replay.sessions[4]}


def test_it_goes_to_a_day_or_the_session_before_it_and_stays_within_its_span(
    replay: Replay,
) -> None:
    for session, at in [(replay.sessions[7], 7), ("2000-01-01", 0), ("2100-01-01", 39)]:
        (status,) = {m.body[1]["playing"] for m in replay.ask(None, ["seek", session])[:1]}
        assert replay.at == at
        assert status is (at < 39)
    assert replay.health().session == replay.sessions[39]
    replay.ask(None, ["step", -50])
    assert replay.at == 0


@pytest.mark.parametrize(
    "asked",
    [["fly"], ["step"], ["step", "1"], ["step", True], ["seek", 3], ["speed", 0], ["speed", 1e9],
     ["play", 1], [["play"]], [None], ["heatmap"], ["detail", "<script>"], ["detail", 7],
     ["speed", float("nan")], ["seek", "tomorrow"], ["seek", "20250102"]],
)  # fmt: skip
def test_what_is_not_understood_is_said_in_one_line(replay: Replay, asked: list[Any]) -> None:
    with pytest.raises(RollsightError) as caught:
        replay.ask(None, asked)
    assert "\n" not in str(caught.value)


def test_details_end_with_the_session_that_is_shown(replay: Replay, live_run: LiveRun) -> None:
    replay.ask(None, ["seek", replay.sessions[20]])
    code = live_run.decider.ready.market.codes[0]
    (message,) = replay.ask(live_run.name, ["detail", code])
    detail = message.body[2]
    assert detail["bars"][-1][0] == detail["decisions"][-1][0] == replay.sessions[20]
    assert len(detail["decisions"]) == 21
    trades = read_table(live_run.decider.out, "trades")
    own = trades[(trades["code"] == code) & (trades["entry_at"] <= replay.sessions[20])]
    assert [t[0] for t in detail["trades"]] == own["entry_at"].dt.strftime("%Y-%m-%d").tolist()
    for trade in detail["trades"]:
        assert trade[1] is None or trade[1] <= replay.sessions[20]


def test_a_span_without_a_session_is_refused(live_run: LiveRun) -> None:
    with pytest.raises(RollsightError, match="holds no session that is decided: take days between"):
        Replay([live_run], "2001-01-01", "2001-12-31", 1.0)
    with pytest.raises(RollsightError, match="'2024-13-01' is no date: write it as 2024-01-02"):
        Replay([live_run], "2024-01-01", "2024-13-01", 1.0)


def test_runs_without_a_shared_session_are_replayed_each_by_itself(live_run: LiveRun) -> None:
    other, market = copy(live_run), live_run.decider.ready.market
    later = replace(market, sessions=market.sessions + np.timedelta64(9999, "D"))
    other.decider = copy(live_run.decider)
    other.decider.ready = replace(live_run.decider.ready, market=later)
    with pytest.raises(RollsightError, match="these have none: replay each by itself"):
        Replay([live_run, other], live_run.sessions[0], live_run.sessions[9], 1.0)


def test_a_paper_account_of_a_replay_is_the_runs_own(run_folder: Path) -> None:
    replay_journal(run_folder).unlink(missing_ok=True)
    first = str(read_table(run_folder, "equity")["date"].iloc[0])[:10]
    desk = open_desk([run_folder], paper=True, replay=(first, "2100-01-01"))
    desk.ask(None, ["step", 25])
    account = body(list(desk.state()), "account")[1]
    equity = read_table(run_folder, "equity")["equity"].tolist()[:26]
    assert [at[1] for at in account["curve"]] == equity
    assert account["kind"] == "paper"
    desk.ask(None, ["seek", first])  # the journal holds what comes later, and it is not shown
    assert body(list(desk.state()), "account")[1]["equity"] == equity[0]


def test_at_its_end_it_stands_still_and_plays_from_the_start_again(
    replay: Replay, clock: Clock
) -> None:
    replay.ask(None, ["seek", "2100-01-01"])
    clock.now = 9.0
    assert replay.poll() == []
    told = replay.ask(None, ["play"])
    assert replay.at == 0
    assert told[-1].body[1]["playing"]


def test_a_session_that_cannot_be_written_down_leaves_the_one_before(
    run_folder: Path, tmp_path: Path
) -> None:
    shutil.copytree(run_folder, tmp_path / "small")
    first = str(read_table(run_folder, "equity")["date"].iloc[0])[:10]
    desk = open_desk([tmp_path / "small"], paper=True, replay=(first, "2100-01-01"))
    desk.ask(None, ["step", 2])
    before = list(desk.state())
    journal = replay_journal(tmp_path / "small")
    content = journal.read_bytes()
    journal.unlink()
    journal.mkdir()  # nothing can be added to it
    with pytest.raises(RollsightError, match="cannot be kept"):
        desk.ask(None, ["step", 1])
    assert list(desk.state()) == before
    journal.rmdir()
    journal.write_bytes(content)
    desk.ask(None, ["step", 1])
    assert journal.read_bytes().startswith(content)
    assert journal.read_bytes().count(b"\n") == content.count(b"\n") + 1


def test_two_runs_of_one_name_are_refused(run_folder: Path) -> None:
    with pytest.raises(RollsightError, match="two runs are named 'small'"):
        open_desk([run_folder, run_folder])


def test_the_message_of_the_run_names_its_stocks_and_its_verdict(
    replay: Replay, live_run: LiveRun
) -> None:
    said = replay.state()
    about = body(said, "run")[1]
    assert set(about["names"]) == set(live_run.decider.ready.market.codes)
    verdict = body(said, "verdict")[1]
    assert verdict["word"] == live_run.numbers.verdict.word
    assert set(verdict["sentence"]) == {"en", "ko"}
    at = {m.at for m in said if m.kind == "confidence"}
    close = live_run.decider.ready.market.closes[FIRST_TEST]
    assert at == {f"{pd.Timestamp(close):%Y-%m-%dT%H:%M:%SZ}"}
