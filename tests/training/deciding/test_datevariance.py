"""Whether forecasts choose days or stocks, worked out by hand."""

import numpy as np
import pytest

from rollsight.training.deciding.datevariance import DateVariance, date_variance, pooled


def test_the_share_between_dates_is_that_of_their_means() -> None:
    # One date of three rows and one of one: means .2 and .6, .3 of all four. Squares about .3:
    # .04 + .01 + 0 + .09 = .14; between dates 3 * .1^2 + 1 * .3^2 = .12.
    found = date_variance(np.array([0.1, 0.2, 0.6, 0.3]), np.array([7, 7, 9, 7]))
    assert found.rows == 4
    assert found.variance == pytest.approx(0.14 / 4)
    assert found.share == pytest.approx(0.12 / 0.14)


def test_days_alone_are_all_of_it_and_stocks_alone_nothing() -> None:
    date = np.repeat(np.arange(5), 4)
    day = np.random.default_rng(0).random(5)
    assert date_variance(day[date], date).share == pytest.approx(1)
    stock = np.tile([0.1, 0.4, 0.3, 0.2], 5)
    assert date_variance(stock, date).share == pytest.approx(0)


def test_where_dates_mean_nothing_chance_gives_them_their_share_of_rows() -> None:
    date = np.repeat(np.arange(400), 5)
    drawn = [np.random.default_rng(seed).random(2_000) for seed in range(40)]
    shares = [date_variance(each, date).share or 0.0 for each in drawn]
    assert np.mean(shares) == pytest.approx(399 / 1_999, abs=0.005)


def test_rows_that_do_not_vary_have_no_share() -> None:
    # A tenth is no double: a mean of many would differ from it.
    same = date_variance(np.full(1_000, 0.1), np.arange(1_000) // 7)
    assert same == DateVariance(1_000, 0.0, None)
    assert date_variance(np.zeros(0), np.zeros(0, dtype=np.int64)) == DateVariance(0, 0.0, None)


def test_windows_are_pooled_about_their_own_means() -> None:
    # Variances .04 of 10 rows and .01 of 30: sums .4 and .3, of which .4 and 0 between dates.
    parts = [DateVariance(10, 0.04, 1.0), DateVariance(30, 0.01, 0.0), DateVariance(5, 0.0, None)]
    found = pooled(parts)
    assert (found.rows, found.share) == (45, pytest.approx(4 / 7))
    assert found.variance == pytest.approx(0.7 / 45)
    assert pooled([]) == DateVariance(0, 0.0, None)
