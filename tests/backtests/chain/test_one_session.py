"""A run that decides by the last session's ranks alone."""

from pathlib import Path

import numpy as np
import pytest

from rollsight.backtests.chain.prepared import Prepared, prepare
from rollsight.backtests.chain.signals import published, signal_table
from rollsight.backtests.chain.walkforward import run_folds
from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.base.errors import RollsightError
from tests.support.planted import planted_market

CHANGES = [
    "baselines=[]", "market.indices=['KS11']", "market.benchmark=none", "features.lookback=1",
    "features.normalise=cross-section", "label.horizon=3", "label.band=date",
    "windows.train_days=60", "windows.validation_days=30", "windows.test_days=30",
    "training.seeds=1",
]  # fmt: skip


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("market")
    return planted_market(folder, seed=6, strength=0.5, n_stocks=32, n_days=130)


def spec_of(market: Path, *changes: str) -> RunSpec:
    return read_spec("krx", [*CHANGES, *changes], str(market))


def test_with_one_session_of_input_a_run_decides(market: Path) -> None:
    spec = spec_of(market, "model.name=logistic")
    ready: Prepared = prepare(spec)
    assert ready.samples.stocks.shape[2] == ready.samples.indices.shape[1] == 1
    signals = signal_table(ready, run_folds(ready, spec))
    # Of one change there is no volatility: twenty sessions say how wild a stock is.
    assert signals["volatility"].notna().all()
    change = ready.market.close[0, 100:121] / ready.market.close[0, 99:120] - 1
    row = signals[(signals["stock"] == 0) & (signals["day"] == 120)].iloc[0]
    assert row["volatility"] == pytest.approx(np.std(change[1:], ddof=1), rel=1e-4)
    known = signals[signals["label"].notna()]
    assert known.groupby("day")["label"].value_counts().unstack().eq([11, 10, 11]).all(axis=None)
    # The run's table has where a date's classes begin, and the band as half of what lies between.
    table = published(signals, signals["buy"].astype(str), ready.market, spec.label)
    half = (table["band_up"] - table["band_down"]) / 2
    assert np.array_equal(table["band"], half, equal_nan=True)
    rose = table["label_return"].round(12) >= table["band_up"]
    assert (rose[table["label"].notna()] == (table["label"].dropna() == 2)).all()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        (["model.name=low_volatility"], "features.lookback=1 has one of them"),
        (["model.name=logistic", "baselines=['momentum']"], "features.lookback=1 has one of them"),
        (
            ["baselines=['reversal']", "features.stock=['ret5']", "features.lookback=20"],
            "which has none: add 'change' to features.stock",
        ),
    ],
)
def test_a_factor_without_changes_to_measure_is_refused_before_anything_is_trained(
    market: Path, changes: list[str], rule: str
) -> None:
    with pytest.raises(RollsightError, match="measure the changes of closes") as caught:
        prepare(spec_of(market, *changes))
    assert rule in str(caught.value)


def test_too_few_stocks_for_a_dates_classes_are_refused(tmp_path: Path) -> None:
    few = planted_market(tmp_path, seed=6, strength=0.5, n_stocks=8, n_days=130)
    with pytest.raises(RollsightError, match="needs 30 members of a date"):
        prepare(spec_of(few, "model.name=logistic"))
