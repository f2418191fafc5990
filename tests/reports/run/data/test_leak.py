"""The size of the leak avoided: the same run with indices joined by date, beside the honest one."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.directory.result import read_result
from rollsight.backtests.spec import read_spec
from rollsight.base.errors import RollsightError
from rollsight.base.records import record
from rollsight.commands import main
from rollsight.reports.run.data.leak import FIGURES, leak_figures, leaking, read_leaked
from rollsight.reports.run.metrics import build_metrics
from rollsight.reports.run.numbers import RunNumbers
from rollsight.training.fitting.store import Store
from rollsight.workflows.run import Run, run
from tests.support.planted import planted_market

pytestmark = pytest.mark.slow

SPEC = [
    "baselines=[]",
    "market.indices=['GSPC','KS11']", "market.benchmark=none", "features.lookback=12",
    "label.horizon=1", "windows.train_days=100", "windows.validation_days=40",
    "windows.test_days=50", "model.blocks=1", "model.width=4", "model.dropout=0.0",
    "training.epochs=15", "training.learning_rate=0.02", "training.batch=8",
]  # fmt: skip
FILES = {
    "run.toml", "manifest.json", "timings.json", "windows.parquet", "models", "signals.parquet",
    "trades.parquet", "orders.parquet", "equity.parquet", "attribution.parquet",
    "attribution_summary.parquet", "baselines.parquet", "closes.parquet", "seeds.parquet",
    "metrics.json", "report.html", ".lock",
}  # fmt: skip


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a market in which the US close known at t is in the price at the fill of t + 1."""
    return planted_market(
        tmp_path_factory.mktemp("market"),
        seed=6, strength=3.0, n_stocks=6, n_days=360, later=(0,),
    )  # fmt: skip


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs") / "out"


@pytest.fixture(scope="module")
def finished(market: Path, out: Path) -> Run:
    """Run without a trade, which is quick to draw and leaves the models' gain as it is."""
    spec = read_spec("krx", [*SPEC, "threshold.min_score=1.5"], str(market))
    return run(spec, out=out, leak=True, store=out.parent / "networks")


@pytest.fixture(scope="module")
def traded(market: Path, out: Path, finished: Run) -> tuple[RunNumbers, RunNumbers]:
    """Return the numbers of the same two runs, of the same networks, with their trades."""
    spec, store = read_spec("krx", SPEC, str(market)), Store(shared=out.parent / "networks")
    own, other = (walk_forward(each, store=store) for each in (spec, leaking(spec)))
    assert own.manifest["model_digests"] == finished.manifest["model_digests"]
    return build_metrics(own), build_metrics(other)


def metrics_of(folder: Path) -> dict[str, Any]:
    metrics: dict[str, Any] = json.loads((folder / "metrics.json").read_text(encoding="utf-8"))
    return metrics


def test_only_the_join_by_date_gains_from_what_the_fill_knows_already(
    finished: Run, out: Path
) -> None:
    figures = {f["key"]: (f["honest"], f["leaked"]) for f in finished.metrics["leak"]}
    assert list(figures) == list(FIGURES)
    honest, leaked = figures["log_loss_gain"]
    assert honest < 0.01
    assert leaked > 0.05
    assert finished.metrics["skill"]["gain_low"] < 0
    assert metrics_of(out / "leak")["skill"]["gain_low"] > 0
    # Without a buy there is no precision, of either run.
    assert figures["precision"] == (None, None)
    own, other = metrics_of(out), metrics_of(out / "leak")
    assert own["leak"] == finished.metrics["leak"]
    assert other["leak"] is None


def test_each_figure_is_that_of_its_own_run(
    traded: tuple[RunNumbers, RunNumbers],
) -> None:
    figures = {f.key: (f.honest, f.leaked) for f in leak_figures(*traded)}
    for key in ("precision", "net_return", "annual_return", "sharpe"):
        assert figures[key][1] > figures[key][0], key
    for column, numbers in enumerate(traded):
        buys, head = numbers.overall.all_buys, numbers.headline.strategy
        assert figures["precision"][column] == buys.precision
        assert figures["edge"][column] == buys.edge
        assert figures["crucial_fail"][column] == buys.crucial_fail
        assert figures["net_return"][column] == buys.net_return
        assert figures["annual_return"][column] == head.annual_return
        assert figures["sharpe"][column] == head.sharpe


def test_a_run_without_labels_has_no_gain_to_compare(finished: Run) -> None:
    skill = replace(finished.numbers.skill, log_loss=None, frequency_log_loss=None)
    bare = replace(finished.numbers, skill=skill)
    (gain,) = (f for f in leak_figures(bare, finished.numbers) if f.key == "log_loss_gain")
    assert gain.honest is None
    assert gain.leaked == finished.metrics["leak"][0]["honest"]


def test_the_leaking_run_is_a_whole_run_of_its_own(finished: Run, out: Path) -> None:
    assert {p.name for p in out.iterdir()} == FILES | {"leak"}
    assert {p.name for p in (out / "leak").iterdir()} == FILES
    leaked = read_result(out / "leak")
    assert leaked.spec.features.join == "same-date"
    assert leaked.spec.name == f"{finished.spec.name}, same-date joins"
    assert leaked.spec.digest == leaking(finished.spec).digest
    assert leaked.manifest["data_digest"] == finished.manifest["data_digest"]
    assert leaked.manifest["model_digests"] != finished.manifest["model_digests"]
    # The rest of the spec is the same.
    joined = leaked.spec.features.model_copy(update={"join": "as-of"})
    same = leaked.spec.model_copy(update={"features": joined, "name": finished.spec.name})
    assert same == finished.spec


def test_the_page_shows_both_columns_and_the_report_command_keeps_them(
    finished: Run, out: Path
) -> None:
    page, metrics = ((out / name).read_bytes() for name in ("report.html", "metrics.json"))
    assert page.decode() == finished.html
    assert "<h3>The leak avoided</h3>" in finished.html
    (row,) = (f for f in finished.metrics["leak"] if f["key"] == "log_loss_gain")
    shown = finished.html.split(row["title"], 1)[1][:120]
    assert f"{row['honest']:,.4f}".lstrip("-") in shown
    assert f"{row['leaked']:,.4f}" in shown
    for name in ("report.html", "metrics.json"):
        (out / name).unlink()
    assert CliRunner().invoke(main, ["report", str(out)], catch_exceptions=False).exit_code == 0
    assert (out / "report.html").read_bytes() == page
    assert (out / "metrics.json").read_bytes() == metrics


def test_the_leaking_page_says_that_it_sees_the_future_and_the_honest_does_not(
    finished: Run, out: Path
) -> None:
    page = (out / "leak" / "report.html").read_text(encoding="utf-8")
    for said in (
        "this run sees the future, and nothing below could have been earned",
        "it sees the future, and its figures mean nothing but the size of that mistake",
    ):
        assert said in page
        assert said not in finished.html
    assert "The leak avoided" not in page


@pytest.mark.parametrize("digest", ["data_digest", "spec_digest", "chain_digest"])
def test_a_leaking_run_of_another_spec_other_data_or_other_code_is_ignored(
    finished: Run, out: Path, tmp_path: Path, digest: str
) -> None:
    shutil.copytree(out / "leak", tmp_path / "leak")
    result = read_result(out)
    found = metrics_of(out / "leak")
    assert read_leaked(tmp_path, result) == record(RunNumbers, found)
    found["digests"][digest] = "0" * 64
    (tmp_path / "leak" / "metrics.json").write_text(json.dumps(found))
    assert read_leaked(tmp_path, result) is None


def test_a_run_changed_since_ignores_its_old_leak(finished: Run, out: Path) -> None:
    result = read_result(out)
    longer = result.spec.model_copy(
        update={"label": result.spec.label.model_copy(update={"horizon": 2})}
    )
    assert read_leaked(out, replace(result, spec=longer)) is None
    other_data = result.manifest | {"data_digest": "0" * 64}
    assert read_leaked(out, replace(result, manifest=other_data)) is None
    assert read_leaked(out, replace(result, spec=leaking(result.spec))) is None
    assert read_leaked(out, result) is not None


@pytest.mark.parametrize("text", ["{", "{}", None])
def test_a_damaged_or_absent_leak_is_ignored(
    finished: Run, out: Path, tmp_path: Path, text: str | None
) -> None:
    (tmp_path / "leak").mkdir()
    if text is not None:
        (tmp_path / "leak" / "metrics.json").write_text(text)
    assert read_leaked(tmp_path, read_result(out)) is None


def test_a_run_that_leaks_already_has_nothing_to_compare_with(market: Path, tmp_path: Path) -> None:
    changes = [part for key in (*SPEC, "features.join=same-date") for part in ("--set", key)]
    result = CliRunner().invoke(
        main, ["run", "krx", "--market", str(market), "--out", str(tmp_path / "out"), *changes,
               "--leak"],
        catch_exceptions=False,
    )  # fmt: skip
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: --leak compares features.join='as-of'")
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
    with pytest.raises(RollsightError, match="the spec has 'same-date' already"):
        leaking(read_spec("krx", ["features.join=same-date"]))
