"""Rank coefficients within dates, and among stocks as volatile."""

import time

import numpy as np
import pytest
from scipy import stats

from rollsight.backtests.ranks.coefficients import (
    cells_of,
    matched_outcomes,
    outcomes,
    volatility_buckets,
)
from rollsight.base.resampling import mean_estimate
from tests.support.simulated.overlaps import SPAN, label_returns, plausible


def dates_of(dates: int, names: int) -> np.ndarray:
    return np.repeat(np.arange(dates), names)


def test_ranks_are_those_of_each_cell_with_ties_shared() -> None:
    rng = np.random.default_rng(0)
    cell, values = rng.integers(7, size=400), rng.normal(size=400).round(1)
    found = cells_of(cell).ranks(values)
    for k in range(7):
        assert (found[cell == k] + 1).tolist() == stats.rankdata(values[cell == k]).tolist()
    assert cells_of(np.zeros(0, dtype=np.int64)).ranks(np.zeros(0)).tolist() == []


def test_cells_beyond_two_bytes_are_ranked_alike() -> None:
    values, cell = np.array([2.0, 1.0, 3.0, 0.5]), np.array([0, 0, 65_536, 65_537])
    assert cells_of(cell).ranks(values).tolist() == [1, 0, 0, 0]
    assert cells_of(cell[::-1]).ranks(values[::-1]).tolist() == [0, 0, 0, 1]


def test_each_dates_coefficient_is_spearmans_without_the_rows_that_lack_one() -> None:
    rng = np.random.default_rng(1)
    score, made = rng.normal(size=(20, 40)).round(1), rng.normal(size=(20, 40)).round(1)
    made[rng.random(made.shape) < 0.1] = np.nan
    found = outcomes(made.ravel(), dates_of(20, 40)).coefficients(score.ravel())
    assert found.tolist() == pytest.approx(
        [
            stats.spearmanr(s[np.isfinite(m)], m[np.isfinite(m)]).statistic
            for s, m in zip(score, made, strict=True)
        ]
    )


def test_a_date_of_few_names_or_of_one_score_has_no_coefficient() -> None:
    rng = np.random.default_rng(2)
    date = np.repeat([0, 1, 2], [29, 30, 30])
    score, made = rng.normal(size=89), rng.normal(size=89)
    score[date == 2] = 0.5
    wild = rng.random(89)
    for found in (
        outcomes(made, date).coefficients(score),
        matched_outcomes(made, wild, date).coefficients(score),
    ):
        assert np.isfinite(found).tolist() == [False, True, False]


def test_the_matched_coefficient_is_that_of_a_hand() -> None:
    # Thirty names in five buckets: place 30 v / n x 5 puts the calmest five at 0, then six in each
    # of the next three, and seven in the last, since the share of a rank is rank / n.
    rng = np.random.default_rng(3)
    score, made, wild = rng.normal(size=30), rng.normal(size=30), rng.permutation(30) / 100.0
    bucket = np.array([min(5 * (1 + sorted(wild).index(v)) // 30, 4) for v in wild])
    assert np.bincount(bucket).tolist() == [5, 6, 6, 6, 7]
    together = score_own = made_own = 0.0
    for k in range(5):
        x, y = (stats.rankdata(of[bucket == k]) / (bucket == k).sum() for of in (score, made))
        x, y = x - x.mean(), y - y.mean()
        together, score_own, made_own = together + x @ y, score_own + x @ x, made_own + y @ y
    found = matched_outcomes(made, wild, np.zeros(30, dtype=np.int64)).coefficients(score)
    assert found.tolist() == pytest.approx([together / np.sqrt(score_own * made_own)])


def test_three_hundred_names_are_matched_in_ten_buckets() -> None:
    date = np.repeat([0, 1], [300, 299])
    found = volatility_buckets(np.random.default_rng(4).random(599), date)
    assert [len(np.unique(found[date == d])) for d in (0, 1)] == [10, 5]


def test_a_taste_for_calm_stocks_is_no_skill_at_equal_volatility() -> None:
    rng = np.random.default_rng(5)
    date, wild = dates_of(200, 100), rng.random(20_000)
    made = -0.5 * wild + rng.normal(size=20_000)
    plain = outcomes(made, date).coefficients(-wild)
    matched = matched_outcomes(made, wild, date).coefficients(-wild)
    assert plain.mean() > 0.12
    # What is left lies within buckets: a fifth as wide, a fifth of the coefficient.
    assert matched.mean() < 0.3 * plain.mean()
    knows = matched_outcomes(made, wild, date).coefficients(made + 3 * rng.normal(size=20_000))
    assert knows.mean() > 0.25


def test_returns_shuffled_within_dates_leave_the_interval_on_nothing_in_95_of_100() -> None:
    rng = np.random.default_rng(6)
    held = {"plain": 0, "matched": 0}
    date, at = dates_of(240, 40), np.arange(240)
    for _ in range(100):
        made = rng.permuted(label_returns(rng, dates=240, stocks=40), axis=1).ravel()
        score, wild = rng.normal(size=(2, 9_600))
        for name, found in (
            ("plain", outcomes(made, date).coefficients(score)),
            ("matched", matched_outcomes(made, wild, date).coefficients(score)),
        ):
            mean = mean_estimate(found, at, span=SPAN)
            assert mean.low is not None
            held[name] += mean.low < 0 < (mean.high or 0.0)
    assert plausible(held["plain"], 100, 0.95), held
    assert plausible(held["matched"], 100, 0.95), held


@pytest.mark.slow
def test_five_hundred_names_on_2500_dates_take_less_than_two_seconds() -> None:
    rng = np.random.default_rng(7)
    score, made, wild = rng.normal(size=(3, 1_250_000))
    date = dates_of(2_500, 500)
    started = time.process_time()
    outcomes(made, date).coefficients(score)
    matched_outcomes(made, wild, date).coefficients(score)
    assert time.process_time() - started < 2
