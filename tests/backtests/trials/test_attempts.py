"""The ledger keeps every try, whatever became of it."""

from pathlib import Path

from rollsight.backtests.trials.attempts import LEDGER, Entry, last_words, note, read_ledger


def entry(key: str, spec: str = "", **about: object) -> Entry:
    values = {"settings": {"strategy.stop_loss": None}, "state": "done", "at": "2026-01-02 09:00"}
    return Entry(key, spec or f"spec {key}", **values | about)  # type: ignore[arg-type]


def test_lines_are_appended_and_read_in_order(tmp_path: Path) -> None:
    note(tmp_path, [entry("a"), entry("b", state="failed", error="no row: 줄이 없다")])
    note(tmp_path, [])
    note(tmp_path, [entry("c", seconds=1.5)])
    found = read_ledger(tmp_path)
    assert [e.key for e in found] == ["a", "b", "c"]
    assert found[1] == entry("b", state="failed", error="no row: 줄이 없다")
    assert found[2].seconds == 1.5


def test_no_ledger_is_an_empty_one(tmp_path: Path) -> None:
    assert read_ledger(tmp_path) == []


def test_a_torn_line_costs_itself_alone(tmp_path: Path) -> None:
    note(tmp_path, [entry("a"), entry("b")])
    path = tmp_path / LEDGER
    path.write_bytes(path.read_bytes()[:-20])
    note(tmp_path, [entry("c")])
    assert [e.key for e in read_ledger(tmp_path)] == ["a", "c"]


def test_a_spec_that_is_tried_again_is_one_try_with_its_last_word() -> None:
    entries = [
        entry("a", "spec 1", state="abandoned"),
        entry("b", "spec 2"),
        entry("c", "spec 1"),  # on newer data
        entry("d", state="failed"),
        entry("d", state="failed"),
    ]
    assert [(e.key, e.state) for e in last_words(entries)] == [
        ("c", "done"), ("b", "done"), ("d", "failed"),
    ]  # fmt: skip
