"""Edited market folders: what was known stays as it was, and what was not is another."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.reading import Folder, read_folder
from rollsight.signals.inputs.universe import universe
from rollsight.signals.known.ledger import Ledger, as_of
from rollsight.signals.prices.edits import another_future, begun, ended, with_ranked_values
from rollsight.signals.prices.market import Market, align
from rollsight.signals.spec import MarketSpec, UniverseSpec
from tests.support.examples import examples
from tests.support.markets import Recipe, sessions, write_market

N_DAYS = 60
GRIDS = ("open", "high", "low", "close", "volume", "amount", "dividend", "has_bar", "traded")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Read a market with halts, amounts, a stock delisted in session 41, and a yield of 0."""
    path = write_market(
        tmp_path_factory.mktemp("market"),
        Recipe(n_days=N_DAYS, n_stocks=4, halts=((0, 20), (0, 21)), last_rows={3: 40}, pays=True),
    )
    prices = pd.read_parquet(path / "prices.parquet")
    prices.assign(Amount=prices["Close"] * prices["Volume"]).to_parquet(
        path / "prices.parquet", index=False
    )
    indices = pd.read_parquet(path / "indices.parquet")
    indices["US10Y"] = indices["GSPC"].where(indices["GSPC"].isna(), 0.0)
    indices.to_parquet(path / "indices.parquet", index=False)
    return read_folder(str(path))


@pytest.fixture(scope="module")
def market(folder: Folder) -> Market:
    return align(folder, MarketSpec())


def ledger(market: Market) -> Ledger:
    return as_of(market.indices, market.publications, market.closes)


def known_later(symbol: str, folder: Folder, last: pd.Timestamp) -> np.ndarray:
    """Return which index dates are known only after the close in Seoul.

    The KOSPI's own close is the decision; a US value dated on the session itself comes after it.
    """
    dates = folder.indices.index
    later = dates > last if symbol == "KS11" else dates >= last
    return later & folder.indices[symbol].notna().to_numpy()


def assert_known_is_the_same(one: Market, two: Market, first: int, stop: int, *, at: int) -> None:
    """Compare grids and ledger in ``[first, stop)``; the second market begins at session ``at``."""
    own, their = slice(first, stop), slice(first - at, stop - at)
    kept = [code in two.codes for code in one.codes]
    for name in GRIDS:
        np.testing.assert_array_equal(getattr(one, name)[kept, own], getattr(two, name)[:, their])
    for name in ("value", "dated", "known_at"):
        np.testing.assert_array_equal(
            getattr(ledger(one), name)[own], getattr(ledger(two), name)[their]
        )


@examples(25)
@given(day=st.integers(5, N_DAYS - 3), seed=st.integers(0, 2**32 - 1))
def test_another_future_changes_nothing_that_was_known_and_nearly_all_that_was_not(
    folder: Folder, market: Market, day: int, seed: int
) -> None:
    other = another_future(folder, market, day, np.random.default_rng(seed))
    last = pd.Timestamp(market.sessions[day])
    before = folder.prices["Date"] <= last
    pd.testing.assert_frame_equal(
        other.prices[other.prices["Date"] <= last].reset_index(drop=True),
        folder.prices[before].reset_index(drop=True),
        check_exact=True,
        check_dtype=False,
    )
    keys = ["Date", "Code"]
    pairs = folder.prices[~before].merge(other.prices, on=keys, suffixes=("", "_other"))
    assert len(pairs) >= 0.8 * (~before).sum()
    for column in ("Open", "High", "Low", "Close"):
        assert (pairs[column] != pairs[f"{column}_other"]).all()
    traded = pairs["Volume"] > 0
    for column in ("Volume", "Amount"):
        assert (pairs[column] != pairs[f"{column}_other"])[traded].all()
    assert (pairs["Halted_other"] >= pairs["Halted"]).all()
    for symbol in market.publications:
        one, two = folder.indices[symbol].to_numpy(), other.indices[symbol].to_numpy()
        later = known_later(symbol, folder, last)
        np.testing.assert_array_equal(one[~later], two[~later])
        # Also a yield of 0, which no scale would move.
        assert (one[later] != two[later]).all()
        assert np.isfinite(two[later]).mean() >= 0.5
    again = align(other, MarketSpec())
    assert_known_is_the_same(market, again, 0, day + 1, at=0)
    assert not np.array_equal(ledger(market).value[day + 1], ledger(again).value[day + 1])


def test_another_futures_bars_are_still_bars(
    folder: Folder, market: Market, tmp_path: Path
) -> None:
    other = another_future(folder, market, 10, np.random.default_rng(3))
    write_market(tmp_path, Recipe(n_days=N_DAYS))  # for its market.toml
    other.prices.to_parquet(tmp_path / "prices.parquet", index=False)
    other.indices.to_parquet(tmp_path / "indices.parquet")
    found = align(read_folder(str(tmp_path)), MarketSpec())  # which refuses what is no bar
    for low, price, high in ((found.low, found.open, found.high),
                             (found.low, found.close, found.high)):  # fmt: skip
        there = found.has_bar
        assert ((low * (1 - 1e-9) <= price) & (price <= high * (1 + 1e-9)))[there].all()


def test_another_futures_bars_have_other_shapes(folder: Folder, market: Market) -> None:
    """Else a feature that reads only the next session's range or shadows would pass an audit."""
    other = another_future(folder, market, 10, np.random.default_rng(3))
    pairs = folder.prices.merge(other.prices, on=["Date", "Code"], suffixes=("", "_other"))
    pairs = pairs[pairs["Date"] > pd.Timestamp(market.sessions[10])]
    ranged = pairs["High"] > pairs["Low"]
    assert ranged.any()
    assert not ranged.all()  # the two sessions of a halt
    for one, two in (("High", "Low"), ("Close", "Open"), ("High", "Close"), ("Close", "Low")):
        before = pairs[one] / pairs[two]
        after = pairs[f"{one}_other"] / pairs[f"{two}_other"]
        assert (np.abs(after / before - 1) > 1e-6)[ranged].mean() > 0.9
        # What has no range, such as a folder of closes alone, gets none.
        assert (after == 1)[~ranged].all()


def test_another_future_halts_and_deletes_a_few_rows(folder: Folder, market: Market) -> None:
    later = folder.prices["Date"] > pd.Timestamp(market.sessions[10])
    halted = deleted = 0
    for seed in range(20):
        other = another_future(folder, market, 10, np.random.default_rng(seed))
        new = other.prices[other.prices["Halted"]]
        assert (new["Volume"] == 0).all()
        assert (new["Amount"] == 0).all()
        halted += len(new)
        deleted += len(folder.prices) - len(other.prices)
    # Two and one in a hundred of 20 futures of some 180 rows: 72 and 36 on average.
    rows = 20 * later.sum()
    assert 0.01 < halted / rows < 0.03
    assert 0.003 < deleted / rows < 0.02


def test_an_edit_leaves_the_folder_itself_alone(folder: Folder, market: Market) -> None:
    prices, indices, listings = (t.copy() for t in (folder.prices, folder.indices, folder.listings))
    another_future(folder, market, 10, np.random.default_rng(0))
    ended(folder, market, 10)
    begun(folder, market, 10)
    pd.testing.assert_frame_equal(folder.prices, prices)
    pd.testing.assert_frame_equal(folder.indices, indices)
    pd.testing.assert_frame_equal(folder.listings, listings)


def test_the_same_seed_gives_the_same_future_and_another_another(
    folder: Folder, market: Market
) -> None:
    one, two, three = (
        another_future(folder, market, 10, np.random.default_rng(seed)).prices for seed in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, two)
    assert not one.equals(three)


@pytest.mark.parametrize("day", [10, 39, 40, 41, 42, N_DAYS - 1])
def test_an_ended_folder_holds_what_was_known_and_no_more(
    folder: Folder, market: Market, day: int
) -> None:
    cut = ended(folder, market, day)
    last = pd.Timestamp(market.sessions[day])
    assert cut.prices["Date"].max() == last
    for symbol in market.publications:
        kept = cut.indices[symbol].reindex(folder.indices.index)
        later = known_later(symbol, folder, last)
        assert kept[later].isna().all()
        np.testing.assert_array_equal(kept[~later], folder.indices[symbol][~later])
    found = align(cut, MarketSpec())
    assert len(found.sessions) == day + 1
    assert_known_is_the_same(market, found, 0, day + 1, at=0)
    # The delisting of session 41 is known from its own day on.
    assert bool(cut.listings["Delisted"]["000040"]) is (day >= 41)
    assert bool(np.isnat(found.delisted_on[3])) is (day < 41)
    assert found.endings.session.tolist() == [-1, -1, -1, 41 if day >= 41 else -1]


def test_a_begun_folder_has_lost_its_past_and_nothing_else(folder: Folder, market: Market) -> None:
    cut = begun(folder, market, 15)
    first = pd.Timestamp(market.sessions[15])
    assert cut.prices["Date"].min() == cut.indices.index.min() == first
    found = align(cut, MarketSpec())
    assert (found.sessions == market.sessions[15:]).all()
    # The first decision has no US value yet; a week later all is as it was.
    assert np.isnan(ledger(found).value[0, 1])
    assert_known_is_the_same(market, found, 20, N_DAYS, at=15)


def test_a_stock_that_ended_before_the_beginning_is_gone(folder: Folder, market: Market) -> None:
    cut = begun(folder, market, 45)
    assert align(cut, MarketSpec()).codes == market.codes[:3]


def split_folder(path: Path) -> Folder:
    """Read a stock at 100 won whose 1,000 shares a day should be 5,000, another, and a short one.

    The first was split 5:1 before session 53, after a halt of three sessions, in prices alone.
    """
    days = pd.DatetimeIndex(sessions(110))
    own = np.r_[np.full(50, 1000), np.zeros(3), np.full(57, 5000)]
    parts = [
        pd.DataFrame({"Date": dates, "Code": code, "Close": 100.0, "Volume": volume})
        for code, dates, volume in (
            ("000010", days, own), ("000020", days, np.full(110, 2000)),
            ("000030", days[:2], np.full(2, 9999)),
        )
    ]  # fmt: skip
    write_market(path, Recipe(n_days=110))
    pd.concat(parts).to_parquet(path / "prices.parquet", index=False)
    return read_folder(str(path))


def test_repaired_values_are_the_data_from_there_on(tmp_path: Path) -> None:
    folder = split_folder(tmp_path)
    spec = MarketSpec(short_stocks="drop")
    market = align(folder, spec)
    repairing = UniverseSpec(top=1, value_days=5, splits="repair")
    found = universe(market, repairing)
    assert found.repaired == {"000010": 53}
    mended = with_ranked_values(folder, market, found)
    amount = {code: part["RankedValue"].to_numpy() for code, part in mended.prices.groupby("Code")}
    assert set(amount["000010"][:50]) == set(amount["000010"][53:]) == {500_000.0}
    assert set(amount["000010"][50:53]) == {0.0}
    assert set(amount["000020"]) == {200_000.0}
    assert set(amount["000030"]) == {0.0}  # no stock of the market
    # Nothing is left to repair or refuse, also where only a part of the data is left.
    again = universe(align(mended, spec), UniverseSpec(top=1, value_days=5))
    assert (again.member == found.member).all()
    cut = align(ended(mended, market, 40), spec)
    assert (universe(cut, repairing).member == found.member[:, :41]).all()
    assert found.member[0].all()
    # Without the amounts, the cut would rank by volumes that no split has touched yet.
    bare = universe(align(ended(folder, market, 40), spec), repairing)
    assert not bare.member[0].any()


def test_rows_outside_the_markets_dates_get_no_value(tmp_path: Path) -> None:
    folder = split_folder(tmp_path)
    end = sessions(110)[100].item()
    market = align(folder, MarketSpec(short_stocks="drop", end=end))
    found = universe(market, UniverseSpec(top=1, splits="repair"))
    mended = with_ranked_values(folder, market, found).prices
    late = mended["Date"] > pd.Timestamp(end)
    assert late.sum() == 2 * 9
    assert (mended["RankedValue"][late] == 0).all()


def test_a_folder_that_is_not_ranked_stays_what_it_is(folder: Folder, market: Market) -> None:
    assert with_ranked_values(folder, market, universe(market, UniverseSpec())) is folder


def test_a_folder_is_not_mended_by_being_edited(tmp_path: Path) -> None:
    folder = split_folder(tmp_path)
    market = align(folder, MarketSpec(short_stocks="drop"))
    other = another_future(folder, market, 90, np.random.default_rng(0))
    same = replace(folder, prices=other.prices)
    with pytest.raises(RollsightError, match="jump after a halt"):
        universe(align(same, MarketSpec(short_stocks="drop")), UniverseSpec(top=1))
