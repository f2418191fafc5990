"""The benchmark beside a run: its own values alone, over the sessions that both have."""

from dataclasses import replace

import numpy as np
import pandas as pd

from rollsight.backtests.account.benchmark import benchmark_returns, common
from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.prices.market import Market
from tests.support.markets import sessions_between
from tests.support.panels import flat, panel

NAN = float("nan")


def market_with(values: list[float | None], symbol: str = "KS11") -> Market:
    """Return a market whose index has these values by session, and none where that is None."""
    market = panel(flat(1, len(values)))
    table = pd.DataFrame({symbol: values}, pd.DatetimeIndex(market.sessions), dtype=float)
    return replace(market, indices=table, publications={symbol: SYMBOLS[symbol].publication})


def test_a_benchmark_that_ends_early_is_not_drawn_on() -> None:
    returns = benchmark_returns(market_with([100, 110, 99, None, None]), 0, "KS11")
    np.testing.assert_allclose(returns, [0.0, 0.10, -0.10, NAN, NAN])


def test_a_benchmark_that_begins_late_begins_with_its_first_value() -> None:
    returns = benchmark_returns(market_with([None, None, 100, 110]), 0, "KS11")
    np.testing.assert_allclose(returns, [NAN, NAN, 0.0, 0.10])


def test_a_hole_is_no_return_of_zero_and_its_move_is_counted_after_it() -> None:
    returns = benchmark_returns(market_with([100, 110, None, None, 121, 121]), 0, "KS11")
    np.testing.assert_allclose(returns, [0.0, 0.10, NAN, NAN, 0.10, 0.0])
    # A run that begins within the hole has no value before its end.
    returns = benchmark_returns(market_with([100, 110, None, None, 121, 133.1]), 2, "KS11")
    np.testing.assert_allclose(returns, [NAN, NAN, 0.0, 0.10])


def test_without_a_benchmark_or_a_value_there_is_no_return() -> None:
    assert np.isnan(benchmark_returns(market_with([1.0, 2.0]), 0, None)).all()
    assert np.isnan(benchmark_returns(market_with([1.0, None, None]), 1, "KS11")).all()


def test_while_its_own_exchange_is_closed_a_benchmark_does_not_move() -> None:
    # New York was closed on 2024-01-15, a session in Seoul.
    market = market_with([100.0] * 12, "GSPC")
    own = np.isin(market.sessions, sessions_between(*market.sessions[[0, -1]], calendar="XNYS"))
    assert np.flatnonzero(~own).tolist() == [9]
    level = np.where(own, 100.0 * 1.01 ** np.arange(12), NAN)
    market = market_with([*map(float, level)], "GSPC")
    returns = benchmark_returns(market, 0, "GSPC")
    expected = [0.0, *[0.01] * 8, 0.0, 1.01**2 - 1, 0.01]
    np.testing.assert_allclose(returns, expected)
    # Behind a hole a closed session is as little known.
    market.indices.iloc[8] = NAN
    expected[8:11] = [NAN, NAN, 1.01**3 - 1]
    np.testing.assert_allclose(benchmark_returns(market, 0, "GSPC"), expected)


def test_both_are_compared_from_one_common_session_to_the_next() -> None:
    own = np.array([0.0, 0.1, 0.2, -0.5, 1.0, 0.3])
    both = common(own, np.array([NAN, 0.0, 0.05, NAN, 0.1, NAN]))
    assert both is not None
    assert (both.at.tolist(), both.missing.tolist(), both.days) == ([1, 2, 4], [3], 4)
    np.testing.assert_allclose(both.other, [0.0, 0.05, 0.1])
    # From session 2 to session 4 the strategy halves and doubles.
    np.testing.assert_allclose(both.own, [0.0, 0.2, 0.0], atol=1e-12)
    # Two changes in three sessions, at 252 sessions a year.
    assert both.sessions_per_year(252) == 252 * 2 / 3
    many = common(np.stack([own, 0 * own], axis=1), np.array([NAN, 0.0, 0.05, NAN, 0.1, NAN]))
    assert many is not None
    np.testing.assert_array_equal(many.own, np.stack([both.own, [0, 0, 0]], axis=1))


def test_a_benchmark_that_covers_all_changes_no_bit() -> None:
    own = np.random.default_rng(0).normal(0, 0.01, 50)
    both = common(own, own)
    assert both is not None
    assert both.whole
    assert both.own is own
    assert both.sessions_per_year(245.3) == 245.3


def test_one_common_session_compares_nothing() -> None:
    assert common(np.zeros(3), np.array([NAN, 0.0, NAN])) is None
