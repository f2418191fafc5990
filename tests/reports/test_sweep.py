"""A whole sweep: the same bytes with any jobs, taken up again, and every try counted."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import rollsight
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.trialledger import read_ledger
from rollsight.reports.sweep import Sweep, sweep
from rollsight.signals.errors import RollsightError
from tests.chains import spec_of
from tests.markets import write_market
from tests.sweeping import GRID, RECIPE

WRITTEN = ("sweep.toml", "trials.parquet", "returns.parquet", "sweep.json", "report.html")


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
    return spec_of(write_market(tmp_path_factory.mktemp("market"), RECIPE))


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sweeps") / "one"


@pytest.fixture(scope="module")
def done(spec: RunSpec, out: Path) -> Sweep:
    return sweep(spec, GRID, out=out)


def results(out: Path) -> dict[str, bytes]:
    """Return the files of a sweep's directory that may not depend on how it was run."""
    outcomes = {p.name: p.read_bytes() for p in sorted((out / "outcomes").iterdir())}
    return outcomes | {name: (out / name).read_bytes() for name in WRITTEN}


def without_spec(out: Path) -> dict[str, bytes]:
    return {name: content for name, content in results(out).items() if name != "sweep.toml"}


def test_two_workers_and_threads_write_the_same_bytes(
    spec: RunSpec, done: Sweep, out: Path, tmp_path: Path
) -> None:
    sweep(spec, GRID, out=tmp_path / "two", jobs=2)
    sweep(spec, GRID, out=tmp_path / "threads", jobs=2, backend="threading")
    assert len(results(out)) == 8 + len(WRITTEN)
    assert results(tmp_path / "two") == results(out)
    assert results(tmp_path / "threads") == results(out)


def test_a_sweep_that_is_made_again_does_nothing_again(
    spec: RunSpec, done: Sweep, out: Path
) -> None:
    before = {p: p.stat().st_mtime_ns for p in out.rglob("*.*") if p.parent != out}
    stages: list[str] = []

    def note(stage: str, _done: int, _total: int, _note: str = "", /) -> None:
        stages.append(stage)

    again = sweep(spec, GRID, out=out, progress=note)
    assert set(stages) == {"write kept runs", "write the report"}
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*.*") if p.parent != out} == before
    assert again.html == done.html
    assert len(read_ledger(out)) == 8


@pytest.mark.parametrize("lost", ["outcomes", "torn forecasts", "forecasts", "networks"])
def test_only_what_is_missing_or_damaged_is_made_again(
    spec: RunSpec, done: Sweep, out: Path, tmp_path: Path, lost: str
) -> None:
    copy = tmp_path / "copy"
    sweep(spec, GRID, out=copy, store=out / "networks")
    whole = without_spec(copy)
    outcomes = sorted((copy / "outcomes").iterdir())
    outcomes[0].unlink()
    outcomes[1].write_bytes(b"torn")
    for path in (copy / "forecasts").iterdir():
        if lost == "torn forecasts":
            path.write_bytes(path.read_bytes()[:-5])
        elif lost != "outcomes":
            path.unlink()
    if lost == "networks":
        path = sorted((out / "networks").iterdir())[0]
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        sweep(spec, GRID, out=copy, store=out / "networks")
        assert path.read_bytes() == content
    else:
        sweep(spec, GRID, out=copy, store=out / "networks")
    assert without_spec(copy) == whole
    assert len(read_ledger(copy)) == 10


def test_a_failing_trial_is_a_row_and_stops_no_other(spec: RunSpec, tmp_path: Path) -> None:
    grid = {"label.down": [-0.02, 0.03], "strategy.participation": [None, 0.5]}
    found = sweep(spec, grid, out=tmp_path / "out", keep=0)
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


def test_a_training_that_diverges_fails_its_own_trials(spec: RunSpec, tmp_path: Path) -> None:
    grid = {"training.learning_rate": [0.006, 1e30], "strategy.stop_loss": [None, 0.02]}
    found = sweep(spec, grid, out=tmp_path / "out", keep=0)
    assert found.trials["state"].tolist() == ["done", "done", "failed", "failed"]
    assert "lower training.learning_rate=1e+30" in found.trials["error"][2]


def test_later_sweeps_of_a_directory_count_the_tries_of_earlier_ones(
    spec: RunSpec, done: Sweep, out: Path, tmp_path: Path
) -> None:
    first = {"strategy.stop_loss": [0.01, 0.02, 0.03]}
    shared: dict[str, Any] = {"out": tmp_path / "out", "store": out / "networks", "keep": 0}
    one = sweep(spec, first, **shared)
    two = sweep(spec, {"strategy.stop_loss": [0.03, 0.04]}, **shared)
    assert one.metrics["counts"]["ever"] == 3
    assert len(two.trials) == 2
    assert two.metrics["counts"]["ever"] == 4
    assert two.metrics["statistics"]["trials_counted"] == 4
    # The best of no skill is that of all four, whose spread is known too.
    alone = sweep(spec, {"strategy.stop_loss": [0.03, 0.04]}, **shared | {"out": tmp_path / "own"})
    assert two.metrics["statistics"]["expected_best"] != pytest.approx(
        alone.metrics["statistics"]["expected_best"]
    )


def test_what_was_begun_and_never_ended_is_kept_as_abandoned(
    spec: RunSpec, done: Sweep, out: Path, tmp_path: Path
) -> None:
    shared: dict[str, Any] = {"out": tmp_path / "out", "store": out / "networks", "keep": 0}
    sweep(spec, {"strategy.stop_loss": [0.01, 0.02]}, **shared)
    mark = tmp_path / "out" / "begun" / ("0" * 64)
    told = json.loads((tmp_path / "out" / "ledger.jsonl").read_text().splitlines()[0])
    told |= {"key": mark.name, "state": "abandoned", "spec_digest": "another", "seconds": None}
    mark.write_text(json.dumps(told) + "\n")
    found = sweep(spec, {"strategy.stop_loss": [0.01, 0.02]}, **shared)
    assert not mark.exists()
    assert (found.metrics["counts"]["ever"], found.metrics["counts"]["abandoned"]) == (3, 1)


def test_a_trial_that_was_done_is_not_abandoned_wherever_a_call_was_killed(
    spec: RunSpec, done: Sweep, out: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "out"
    shared: dict[str, Any] = {"out": copy, "store": out / "networks", "keep": 0}
    grid = {"strategy.stop_loss": [0.01, 0.02, 0.03]}
    whole = sweep(spec, grid, **shared)
    lines = (copy / "ledger.jsonl").read_text().splitlines(keepends=True)
    # One lacks its line, of another the mark stands beside it.
    (copy / "ledger.jsonl").write_text("".join(lines[1:]))
    for line in lines[:2]:
        (copy / "begun" / json.loads(line)["key"]).write_text(line)
    again = sweep(spec, grid, **shared)
    assert again.html == whole.html
    assert not list((copy / "begun").iterdir())
    assert sorted(e.state for e in read_ledger(copy)) == ["done"] * 3


def test_a_spec_that_differs_in_what_earns_nothing_is_the_same_try(
    spec: RunSpec, done: Sweep, out: Path, tmp_path: Path
) -> None:
    grid = {"strategy.stop_loss": [0.01, 0.02]}
    shared: dict[str, Any] = {"out": tmp_path / "out", "store": out / "networks", "keep": 0}
    sweep(spec, grid, **shared)
    named = sweep(spec.model_copy(update={"name": "another"}), grid, **shared)
    explained = sweep(spec, grid, changes=["attribution.target=up_logit"], **shared)
    assert named.metrics["name"] == "another"
    assert named.metrics["counts"]["ever"] == explained.metrics["counts"]["ever"] == 2
    assert len(read_ledger(tmp_path / "out")) == 2


def test_changes_are_those_of_every_trial(
    spec: RunSpec, done: Sweep, out: Path, tmp_path: Path
) -> None:
    found = sweep(
        spec, {"strategy.stop_loss": [0.01]}, out=tmp_path / "out", store=out / "networks", keep=0,
        changes=["strategy.max_positions=1"],
    )  # fmt: skip
    assert found.spec.strategy.max_positions == 1
    own = sweep(
        spec, {"strategy.stop_loss": [0.01], "strategy.max_positions": [1]}, out=tmp_path / "own",
        store=out / "networks", keep=0,
    )  # fmt: skip
    assert found.returns["0"].tolist() == own.returns["0"].tolist()


def test_a_sweep_goes_on_from_its_own_file_in_any_folder(
    spec: RunSpec, done: Sweep, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(spec.market.folder)
    monkeypatch.chdir(folder.parent)
    near = spec.model_copy(
        update={"market": spec.market.model_copy(update={"folder": folder.name})}
    )
    grid = {"strategy.stop_loss": [0.01, 0.02]}
    one = sweep(near, grid, out=tmp_path / "out", store=out / "networks", keep=0)
    monkeypatch.chdir(tmp_path)
    again = sweep(tmp_path / "out" / "sweep.toml", out="out", store=out / "networks")
    assert again.html == one.html
    assert len(read_ledger(tmp_path / "out")) == 2


def test_a_kept_run_that_cannot_be_explained_is_found_out_before(
    spec: RunSpec, tmp_path: Path
) -> None:
    grid = {"model.activation": ["relu", "gelu"], "attribution.methods": [["guided_grad_cam"]]}
    found = sweep(spec, grid, out=tmp_path / "out")
    assert found.trials["state"].tolist() == ["done", "failed"]
    assert "gelu" in found.trials["error"][1]


def test_the_chosen_trial_is_the_best_on_validation_and_has_a_run_of_its_own(
    done: Sweep, out: Path
) -> None:
    table = done.trials
    (chosen,) = table.index[table["chosen"]]
    assert table["validation_sharpe"][chosen] == table["validation_sharpe"].max()
    kept = rollsight.load((out / table["link"][chosen]).parent)
    assert kept.metrics["headline"]["strategy"]["total_return"] == pytest.approx(
        table["test_total_return"][chosen], rel=1e-12
    )
    own = done.returns[str(chosen)]
    assert own.tolist() == kept.equity["return"].tolist()
    assert table["link"][chosen] in done.html
    assert (out / table["link"][chosen]).is_file()


def test_the_tables_say_what_the_page_says(done: Sweep, out: Path) -> None:
    pd.testing.assert_frame_equal(pd.read_parquet(out / "trials.parquet"), done.trials)
    assert list(done.trials["strategy.stop_loss"][:2]) == ["none", "0.02"]
    assert done.trials["label.horizon"].tolist() == [3] * 4 + [5] * 4
    assert json.loads((out / "sweep.json").read_text()) == done.metrics
    assert done.returns.shape == (100, 8)
    assert "Deflated Sharpe" in repr(done)


def test_a_rolling_sweep_trades_what_was_best_until_then(
    spec: RunSpec, done: Sweep, out: Path, tmp_path: Path
) -> None:
    found = sweep(
        spec, GRID, out=tmp_path / "out", store=out / "networks", select="rolling", burn_in=1
    )
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
    spec: RunSpec, tmp_path: Path
) -> None:
    with pytest.raises(RollsightError, match=r"burn_in=4 leaves none of 4 windows to be traded"):
        sweep(spec, GRID, out=tmp_path / "out", select="rolling")
    assert not (tmp_path / "out").exists()


def test_a_sample_at_random_is_the_same_each_time(
    spec: RunSpec, done: Sweep, out: Path, tmp_path: Path
) -> None:
    options: dict[str, Any] = {
        "store": out / "networks", "sampler": "random", "trials": 3, "seed": 4, "keep": 0,
    }  # fmt: skip
    one = sweep(spec, GRID, out=tmp_path / "one", **options)
    two = sweep(spec, GRID, out=tmp_path / "two", jobs=2, **options)
    assert len(one.trials) == 3
    assert results(tmp_path / "one") == results(tmp_path / "two")
    assert one.html == two.html


def test_the_sampler_looks_where_the_objective_is_high(
    spec: RunSpec, done: Sweep, out: Path, tmp_path: Path
) -> None:
    pytest.importorskip("optuna", reason="the sampler tpe needs Optuna")
    options: dict[str, Any] = {
        "store": out / "networks", "sampler": "tpe", "trials": 24, "keep": 0,
        "objective": "annual_return",
    }  # fmt: skip
    grid = {"strategy.stop_loss": ["0.002..0.2"], "strategy.max_positions": [1, 2, 3]}
    one = sweep(spec, grid, out=tmp_path / "one", **options)
    assert len(one.trials) > 20
    assert one.trials["strategy.stop_loss"].between(0.002, 0.2).all()
    later, first = one.trials[10:], one.trials[:10]
    assert later["validation_annual_return"].median() > first["validation_annual_return"].median()
    # What was found is found again, and asks for the same trials.
    again = sweep(spec, grid, out=tmp_path / "one", **options)
    assert again.html == one.html
    assert len(read_ledger(tmp_path / "one")) == len(one.trials)


def test_one_sweep_a_directory_and_no_strangers(
    spec: RunSpec, out: Path, done: Sweep, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(RollsightError, match=r"holds \['notes.txt'\] but no sweep"):
        sweep(spec, GRID, out=tmp_path)
    with pytest.raises(RollsightError, match="is a file"):
        sweep(spec, GRID, out=tmp_path / "notes.txt")
    with pytest.raises(RollsightError, match="but no sweep of rollsight"):
        sweep(spec, GRID, out=next((out / "kept").iterdir()))
