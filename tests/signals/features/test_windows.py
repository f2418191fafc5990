"""Windows depend on their own sessions alone, to the bit; prices that leap say nothing beyond."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rollsight.signals.features.blocks import DailyFeatures
from rollsight.signals.features.daily import DAILY
from rollsight.signals.features.daily.trailing import Trailing, Windows
from rollsight.signals.features.kept import Kept
from rollsight.signals.features.panel import StockPanel, market_change, stock_panel
from rollsight.signals.features.values import stock_values
from rollsight.signals.inputs.samples import ledger_of
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import FeatureSpec
from tests.support.markets import Recipe, small_market

NAMES = tuple(DAILY)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """Return three stocks of 820 sessions, one with halts, one with holes."""
    recipe = Recipe(
        n_days=820, first="2020-01-02", halts=((0, 790), (0, 791)), missing=((1, 800), (1, 801))
    )
    return small_market(tmp_path_factory.mktemp("m"), recipe)


def changes_of(market: Market) -> np.ndarray:
    return market_change(market, ledger_of(market, FeatureSpec()), "KS11")


def test_windows_are_sums_and_extremes_of_their_own_sessions() -> None:
    values = np.random.default_rng(0).integers(-9, 9, (2, 40)).astype("float64")
    for days in (1, 2, 3, 5, 7, 8, 20, 31):
        for day in (0, days - 2, days - 1, 39):
            own = values[:, max(0, day - days + 1) : day + 1]
            if own.size:
                assert (Windows(values)(days)[:, day] == own.sum(axis=1)).all()
                high = Windows(values, np.maximum, -np.inf)(days)[:, day]
                assert (high == own.max(axis=1)).all()


def test_no_rounding_is_carried_from_what_a_window_does_not_hold() -> None:
    values = np.random.default_rng(0).standard_normal((2, 300))
    wild = values.copy()
    wild[:, :100] *= 1e12
    for figure in ("mean", "deviation", "skewness", "highest", "lowest", "total"):
        one, other = (getattr(Trailing(v), figure)(60) for v in (values, wild))
        assert (one[:, 159:] == other[:, 159:]).all()


def test_a_constant_series_has_no_spread_whatever_its_level() -> None:
    made = Trailing(np.full((1, 40), 23.456789))
    assert (made.deviation(20)[0, 19:] == 0).all()
    assert np.isnan(made.skewness(20)).all()


def test_a_window_of_too_few_values_says_nothing() -> None:
    values = np.arange(40.0)[None].copy()
    values[0, 5:14] = np.nan
    found = Trailing(values).mean(20)[0]
    # Twelve of twenty are needed: session 25 is the first that sees twelve, 14 to 25.
    assert np.flatnonzero(np.isfinite(found))[0] == 25
    assert found[25] == np.arange(14.0, 26.0).mean()


def test_a_leap_is_no_change_and_moves_no_level_behind_it(market: Market) -> None:
    # From session 700 on the close of stock 2 is counted in other shares, a hundredth of the price.
    leapt, still, leaps = market.close.copy(), market.close.copy(), market.moves.leaps.copy()
    leapt[2, 700:] /= 100
    leaps[2, 700] = True
    still[2, 700:] *= still[2, 699] / still[2, 700]  # as if that session had left it where it was
    moves = replace(market.moves, leaps=leaps)
    other, wanted = replace(market, close=leapt, moves=moves), replace(market, close=still)
    for name in (n for n in NAMES if DAILY[n].needs == ("Close",) and n != "zero60"):
        one, two = (DAILY[name](_panel(m))[2] for m in (other, wanted))
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-11, err_msg=name)
    assert DAILY["zero60"](_panel(other))[2, 700] >= 1 / 60
    assert DAILY["gap1"](_panel(other))[2, 700] == 0


def _panel(market: Market) -> StockPanel:
    return stock_panel(market, ("Open", "High", "Low", "Close", "Volume"), changes_of(market))


def test_a_few_stocks_after_another_give_the_bits_of_all_at_once(
    market: Market, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rollsight.signals.features.blocks.BLOCK_BYTES", 1)  # one stock a block
    change = changes_of(market)
    alone = {name: stock_values(market, name, 10, change) for name in NAMES}
    for folder in (None, tmp_path, tmp_path):  # in memory, kept, and read again
        found = DailyFeatures(market, NAMES, 10, change, folder)
        for name in NAMES:
            made = found(name)
            assert np.array_equal(made.numbers, alone[name].numbers, equal_nan=True)
            assert made.channels == alone[name].channels
            assert (made.begins == alone[name].begins).all()
    files = sorted(path.name for path in tmp_path.rglob("*.npy"))
    assert files == sorted(f"{name}.npy" for name in NAMES)


def test_what_is_kept_is_read_by_the_same_prices_alone_and_made_anew_where_torn(
    market: Market, tmp_path: Path
) -> None:
    change, names = changes_of(market), ("ret5", "vol20")
    first = DailyFeatures(market, names, 10, change, tmp_path)("vol20").numbers
    (folder,) = tmp_path.iterdir()
    kept = Kept(folder, market.close.shape)
    marked = np.where(np.isnan(first), first, np.float32(7))
    kept.write("vol20", marked)  # so that it is seen where a value comes from
    assert np.nanmax(DailyFeatures(market, names, 10, change, tmp_path)("vol20").numbers) == 7
    close = market.close.copy()
    close[0, 5] += 1
    other = DailyFeatures(replace(market, close=close), names, 10, change, tmp_path)
    assert np.nanmax(other("vol20").numbers) < 7
    assert len(list(tmp_path.iterdir())) == 2
    path = folder / "vol20.npy"
    path.write_bytes(path.read_bytes()[:200])
    again = DailyFeatures(market, names, 10, change, tmp_path)("vol20").numbers
    assert np.array_equal(again, first, equal_nan=True)


def test_a_stock_listed_since_has_values_of_its_own_few_sessions(market: Market) -> None:
    # Stock 2 begins in session 400: 250 sessions of volatility need 150 changes of its own.
    has_bar, grids = market.has_bar.copy(), {}
    has_bar[2, :400] = False
    for price in ("open", "high", "low", "close", "volume"):
        grids[price] = np.where(has_bar, getattr(market, price), np.nan)
    traded = market.traded & has_bar
    late = replace(market, has_bar=has_bar, traded=traded, **grids)
    made = stock_values(late, "vol250", 10, changes_of(late))
    first = [int(np.flatnonzero(row)[0]) for row in made.known]
    # Of the others nothing is said before a whole window lies in the data.
    assert first == [250, 250, 400 + 150]


def test_the_market_is_the_benchmark_or_the_mean_of_what_was_traded(market: Market) -> None:
    ledger = ledger_of(market, FeatureSpec())
    value = ledger.value[:, ledger.symbols.index("KS11")]
    known = market_change(market, ledger, "KS11")
    np.testing.assert_array_equal(known[1:], value[1:] / value[:-1] - 1)
    mean = market_change(market, ledger, None)
    close = market.close
    assert mean[100] == pytest.approx((close[:, 100] / close[:, 99] - 1).mean())
    # Stock 0 is halted in 790, stock 1 has no row in 800.
    assert mean[790] == pytest.approx((close[1:, 790] / close[1:, 789] - 1).mean())
    assert mean[800] == pytest.approx((close[::2, 800] / close[::2, 799] - 1).mean())
