import numpy as np
import pytest

from rollsight.base.resampling import (
    benjamini_hochberg,
    difference_estimate,
    mean_estimate,
)
from tests.support.simulated.overlaps import SPAN, label_returns, persistent, plausible


def test_too_few_blocks_with_rows_have_no_interval() -> None:
    at = np.arange(200)
    values = np.arange(200.0) % 7
    few = mean_estimate(values[:190], at[:190], span=10)  # nineteen blocks of ten dates
    assert (few.value, few.low, few.p_value, few.blocks) == (values[:190].mean(), None, None, 19)
    enough = mean_estimate(values, at, span=10)
    assert enough.blocks == 20
    assert enough.low is not None


def test_no_rows_have_no_estimate() -> None:
    none = np.empty(0)
    found = mean_estimate(none, none.astype(np.int64), span=5)
    assert (found.value, found.low, found.high, found.blocks) == (None, None, None, 0)


def test_one_group_alone_has_no_difference() -> None:
    at = np.arange(300)
    found = difference_estimate(np.ones(300), np.ones(300, dtype=bool), at, span=5)
    assert (found.value, found.p_value) == (None, None)


def test_rows_that_do_not_vary_have_no_interval() -> None:
    at = np.repeat(np.arange(300), 3)
    found = mean_estimate(np.full(900, 0.1), at, span=5)
    assert found.value == pytest.approx(0.1)
    assert (found.low, found.high, found.p_value) == (None, None, None)


def test_the_error_is_the_cosines_variance_set_right_for_overlap() -> None:
    n, waves = 24, 8  # a wave for every three blocks of one date
    values = np.random.default_rng(0).normal(size=n)
    wave = np.arange(1, waves + 1)
    cosines = np.cos(np.pi * (np.arange(n)[:, None] + 0.5) * wave / n) * np.sqrt(2 / n)
    variance = ((values - values.mean()) @ cosines) ** 2
    # Block sums that share a quarter with each neighbour: variance 1 + 2 / 4 less the two ends.
    neighbours = np.eye(n) + 0.25 * (np.eye(n, k=1) + np.eye(n, k=-1))
    share_seen = np.trace(cosines.T @ neighbours @ cosines) / waves / (1 + 2 / 4 * 23 / 24)
    error = np.sqrt(variance.mean() / share_seen / n)
    assert mean_estimate(values, np.arange(n), span=1).error == pytest.approx(error)


def test_dates_without_rows_count_for_nothing() -> None:
    rng = np.random.default_rng(1)
    values, at = rng.normal(size=400), rng.integers(250, size=400)
    near, far = (mean_estimate(values, at + gap * (at >= 125), span=5) for gap in (0, 5_000))
    assert near == far


def test_a_mean_that_rests_on_few_dates_is_less_sure() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=250)
    at = np.arange(250)
    even = mean_estimate(values, at, span=5)
    # One date's row counts a hundredfold: the mean is nearly that row alone.
    heavy = np.append(at, np.full(99, 100))
    lonely = mean_estimate(np.append(values, np.full(99, values[100])), heavy, span=5)
    assert even.low is not None
    assert even.high is not None
    assert lonely.low is not None
    assert lonely.high is not None
    assert lonely.high - lonely.low > 3 * (even.high - even.low)


def test_a_difference_is_that_of_the_means_and_turns_with_the_groups() -> None:
    rng = np.random.default_rng(3)
    values, at, first = rng.normal(size=600), rng.integers(300, size=600), rng.random(600) < 0.3
    one = difference_estimate(values, first, at, span=5)
    other = difference_estimate(values, ~first, at, span=5)
    assert one.value == pytest.approx(values[first].mean() - values[~first].mean())
    assert other.value == pytest.approx(-one.value)
    assert other.p_value == pytest.approx(one.p_value)


def test_what_all_stocks_of_a_date_share_makes_no_difference() -> None:
    rng = np.random.default_rng(4)
    at = np.repeat(np.arange(400), 2)
    first = np.tile([True, False], 400)
    own = 0.01 * rng.normal(size=800)
    shared = rng.normal(size=400)[at]
    calm, wild = (difference_estimate(x, first, at, span=5) for x in (own, own + shared))
    assert wild.error == pytest.approx(calm.error)


def test_q_values_weigh_how_many_were_tried() -> None:
    # Sorted, p times 4 / rank: .04, .04, .04, .5; the missing one is not counted.
    found = benjamini_hochberg([0.5, 0.01, None, 0.03, 0.02])
    assert found == [0.5, pytest.approx(0.04), None, pytest.approx(0.04), pytest.approx(0.04)]
    assert benjamini_hochberg([None]) == [None]


@pytest.mark.parametrize("renewed", [1.0, 0.1])
@pytest.mark.parametrize(("dates", "markets"), [(20 * SPAN, 2_000), (80 * SPAN, 400)])
def test_intervals_of_overlapping_labels_hold_the_truth_as_often_as_they_say(
    dates: int, markets: int, renewed: float
) -> None:
    rng = np.random.default_rng(5)
    covered, found = 0, 0
    for _ in range(markets):
        bought = persistent(rng, (dates, 10), share=0.3, renewed=renewed)
        at, stock = np.nonzero(bought)
        up = (label_returns(rng, dates=dates, stocks=10)[at, stock] > 0).astype(np.float64)
        estimate = mean_estimate(up, at, span=SPAN)
        if estimate.low is not None and estimate.high is not None:
            found += 1
            covered += estimate.low <= 0.5 <= estimate.high
    assert found > 0.95 * markets
    assert plausible(covered, found, 0.95)


def drivers(rng: np.random.Generator, dates: int, channels: int) -> np.ndarray:
    """Return channels that drift over months, as indices do; (dates, channels)."""
    walk = np.cumsum(rng.normal(size=(dates + 40, channels)), axis=0)
    return np.asarray(walk[40:] - walk[:-40]) / 40**0.5


@pytest.mark.parametrize("dates", [245, pytest.param(2450, marks=pytest.mark.slow)])
def test_differences_that_are_luck_are_found_as_rarely_as_q_says(dates: int) -> None:
    rng = np.random.default_rng(6)
    markets, false, p_values = 300, 0, []
    for _ in range(markets):
        channel = drivers(rng, dates, 12)
        at, stock = np.nonzero(persistent(rng, (dates, 6), share=0.3, renewed=0.2))
        won = label_returns(rng, dates=dates, stocks=6)[at, stock] > 0
        found = [difference_estimate(channel[at, c], won, at, span=SPAN).p_value for c in range(12)]
        false += any(q is not None and q < 0.05 for q in benjamini_hochberg(found))
        p_values += [p for p in found if p is not None]
    # All are luck, so a market with any discovery is a false one: at most q of the markets.
    assert false <= 300 * 0.05 + 2.6 * (300 * 0.05 * 0.95) ** 0.5
    assert 0.03 <= np.mean(np.array(p_values) < 0.05) <= 0.06


def test_a_difference_that_is_there_is_found() -> None:
    rng = np.random.default_rng(7)
    channel = drivers(rng, 980, 12)
    at, stock = np.nonzero(persistent(rng, (980, 6), share=0.3, renewed=0.2))
    won = label_returns(rng, dates=980, stocks=6)[at, stock] + 2 * channel[at, 4] > 0
    found = [difference_estimate(channel[at, c], won, at, span=SPAN) for c in range(12)]
    q = benjamini_hochberg([e.p_value for e in found])
    assert [c for c, value in enumerate(q) if value is not None and value < 0.05] == [4]
    assert found[4].low is not None
    assert found[4].low > 0
