"""Figures of return series."""

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
STILL = 1e-6  # a deviation below this share of the mean is rounding
DAYS_PER_YEAR = 365.25


def sessions_per_year(sessions: npt.NDArray[np.datetime64]) -> float:
    """Return how many sessions a year of the calendar has, over a span of sessions."""
    years = (sessions[-1] - sessions[0]) / np.timedelta64(1, "D") / DAYS_PER_YEAR
    return float((len(sessions) - 1) / years) if years > 0 else float(len(sessions))


def changes(equity: Float64) -> Float64:
    """Return the returns of a series of equity, fractions; the first is the start's 0."""
    found = np.zeros(len(equity))
    found[1:] = equity[1:] / equity[:-1] - 1
    return found


def total_return(returns: Float64) -> float:
    """Return the compounded return of a series of fractions."""
    return float(np.prod(1 + returns) - 1)


def annual_return(returns: Float64, sessions_per_year: float) -> float:
    """Return the compounded annual growth rate, fraction; the first return is the start's 0."""
    years = (len(returns) - 1) / sessions_per_year
    return float((1 + total_return(returns)) ** (1 / years) - 1) if years > 0 else 0.0


def sharpe_ratio(
    returns: Float64, sessions_per_year: float, risk_free: Float64 | None = None
) -> float | None:
    """Return mean over standard deviation, annualised, of returns above the risk-free ones.

    Sharpe, The Sharpe Ratio, 1994. None for a series that never varies: cash has no ratio.

    Parameters
    ----------
    risk_free
        what cash earned in each session, fractions; None is 0
    """
    above = returns if risk_free is None else returns - risk_free
    deviation = _deviation(above, sessions_per_year)
    if deviation is None:
        return None
    if risk_free is not None and _deviation(returns, sessions_per_year) is None:
        return None
    return float(above[1:].mean()) * sessions_per_year / deviation


def _deviation(returns: Float64, sessions_per_year: float) -> float | None:
    """Return the volatility of a series that varies."""
    deviation = volatility(returns, sessions_per_year)
    # Of a constant return it is rounding.
    if not deviation or deviation <= STILL * abs(float(returns[1:].mean())):
        return None
    return deviation


def volatility(returns: Float64, sessions_per_year: float) -> float | None:
    """Return the annualised standard deviation, fraction; None for fewer than two returns."""
    if len(returns) < 3:  # the first is the start's 0
        return None
    return float(returns[1:].std(ddof=1) * np.sqrt(sessions_per_year))


def max_drawdown(returns: Float64) -> float:
    """Return the deepest fall from a high, fraction, at most 0."""
    value = np.cumprod(1 + returns)
    return float((value / np.maximum(np.maximum.accumulate(value), 1.0) - 1).min())
