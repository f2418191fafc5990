"""A holdout is opened by a reveal alone, and each look is counted."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from rollsight import RollsightError, decide, reveal, run
from rollsight.backtests.directory.directory import TABLES
from rollsight.backtests.directory.result import read_result
from rollsight.workflows.rewritten import DECIDED
from rollsight.workflows.run import Run, report
from tests.support.holdouts import DAYS, START, held_out, whole_market

FIRST, LAST = str(DAYS[START]), str(DAYS[-1])


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return whole_market(tmp_path_factory.mktemp("data") / "market")


@pytest.fixture(scope="module")
def sealed(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the directory of a run with a holdout."""
    out = tmp_path_factory.mktemp("runs") / "sealed"
    run(held_out(market), out=out, page=False)
    return out


def moved(sealed: Path, market: Path, folder: Path) -> tuple[Path, Path]:
    """Return a run and its market copied to where no look was written down."""
    data = shutil.copytree(market, folder / "data" / "market")
    out = shutil.copytree(sealed, folder / "run")
    spec = out / "run.toml"
    spec.write_text(spec.read_text().replace(str(market), str(data)), encoding="utf-8")
    return out, data


def loaded(out: Path) -> Run:
    """Return a finished run with its numbers as a page made now would have them."""
    return report(read_result(out), page=False)


def dates_of(out: Path) -> set[str]:
    """Return every date in a run's tables, and every word of its numbers that may be one."""
    found = set()
    for name in TABLES:
        table = pd.read_parquet(out / f"{name}.parquet")
        for column in table.select_dtypes("datetime").columns:
            found |= set(table[column].dropna().dt.strftime("%Y-%m-%d"))
    for file in ("metrics.json", "manifest.json"):
        found |= set((out / file).read_text(encoding="utf-8").split('"'))
    return {text for text in found if len(text) == 10 and text[4::3] == "--"}


def test_a_run_stores_and_shows_no_day_behind_its_holdout(sealed: Path, market: Path) -> None:
    found = dates_of(sealed)
    assert max(found - {FIRST}) == str(DAYS[START - 1])
    # The holdout's own first day stands in the spec alone.
    numbers = json.loads((sealed / "metrics.json").read_text(encoding="utf-8"))
    assert numbers["holdout"] == {
        "start": FIRST, "opened": False, "first": None, "looks": 0, "specs": 0,
    }  # fmt: skip
    assert not (market.parent / "holdout.jsonl").exists()
    assert "none of them was read, and no look at them is on record" in repr(loaded(sealed))


def test_a_reveal_goes_on_with_the_very_same_networks(
    sealed: Path, market: Path, tmp_path: Path
) -> None:
    out, data = moved(sealed, market, tmp_path)
    made = reveal(out, page=False)
    assert made.out == tmp_path / "run-revealed"
    before, after = (json.loads((o / "manifest.json").read_text()) for o in (out, made.out))
    assert after["model_digests"][:3] == before["model_digests"]
    assert len(after["model_digests"]) == 4
    one, two = (pd.read_parquet(o / "signals.parquet") for o in (out, made.out))
    decided = ["decided_at", "code", *DECIDED]
    same = two[two["decided_at"] < FIRST].reset_index(drop=True)
    pd.testing.assert_frame_equal(one[decided], same[decided], check_exact=True)
    assert two["decided_at"].max() == pd.Timestamp(LAST)
    (line,) = (json.loads(x) for x in (data.parent / "holdout.jsonl").read_text().splitlines())
    assert (line["start"], line["last"], line["market"]) == (FIRST, LAST, "market")
    assert line["spec_digest"] == after["spec_digest"] == before["spec_digest"]
    assert line["data_digest"] == before["data_digest"] != after["data_digest"]
    assert line["run"] == str(out)
    # What it decides is decided from its own directory, and never from the sealed one.
    assert len(decide(made.out, LAST)) == 5 - 1
    with pytest.raises(RollsightError, match="is held out of"):
        decide(out, LAST)


def test_each_look_is_counted_and_another_specification_deflates(
    sealed: Path, market: Path, tmp_path: Path
) -> None:
    out, data = moved(sealed, market, tmp_path)
    first = reveal(out, page=False)
    assert (first.again, first.run.numbers.verdict.tries) == (0, 1)
    again = reveal(out, page=False)
    assert again.again == 1
    assert (again.run.numbers.holdout.looks, again.run.numbers.holdout.specs) == (2, 1)
    pd.testing.assert_frame_equal(first.run.signals, again.run.signals, check_exact=True)
    other = tmp_path / "other"
    run(held_out(data, label={"horizon": 4}), out=other, page=False)
    second = reveal(other, out=tmp_path / "elsewhere", page=False)
    assert (second.run.numbers.holdout.looks, second.run.numbers.holdout.specs) == (3, 2)
    assert second.run.numbers.verdict.tries == 2
    # Every page says so from then on: the sealed run's, the first reveal's, and one without any.
    assert loaded(out).numbers.holdout.looks == 3
    assert loaded(first.out).numbers.verdict.tries == 2
    plain = run(held_out(data, holdout={"start": None}), page=False)
    assert plain.numbers.verdict.tries == 3
    assert "looked at 3 times with 2 specifications" in repr(plain)
