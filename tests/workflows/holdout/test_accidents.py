"""No call but a reveal opens a holdout, whatever it is given."""

import pickle
import shutil
from pathlib import Path

import pandas as pd
import pytest

from rollsight import RollsightError
from rollsight.backtests.audit.ledgerday import ledger_day
from rollsight.backtests.changes import changed, check_value, opened, placed, spec_at
from rollsight.backtests.directory.claims import refuse_another_spec
from rollsight.backtests.directory.directory import write_spec
from rollsight.backtests.directory.result import write_json
from rollsight.backtests.holdout.looks import LOOKS, looks_path, rows_digests
from rollsight.backtests.holdout.market import market_of
from rollsight.backtests.spec import RunSpec, check_spec, read_spec, to_toml
from rollsight.backtests.sweeps.reader import Reader
from rollsight.backtests.sweeps.request import read_request
from tests.support.edits.holdouts import DAYS, START, held_out, whole_market

FIRST, BEFORE, LAST = (str(DAYS[n]) for n in (START, START - 1, -1))


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whole_market(tmp_path_factory.mktemp("data") / "market")


def last_read(spec: RunSpec) -> str:
    return str(market_of(spec).sessions[-1])


@pytest.mark.parametrize("change", ["holdout.start=none", f"holdout.start={LAST}"])
def test_a_set_key_opens_nothing(market: Path, tmp_path: Path, change: str) -> None:
    file = tmp_path / "run.toml"
    file.write_text(to_toml(held_out(market)), encoding="utf-8")
    with pytest.raises(RollsightError, match="rollsight reveal opens them"):
        read_spec(str(file), [change])
    with pytest.raises(RollsightError, match=r"holdout\] has no key"):
        read_spec(str(file), ["holdout.opened=true"])
    with pytest.raises(RollsightError, match=r"holdout\] has no key"):
        read_spec(str(file), ["holdout._opened=true"])
    earlier = read_spec(str(file), [f"holdout.start={BEFORE}"])
    assert last_read(earlier) == str(DAYS[START - 2])


def test_an_end_behind_the_holdout_opens_nothing(market: Path) -> None:
    assert last_read(held_out(market, market={"end": LAST})) == BEFORE
    with pytest.raises(RollsightError, match="so nothing is held out"):
        held_out(market, market={"end": BEFORE})
    with pytest.raises(RollsightError, match="or nothing is left"):
        held_out(market, market={"start": FIRST})


def test_a_trial_cannot_vary_what_is_held_out(market: Path) -> None:
    with pytest.raises(RollsightError, match="the same for every trial"):
        check_value("holdout.start", LAST)
    with pytest.raises(RollsightError, match="the same for every trial"):
        read_request(held_out(market), {"holdout.start": [FIRST, LAST]})


def test_a_revealed_runs_own_spec_is_sealed_again_where_it_is_taken_elsewhere(
    market: Path, tmp_path: Path
) -> None:
    spec = opened(held_out(market))
    assert last_read(spec) == last_read(placed(spec)) == last_read(spec_at(spec, market)) == LAST
    assert last_read(pickle.loads(pickle.dumps(spec))) == LAST
    write_spec(spec, tmp_path)
    assert last_read(read_spec(str(tmp_path / "run.toml"))) == BEFORE
    assert last_read(check_spec(spec.model_dump(), "a copy")) == BEFORE
    assert last_read(changed(spec, {"holdout.start": LAST})) == str(DAYS[-2])
    assert last_read(read_request(spec, {"label.horizon": [3, 4]}).spec) == BEFORE


def test_a_reader_of_many_specs_keeps_the_open_market_from_the_sealed_one(market: Path) -> None:
    reader, spec = Reader(), held_out(market)
    for one, last in ((opened(spec), LAST), (spec, BEFORE), (opened(spec), LAST)):
        assert str(reader.prepare(one).market.sessions[-1]) == last


def test_the_ledger_of_a_held_out_day_is_refused(market: Path) -> None:
    assert str(ledger_day(held_out(market)).decided_at.date()) == BEFORE
    with pytest.raises(RollsightError, match=f"--day {FIRST} is no session"):
        ledger_day(held_out(market), DAYS[START].item())


def test_a_link_leads_to_the_same_file_of_looks(market: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(market)
    parts = tmp_path / "parts"
    parts.mkdir()
    for path in market.iterdir():
        (parts / path.name).symlink_to(path)
    for folder in (market, tmp_path / "link", parts, market / ".." / "market"):
        assert looks_path(str(folder)) == market.parent / LOOKS


def test_a_copy_beside_and_an_update_have_the_looks_of_the_market(
    market: Path, tmp_path: Path
) -> None:
    """A copy has the same rows; later sessions and prices adjusted anew leave them as they are."""
    copy = shutil.copytree(market, tmp_path / "copy")
    spec, start = held_out(copy), DAYS[START].item()
    found = rows_digests(market_of(held_out(market)), start)
    assert rows_digests(market_of(spec), start) == rows_digests(market_of(opened(spec)), start)
    path = copy / "prices.parquet"
    prices = pd.read_parquet(path)
    prices[["Open", "High", "Low", "Close"]] *= 2
    prices[prices["Date"] < DAYS[-1]].to_parquet(path, index=False)
    assert rows_digests(market_of(spec), start) == found
    assert rows_digests(market_of(spec), DAYS[START - 1].item()) != found


def test_a_directory_of_the_other_kind_is_refused(market: Path, tmp_path: Path) -> None:
    spec = held_out(market)
    write_spec(spec, tmp_path)
    for made, other, said in (
        (spec, opened(spec), "no revealed one"),
        (opened(spec), spec, "made of"),
    ):
        held = {"start": FIRST, "opened": made.holdout.opened}
        content = {"spec": made.model_dump(mode="json"), "holdout": held}
        write_json(tmp_path / "manifest.json", content)
        refuse_another_spec(tmp_path, made)
        with pytest.raises(RollsightError, match=said):
            refuse_another_spec(tmp_path, other)
