"""The whole chain on a tiny market: reproducible, resumable, and one threshold a window."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.chain.fold import FittedFold, run_fold
from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.chain.signals import net_returns, signal_table
from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.directory.result import TABLES, Result
from rollsight.backtests.spec import RunSpec
from rollsight.training.fitting.store import Store
from tests.support.chains import spec_of
from tests.support.markets import Recipe, price_table, sessions, write_market, write_table

RECIPE = Recipe(n_stocks=5, n_days=260, halts=((1, 180), (2, 200)), last_rows={4: 220})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_market(tmp_path_factory.mktemp("market"), RECIPE)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("run") / "models"


@pytest.fixture(scope="module")
def result(folder: Path, store: Path) -> Result:
    return walk_forward(spec_of(folder), store=Store(store))


def folds(spec: RunSpec, store: Path) -> list[FittedFold]:
    ready = prepare(spec)
    net = net_returns(ready)
    return [run_fold(ready.samples, net, window, spec, Store(store)) for window in ready.windows]


def assert_same(one: Result, other: Result) -> None:
    """Raise unless every table of two results is the same to the last bit."""
    for name in TABLES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert one.manifest["model_digests"] == other.manifest["model_digests"]


def written(store: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in sorted(store.iterdir())}


def test_windows_tile_the_sessions_after_the_first_train_and_validation(result: Result) -> None:
    # Twenty changes fill the first input: decisions are 20..259, tests begin at 20 + 100 + 40.
    assert len(result.windows) == 4
    days = result.equity["date"].tolist()
    assert len(days) == 100
    starts, stops = result.windows["test_start"].tolist(), result.windows["test_stop"].tolist()
    assert [days.index(start) for start in starts] == [0, 30, 60, 90]
    # A stop is the day after the span's last session.
    last = [days.index(stop - pd.Timedelta(days=1)) for stop in stops]
    assert last == [29, 59, 89, 99]


def test_beside_the_equity_stands_what_holding_every_decidable_stock_that_trades_gave(
    result: Result, folder: Path
) -> None:
    prices = pd.read_parquet(folder / "prices.parquet")
    prices = prices[prices["Volume"] > 0]
    close = prices.pivot(index="Date", columns="Code", values="Close")
    # What does not trade can neither be bought nor move; afterwards its whole move counts.
    change = (close.ffill() / close.ffill().shift() - 1).where(close.notna())
    traded = close.notna().stack()
    bought = [
        traded.get(row) for row in result.signals[["decided_at", "code"]].itertuples(index=False)
    ]
    decidable = result.signals[np.array(bought, bool)].groupby("decided_at")["code"].agg(set)
    stuck: set[str] = set()
    returns = result.equity.set_index("date")["universe_return"]
    assert returns.iloc[0] == 0.0
    # Up to the last row of the stock whose data end.
    for before, day in zip(returns.index[:59], returns.index[1:60], strict=True):
        held = decidable[before] | {code for code in stuck if np.isnan(close.loc[before, code])}
        assert returns[day] == pytest.approx(change.loc[day, sorted(held)].mean())
        stuck = held


def test_no_stock_has_a_day_twice_and_every_day_is_of_one_window(result: Result) -> None:
    assert not result.signals.duplicated(["decided_at", "code"]).any()
    assert (result.signals.groupby("decided_at")["window"].nunique() == 1).all()
    assert result.signals["decided_at"].is_monotonic_increasing
    spans = result.windows.set_index("number").loc[result.signals["window"]]
    decided = result.signals["decided_at"].to_numpy()
    assert (decided >= spans["test_start"].to_numpy()).all()
    assert (decided < spans["test_stop"].to_numpy()).all()


def test_a_buy_is_a_row_at_or_above_the_threshold_of_its_window(result: Result) -> None:
    signals = result.signals
    own = result.windows.set_index("number")["threshold"].loc[signals["window"]].to_numpy()
    np.testing.assert_array_equal(signals["threshold"].to_numpy(), own)
    assert signals["buy"].tolist() == (signals["p_up"].to_numpy() >= own).tolist()
    assert 0 < signals["buy"].sum() < len(signals)


def test_a_probability_that_equals_the_threshold_is_a_buy(
    folder: Path, store: Path, result: Result
) -> None:
    spec = spec_of(folder)
    ready = prepare(spec)
    fold = folds(spec, store)[0]
    middle = np.sort(fold.probability[:, 2])[len(fold.rows) // 2]
    exact = replace(fold, threshold=float(middle))
    signals = signal_table(ready, [exact])
    assert signals.loc[signals["p_up"] == middle, "buy"].tolist() == [True]


def test_sales_of_a_run_are_taxed_by_their_own_dates(result: Result) -> None:
    sold = result.orders[(result.orders["side"] == "sell") & result.orders["filled_at"].notna()]
    value = sold["shares"] * sold["price"] - sold["slippage"]
    # From the sales of 2024-12-27 on, which settle in 2025.
    late = sold["filled_at"] >= "2024-12-27"
    assert late.any()
    assert not late.all()
    rate = np.where(late, 0.0015, 0.0018)
    np.testing.assert_allclose(sold["tax"], value * rate, rtol=1e-9)


def test_probabilities_sum_to_one(result: Result) -> None:
    total = result.signals[["p_down", "p_hold", "p_up"]].sum(axis=1)
    np.testing.assert_allclose(total, 1, atol=1e-12)


def test_every_buy_and_no_other_row_says_what_became_of_it(result: Result) -> None:
    assert ((result.signals["action"] != "") == result.signals["buy"]).all()
    assert (result.signals["action"] == "bought").sum() == len(result.trades) > 0


def test_every_trade_is_explained_by_its_own_map(result: Result) -> None:
    counts = result.attribution.groupby("trade").size()
    assert counts.index.tolist() == result.trades["trade"].tolist()
    assert set(counts) == {3 * 20}  # the close, KS11 and GSPC over 20 sessions
    assert np.isfinite(result.attribution[["gradient", "contribution"]].to_numpy()).all()


# Two jobs are two more processes: tests/commands/test_cli.py compares every file that they write.
@pytest.mark.parametrize("jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_the_same_seed_gives_the_same_bits_for_any_number_of_jobs(
    folder: Path, result: Result, jobs: int
) -> None:
    assert_same(walk_forward(spec_of(folder), jobs=jobs), result)


def test_another_seed_gives_other_networks(folder: Path, result: Result) -> None:
    spec = spec_of(folder)
    other = spec.model_copy(update={"training": spec.training.model_copy(update={"seed": 1})})
    digests = walk_forward(other).manifest["model_digests"]
    assert not set(digests) & set(result.manifest["model_digests"])


def test_stored_models_are_used_again_with_the_same_result(
    folder: Path, store: Path, result: Result
) -> None:
    before = written(store)
    assert list(before) == ["000-0.pt", "001-0.pt", "002-0.pt", "003-0.pt"]
    assert_same(walk_forward(spec_of(folder), store=Store(store)), result)
    assert written(store) == before
    assert [fold.reused for fold in folds(spec_of(folder), store)] == [True] * 4


@pytest.mark.parametrize("damage", ["cut short", "one byte changed", "another window's"])
def test_a_damaged_model_is_fitted_anew(
    folder: Path, store: Path, result: Result, damage: str
) -> None:
    path = store / "001-0.pt"
    content = bytearray(path.read_bytes())
    if damage == "cut short":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "one byte changed":
        weights = result.manifest["model_digests"][1].encode()
        at = content.index(weights)
        content[at] = ord("x")
        path.write_bytes(content)
    else:
        path.write_bytes((store / "002-0.pt").read_bytes())
    again = folds(spec_of(folder), store)
    assert [fold.reused for fold in again] == [True, False, True, True]
    assert_same(walk_forward(spec_of(folder), store=Store(store)), result)


def test_networks_that_are_read_are_no_step_of_the_way(
    folder: Path, store: Path, result: Result
) -> None:
    steps: list[tuple[int, int]] = []

    def note(stage: str, done: int, total: int) -> None:
        if stage == "train networks":
            steps.append((done, total))

    (store / "002-0.pt").unlink()
    walk_forward(spec_of(folder), store=Store(store), progress=note)
    # Two are read, the third is fitted, and the last is read.
    assert steps == [(0, 4), (0, 3), (0, 2), (1, 2), (1, 1)]


def test_prices_of_the_last_session_change_no_stored_model(
    folder: Path, store: Path, result: Result, tmp_path: Path
) -> None:
    table = price_table(RECIPE)
    last = table["Date"] == table["Date"].max()
    columns = ["Open", "High", "Low", "Close"]
    table.loc[last, columns] = table.loc[last, columns] * 3
    changed = write_market(tmp_path / "changed", RECIPE)
    write_table(table, changed / "prices.parquet")
    before = written(store)
    after = walk_forward(spec_of(changed), store=Store(store))
    assert after.manifest["data_digest"] != result.manifest["data_digest"]
    assert after.manifest["model_keys"] == result.manifest["model_keys"]
    assert written(store) == before


@pytest.mark.parametrize(("fewer", "windows"), [(1, 4), (10, 3)])
def test_sessions_at_the_end_change_no_earlier_window(
    folder: Path, store: Path, result: Result, fewer: int, windows: int
) -> None:
    spec = spec_of(folder)
    end = sessions(RECIPE.n_days)[-1 - fewer].item()
    cut = spec.model_copy(update={"market": spec.market.model_copy(update={"end": end})})
    shorter = folds(cut, store)
    assert [fold.reused for fold in shorter] == [True] * windows
    whole = folds(spec, store)
    for one, other in zip(shorter, whole[:windows], strict=True):
        rows = len(one.rows)
        np.testing.assert_array_equal(one.probability, other.probability[:rows])
        assert one.curve.value == other.curve.value


def test_prices_of_a_train_span_change_the_models_that_saw_them(
    store: Path, result: Result, tmp_path: Path
) -> None:
    table = price_table(RECIPE)
    # Session 40 lies in the train spans of windows 0 (20..119) and, as input, 1 (50..149) on 19
    # sessions of lookback from 31; window 2 begins at 80.
    day = sorted(table["Date"].unique())[40]
    table.loc[(table["Date"] == day) & (table["Code"] == "000010"), ["High", "Close"]] *= 1.5
    changed = write_market(tmp_path / "changed", RECIPE)
    write_table(table, changed / "prices.parquet")
    keys = walk_forward(spec_of(changed)).manifest["model_keys"]
    same = [a == b for a, b in zip(keys, result.manifest["model_keys"], strict=True)]
    assert same == [False, False, True, True]
