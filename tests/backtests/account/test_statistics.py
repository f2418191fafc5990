import numpy as np
import pytest

from rollsight.backtests.account.statistics import (
    annual_return,
    max_drawdown,
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
    # Growth by the same share each session varies by rounding alone.
    level = 100 * 1.0003 ** np.arange(500)
    growth = np.append(0.0, level[1:] / level[:-1] - 1)
    assert growth[1:].std() > 0
    assert sharpe_ratio(growth, 245) is None


def test_a_drawdown_counts_from_the_start_too() -> None:
    assert max_drawdown(RETURNS) == pytest.approx(-0.20)
    assert max_drawdown(np.array([0.0, -0.1, 0.05])) == pytest.approx(-0.10)


def test_a_sharpe_ratio_is_of_what_is_above_the_risk_free_rate() -> None:
    cash = np.array([0.0, 0.02, 0.01, 0.03])
    above = np.array([0.08, -0.21, 0.02])
    expected = above.mean() / above.std(ddof=1) * 245**0.5
    assert sharpe_ratio(RETURNS, 245, cash) == pytest.approx(expected)


def test_an_account_of_cash_alone_has_no_sharpe_ratio_below_a_rate_that_moves() -> None:
    assert sharpe_ratio(np.zeros(4), 245, np.array([0.0, 0.02, 0.01, 0.03])) is None


def test_what_earns_the_constant_rate_has_no_sharpe_ratio() -> None:
    assert (
        sharpe_ratio(np.array([0.0, 0.02, 0.01, 0.03]), 245, np.array([0, 0.02, 0.01, 0.03]))
        is None
    )
