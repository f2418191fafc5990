"""Stretches of single stocks hold what was predicted and what came of it."""

from dataclasses import replace

import numpy as np

from rollsight.base.records import record
from rollsight.reports.page.language import speak
from rollsight.reports.run.scores.stretches import Stretch, busiest, stretches, stretches_data
from rollsight.workflows.run import Run


def test_the_busiest_stretch_holds_the_most_trades() -> None:
    # Four trades within 100 sessions at the end outnumber three at the start.
    at = np.array([10, 20, 30, 800, 820, 850, 899])
    chosen = busiest(at, 1000)
    assert chosen.stop - chosen.start == 250
    assert all(chosen.start <= day < chosen.stop for day in at[3:])


def test_a_run_shorter_than_a_stretch_is_shown_whole() -> None:
    assert busiest(np.array([3]), 100) == slice(0, 250)


def test_the_section_names_what_is_held_against_the_threshold(finished: Run) -> None:
    one = replace(record(Stretch, finished.metrics["stretches"][0]), measure="p_up - p_down")
    html = stretches([one], speak("en"))
    assert "Where p(UP) less p(DOWN) is below the threshold there was no buy" in html


def test_a_stretch_is_the_signals_of_its_stock(finished: Run) -> None:
    counts = finished.trades["code"].value_counts()
    first, *_ = found = finished.metrics["stretches"]
    assert [len(s["trades"]) for s in found] == sorted(counts, reverse=True)[:4]
    own = finished.signals[finished.signals["code"] == first["code"]]
    by_day = own.set_index(own["decided_at"].dt.strftime("%Y-%m-%d"))
    assert len(first["date"]) == len(finished.equity)
    for at, day in enumerate(first["date"]):
        if day in by_day.index:
            assert first["score"][at] == by_day["score"][day]
            assert first["buy"][at] == by_day["buy"][day]
        else:
            assert first["score"][at] is None
    assert first["buys"] == int(own["buy"].sum())
    labelled = own[own["buy"] & own["label"].notna()]
    assert first["precision"] == float((labelled["label"] == 2).mean())


def test_what_json_holds_of_a_stretch_is_what_was_measured(finished: Run) -> None:
    written = finished.metrics["stretches"]
    assert [record(Stretch, one) for one in written] == list(stretches_data(finished))
