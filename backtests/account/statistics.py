"""Figures of return series."""

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
STILL = 1e-6  # a deviation below this share of the mean is rounding


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


def sharpe_ratio(returns: Float64, sessions_per_year: float) -> float | None:
    """Return mean over standard deviation, annualised; None for a series that never varies."""
    deviation = volatility(returns, sessions_per_year)
    mean = float(returns[1:].mean()) if deviation else 0.0
    # Of a constant return the deviation is rounding.
    if not deviation or deviation <= STILL * abs(mean):
        return None
    return mean * sessions_per_year / deviation


def volatility(returns: Float64, sessions_per_year: float) -> float | None:
    """Return the annualised standard deviation, fraction; None for fewer than two returns."""
    if len(returns) < 3:  # the first is the start's 0
        return None
    return float(returns[1:].std(ddof=1) * np.sqrt(sessions_per_year))


def max_drawdown(returns: Float64) -> float:
    """Return the deepest fall from a high, fraction, at most 0."""
    value = np.cumprod(1 + returns)
    return float((value / np.maximum(np.maximum.accumulate(value), 1.0) - 1).min())
