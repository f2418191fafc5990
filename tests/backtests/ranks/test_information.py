import numpy as np
import pandas as pd
import pytest
from scipy import stats

from rollsight.backtests.ranks.information import (
    Information,
    information,
    newey_west_t,
    rank_coefficients,
)


def rows(p_up: np.ndarray, made: np.ndarray) -> pd.DataFrame:
    """Return a table of rows from values by date and stock."""
    at = np.repeat(np.arange(p_up.shape[0]), p_up.shape[1])
    return pd.DataFrame(
        {
            "decided_at": pd.Timestamp("2024-01-01") + pd.to_timedelta(at, "D"),
            "at": at,
            "p_up": p_up.ravel(),
            "label_return": made.ravel(),
        }
    )


def test_each_dates_coefficient_is_spearmans_ties_included() -> None:
    rng = np.random.default_rng(0)
    p_up, made = rng.normal(size=(30, 12)).round(1), rng.normal(size=(30, 12)).round(1)
    found = rank_coefficients(rows(p_up, made))
    expected = [stats.spearmanr(p, m).statistic for p, m in zip(p_up, made, strict=True)]
    assert found["coefficient"].tolist() == pytest.approx(expected)


def test_dates_that_rank_nothing_have_no_coefficient() -> None:
    p_up = np.array([[0.5, 0.5, 0.5], [0.1, 0.2, 0.3]])
    made = np.array([[0.1, 0.2, 0.3], [0.3, 0.2, 0.1]])
    found = rank_coefficients(rows(p_up, made))
    assert found["at"].tolist() == [1]
    assert found["coefficient"].tolist() == pytest.approx([-1])
    two_stocks = rank_coefficients(rows(p_up[1:, :2], made[1:, :2]))
    assert information(two_stocks, span=3) == Information(
        dates=0, mean=None, low=None, high=None, p_value=None, t=None, positive=None
    )


def test_the_robust_t_is_newey_and_wests() -> None:
    values = np.array([1.0, 3.0, 2.0, 4.0])
    # Away from 2.5: -1.5, .5, -.5, 1.5; squares 5, lag-one products -.75 - .25 - .75 = -1.75 with
    # a weight of one half: variance (5 - 1.75) / 16.
    assert newey_west_t(values, lags=1) == pytest.approx(2.5 / np.sqrt(3.25 / 16))
    assert newey_west_t(np.ones(5), lags=1) is None


def test_the_robust_t_agrees_with_statsmodels() -> None:
    api = pytest.importorskip("statsmodels.api")
    values = np.random.default_rng(1).normal(size=200).cumsum() / 10
    fit = api.OLS(values, np.ones(200)).fit(cov_type="HAC", cov_kwds={"maxlags": 22})
    assert newey_west_t(values, lags=22) == pytest.approx(fit.tvalues[0])


def test_a_ranking_that_knows_is_told_from_one_that_does_not() -> None:
    rng = np.random.default_rng(2)
    made = rng.normal(size=(300, 20))
    knows, guesses = made + 3 * rng.normal(size=made.shape), rng.normal(size=made.shape)
    good, luck = (information(rank_coefficients(rows(p, made)), span=3) for p in (knows, guesses))
    assert good.dates == 300
    assert good.low > 0.2
    assert good.t > 10
    assert luck.low < 0 < luck.high
    assert 0.35 < luck.positive < 0.65
