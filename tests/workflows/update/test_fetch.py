"""A run of fetched stocks is extended with what the vendors have since."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from rollsight.backtests.spec import read_spec
from rollsight.signals.vendors.fetch import fetch
from rollsight.signals.vendors.plan import Request
from rollsight.workflows.run import run
from rollsight.workflows.update import update
from tests.support.vendors.wire import QUICK, replayed, small_vendors

INDICES = ("KS11", "USDKRW")
MIDDLE, END = date(2023, 11, 30), date(2023, 12, 28)
TINY = [
    "baselines=[]",
    "market.start=none", "market.indices=all", "features.lookback=20", "model.blocks=1",
    "model.width=4", "training.epochs=2",
    "training.shrink=false",
    "training.seeds=1", "windows.train_days=80", "windows.validation_days=40",
    "windows.test_days=40", "label.horizon=3",
]  # fmt: skip


def asked(out: Path, end: date) -> Request:
    return Request(out, date(2024, 1, 11), start=date(2023, 1, 2), end=end, top=6, indices=INDICES)


@pytest.mark.slow
def test_an_update_that_fetches_is_the_run_of_a_whole_fetch(tmp_path: Path) -> None:
    tables = ("signals", "trades", "orders", "equity", "windows")
    with replayed(small_vendors(6)):
        fetch(asked(tmp_path / "krx", MIDDLE), QUICK)
        run(read_spec("krx", TINY, str(tmp_path / "krx")), out=tmp_path / "run")
        done = update(tmp_path / "run", fetch_until=END)
        fetch(asked(tmp_path / "whole", END), QUICK)
    assert (done.sessions[0], done.sessions[-1]) == ("2023-12-01", "2023-12-28")
    run(read_spec("krx", TINY, str(tmp_path / "whole")), out=tmp_path / "fresh")
    for name in tables:
        one, other = (pd.read_parquet(tmp_path / d / f"{name}.parquet") for d in ("run", "fresh"))
        pd.testing.assert_frame_equal(one, other, check_exact=True)
