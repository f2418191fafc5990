"""Sweeps that are made again: only what is missing is done, and every try is counted once."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from rollsight.backtests.spec import RunSpec
from rollsight.backtests.trials.attempts import read_ledger
from rollsight.workflows.run import run
from rollsight.workflows.sweep import Sweep, sweep
from tests.support.sweeps.markets import GRID, results, without_spec


def test_a_sweep_that_is_made_again_does_nothing_again(
    base: RunSpec, swept: Sweep, swept_in: Path
) -> None:
    before = {p: p.stat().st_mtime_ns for p in swept_in.rglob("*.*") if p.parent != swept_in}
    stages: list[str] = []

    def note(stage: str, _done: int, _total: int, _note: str = "", /) -> None:
        stages.append(stage)

    again = sweep(base, GRID, out=swept_in, progress=note)
    assert set(stages) == {"write kept runs", "write the report"}
    assert {
        p: p.stat().st_mtime_ns for p in swept_in.rglob("*.*") if p.parent != swept_in
    } == before
    assert again.html == swept.html
    assert len(read_ledger(swept_in)) == 8


@pytest.mark.parametrize("lost", ["outcomes", "torn forecasts", "forecasts", "networks"])
def test_only_what_is_missing_or_damaged_is_made_again(
    base: RunSpec, unkept: Path, tmp_path: Path, lost: str
) -> None:
    copy = shutil.copytree(unkept, tmp_path / "copy")
    whole = without_spec(copy)
    outcomes = sorted((copy / "outcomes").iterdir())
    outcomes[0].unlink()
    outcomes[1].write_bytes(b"torn")
    for path in (copy / "networks").glob("*.arrays"):
        if lost == "torn forecasts":
            path.write_bytes(path.read_bytes()[:-5])
        elif lost != "outcomes":
            path.unlink()
    network = min((copy / "networks").glob("*.pt"))
    content = network.read_bytes()
    if lost == "networks":
        network.write_bytes(content[: len(content) // 2])
    sweep(base, GRID, out=copy, keep=0)
    assert network.read_bytes() == content
    assert without_spec(copy) == whole
    assert len(read_ledger(copy)) == 10


def test_a_sweep_over_the_store_of_a_run_asks_no_network_again(
    base: RunSpec, tmp_path: Path
) -> None:
    grid = {"strategy.stop_loss": [None, 0.02], "threshold.objective": ["precision", "net_return"]}
    run(base, store=tmp_path / "store", page=False)
    stages: list[str] = []

    def note(stage: str, _done: int, _total: int, _note: str = "", /) -> None:
        stages.append(stage)

    more: dict[str, Any] = {"store": tmp_path / "store", "keep": 0, "progress": note}
    sweep(base, grid, out=tmp_path / "after", **more)
    assert set(stages) == {"trials", "write the report"}
    sweep(base, grid, out=tmp_path / "alone", keep=0)
    assert results(tmp_path / "after") == results(tmp_path / "alone")


def test_later_sweeps_of_a_directory_count_the_tries_of_earlier_ones(
    base: RunSpec, swept: Sweep, swept_in: Path, tmp_path: Path
) -> None:
    first = {"strategy.stop_loss": [0.01, 0.02, 0.03]}
    shared: dict[str, Any] = {"out": tmp_path / "out", "store": swept_in / "networks", "keep": 0}
    one = sweep(base, first, **shared)
    two = sweep(base, {"strategy.stop_loss": [0.03, 0.04]}, **shared)
    assert one.metrics["counts"]["ever"] == 3
    assert len(two.trials) == 2
    assert two.metrics["counts"]["ever"] == 4
    assert two.metrics["statistics"]["trials_counted"] == 4
    # The best of no skill is that of all four, whose spread is known too.
    alone = sweep(base, {"strategy.stop_loss": [0.03, 0.04]}, **shared | {"out": tmp_path / "own"})
    assert two.metrics["statistics"]["expected_best"] != pytest.approx(
        alone.metrics["statistics"]["expected_best"]
    )


def test_what_was_begun_and_never_ended_is_kept_as_abandoned(
    base: RunSpec, swept: Sweep, swept_in: Path, tmp_path: Path
) -> None:
    shared: dict[str, Any] = {"out": tmp_path / "out", "store": swept_in / "networks", "keep": 0}
    sweep(base, {"strategy.stop_loss": [0.01, 0.02]}, **shared)
    mark = tmp_path / "out" / "begun" / ("0" * 64)
    told = json.loads((tmp_path / "out" / "ledger.jsonl").read_text().splitlines()[0])
    told |= {"key": mark.name, "state": "abandoned", "spec_digest": "another", "seconds": None}
    mark.write_text(json.dumps(told) + "\n")
    found = sweep(base, {"strategy.stop_loss": [0.01, 0.02]}, **shared)
    assert not mark.exists()
    assert (found.metrics["counts"]["ever"], found.metrics["counts"]["abandoned"]) == (3, 1)


def test_a_trial_that_was_done_is_not_abandoned_wherever_a_call_was_killed(
    base: RunSpec, swept: Sweep, swept_in: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "out"
    shared: dict[str, Any] = {"out": copy, "store": swept_in / "networks", "keep": 0}
    grid = {"strategy.stop_loss": [0.01, 0.02, 0.03]}
    whole = sweep(base, grid, **shared)
    lines = (copy / "ledger.jsonl").read_text().splitlines(keepends=True)
    # One lacks its line, of another the mark stands beside it.
    (copy / "ledger.jsonl").write_text("".join(lines[1:]))
    for line in lines[:2]:
        (copy / "begun" / json.loads(line)["key"]).write_text(line)
    again = sweep(base, grid, **shared)
    assert again.html == whole.html
    assert not list((copy / "begun").iterdir())
    assert sorted(e.state for e in read_ledger(copy)) == ["done"] * 3


def test_a_spec_that_differs_in_what_earns_nothing_is_the_same_try(
    base: RunSpec, swept: Sweep, swept_in: Path, tmp_path: Path
) -> None:
    grid = {"strategy.stop_loss": [0.01, 0.02]}
    shared: dict[str, Any] = {"out": tmp_path / "out", "store": swept_in / "networks", "keep": 0}
    sweep(base, grid, **shared)
    named = sweep(base.model_copy(update={"name": "another"}), grid, **shared)
    explained = sweep(base, grid, changes=["attribution.target=up_logit"], **shared)
    assert named.metrics["name"] == "another"
    assert named.metrics["counts"]["ever"] == explained.metrics["counts"]["ever"] == 2
    assert len(read_ledger(tmp_path / "out")) == 2


def test_a_sweep_goes_on_from_its_own_file_in_any_folder(
    base: RunSpec, swept: Sweep, swept_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(base.market.folder)
    monkeypatch.chdir(folder.parent)
    near = base.model_copy(
        update={"market": base.market.model_copy(update={"folder": folder.name})}
    )
    grid = {"strategy.stop_loss": [0.01, 0.02]}
    one = sweep(near, grid, out=tmp_path / "out", store=swept_in / "networks", keep=0)
    monkeypatch.chdir(tmp_path)
    again = sweep(tmp_path / "out" / "sweep.toml", out="out", store=swept_in / "networks")
    assert again.html == one.html
    assert len(read_ledger(tmp_path / "out")) == 2
