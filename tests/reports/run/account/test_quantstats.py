"""Our figures of money, held against QuantStats' own functions on random inputs."""

import warnings
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from rollsight.backtests.account import statistics
from rollsight.reports.run.account.moneyfacts import payoff_ratio, profit_factor

Float64 = npt.NDArray[np.float64]

# Whole basis points: no value so small that rounding alone decides.
RETURNS = arrays.arrays(
    "float64", st.integers(3, 80), elements=st.integers(-2_000, 2_000).map(lambda n: n / 10_000)
)
PROFITS = arrays.arrays(
    "float64", st.integers(1, 40), elements=st.integers(-50_000, 50_000).map(float)
)


@pytest.fixture(scope="module")
def stats() -> ModuleType:
    # Its import is slow and warns of what it brings along.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from quantstats import stats
    return stats


def series(values: Float64) -> pd.Series:
    return pd.Series(values, pd.bdate_range("2015-01-01", periods=len(values)))


# Hypothesis draws anew for each example; the module of functions stays the same.
@given(RETURNS, st.integers(200, 260))
def test_figures_of_returns_are_those_of_quantstats(
    stats: ModuleType, moves: Float64, per_year: int
) -> None:
    # Our series begin with the start's 0, which is no return; QuantStats counts every row.
    ours, theirs = np.concatenate([[0.0], moves]), series(moves)
    assert statistics.total_return(ours) == pytest.approx(stats.comp(theirs))
    assert statistics.max_drawdown(ours) == pytest.approx(stats.max_drawdown(theirs), abs=1e-12)
    grown = stats.cagr(theirs, periods=per_year)
    assert statistics.annual_return(ours, per_year) == pytest.approx(grown)
    assume(np.ptp(moves) > 0)
    deviation = stats.volatility(theirs, periods=per_year, prepare_returns=False)
    assert statistics.volatility(ours, per_year) == pytest.approx(deviation)
    ratio = stats.sharpe(theirs, periods=per_year)
    assert statistics.sharpe_ratio(ours, per_year) == pytest.approx(ratio, abs=1e-9)


@given(PROFITS)
def test_figures_of_trades_are_those_of_quantstats(stats: ModuleType, profits: Float64) -> None:
    theirs = series(profits)
    factor, ratio = profit_factor(profits), payoff_ratio(profits)
    # Without a loser QuantStats says infinite or 0, and without either kind NaN; ours are absent.
    if (profits < 0).any():
        assert factor == pytest.approx(stats.profit_factor(theirs, prepare_returns=False))
    else:
        assert factor is None
    if (profits < 0).any() and (profits > 0).any():
        assert ratio == pytest.approx(stats.payoff_ratio(theirs, prepare_returns=False))
    else:
        assert ratio is None
