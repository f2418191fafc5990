"""Runs, sweeps and audits of a market in memory are those of its folder, to the last bit."""

from pathlib import Path

import pandas as pd
import pytest

import rollsight
from rollsight import RollsightError
from rollsight.backtests.directory.directory import TABLES
from rollsight.backtests.spec import RunSpec, check_spec
from rollsight.signals.folder.reading import MEMORY
from rollsight.signals.memory.market import MemoryMarket
from rollsight.workflows.audit import audit
from tests.support.chains import spec_of
from tests.support.markets import Recipe, index_table, price_table, write_market

RECIPE = Recipe(n_stocks=4, n_days=220)


@pytest.fixture(scope="module")
def held() -> MemoryMarket:
    prices, indices = price_table(RECIPE), index_table(RECIPE)
    return rollsight.market(prices, indices, calendar="XKRX", currency="KRW")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("market"), RECIPE)


def test_a_run_of_a_market_in_memory_is_that_of_its_folder(
    held: MemoryMarket, folder: Path, tmp_path: Path
) -> None:
    spec = spec_of(folder)
    one = rollsight.run(spec, out=tmp_path / "one", page=False)
    two = rollsight.run(spec, market=held, out=tmp_path / "two", page=False, jobs=2)
    assert two.spec.market.folder == MEMORY
    for key in ("data_digest", "spec_digest", "model_keys", "model_digests", "basis", "rows"):
        assert one.manifest[key] == two.manifest[key], key
    for name in [*(f"{table}.parquet" for table in TABLES), "metrics.json"]:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    with pytest.raises(RollsightError, match=r"market\.write\(DIR\) write it as a folder"):
        rollsight.update(tmp_path / "two")
    with pytest.raises(RollsightError, match=r"market\.write\(DIR\) write it as a folder"):
        rollsight.decide(tmp_path / "two", "2024-10-01")
    # The way out that is named: the same networks serve.
    written = held.write(tmp_path / "market")
    again = rollsight.run(spec, market=written, out=tmp_path / "two", page=False)
    assert again.manifest["model_digests"] == two.manifest["model_digests"]
    assert len(rollsight.decide(tmp_path / "two", str(again.equity["date"].iloc[-1].date()))) == 4


def test_a_sweep_keeps_a_market_in_memory_beside_its_trials(
    held: MemoryMarket, folder: Path, tmp_path: Path
) -> None:
    grid = {"strategy.stop_loss": [None, 0.05]}
    given = {"changes": ["attribution.methods=[]"], "keep": 0}
    one = rollsight.sweep(spec_of(folder), grid, out=tmp_path / "one", **given)
    two = rollsight.sweep(spec_of(folder), grid, out=tmp_path / "two", market=held, **given)
    pd.testing.assert_frame_equal(one.trials, two.trials)
    pd.testing.assert_frame_equal(one.returns, two.returns)
    assert (tmp_path / "two" / "market" / "prices.parquet").is_file()
    again = rollsight.sweep(spec_of(folder), grid, out=tmp_path / "two", market=held, **given)
    pd.testing.assert_frame_equal(again.trials, two.trials)


@pytest.mark.slow
def test_an_audit_takes_a_market_in_memory(held: MemoryMarket, folder: Path) -> None:
    assert audit(spec_of(folder), trials=4) == audit(spec_of(folder), market=held, trials=4)


def without_holdings(folder: str) -> RunSpec:
    """Return a spec that asks for indices and a benchmark as if there were some."""
    content = spec_of(Path(folder)).model_dump(mode="json")
    return check_spec(content, "test")


@pytest.mark.slow
def test_the_universe_stands_in_where_there_is_no_index(tmp_path: Path) -> None:
    prices = price_table(RECIPE)
    bare = rollsight.market(prices, calendar="XKRX", currency="KRW")
    made = rollsight.run(without_holdings("sample"), market=bare)
    assert (made.spec.market.indices, made.spec.market.benchmark) == ((), "equal-weight")
    equity = made.equity
    assert (equity["benchmark_return"] == equity["universe_return"]).all()
    assert equity["benchmark_return"].abs().sum() > 0
    assert [channel["name"] for channel in made.manifest["channels"]] == ["close"]
    assert "The benchmark equal-weight is no index: it holds the universe" in made.html
    # From a folder without that file it is the same.
    folder = bare.write(tmp_path / "market")
    assert not (folder / "indices.parquet").exists()
    again = rollsight.run(without_holdings(str(folder)), page=False)
    assert again.manifest["data_digest"] == made.manifest["data_digest"]
    pd.testing.assert_frame_equal(again.equity, equity)


def test_the_stand_in_is_known_at_its_session_s_close() -> None:
    prices = price_table(RECIPE)
    later = prices["Date"] > prices["Date"].unique()[-20]
    other = prices.assign(Close=prices["Close"].mask(later, prices["Open"]))
    paths = []
    for table in (prices, other):
        bare = rollsight.market(table, calendar="XKRX", currency="KRW")
        made = rollsight.run(without_holdings("sample"), market=bare, page=False).equity
        paths.append(made.set_index("date")["benchmark_return"])
    changed = paths[0].index[paths[0] != paths[1]]
    assert changed.min() == prices["Date"].unique()[-19]
