"""A whole sweep: the same bytes with any jobs, what fails, and what it chooses."""

import html
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from rollsight.backtests.directory.result import read_result
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.trials.attempts import read_ledger
from rollsight.base.errors import RollsightError
from rollsight.base.records import record
from rollsight.reports.run.data.datafacts import DataFacts
from rollsight.reports.run.data.section import data_notes
from rollsight.reports.sweep.numbers.metrics import SweepNumbers
from rollsight.workflows.sweep import Sweep, sweep
from tests.support.sweeps.markets import GRID, WRITTEN, results


def metrics_of(out: Path) -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    return metrics


@pytest.mark.slow
def test_two_workers_and_threads_write_the_same_bytes(
    base: RunSpec, unkept: Path, tmp_path: Path
) -> None:
    sweep(base, GRID, out=tmp_path / "two", jobs=2, keep=0)
    sweep(base, GRID, out=tmp_path / "threads", jobs=2, backend="threading", keep=0)
    assert len(results(unkept)) == 8 + len(WRITTEN)
    assert results(tmp_path / "two") == results(unkept)
    assert results(tmp_path / "threads") == results(unkept)


@pytest.mark.slow
def test_workers_of_trials_end_before_a_run_is_kept(
    base: RunSpec, swept: Sweep, swept_in: Path, tmp_path: Path
) -> None:
    psutil = pytest.importorskip("psutil")
    others, seen = {own.pid for own in psutil.Process().children()}, dict[str, int]()

    def look(stage: str, *_steps: object) -> None:
        own = [child for child in psutil.Process().children() if child.pid not in others]
        seen[stage] = sum("LokyProcess" in " ".join(child.cmdline()) for child in own)

    grid = {"strategy.stop_loss": [None, 0.02]}
    sweep(
        base, grid, out=tmp_path, store=swept_in / "networks", jobs=2, keep=1, progress=look,
    )  # fmt: skip
    assert seen["trials"] == 2
    assert seen["write kept runs"] == 0


def test_a_benchmark_that_no_trial_shown_reads_is_none(base: RunSpec, tmp_path: Path) -> None:
    grid = {"market.benchmark": ["none"], "market.indices": [["GSPC"]]}
    found = sweep(base, grid, out=tmp_path / "out", keep=0)
    assert found.trials["state"].tolist() == ["done"]
    assert found.metrics["statistics"]["beat_benchmark"] is None


def test_a_failing_trial_is_a_row_and_stops_no_other(base: RunSpec, tmp_path: Path) -> None:
    grid = {"label.down": [-0.02, 0.03], "strategy.participation": [None, 0.5]}
    found = sweep(base, grid, out=tmp_path / "out", keep=0)
    by_state = found.trials.groupby("state")["number"].agg(list).to_dict()
    assert by_state == {"done": [0, 1], "failed": [2, 3]}
    assert found.trials["error"][2] == "label: down=0.03 must be below up=0.02"
    assert found.metrics["counts"]["failed"] == 2
    ledger = read_ledger(tmp_path / "out")
    assert (
        sorted((e.state, e.error) for e in ledger if e.error)
        == [("failed", "label: down=0.03 must be below up=0.02")] * 2
    )
    # They are counted as tries all the same.
    assert found.metrics["statistics"]["trials_counted"] == 4


def test_a_training_that_diverges_fails_its_own_trials(base: RunSpec, tmp_path: Path) -> None:
    grid = {"training.learning_rate": [0.006, 1e30], "strategy.stop_loss": [None, 0.02]}
    found = sweep(base, grid, out=tmp_path / "out", keep=0)
    assert found.trials["state"].tolist() == ["done", "done", "failed", "failed"]
    assert "lower training.learning_rate=1e+30" in found.trials["error"][2]


def test_changes_are_those_of_every_trial(
    base: RunSpec, swept: Sweep, swept_in: Path, tmp_path: Path
) -> None:
    found = sweep(
        base, {"strategy.stop_loss": [0.01]}, out=tmp_path / "out",
        store=swept_in / "networks", keep=0, changes=["strategy.max_positions=1"],
    )  # fmt: skip
    assert found.spec.strategy.max_positions == 1
    own = sweep(
        base, {"strategy.stop_loss": [0.01], "strategy.max_positions": [1]}, out=tmp_path / "own",
        store=swept_in / "networks", keep=0,
    )  # fmt: skip
    assert found.returns["0"].tolist() == own.returns["0"].tolist()


def test_a_kept_run_that_cannot_be_explained_is_found_out_before(
    base: RunSpec, tmp_path: Path
) -> None:
    grid = {"model.activation": ["relu", "gelu"], "attribution.methods": [["guided_grad_cam"]]}
    # Without a trade the kept run's page is drawn fast.
    found = sweep(base, grid, out=tmp_path / "out", changes=["threshold.min_score=1.5"])
    assert found.trials["state"].tolist() == ["done", "failed"]
    assert "gelu" in found.trials["error"][1]


def test_the_chosen_trial_is_the_best_on_validation_and_has_a_run_of_its_own(
    swept: Sweep, swept_in: Path
) -> None:
    table = swept.trials
    (chosen,) = table.index[table["chosen"]]
    assert table["validation_sharpe"][chosen] == table["validation_sharpe"].max()
    out = (swept_in / table["link"][chosen]).parent
    kept, metrics = read_result(out), metrics_of(out)
    assert metrics["headline"]["strategy"]["total_return"] == pytest.approx(
        table["test_total_return"][chosen], rel=1e-12
    )
    own = swept.returns[str(chosen)]
    assert own.tolist() == kept.equity["return"].tolist()
    assert table["link"][chosen] in swept.html
    assert (swept_in / table["link"][chosen]).is_file()


def test_the_tables_say_what_the_page_says(swept: Sweep, swept_in: Path) -> None:
    pd.testing.assert_frame_equal(pd.read_parquet(swept_in / "trials.parquet"), swept.trials)
    assert list(swept.trials["strategy.stop_loss"][:2]) == ["none", "0.02"]
    assert swept.trials["label.horizon"].tolist() == [3] * 4 + [5] * 4
    assert json.loads((swept_in / "sweep.json").read_text()) == swept.metrics
    assert swept.returns.shape == (100, 8)


def test_what_a_reader_must_know_of_the_data_stands_on_the_page_of_a_sweep_too(
    swept: Sweep, swept_in: Path
) -> None:
    (link,) = swept.trials["link"][swept.trials["chosen"]]
    kept = metrics_of((swept_in / link).parent)
    assert swept.metrics["notes"] == data_notes(record(DataFacts, kept["data"]))
    assert swept.metrics["notes"]
    page = html.unescape(swept.html)
    assert all(note in page for note in swept.metrics["notes"])


def test_a_sweep_prints_as_its_figures(swept: Sweep) -> None:
    assert "Deflated Sharpe" in repr(swept)


def test_a_rolling_sweep_trades_what_was_best_until_then(
    base: RunSpec, swept: Sweep, swept_in: Path, tmp_path: Path
) -> None:
    found = sweep(
        base, GRID, out=tmp_path / "out", store=swept_in / "networks", select="rolling", burn_in=1
    )
    assert repr(record(SweepNumbers, found.metrics)) == repr(found.numbers)
    rolling = found.metrics["rolling"]
    taken = [w["trial"] for w in rolling["windows"]]
    assert taken[0] is None
    known = {
        n: found.returns[str(n)].iloc[1:30].mean() / found.returns[str(n)].iloc[1:30].std()
        for n in range(8)
    }
    assert taken[1] == max(known, key=lambda n: (known[n], -n))
    # No trial is chosen for good; what is kept is what the next window would take.
    assert not found.trials["chosen"].any()
    following = found.trials["test_sharpe"].idxmax()
    assert rolling["following"] == following
    assert found.trials["link"].notna().tolist() == [n == following for n in range(8)]


def test_a_rolling_sweep_that_would_trade_no_window_is_refused(
    base: RunSpec, tmp_path: Path
) -> None:
    with pytest.raises(RollsightError, match=r"burn_in=4 leaves none of 4 windows to be traded"):
        sweep(base, GRID, out=tmp_path / "out", select="rolling")
    assert not (tmp_path / "out").exists()


def test_a_sample_at_random_is_the_same_each_time(
    base: RunSpec, swept: Sweep, swept_in: Path, tmp_path: Path
) -> None:
    options: dict[str, Any] = {
        "store": swept_in / "networks", "sampler": "random", "trials": 3, "seed": 4, "keep": 0,
    }  # fmt: skip
    one = sweep(base, GRID, out=tmp_path / "one", **options)
    two = sweep(base, GRID, out=tmp_path / "two", jobs=2, backend="threading", **options)
    assert len(one.trials) == 3
    assert results(tmp_path / "one") == results(tmp_path / "two")
    assert one.html == two.html


def test_the_sampler_looks_where_the_objective_is_high(
    base: RunSpec, swept: Sweep, swept_in: Path, tmp_path: Path
) -> None:
    pytest.importorskip("optuna", reason="the sampler tpe needs Optuna")
    options: dict[str, Any] = {
        "store": swept_in / "networks", "sampler": "tpe", "trials": 30, "keep": 0,
        "objective": "annual_return",
    }  # fmt: skip
    grid = {"strategy.stop_loss": ["0.002..0.2"], "strategy.max_positions": [1, 2, 3]}
    # With thresholds of any dates, for which this landscape has a hill to be found.
    few = base.threshold.model_copy(update={"min_dates": 1, "min_blocks": 1})
    base = base.model_copy(update={"threshold": few})
    one = sweep(base, grid, out=tmp_path / "one", **options)
    assert len(one.trials) > 20
    assert one.trials["strategy.stop_loss"].between(0.002, 0.2).all()
    later, first = one.trials[10:], one.trials[:10]
    assert later["validation_annual_return"].median() > first["validation_annual_return"].median()
    # What was found is found again, and asks for the same trials.
    again = sweep(base, grid, out=tmp_path / "one", **options)
    assert again.html == one.html
    assert len(read_ledger(tmp_path / "one")) == len(one.trials)


def test_one_sweep_a_directory_and_no_strangers(
    base: RunSpec, swept_in: Path, swept: Sweep, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RollsightError, match=r"holds \['notes.txt'\] but no sweep"):
        sweep(base, GRID, out=tmp_path)
    with pytest.raises(RollsightError, match="is a file"):
        sweep(base, GRID, out=tmp_path / "notes.txt")
    with pytest.raises(RollsightError, match="but no sweep of rollsight"):
        sweep(base, GRID, out=next((swept_in / "kept").iterdir()))
