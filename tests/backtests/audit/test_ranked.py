"""Ranks within a date stand up to the audit, whoever is listed late or halted for long."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.audit.causality import Subject, future_edit, truncated, warmed_up
from rollsight.backtests.spec import read_spec
from tests.support.audits import TINY, own_index_market, subject_of

LATE = 205  # session of the first row of a stock that is listed late
HALT = slice(20, 130)  # sessions without rows of another
RANKED = (
    "features.normalise=cross-section", "features.stock=['change','range1','ret5','gap1']",
    "universe.exclude=[]",
)  # fmt: skip


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = own_index_market(tmp_path_factory.mktemp("market"), n_stocks=5)
    prices = pd.read_parquet(folder / "prices.parquet")
    days = np.sort(prices["Date"].unique())
    late = (prices["Code"] == "000010") & (prices["Date"] < days[LATE])
    halted = (prices["Code"] == "000030") & prices["Date"].isin(days[HALT])
    prices[~late & ~halted].to_parquet(folder / "prices.parquet", index=False)
    return folder


@pytest.fixture(scope="module", params=["resnet", "mlp"])
def ranked(market: Path, request: pytest.FixtureRequest) -> Subject:
    tiny = [*TINY, *RANKED]
    if request.param == "mlp":
        tiny = [change for change in tiny if not change.startswith("model.")]
        tiny += ["model.name=mlp", "features.lookback=1"]
    return subject_of(read_spec("krx", tiny, str(market)))


def test_a_stock_that_is_listed_late_changes_no_rank_of_before(ranked: Subject) -> None:
    """Where the data ends in its first sessions it has too few rows, and is left out."""
    for day in (LATE, LATE + 1, LATE + 5, LATE + 14, LATE + 16):
        assert truncated(ranked, day) == []
    assert [fault for seed in range(3) for fault in future_edit(ranked, seed)] == []


def test_a_halt_over_the_beginning_changes_no_rank_after_it(ranked: Subject) -> None:
    assert warmed_up(ranked, 25) == []
