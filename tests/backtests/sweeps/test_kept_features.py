"""Daily features are made once, and read by every worker of a sweep."""

from pathlib import Path

import numpy as np

from rollsight.backtests.spec import RunSpec, check_spec
from rollsight.backtests.sweeps.reader import Reader
from rollsight.signals.features import STOCK_SETS
from tests.support.markets import Recipe, write_market


def spec_of(folder: Path) -> RunSpec:
    return check_spec(
        {
            "market": {"folder": str(folder), "benchmark": "KS11"},
            "features": {"stock": ["daily"], "lookback": 1, "normalise": "cross-section"},
            "label": {"horizon": 2},
            "windows": {"train_days": 60, "validation_days": 30, "test_days": 30},
        },
        "test",
    )


def test_what_one_worker_made_the_next_one_reads(tmp_path: Path) -> None:
    spec = spec_of(write_market(tmp_path / "market", Recipe(n_stocks=4, n_days=200)))
    networks = tmp_path / "networks"
    alone = Reader().prepare(spec).samples
    made = Reader().prepare(spec, kept_in=networks).samples
    files = {path: path.stat().st_mtime_ns for path in networks.rglob("*.npy")}
    assert {path.stem for path in files} == set(STOCK_SETS["daily"])
    assert len({path.parent for path in files}) == 1
    read = Reader().prepare(spec, kept_in=networks).samples
    assert {path: path.stat().st_mtime_ns for path in networks.rglob("*.npy")} == files
    assert alone.stocks.shape == (4, 200, len(STOCK_SETS["daily"]))
    assert np.array_equal(alone.stocks, made.stocks)
    assert np.array_equal(alone.stocks, read.stocks)
    # A file that is damaged shows that it is what is read.
    path = next(path for path in files if path.stem == "ret1")
    kept = np.load(path)
    np.save(path, -kept)
    other = Reader().prepare(spec, kept_in=networks).samples
    assert np.array_equal(other.stocks[..., 0], -alone.stocks[..., 0])
