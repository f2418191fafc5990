"""A run with a teacher: cut, updated, begun again, audited and decided like any other."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.directory.result import read_result
from rollsight.backtests.spec import RunSpec, check_spec
from rollsight.decisions.signals import signals
from rollsight.signals.teacher.table import CLASSES
from rollsight.workflows.audit import audit
from rollsight.workflows.decide import decide
from rollsight.workflows.run import run
from rollsight.workflows.update import update
from tests.support.chains import spec_of
from tests.support.commands import contents
from tests.support.markets import Recipe, write_market

RECIPE = Recipe(n_stocks=4, n_days=228)
LAST = 20  # sessions that come later


def spec(market: Path, soft: Path, *, mode: str = "retrain") -> RunSpec:
    whole = spec_of(market, mode).model_dump() | {"baselines": ["logistic"]}
    return check_spec(whole | {"teacher": {"source": str(soft)}}, "test")


def teach(market: Path, soft: Path) -> None:
    """Write soft labels of every row of a market, drawn at random."""
    prices = pd.read_parquet(market / "prices.parquet", columns=["Date", "Code"])
    p = np.random.default_rng(0).dirichlet(np.full(3, 3.0), len(prices))
    table = pd.DataFrame({"decided_at": prices["Date"], "code": prices["Code"]})
    table = table.assign(known_at=prices["Date"], **dict(zip(CLASSES, p.T, strict=True)))
    table.to_parquet(soft, index=False)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run of a market less its last sessions, the same updated, and one of the whole."""
    folder = tmp_path_factory.mktemp("runs")
    market = write_market(folder / "market", RECIPE)
    teach(market, folder / "soft.parquet")
    whole = shutil.copytree(market, folder / "kept")
    for file in ("prices.parquet", "indices.parquet"):
        table = pd.read_parquet(market / file)
        kept = table["Date"] <= np.unique(table["Date"])[-LAST - 1]
        table[kept].to_parquet(market / file, index=False)
    mine = spec(market, folder / "soft.parquet", mode="fine-tune")
    run(mine, out=folder / "short", page=False)
    shutil.copytree(folder / "short", folder / "updated")
    shutil.copytree(whole, market, dirs_exist_ok=True)
    update(folder / "updated", page=False)
    run(mine, out=folder / "whole", page=False)
    return {p.name: p for p in folder.iterdir()}


@pytest.mark.slow
def test_an_updated_run_is_that_of_the_whole_and_one_begun_again_too(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    whole = contents(runs["whole"])
    assert contents(runs["updated"]) == whole != contents(runs["short"])
    begun = Path(shutil.copytree(runs["whole"], tmp_path / "begun"))
    for name in ("manifest.json", "signals.parquet", "models/001-0.pt", "models/001-control-0.pt"):
        (begun / name).unlink()
    mine = spec(runs["market"], runs["soft.parquet"], mode="fine-tune")
    run(mine, out=begun, page=False, jobs=2)
    assert contents(begun) == whole


def test_a_session_is_decided_as_in_the_run_and_its_control_is_told(
    runs: dict[str, Path],
) -> None:
    table = pd.read_parquet(runs["whole"] / "signals.parquet")
    at = table["decided_at"].iloc[-1]
    found = decide(runs["whole"], f"{at:%Y-%m-%d}")
    expected = table[table["decided_at"] == at].reset_index(drop=True)
    pd.testing.assert_frame_equal(found, expected[found.columns], check_exact=True)
    assert "control_p_up" in signals(runs["whole"]).table


def test_a_teacher_that_ends_earlier_leaves_earlier_windows_as_they_are(
    runs: dict[str, Path], tmp_path: Path
) -> None:
    table = pd.read_parquet(runs["soft.parquet"])
    windows = pd.read_parquet(runs["whole"] / "windows.parquet")
    until = windows["validation_start"].iloc[1]
    table[table["decided_at"] < until].to_parquet(tmp_path / "cut.parquet", index=False)
    one, other = (
        run(spec(runs["market"], path), page=False).manifest["model_digests"]
        for path in (runs["soft.parquet"], tmp_path / "cut.parquet")
    )
    assert one[:2] == other[:2]
    assert one[2] != other[2]


def test_an_audit_passes(runs: dict[str, Path]) -> None:
    found = audit(spec(runs["market"], runs["soft.parquet"]), trials=2)
    assert {check.name: check.faults for check in found if not check.passed} == {}


def test_the_manifest_counts_rows_that_had_a_teacher(runs: dict[str, Path]) -> None:
    found = read_result(runs["whole"])
    facts = found.manifest["teacher"]
    assert facts["taught"] == facts["train_rows"] > 0
    assert facts["said"]["rows"] == RECIPE.n_stocks * RECIPE.n_days
    assert facts["log_loss"] > facts["frequency_loss"]
    assert facts["entropy"] == pytest.approx(0.9957, abs=0.02)  # psi(10) - psi(4)
