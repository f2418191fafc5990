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
    hits, counts = np.full(200, 1), np.full(200, 4)
    assert mean_interval(hits, counts, span=2) == (0.25, 0.25)


def test_too_few_blocks_with_rows_have_no_interval() -> None:
    counts = np.zeros(400, dtype=np.int64)
    assert mean_interval(counts, counts, span=5) is None
    counts[:190] = 3  # nineteen blocks of ten dates
    assert mean_interval(counts, counts, span=5) is None
    counts[:200] = 3
    assert mean_interval(counts, counts, span=5) is not None


def test_runs_of_alike_dates_widen_the_interval_when_blocks_know_of_them() -> None:
    hits = np.repeat(np.random.default_rng(0).integers(2, size=100), 10)  # 100 runs of 10 dates
    counts = np.ones(1_000, dtype=np.int64)
    narrow, wide = (mean_interval(hits, counts, span=s) for s in (1, 20))
    assert narrow is not None
    assert wide is not None
    # A hundred coins, not a thousand: blocks of 2 dates see 1.9 of the factor 10, of 40 nearly all.
    assert (wide[1] - wide[0]) / (narrow[1] - narrow[0]) == pytest.approx(5**0.5, rel=0.25)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    covered = 0
    for seed in range(200):
        hits = rng.binomial(3, 0.4, size=240)
        low, high = mean_interval(hits, np.full(240, 3), span=2, draws=300, seed=seed) or (0, 0)
        covered += low <= 0.4 <= high
    assert 0.88 <= covered / 200 <= 0.98


def test_overlapping_labels_are_covered_nearly_as_often() -> None:
    rng = np.random.default_rng(2)
    ones, covered = np.ones(1_500, dtype=np.int64), 0
    for seed in range(100):
        # Labels of eleven sessions, one decided a day: UP when their summed noise is above 0.
        noise = np.cumsum(rng.normal(size=1_511))
        hits = (noise[11:] > noise[:-11]).astype(np.int64)
        low, high = mean_interval(hits, ones, span=11, draws=300, seed=seed) or (0, 0)
        covered += low <= 0.5 <= high
    assert covered / 100 >= 0.85
