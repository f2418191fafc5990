"""Nothing that happens after a decision changes what it saw."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from rollsight.signals.inputs.samples import SampleSet, build_samples
from rollsight.signals.known.ledger import known_at
from rollsight.signals.known.symbols import SYMBOLS, Publication
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec
from tests.support.markets import market_of, sessions_between

N_DAYS = 40
TRUTH = {
    symbol: SYMBOLS[symbol].publication for symbol in ("KS11", "GSPC", "US10Y", "VCB", "USDKRW")
}
FEATURES = FeatureSpec(lookback=5, max_staleness=5)


def a_market(published: Mapping[str, Publication]) -> Market:
    rng = np.random.default_rng(0)
    plain = market_of(1000 * np.exp(np.cumsum(0.02 * rng.standard_normal((2, N_DAYS)), axis=1)))
    first, last = plain.sessions[0] - np.timedelta64(20, "D"), plain.sessions[-1]
    columns = {}
    for symbol, publication in TRUTH.items():
        dates = sessions_between(first, last, calendar=publication.calendar or "XNYS")
        level = 3.0 if publication.unit == "percent" else 2000.0
        walk = level * np.exp(np.cumsum(0.01 * rng.standard_normal(len(dates))))
        columns[symbol] = pd.Series(walk, index=pd.DatetimeIndex(dates))
    return replace(plain, indices=pd.DataFrame(columns), publications=dict(published))


def changed_after(market: Market, day: int, rng: np.random.Generator) -> Market:
    """Return the market with other values for all that, in truth, is known only after a day."""
    indices = market.indices.copy()
    dates = indices.index.to_numpy().astype("datetime64[D]")
    for symbol in indices:
        later = known_at(dates, TRUTH[str(symbol)]) > market.closes[day]
        indices.loc[later, symbol] *= rng.uniform(0.5, 2, later.sum())
    has_bar, close = market.has_bar.copy(), market.close.copy()
    has_bar[:, day + 1 :] &= rng.random(has_bar[:, day + 1 :].shape) < 0.9
    close[:, day + 1 :] *= rng.uniform(0.5, 2, close[:, day + 1 :].shape)
    close[~has_bar] = np.nan
    return replace(
        market, indices=indices, has_bar=has_bar, traded=has_bar, open=close, close=close
    )


def sampled(market: Market) -> SampleSet:
    return build_samples(market, MarketSpec(), FEATURES, LabelSpec(horizon=2))[0]


def check_that_no_decision_sees_later_values(published: Mapping[str, Publication]) -> None:
    market = a_market(published)
    before = sampled(market)
    assert before.usable[:, 5:].all()

    # A day and a seed are small enough as they are: no time goes into shrinking them.
    @settings(max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate])
    @given(day=st.integers(0, N_DAYS - 1), seed=st.integers(0, 2**32 - 1))
    def unchanged(day: int, seed: int) -> None:
        after = sampled(changed_after(market, day, np.random.default_rng(seed)))
        seen = slice(0, day + 1)
        assert np.array_equal(before.indices[seen], after.indices[seen])
        assert np.array_equal(before.stocks[:, seen], after.stocks[:, seen])
        assert np.array_equal(before.usable[:, seen], after.usable[:, seen])

    unchanged()


def test_no_decision_sees_a_value_that_became_known_later() -> None:
    check_that_no_decision_sees_later_values(TRUTH)


@pytest.mark.parametrize("symbol", ["GSPC", "US10Y", "VCB", "USDKRW"])
def test_a_ledger_that_is_a_day_early_is_caught(symbol: str) -> None:
    same_date = replace(TRUTH[symbol], timezone="Asia/Seoul", close=time(0, 1), calendar=None)
    with pytest.raises(AssertionError):
        check_that_no_decision_sees_later_values({**TRUTH, symbol: same_date})


def test_the_change_after_a_day_does_reach_the_days_after() -> None:
    market = a_market(TRUTH)
    before, after = sampled(market), sampled(changed_after(market, 20, np.random.default_rng(0)))
    # The day after already sees the night's close in New York and its own in Seoul.
    assert (before.indices[21] != after.indices[21]).all()
    assert (before.stocks[:, 21] != after.stocks[:, 21]).any()
