"""What cannot be revealed is refused in one line, and then nothing is written or counted."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from rollsight import RollsightError, reveal, update
from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.holdout.looks import LOOKS
from tests.support.edits.holdouts import DAYS, START, ended_market, held_out
from tests.support.markets import write_table

FIRST = str(DAYS[START])


def another_price(home: Path) -> None:
    path = home / "data" / "market" / "prices.parquet"
    prices = pd.read_parquet(path)
    prices.loc[prices["Date"] == DAYS[START - 3], ["High", "Close"]] *= 1.01
    write_table(prices, path)


def no_session_behind(home: Path) -> None:
    ended_market(home / "data" / "market")


def a_stock_of_three_rows(home: Path) -> None:
    path = home / "data" / "market" / "prices.parquet"
    prices = pd.read_parquet(path)
    new = prices[(prices["Code"] == "000010") & (prices["Date"] >= DAYS[-3])]
    write_table(pd.concat([prices, new.assign(Code="000090")]), path)


def no_place_for_looks(home: Path) -> None:
    (home / "data" / LOOKS).mkdir()


def a_sweep(home: Path) -> None:
    (home / "run" / "sweep.toml").touch()


def another_version(home: Path) -> None:
    path = home / "run" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(manifest | {"code_digest": "0"}), encoding="utf-8")


def edited(home: Path) -> None:
    path = home / "run" / "run.toml"
    text = path.read_text(encoding="utf-8").replace(f"start = {FIRST}", f"start = {DAYS[-1]}")
    path.write_text(text, encoding="utf-8")


def revealed(home: Path) -> None:
    path = home / "run" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["holdout"]["opened"] = True
    path.write_text(json.dumps(manifest), encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (another_price, f"has changed before {FIRST} since"),
        (no_session_behind, f"before holdout.start={FIRST}: there is nothing to reveal yet"),
        (a_stock_of_three_rows, "code '000090' (3 rows) has fewer than the 21 rows of one input"),
        (no_place_for_looks, "so nothing was opened, since each look is counted there"),
        (a_sweep, "is a sweep, of which every trial would be a look"),
        (another_version, "was trained by another version"),
        (edited, "was edited after its run"),
        (revealed, "is what a reveal has made: it is open already"),
    ],
)
def test_it_is_refused_and_nothing_is_written(
    home: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(home)
    with pytest.raises(RollsightError) as refusal:
        reveal(home / "run")
    assert said in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert not (home / "run-revealed").exists()
    assert not (home / "data" / LOOKS).is_file()


def test_the_run_itself_is_no_place_for_what_is_revealed(home: Path) -> None:
    with pytest.raises(RollsightError, match="is the run itself"):
        reveal(home / "run", out=home / "run")


def test_an_update_adds_nothing_behind_the_holdout(home: Path) -> None:
    """A year of sessions more is no session of a market that ends before."""
    found = update(home / "run", page=False)
    assert (found.run, found.sessions) == (None, ())
    assert found.since == str(DAYS[START - 1])
    assert repr(found) == f"nothing new since {found.since}: sessions from {FIRST} on are held out"


def test_a_holdout_before_the_first_window_is_named(made: Path) -> None:
    spec = held_out(made / "data" / "market", holdout={"start": str(DAYS[100])})
    with pytest.raises(RollsightError, match=rf"holdout\.start={DAYS[100]} on are not read"):
        prepare(spec)
