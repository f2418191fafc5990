"""A paper account is the backtest's from its first day on, and its journal tells all of it."""

import shutil
from pathlib import Path

import pytest

from rollsight.backtests.directory.result import read_table
from rollsight.base.errors import RollsightError
from rollsight.decisions.decider import Decider, open_run
from rollsight.live.paper.account import PaperAccount
from rollsight.live.paper.journal import Journal
from rollsight.live.runs.liverun import LiveRun
from tests.support.live.runs import FIRST_TEST


def still() -> None:
    """Write no instant down: the same sessions give the same bytes."""


def account(path: Path, decider: Decider, day: int = FIRST_TEST) -> PaperAccount:
    return PaperAccount(path, decider, str(decider.ready.market.sessions[day]), clock=still)


def test_from_the_first_test_session_on_it_is_the_runs_account(
    live_run: LiveRun, tmp_path: Path
) -> None:
    paper = account(tmp_path / "paper.jsonl", live_run.decider)
    lived = paper.upto(live_run.decider, FIRST_TEST + 60, replayed=True)
    equity = read_table(live_run.decider.out, "equity")[:61]
    assert [entry["equity"] for entry in lived] == equity["equity"].tolist()
    assert [entry["cash"] for entry in lived] == equity["cash"].tolist()
    assert [entry["session"] for entry in lived] == equity["date"].astype(str).tolist()
    signals = read_table(live_run.decider.out, "signals")
    for entry in lived:
        own = signals[signals["decided_at"] == entry["session"]]
        for name in ("code", "p_down", "p_hold", "p_up", "score"):
            assert entry["decided"][name] == own[name].tolist()
        assert entry["decided"]["buy"] == own["code"][own["buy"]].tolist()


def test_what_it_holds_is_what_it_bought_and_has_not_sold(
    live_run: LiveRun, tmp_path: Path
) -> None:
    paper = account(tmp_path / "paper.jsonl", live_run.decider)
    held: dict[str, int] = {}
    for entry in paper.upto(live_run.decider, FIRST_TEST + 60, replayed=True):
        for order in entry["filled"]:
            sign = 1 if order["side"] == "buy" else -1
            held[order["code"]] = held.get(order["code"], 0) + sign * order["filled"]
        positions = {p["code"]: p["shares"] for p in entry["positions"]}
        assert positions == {code: shares for code, shares in held.items() if shares}
        value = sum(p["value"] for p in entry["positions"])
        assert entry["cash"] + value == pytest.approx(entry["equity"], abs=0.01)


def test_opened_again_it_goes_on_and_ends_with_the_same_bytes(
    live_run: LiveRun, tmp_path: Path
) -> None:
    once, twice = tmp_path / "once.jsonl", tmp_path / "twice.jsonl"
    account(once, live_run.decider).upto(live_run.decider, FIRST_TEST + 30, replayed=True)
    first = account(twice, live_run.decider)
    first.upto(live_run.decider, FIRST_TEST + 12, replayed=True)
    first.journal.close()
    again = account(twice, live_run.decider, FIRST_TEST + 12)  # begun before: it stays there
    lived = again.upto(live_run.decider, FIRST_TEST + 30, replayed=True)
    assert lived[0]["session"] == again.first
    assert twice.read_bytes() == once.read_bytes()


def test_a_decision_is_late_where_the_next_sessions_prices_were_there(
    live_run: LiveRun, tmp_path: Path
) -> None:
    last = len(live_run.decider.ready.market.sessions) - 1
    paper = account(tmp_path / "paper.jsonl", live_run.decider, last - 2)
    assert [entry["late"] for entry in paper.upto(live_run.decider, last)] == [True, True, False]


def test_another_runs_journal_is_refused(live_run: LiveRun, tmp_path: Path) -> None:
    account(tmp_path / "paper.jsonl", live_run.decider).journal.close()
    decider = open_run(live_run.decider.out)
    decider.manifest["spec_digest"] = "another"
    with pytest.raises(RollsightError, match="of another run or version: move it away"):
        account(tmp_path / "paper.jsonl", decider)
    account(tmp_path / "paper.jsonl", live_run.decider)  # the lock was given back


def test_a_journal_from_before_a_key_of_the_strategy_goes_on(
    live_run: LiveRun, tmp_path: Path
) -> None:
    begun = account(tmp_path / "begun.jsonl", live_run.decider)
    begun.journal.close()
    before = dict(begun.journal.entries[0])
    before["strategy"] = {k: v for k, v in before["strategy"].items() if k != "trailing_stop"}
    older = Journal(tmp_path / "older.jsonl")
    older.append(before)
    older.close()
    assert account(older.path, live_run.decider).first == begun.first


def test_prices_that_changed_behind_it_end_it_and_nothing_is_lost(
    live_run: LiveRun, tmp_path: Path
) -> None:
    path = tmp_path / "paper.jsonl"
    decider = open_run(live_run.decider.out)
    paper = account(path, decider)
    held = paper.upto(decider, FIRST_TEST + 20, replayed=True)[-1]["positions"][0]["code"]
    before = path.read_bytes()
    market = decider.ready.market
    market.close[market.codes.index(held), FIRST_TEST + 20] *= 1.01
    with pytest.raises(RollsightError, match=r"has changed since .* was written: the equity of"):
        paper.upto(decider, FIRST_TEST + 21, replayed=True)
    assert path.read_bytes() == before


def test_a_full_disk_keeps_what_was_written(live_run: LiveRun, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    paper = account(folder / "paper.jsonl", live_run.decider)
    paper.upto(live_run.decider, FIRST_TEST + 3, replayed=True)
    shutil.rmtree(folder)  # the folder is gone: nothing can be written
    with pytest.raises(RollsightError, match="cannot be kept"):
        paper.upto(live_run.decider, FIRST_TEST + 5, replayed=True)
    folder.mkdir()
    assert len(paper.sessions) == 4
