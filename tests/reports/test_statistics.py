import numpy as np
import pytest

from rollsight.reports.statistics import (
    annual_return,
    max_drawdown,
    mean_interval,
    sharpe_ratio,
    total_return,
    volatility,
)

RETURNS = np.array([0.0, 0.10, -0.20, 0.05])


def test_returns_compound() -> None:
    # 1.10 * 0.80 * 1.05 = 0.924
    assert total_return(RETURNS) == pytest.approx(-0.076)


def test_the_annual_return_counts_the_calendars_own_sessions() -> None:
    # Three returns at two sessions a year are one and a half years: 0.924 ** (1 / 1.5).
    assert annual_return(RETURNS, 2) == pytest.approx(0.924 ** (2 / 3) - 1)


def test_the_first_sessions_zero_is_no_return() -> None:
    deviation = np.std([0.10, -0.20, 0.05], ddof=1)
    assert volatility(RETURNS, 245) == pytest.approx(deviation * 245**0.5)
    mean = (0.10 - 0.20 + 0.05) / 3
    assert sharpe_ratio(RETURNS, 245) == pytest.approx(mean / deviation * 245**0.5)


def test_a_flat_series_has_no_sharpe_ratio() -> None:
    assert sharpe_ratio(np.zeros(10), 245) is None


def test_a_drawdown_counts_from_the_start_too() -> None:
    assert max_drawdown(RETURNS) == pytest.approx(-0.20)
    assert max_drawdown(np.array([0.0, -0.1, 0.05])) == pytest.approx(-0.10)


def test_an_interval_of_alike_dates_is_a_point() -> None:
    hits, counts = np.full(50, 1), np.full(50, 4)
    assert mean_interval(hits, counts, block=5) == (0.25, 0.25)


def test_no_trials_or_a_single_block_have_no_interval() -> None:
    assert mean_interval(np.zeros(50, int), np.zeros(50, int), block=5) is None
    assert mean_interval(np.ones(5, int), np.ones(5, int), block=5) is None


def test_runs_of_alike_dates_widen_the_interval_when_blocks_know_of_them() -> None:
    hits = np.repeat(np.random.default_rng(0).integers(2, size=40), 10)  # 40 runs of 10 dates
    counts = np.ones(400, dtype=np.int64)
    narrow, wide = (mean_interval(hits, counts, block=b) for b in (1, 10))
    assert narrow is not None
    assert wide is not None
    # Forty coins, not four hundred: about sqrt(10) times as wide.
    assert (wide[1] - wide[0]) / (narrow[1] - narrow[0]) == pytest.approx(10**0.5, rel=0.25)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for seed in range(200):
        hits = rng.binomial(3, 0.4, size=120)
        low, high = mean_interval(hits, np.full(120, 3), block=3, draws=300, seed=seed) or (0, 0)
        covered += low <= 0.4 <= high
    assert 0.88 <= covered / 200 <= 0.98
