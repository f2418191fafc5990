"""A band as wide as the stock's own volatility, known at the decision."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.signals.inputs.labels import Label, classify, half_band, trade_labels
from rollsight.signals.inputs.samples import SampleSet, build_samples
from rollsight.signals.inputs.volatility import trailing_volatility
from rollsight.signals.prices.market import Market
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec
from tests.support.markets import market_of

# Half of a day's 2 % over four sessions: 0.5 * 0.02 * 2 is 2 %.
WILD = LabelSpec(horizon=4, band="volatility")
LOOKBACK = 5


def random_market(seed: int, n_days: int = 40) -> Market:
    rng = np.random.default_rng(seed)
    return market_of(1000 * np.exp(np.cumsum(0.02 * rng.standard_normal((3, n_days)), axis=1)))


def sampled(market: Market, label: LabelSpec) -> SampleSet:
    return build_samples(market, MarketSpec(), FeatureSpec(lookback=LOOKBACK), label)[0]


def test_a_return_is_held_against_half_the_standard_deviation_of_its_horizon() -> None:
    returns = np.array([0.02, 0.0199, -0.02, -0.0201])
    volatility = np.full(4, 0.02)
    assert classify(returns, WILD, volatility=volatility).tolist() == [2, 1, 1, 0]
    # Twice as wild, or twice the multiple: 4 %.
    assert classify(returns, WILD, volatility=2 * volatility).tolist() == [1, 1, 1, 1]
    double = WILD.model_copy(update={"multiple": 1.0})
    assert half_band(double, volatility) == pytest.approx(0.04)
    # A quarter of the horizon: 1 %.
    short = WILD.model_copy(update={"horizon": 1})
    assert half_band(short, volatility) == pytest.approx(0.01)
    assert classify(returns, short, volatility=volatility).tolist() == [2, 2, 0, 0]


def test_after_a_calm_without_a_move_any_move_has_a_class_of_its_own() -> None:
    returns = np.array([0.0001, 0.0, -0.0001])
    label = classify(returns, WILD, volatility=np.zeros(3))
    assert label.tolist() == [Label.UP, Label.HOLD, Label.DOWN]


def test_a_row_whose_volatility_is_not_known_has_no_label_at_all() -> None:
    market = random_market(0, n_days=12)
    volatility = np.full(market.open.shape, 0.02)
    volatility[1, 3] = np.nan
    labels = trade_labels(market, WILD, volatility=volatility)
    assert labels.label[1, 3] == labels.settled_at[1, 3] == -1
    assert np.isnan(labels.label_return[1, 3])
    assert (labels.label[[0, 2], 3] >= 0).all()


def test_fixed_bands_take_no_notice_of_volatility() -> None:
    market, spec = random_market(1), LabelSpec(horizon=3)
    one = trade_labels(market, spec)
    other = trade_labels(market, spec, volatility=np.full(market.open.shape, np.nan))
    for name, array in vars(one).items():
        assert np.array_equal(array, getattr(other, name), equal_nan=name == "label_return")
    assert (half_band(spec, np.array([np.nan, 1.0])) == 0.02).all()


def test_the_band_decides_the_class_and_never_the_return() -> None:
    market = random_market(2)
    fixed, wild = (sampled(market, spec) for spec in (LabelSpec(horizon=4), WILD))
    rows = fixed.usable
    assert (fixed.labels.label[rows] != wild.labels.label[rows]).any()
    for name in ("label_return", "settled_at"):
        one, other = getattr(fixed.labels, name)[rows], getattr(wild.labels, name)[rows]
        assert np.array_equal(one, other, equal_nan=name == "label_return")
    # The plain loop: the last five changes up to the decision, the decision's own among them.
    for stock, day in np.argwhere(rows & (wild.labels.label >= 0)):
        close = market.close[stock, day - LOOKBACK : day + 1]
        band = 0.5 * np.std(close[1:] / close[:-1] - 1, ddof=1) * 4**0.5
        earned = wild.labels.label_return[stock, day]
        expected = Label.UP if earned >= band else Label.DOWN if earned < -band else Label.HOLD
        assert wild.labels.label[stock, day] == expected


@given(seed=st.integers(0, 2**32 - 1), day=st.integers(0, 39))
def test_nothing_after_a_day_changes_a_band_or_a_label_known_by_then(seed: int, day: int) -> None:
    rng = np.random.default_rng(seed)
    market = random_market(seed)
    close = market.close.copy()
    close[:, day + 1 :] *= rng.uniform(0.5, 2, close[:, day + 1 :].shape)
    other = replace(market, open=close, high=close, low=close, close=close)
    before, after = sampled(market, WILD), sampled(other, WILD)
    bands = [
        half_band(WILD, trailing_volatility(s.changes, LOOKBACK))[:, : day + 1]
        for s in (before, after)
    ]
    assert np.array_equal(*bands, equal_nan=True)
    known = (before.labels.settled_at >= 0) & (before.labels.settled_at <= day)
    assert np.array_equal(before.labels.label[known], after.labels.label[known])


def test_the_decisions_own_change_is_in_its_band_and_the_next_is_not() -> None:
    changes = np.zeros((1, 12), dtype=np.float32)
    changes[0, 6] = 0.1
    volatility = trailing_volatility(changes, LOOKBACK)[0]
    assert np.isnan(volatility[: LOOKBACK - 1]).all()
    # One change of 0.1 among five: mean 0.02, variance (0.08^2 + 4 * 0.02^2) / 4.
    found = volatility[LOOKBACK - 1 :].tolist()
    wild = (0.008 / 4) ** 0.5
    assert found == pytest.approx([0, 0, wild, wild, wild, wild, wild, 0], abs=1e-9)
