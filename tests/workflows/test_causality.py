"""No signal knows what comes after it: the whole chain, run on a changed future."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.spec import RunSpec, read_spec
from tests.support.examples import examples
from tests.support.planted import DRIVER, planted_market

N_DAYS = 300
SPEC = [
    "baselines=[]",
    "market.indices=all", "market.benchmark=none", "features.lookback=15", "model.blocks=1",
    "model.width=4", "training.epochs=2",
    "training.shrink=false",
    "training.seeds=1", "windows.train_days=100", "windows.validation_days=40",
    "windows.test_days=50", "label.horizon=3",
]  # fmt: skip
DECIDED = ["decided_at", "code", "window", "p_down", "p_hold", "p_up", "threshold", "buy"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted_market(
        tmp_path_factory.mktemp("market"), seed=6, strength=0.4, n_stocks=4, n_days=N_DAYS
    )


@pytest.fixture(scope="module")
def honest(folder: Path) -> pd.DataFrame:
    return signals_of(read_spec("krx", SPEC, str(folder)))


def signals_of(spec: RunSpec) -> pd.DataFrame:
    return walk_forward(spec).signals[DECIDED]


def with_another_future(folder: Path, out: Path, last: pd.Timestamp, seed: int) -> Path:
    """Write the market with every price after ``last``, and every value known later, changed."""
    rng = np.random.default_rng(seed)
    prices, indices = (pd.read_parquet(folder / f"{n}.parquet") for n in ("prices", "indices"))
    later = prices["Date"] > last
    columns = ["Open", "High", "Low", "Close"]
    prices.loc[later, columns] *= np.exp(rng.normal(0, 0.1, (later.sum(), 1)))
    # A US value dated on the day itself is known only after the close in Seoul.
    for symbol in indices:
        known_later = indices.index > last if symbol == "KS11" else indices.index >= last
        indices.loc[known_later, symbol] *= np.exp(rng.normal(0, 0.1, known_later.sum()))
    out.mkdir(exist_ok=True)
    prices.to_parquet(out / "prices.parquet", index=False)
    indices.to_parquet(out / "indices.parquet")
    (out / "market.toml").write_bytes((folder / "market.toml").read_bytes())
    return out


@examples(5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=st.integers(160, N_DAYS - 10), seed=st.integers(0, 99))
def test_a_changed_future_changes_no_signal_decided_before_it(
    folder: Path, honest: pd.DataFrame, tmp_path: Path, day: int, seed: int
) -> None:
    dates = np.sort(pd.read_parquet(folder / "prices.parquet", columns=["Date"])["Date"].unique())
    last = pd.Timestamp(dates[day])
    other = with_another_future(folder, tmp_path / "other", last, seed)
    found = signals_of(read_spec("krx", SPEC, str(other)))
    before = found["decided_at"] <= last
    assert before.any()
    pd.testing.assert_frame_equal(
        found[before], honest[honest["decided_at"] <= last], check_exact=True
    )
    assert not found.equals(honest)


@pytest.mark.parametrize(
    "mode",
    ["retrain", *(pytest.param(m, marks=pytest.mark.slow) for m in ("warm-start", "fine-tune"))],
)
def test_a_changed_future_changes_no_network_that_was_trained_before_it(
    folder: Path, tmp_path: Path, mode: str
) -> None:
    """What is known after the validation end of a window is edited, in every mode."""
    spec = [*SPEC, f"training.mode={mode}", "training.distillation=0.5"]
    whole = walk_forward(read_spec("krx", spec, str(folder)))
    assert len(whole.windows) == 3
    for number in (1, 2):
        last = whole.windows["validation_stop"].iloc[number] - pd.Timedelta(days=1)
        other = with_another_future(folder, tmp_path / f"other{number}", last, 0)
        found = walk_forward(read_spec("krx", spec, str(other)))
        for kept in ("model_keys", "model_digests"):
            pairs = zip(found.manifest[kept], whole.manifest[kept], strict=True)
            assert [one == two for one, two in pairs] == [n <= number for n in range(3)]


def test_a_ledger_wrong_by_a_day_is_noticed(
    folder: Path, honest: pd.DataFrame, tmp_path: Path
) -> None:
    other = with_another_future(folder, tmp_path / "other", honest["decided_at"].iloc[200], 0)
    for market in (folder, other):
        broken = tmp_path / f"broken-{market.name}"
        broken.mkdir()
        for file in market.iterdir():
            (broken / file.name).write_bytes(file.read_bytes())
        with (broken / "market.toml").open("a") as settings_file:
            settings_file.write(f'[indices.{DRIVER}]\ntimezone = "Asia/Seoul"\nclose = 15:00:00\n')
    last = honest["decided_at"].iloc[200]
    one, two = (
        signals_of(read_spec("krx", SPEC, str(tmp_path / f"broken-{m.name}")))
        for m in (folder, other)
    )
    assert not one[one["decided_at"] <= last].equals(two[two["decided_at"] <= last])


def test_a_delisting_to_come_changes_no_signal_decided_before_it(
    folder: Path, tmp_path: Path
) -> None:
    prices = pd.read_parquet(folder / "prices.parquet")
    dates = np.sort(prices["Date"].unique())
    code = prices["Code"].iloc[0]
    prices = prices[(prices["Code"] != code) | (prices["Date"] <= dates[150])]
    prices.to_parquet(tmp_path / "prices.parquet", index=False)
    for name in ("indices.parquet", "market.toml"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    spec = read_spec("krx", SPEC, str(tmp_path))
    silent = signals_of(spec)
    delisting = pd.Timestamp(dates[190])
    (tmp_path / "listings.csv").write_text(
        f"Code,Delisted,DelistingDate\n{code},True,{delisting:%Y-%m-%d}\n", encoding="utf-8"
    )
    told = signals_of(spec)
    before = told["decided_at"] < delisting
    assert before.any()
    pd.testing.assert_frame_equal(
        told[before], silent[silent["decided_at"] < delisting], check_exact=True
    )
    # Afterwards its last labels are learnt from.
    assert not told.equals(silent)
