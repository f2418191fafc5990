"""One small run, shared by the report's tests."""

from pathlib import Path

import pytest

from rollsight.backtests.spec import read_spec
from rollsight.reports.run import Run, run
from tests.planted import planted_market

CHANGES = [
    "name=씨앗 <시험> & run", "market.indices=all", "market.benchmark=KS11", "features.lookback=20",
    "model.blocks=1", "model.width=4", "training.epochs=3", "windows.train_days=150",
    "windows.validation_days=60", "windows.test_days=60", "label.horizon=3",
]  # fmt: skip
NAMES = {"000000": "삼성전자", "000001": "더존비즈온", "000002": "다우데이타"}


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder: Path = tmp_path_factory.mktemp("market")
    planted_market(folder, seed=5, strength=0.4, n_stocks=6, n_days=420)
    rows = "".join(f"{code},{name}\n" for code, name in NAMES.items())
    (folder / "listings.csv").write_text(f"Code,Name\n{rows}", encoding="utf-8")
    return run(read_spec("krx", CHANGES, str(folder)))
