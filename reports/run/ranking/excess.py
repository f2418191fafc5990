"""How far an account is ahead of the market it picks from, and of its benchmark, a year."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account.benchmark import Common, common
from rollsight.base.resampling import Estimate, mean_estimate
from rollsight.reports.run.beside.riskfree import cash_of

Float64 = npt.NDArray[np.float64]

BLOCK_SESSIONS = 20  # of sessions that are resampled together: a holding lasts about as long


@dataclass(frozen=True)
class Estimated:
    """A figure with its 95 % interval and t; None where there are too few sessions."""

    value: float | None
    low: float | None
    high: float | None
    t: float | None
    p_value: float | None


@dataclass(frozen=True)
class Excess:
    """An account beside another's returns, over the sessions that have both.

    Attributes
    ----------
    against
        ``universe``, equal weights before costs, or ``benchmark``
    sessions
        of both
    excess
        log return of the account less the other's, a year
    alpha
        return a year that is no share of the other's returns, both above the risk-free rate
    beta
        share of the other's returns in the account's
    """

    against: str
    sessions: int
    excess: Estimated
    alpha: Estimated
    beta: Estimated


@dataclass(frozen=True)
class YearExcess:
    """Log return of the account less the other's in a calendar year; None without such returns."""

    year: int
    universe: float | None
    benchmark: float | None


def excess_data(equity: pd.DataFrame, per_year: float) -> tuple[Excess, ...]:
    """Return the account beside the universe and the benchmark, whichever there is.

    Parameters
    ----------
    equity
        daily ``return``, ``universe_return``, ``benchmark_return``, and ``risk_free_return`` if any
    per_year
        sessions a year
    """
    own, cash = equity["return"].to_numpy(float), cash_of(equity)
    found = (
        excess_over(
            against, common(own, equity[f"{against}_return"].to_numpy(float)), per_year, cash
        )
        for against in ("universe", "benchmark")
    )
    return tuple(one for one in found if one is not None)


def excess_by_year(equity: pd.DataFrame) -> tuple[YearExcess, ...]:
    """Return the account's log return less the others' by calendar year."""
    year = equity["date"].dt.year
    returns = equity[["return", "universe_return", "benchmark_return"]].astype(float)
    logs = returns.transform(np.log1p).groupby(year)
    own = logs["return"].sum()
    others = logs[["universe_return", "benchmark_return"]].sum(min_count=1).sub(own, axis=0)
    return tuple(
        YearExcess(int(str(y)), *(None if np.isnan(v) else -float(v) for v in row))
        for y, row in zip(others.index, others.to_numpy(), strict=True)
    )


def regressed(own: Float64, other: Float64) -> tuple[Float64, Float64]:
    """Return series whose means are alpha and beta, a session each, and whose errors are theirs.

    Ordinary least squares of the account's returns on the other's; each session is given its
    influence on the coefficient, so that one interval serves means and coefficients alike.

    Parameters
    ----------
    own, other
        (n,) returns

    >>> alpha, beta = regressed(np.array([0.03, 0.01, 0.05]), np.array([0.01, 0.0, 0.02]))
    >>> float(alpha.mean().round(4)), float(beta.mean().round(4))
    (0.01, 2.0)
    """
    away = other - other.mean()
    slope = float(away @ own / (away @ away))
    rest = own - own.mean() - slope * away
    influence = rest * away / np.mean(away**2)
    return own - slope * other - other.mean() * influence, slope + influence


def excess_over(
    against: str, both: Common | None, per_year: float, cash: Float64 | None = None
) -> Excess | None:
    """Return an account beside another's returns; None where they share fewer than three sessions.

    Parameters
    ----------
    per_year
        sessions a year, of all
    cash
        what it earned in all sessions at the risk-free rate; None is 0
    """
    if both is None or len(both.at) < 3:
        return None
    year = both.sessions_per_year(per_year)
    # The first return of either is the start's 0.
    own, other = both.own[1:], both.other[1:]
    free = 0.0 if cash is None else both.over(cash)[1:]
    alpha, beta = (None, None) if np.ptp(other) == 0 else regressed(own - free, other - free)
    return Excess(
        against=against,
        sessions=len(own),
        excess=_estimated(np.log1p(own) - np.log1p(other), year),
        alpha=_estimated(alpha, year),
        beta=_estimated(beta, 1.0),
    )


def _estimated(values: Float64 | None, scale: float) -> Estimated:
    if values is None:
        return Estimated(None, None, None, None, None)
    found = mean_estimate(values, np.arange(len(values)), span=BLOCK_SESSIONS)
    value, low, high = (_scaled(v, scale) for v in (found.value, found.low, found.high))
    return Estimated(value, low, high, _t(found), found.p_value)


def _scaled(value: float | None, scale: float) -> float | None:
    return None if value is None else value * scale


def _t(found: Estimate) -> float | None:
    if found.value is None or found.error is None:
        return None
    return found.value / found.error
