"""Baselines of a finished run that goes on: kept, scored anew, and trained where they are due."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.directory.result import read_manifest
from rollsight.backtests.spec import RunSpec, check_spec
from rollsight.backtests.sweeps.request import read_request
from rollsight.workflows.run import run
from rollsight.workflows.update import update
from tests.support.chains import spec_of
from tests.support.markets import Recipe, write_market

FILES = ("baselines.parquet", "manifest.json", "metrics.json")


def spec(market: Path) -> RunSpec:
    return check_spec(spec_of(market).model_dump() | {"baselines": ["logistic"]}, "test")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run of a market less its last 20 sessions, the same updated, and one of the whole."""
    folder = tmp_path_factory.mktemp("runs")
    market = write_market(folder / "market", Recipe(n_stocks=4, n_days=228))
    whole = shutil.copytree(market, folder / "kept")
    for file in ("prices.parquet", "indices.parquet"):
        table = pd.read_parquet(market / file)
        table[table["Date"] <= np.unique(table["Date"])[-21]].to_parquet(market / file, index=False)
    run(spec(market), out=folder / "short", page=False)
    shutil.copytree(folder / "short", folder / "updated")
    shutil.copytree(whole, market, dirs_exist_ok=True)
    update(folder / "updated", page=False)
    run(spec(market), out=folder / "whole", page=False)
    return {name: folder / name for name in ("short", "updated", "whole")}


@pytest.mark.parametrize("file", FILES)
def test_an_updated_run_has_the_baselines_of_the_whole(runs: dict[str, Path], file: str) -> None:
    assert (runs["updated"] / file).read_bytes() == (runs["whole"] / file).read_bytes()
    assert (runs["updated"] / file).read_bytes() != (runs["short"] / file).read_bytes()


def test_an_update_trains_a_baseline_where_a_window_is_due_alone(runs: dict[str, Path]) -> None:
    short, updated = (
        {p.name: p.stat().st_mtime_ns for p in (runs[name] / "models").iterdir()}
        for name in ("short", "updated")
    )
    due = {f"002{family}-0.pt" for family in ("", "-logistic")}
    assert {name for name in updated if updated[name] != short.get(name)} == due
    assert len(updated) == 3 * 2


def test_what_was_a_baseline_of_the_run_before_is_removed(runs: dict[str, Path]) -> None:
    other = shutil.copytree(runs["short"], runs["short"].parent / "other")
    manifest = read_manifest(other)
    without = check_spec(manifest["spec"] | {"baselines": []}, "test")
    run(without, out=other, fresh=True, page=False)
    assert {p.name for p in (other / "models").iterdir()} == {"000-0.pt", "001-0.pt", "002-0.pt"}
    assert read_manifest(other)["baselines"] == []


def test_trials_of_a_sweep_have_no_baselines(runs: dict[str, Path]) -> None:
    asked = read_request(str(runs["whole"] / "run.toml"), {"label.horizon": [5, 6]})
    assert asked.spec.baselines == ()
    manifest = json.loads((runs["whole"] / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["spec"]["baselines"] == ["logistic"]
