"""A folder that gains a session is decided; one that breaks leaves the last good state."""

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.decisions.decider import open_run
from rollsight.live.messages import Message
from rollsight.live.runs.following import Following, journal_of
from rollsight.workflows.run import run
from tests.support.chains import spec_of
from tests.support.live.clock import Clock
from tests.support.live.runs import OFTEN, RECIPE
from tests.support.markets import write_market
from tests.workflows.update.test_update import grown

SHORT = 225  # the run ends there, in its third window, which ends with 249


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("whole"), RECIPE)


@pytest.fixture(scope="module")
def made(whole: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a market up to session 225 and a run of it."""
    folder = tmp_path_factory.mktemp("made")
    run(spec_of(grown(whole, folder / "market", SHORT), min_buys=OFTEN), out=folder / "run",
        page=False)  # fmt: skip
    return folder


@pytest.fixture
def out(made: Path) -> Path:
    """Return the directory of that run, whose market is as it was when the run was made."""
    return made / "run"


def look(desk: Following, times: int = 3) -> list[Message]:
    return [message for _ in range(times) for message in desk.poll()]


def last(messages: list[Message], kind: str) -> Any:
    return [m.body for m in messages if m.kind == kind][-1]


def test_new_sessions_are_decided_and_told_once(whole: Path, made: Path, out: Path) -> None:
    desk = Following([out], paper=True, clock=Clock(step=2.0))
    sessions = np.sort(pd.read_parquet(whole / "prices.parquet")["Date"].unique())
    assert desk.health().session == str(sessions[SHORT])[:10]
    assert look(desk) == []
    grown(whole, made / "market", SHORT + 1)
    told = look(desk)
    assert {m.session for m in told} == {str(sessions[SHORT + 1])[:10]}
    _, codes, triples = last(told, "confidence")
    decided = open_run(out).at(SHORT + 1)
    said = {c: t for c, t in zip(codes, triples, strict=True) if t is not None}
    expected = decided[["p_down", "p_hold", "p_up"]].to_numpy().tolist()
    assert said == dict(zip(decided["code"], expected, strict=True))
    assert [at[0] for at in last(told, "account")[1]["curve"]] == [
        str(day)[:10] for day in sessions[SHORT : SHORT + 2]
    ]
    assert look(desk) == []

    # A session that no network was trained for: the last good state stays, and says so.
    grown(whole, made / "market", 255)
    told = look(desk)
    status = last(told, "status")[1]
    assert status["state"] == desk.health().state == "stale"
    assert "call rollsight update" in status["text"]
    assert desk.health().session == str(sessions[249])[:10]

    # A folder half written, then gone, then as it was.
    (made / "market" / "prices.parquet").write_bytes(b"PAR1 and no more")
    assert last(look(desk), "status")[1]["state"] == "stale"
    assert desk.health().session == str(sessions[249])[:10]
    shutil.rmtree(made / "market")
    assert "market" in last(look(desk), "status")[1]["text"]
    grown(whole, made / "market", 249)
    assert last(look(desk), "status")[1] == {"state": "live", "text": "", "log": []}
    journal_of(out).unlink()


def test_a_model_that_was_swapped_is_refused_and_the_last_state_stays(
    whole: Path, made: Path, out: Path
) -> None:
    grown(whole, made / "market", SHORT)
    desk = Following([out], clock=Clock(step=2.0))
    kept = desk.state()
    models = sorted((out / "models").glob("*.pt"))
    before = models[-1].read_bytes()
    shutil.copy(models[0], models[-1])
    grown(whole, made / "market", SHORT + 1)
    try:
        status = last(look(desk), "status")[1]
        assert "the run was made with" in status["text"]
        assert [m for m in desk.state() if m.kind != "status"] == kept[1:]
    finally:
        models[-1].write_bytes(before)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RollsightError, match="is no run directory"):
        Following([tmp_path])


def test_a_replays_moves_are_refused_where_the_newest_is_served(out: Path) -> None:
    desk = Following([out])
    for body in (["play"], ["step", 1], ["seek", "2024-12-17"]):
        with pytest.raises(RollsightError, match=rf"{body[0]!r} moves a replay.*--replay FROM:TO"):
            desk.ask(None, body)
