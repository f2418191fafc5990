"""The risk-free rate on the page: what Sharpe ratios and alphas are above."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.reports.page.html import percent
from rollsight.reports.page.language import Say

Float64 = npt.NDArray[np.float64]
COLUMN = "risk_free_return"  # of a table of equity


@dataclass(frozen=True)
class RiskFree:
    """The rate that ratios are above.

    Attributes
    ----------
    series
        index that it is; None of a constant
    annual
        fraction a year, of a series compounded over the run
    """

    series: str | None
    annual: float


def risk_free_data(
    rate: float | str | None, cash: Float64 | None, per_year: float
) -> RiskFree | None:
    """Return the rate of a run; None without one.

    Parameters
    ----------
    rate
        as the spec has it
    cash
        (n_days,) what it earned in each session, the first the start's 0
    per_year
        sessions a year
    """
    if rate is None or cash is None:
        return None
    if not isinstance(rate, str):
        return RiskFree(None, rate)
    grown = float(np.prod(1 + cash))
    return RiskFree(rate, grown ** (per_year / max(len(cash) - 1, 1)) - 1)


def cash_of(equity: pd.DataFrame) -> Float64 | None:
    """Return what cash earned at the risk-free rate in each session of a table of equity."""
    return equity[COLUMN].to_numpy(np.float64) if COLUMN in equity else None


def risk_free_said(found: RiskFree | None, say: Say) -> str:
    """Return what ratios are above, as it stands beside them."""
    if found is None:
        return say("no risk-free rate")
    rate = percent(found.annual, 2)
    if found.series is None:
        return say("risk-free rate {rate}", rate=rate)
    return say("risk-free rate {name}, {rate} on average", name=found.series, rate=rate)
