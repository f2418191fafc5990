"""Inputs of every stock and day, and which rows can be decided."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.losses import Loss, refuse_losses
from rollsight.signals.inputs.samples import SampleSet, build_samples
from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec
from tests.support.markets import Recipe, market_of, small_market, small_samples, write_market

N_DAYS = 60
LOOKBACK = 5


def a_market(
    *, has_bar: np.ndarray | None = None, indices: dict[str, list[float]] | None = None
) -> Market:
    """Return two stocks that double every day, and indices dated on the stocks' sessions."""
    opens = np.outer([1.0, 10.0], 2.0 ** np.arange(N_DAYS))
    if has_bar is not None:
        opens = np.where(has_bar, opens, np.nan)
    market = market_of(opens, has_bar=has_bar, traded=has_bar)
    if indices is None:
        return market
    table = pd.DataFrame(indices, index=pd.DatetimeIndex(market.sessions))
    return replace(market, indices=table, publications={s: SYMBOLS[s].publication for s in indices})


def built(
    market: Market, *, max_staleness: int = 3, spec: MarketSpec | None = None
) -> tuple[SampleSet, tuple[Loss, ...]]:
    features = FeatureSpec(lookback=LOOKBACK, max_staleness=max_staleness)
    samples, losses = build_samples(market, spec or MarketSpec(), features, LabelSpec(horizon=2))
    return samples, losses


def units(samples: SampleSet) -> list[str]:
    return [channel.unit for channel in (*samples.own, *samples.shared)]


def bars(*without: int) -> np.ndarray:
    """Return has_bar of two stocks, the first without the given days."""
    has_bar = np.ones((2, N_DAYS), dtype=bool)
    has_bar[0, list(without)] = False
    return has_bar


def test_inputs_are_day_over_day_changes() -> None:
    samples, _ = built(a_market())
    assert samples.stocks[:, 0, 0].tolist() == [0, 0]
    assert (samples.stocks[:, 1:] == 1).all()  # doubled: +100 %
    # The index counts 1, 2, 3, ...
    assert samples.indices[:4, 0].tolist() == [0, 1, 0.5, np.float32(1 / 3)]
    assert samples.channels == ("close", "KS11")
    assert units(samples) == ["fraction", "fraction"]


def test_a_row_is_usable_once_it_has_a_full_lookback() -> None:
    samples, losses = built(a_market())
    # Five changes need six closes: the first row is that of the sixth session.
    assert not samples.usable[:, :5].any()
    assert samples.usable[:, 5:].all()
    assert losses == (Loss("KS11", 0, 0.0),)


def test_a_row_needs_a_bar_of_its_own_day() -> None:
    samples, _ = built(a_market(has_bar=bars(20)))
    assert np.flatnonzero(~samples.usable[0]).tolist() == [0, 1, 2, 3, 4, 20]
    assert samples.usable[1, 20]
    # The missing day carries the close (no change); the next day sees both doublings.
    assert samples.stocks[0, 19:22, 0].tolist() == [1, 0, 3]


def test_a_close_carried_too_long_spoils_the_rows_that_would_see_it() -> None:
    gap = (20, 21, 22, 23)
    samples, _ = built(a_market(has_bar=bars(*gap)), max_staleness=3)
    # Carried for the fourth session, day 23 is stale; the last lookback to hold it ends on day 27.
    assert np.flatnonzero(~samples.usable[0, 5:] & bars(*gap)[0, 5:]).tolist() == [19, 20, 21, 22]
    fresh, _ = built(a_market(has_bar=bars(*gap)), max_staleness=4)
    assert np.array_equal(fresh.usable[0, 5:], bars(*gap)[0, 5:])


def test_a_stock_listed_late_is_usable_a_full_lookback_after_its_first_close() -> None:
    samples, _ = built(a_market(has_bar=bars(0, 1, 2)))
    assert np.flatnonzero(samples.usable[0])[0] == 3 + 5
    assert samples.stocks[0, :5, 0].tolist() == [0, 0, 0, 0, 1]


def test_an_index_value_carried_too_long_makes_the_rows_of_all_stocks_unusable() -> None:
    values = np.arange(1.0, N_DAYS + 1)
    values[50:55] = np.nan
    market = a_market(indices={"KS11": values.tolist()})
    samples, losses = built(market, max_staleness=4)
    # Carried for the fifth session on day 54; lookbacks that hold it end on days 54 to 58.
    assert np.flatnonzero(~samples.usable[0, 5:]).tolist() == [49, 50, 51, 52, 53]
    # 2 stocks * 5 days, of 2 stocks * 55 days
    assert losses == (Loss("KS11", 10, 10 / 110),)
    assert built(market, max_staleness=5)[1][0].rows == 0


def test_a_series_that_costs_over_a_tenth_of_the_rows_is_refused_by_name() -> None:
    short = [1.0] * 50 + [np.nan] * 10
    market = a_market(indices={"KS11": [1.0] * N_DAYS, "KQ11": short})
    # Usable to day 52; days 53 to 59 are lost: 7 of 55.
    with pytest.raises(RollsightError, match=r"'KQ11' .* costs 13% of the rows.*max_staleness=3"):
        refuse_losses(built(market)[1], market, FeatureSpec(max_staleness=3))
    refuse_losses(built(market, max_staleness=5)[1], market, FeatureSpec(max_staleness=5))
    assert built(market, max_staleness=5)[1][1] == Loss("KQ11", 10, 10 / 110)


def test_yields_are_differences_in_basis_points_and_may_pass_through_zero() -> None:
    percent = [0.05, -0.05, 0.0, 0.25] + [0.25] * (N_DAYS - 4)
    market = a_market(indices={"US10Y": percent, "KS11": [1.0] * N_DAYS})
    published = {
        "US10Y": replace(SYMBOLS["KS11"].publication, unit="percent"),
        "KS11": SYMBOLS["KS11"].publication,
    }
    samples, _ = built(replace(market, publications=published))
    assert units(samples) == ["fraction", "basis points", "fraction"]
    np.testing.assert_allclose(samples.indices[:5, 0], [0, -10, 5, 25, 0], atol=1e-5)
    assert samples.usable[:, 5:].all()


def test_no_row_before_the_start_is_decided_but_its_prices_are_seen() -> None:
    market = a_market()
    start = market.sessions[30]
    samples, _ = built(market, spec=MarketSpec(start=start.item()))
    assert not samples.usable[:, :30].any()
    assert samples.usable[:, 30:].all()
    assert (samples.stocks[:, 1:30] == 1).all()


def test_a_market_without_a_full_lookback_is_one_clear_error() -> None:
    market = market_of(np.ones((1, LOOKBACK)))
    with pytest.raises(RollsightError, match="no stock has 6 sessions of closes in a row"):
        built(market)


def test_prices_are_held_once_a_stock_day(tmp_path: Path) -> None:
    samples = small_samples(small_market(tmp_path / "market"))
    assert samples.usable.shape == samples.labels.label.shape == (3, 60)
    assert samples.stocks.shape == (3, 60, 1)
    assert samples.indices.shape == (60, 2)
    assert samples.stocks.dtype == samples.indices.dtype == np.float32
    assert samples.stocks.base is not None
    assert samples.stocks.base.nbytes == samples.stocks.nbytes
    assert np.shares_memory(samples.changes, samples.stocks)
    assert samples.stocks.nbytes == 3 * 60 * 4
    assert samples.usable[:, 12:].all()


def test_the_market_cut_at_a_day_gives_the_same_inputs_up_to_it(tmp_path: Path) -> None:
    recipe = Recipe(halts=((0, 33),), missing=((1, 41),), last_rows={2: 45})
    folder = write_market(tmp_path / "market", recipe)
    whole = read_market(MarketSpec(folder=str(folder)))
    cut = read_market(MarketSpec(folder=str(folder), end=whole.sessions[42].item()))
    assert cut.sessions[-1] == whole.sessions[42]
    live, backtest = small_samples(cut), small_samples(whole)
    assert np.array_equal(live.stocks, backtest.stocks[:, :43])
    assert np.array_equal(live.indices, backtest.indices[:43])
    assert np.array_equal(live.usable, backtest.usable[:, :43])
    settled = backtest.labels.settled_at[:, :43]
    live_settled = live.labels.settled_at
    # What has settled by then is the same; the rest is open.
    assert np.array_equal(live_settled, np.where(settled <= 42, settled, -1))
