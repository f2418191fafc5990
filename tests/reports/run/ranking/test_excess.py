"""How far an account is ahead of its universe and of its benchmark."""

import numpy as np
import pandas as pd
import pytest

from rollsight.reports.run.ranking.excess import excess_by_year, excess_data, regressed
from tests.support.simulated.overlaps import plausible

NONE = np.nan


def account(own: np.ndarray, universe: np.ndarray, benchmark: np.ndarray) -> pd.DataFrame:
    """Return a table of equity whose first session, as a run's, is the start without a return."""
    returns = np.array([own, universe, benchmark])
    first = np.where(np.isnan(returns).all(axis=1), np.nan, 0.0)[:, None]
    columns = ["return", "universe_return", "benchmark_return"]
    table = pd.DataFrame(np.hstack([first, returns]).T, columns=columns)
    return table.assign(date=pd.bdate_range("2020-01-01", periods=len(table)))


def test_excess_alpha_and_beta_are_what_was_put_in() -> None:
    rng = np.random.default_rng(0)
    market, noise = rng.normal(0.0002, 0.01, 5_000), rng.normal(0, 0.004, 5_000)
    own = 0.0004 + 0.8 * market + noise - noise.mean()
    found = excess_data(account(own, market, np.full(5_000, np.nan)), 250)
    (beside,) = found
    assert (beside.against, beside.sessions) == ("universe", 5_000)
    year = 250 * float(np.mean(np.log1p(own) - np.log1p(market)))
    assert beside.excess.value == pytest.approx(year)
    assert beside.alpha.value == pytest.approx(0.1, abs=0.003)
    assert beside.beta.value == pytest.approx(0.8, abs=0.02)
    for estimated in (beside.excess, beside.alpha, beside.beta):
        assert estimated.low < estimated.value < estimated.high
    assert beside.alpha.t > 4


def test_the_influences_are_those_of_least_squares() -> None:
    api = pytest.importorskip("statsmodels.api")
    rng = np.random.default_rng(1)
    other = rng.normal(0.01, 0.05, 300)
    own = 0.02 + 0.5 * other + rng.normal(0, 0.02, 300)
    alpha, beta = regressed(own, other)
    fit = api.OLS(own, api.add_constant(other)).fit(cov_type="HC0")
    assert (alpha.mean(), beta.mean()) == pytest.approx(tuple(fit.params))
    errors = [of.std() / np.sqrt(300) for of in (alpha, beta)]
    assert errors == pytest.approx(list(fit.bse))


def test_a_year_without_a_benchmark_has_no_excess_over_it() -> None:
    days = np.array([0.1, 0.0]), np.array([0.05, 0.0]), np.array([NONE, NONE])
    (year,) = excess_by_year(account(*days))
    assert (year.year, year.benchmark) == (2020, None)
    assert year.universe == pytest.approx(np.log(1.1) - np.log(1.05))


def test_an_index_that_stands_still_gives_no_beta() -> None:
    own = np.random.default_rng(2).normal(0, 0.01, 500)
    (found,) = excess_data(account(own, np.zeros(500), np.full(500, NONE)), 250)
    assert found.beta.value is None
    assert found.excess.low is not None


def test_accounts_without_skill_are_ahead_of_nothing_in_95_of_100() -> None:
    rng = np.random.default_rng(3)
    held = {"excess": 0, "alpha": 0}
    for _ in range(100):
        market = rng.normal(0, 0.01, 1_000)
        # Holdings of ten sessions: what a stock does beside the market is carried on for a while.
        beside = np.convolve(rng.normal(0, 0.004, 1_009), np.ones(10) / np.sqrt(10), "valid")
        table = account(market + beside, market, np.full(1_000, NONE))
        (found,) = excess_data(table, 250)
        for name, of in (("excess", found.excess), ("alpha", found.alpha)):
            held[name] += of.low < 0 < of.high
    assert plausible(held["excess"], 100, 0.95), held
    assert plausible(held["alpha"], 100, 0.95), held
