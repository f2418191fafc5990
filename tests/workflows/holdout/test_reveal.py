"""A holdout is opened by a reveal alone, and each look is counted."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from rollsight import RollsightError, decide, reveal
from rollsight.backtests.directory.directory import TABLES
from rollsight.backtests.directory.result import read_result
from rollsight.backtests.holdout.looks import LOOKS, note_look, read_looks
from rollsight.reports.run.holdout.facts import Holdout
from rollsight.workflows.rewritten import DECIDED
from rollsight.workflows.run import Run, report
from tests.support.edits.holdouts import DAYS, START

FIRST, LAST = str(DAYS[START]), str(DAYS[-1])


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


def test_a_run_stores_and_shows_no_day_behind_its_holdout(made: Path) -> None:
    found = dates_of(made / "run")
    # The holdout's own first day stands in the spec alone.
    assert max(found - {FIRST}) == str(DAYS[START - 1])
    assert loaded(made / "run").numbers.holdout == Holdout(FIRST, False, None, 0, 0)
    assert "no look at them is on record" in repr(loaded(made / "run"))
    assert not (made / "data" / LOOKS).exists()


def test_a_reveal_goes_on_with_the_very_same_networks_and_is_counted(home: Path) -> None:
    out, revealed = home / "run", home / "run-revealed"
    made = reveal(out, page=False)
    assert (made.out, made.again, made.run.numbers.verdict.tries) == (revealed, 0, 1)
    before, after = (json.loads((o / "manifest.json").read_text()) for o in (out, revealed))
    assert after["model_digests"][:3] == before["model_digests"]
    assert len(after["model_digests"]) == 4
    one, two = (pd.read_parquet(o / "signals.parquet") for o in (out, revealed))
    decided = ["decided_at", "code", *DECIDED]
    same = two[two["decided_at"] < FIRST].reset_index(drop=True)
    pd.testing.assert_frame_equal(one[decided], same[decided], check_exact=True)
    assert two["decided_at"].max() == pd.Timestamp(LAST)
    # What it decides is decided from its own directory, and never from the sealed one.
    assert len(decide(revealed, LAST)) == 4
    with pytest.raises(RollsightError, match="is held out of"):
        decide(out, LAST)

    (line,) = read_looks(str(home / "data" / "market"))
    assert (line.start, line.last, line.market, line.run) == (FIRST, LAST, "market", str(out))
    assert line.spec_digest == after["spec_digest"] == before["spec_digest"]
    assert line.data_digest == before["data_digest"] != after["data_digest"]

    # The same look again shows the same; another specification's counts from then on.
    note_look(str(home / "data" / "market"), replace(line, spec_digest="another"))
    again = reveal(out, page=False)
    assert again.again == 1
    assert again.run.numbers.holdout == Holdout(FIRST, True, FIRST, 3, 2)
    assert again.run.numbers.verdict.tries == 2
    pd.testing.assert_frame_equal(made.run.signals, again.run.signals, check_exact=True)
    assert loaded(out).numbers.holdout == Holdout(FIRST, False, FIRST, 3, 2)
    assert loaded(out).numbers.verdict.tries == 1
    assert "looked at 3 times with 2 specifications" in repr(loaded(out))
