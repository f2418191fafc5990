"""What cash earns at the risk-free rate: Sharpe ratios and alphas are of returns above it."""

import numpy as np
import numpy.typing as npt

from rollsight.backtests.account.statistics import sessions_per_year
from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.signals.known.ledger import as_of
from rollsight.signals.prices.market import Market

Float64 = npt.NDArray[np.float64]


def risk_free_returns(market: Market, rate: float | str | None) -> Float64 | None:
    """Return what cash earns from each session's close to the next one's.

    Of a rate r a year that is (1 + r)^(1/n) - 1 with n sessions a year, as QuantStats has it. A
    series has the value that was known at the first of the two closes.

    Parameters
    ----------
    rate
        fraction a year, or an index in per cent a year

    Returns
    -------
    (n_days,) fractions, each earned up to its session; NaN before the first known value;
    None without a rate

    Raises
    ------
    RollsightError
        If there is no such index, or it is no rate.
    """
    if rate is None:
        return None
    if isinstance(rate, str):
        _check(rate, market)
        known = as_of(market.indices[[rate]], market.publications, market.closes).value[:, 0]
        annual = np.concatenate([[np.nan], known[:-1] / 100])
    else:
        annual = np.full(len(market.sessions), rate)
    found: Float64 = (1 + annual) ** (1 / sessions_per_year(market.sessions)) - 1
    return found


def require_rates(
    returns: Float64 | None, market: Market, first: int, rate: float | str | None
) -> None:
    """Raise unless the risk-free rate is known from a session's close on."""
    if returns is not None and np.isnan(returns[first + 1 :]).any():
        raise RollsightError(
            f"market.risk_free={rate!r} has no value known at the close of "
            f"{market.sessions[first]}, from where returns are counted: choose a longer series or "
            "a constant, such as 0.03, or set market.start later"
        )


def _check(symbol: str, market: Market) -> None:
    if symbol not in market.publications:
        raise RollsightError(
            f"market.risk_free={symbol!r} is not among the indices in use "
            f"{did_you_mean(symbol, market.publications)}; a constant is written as a fraction, "
            "as in 0.03"
        )
    if market.publications[symbol].unit != "percent":
        raise RollsightError(
            f"market.risk_free={symbol!r} is a price, and a rate in per cent a year is asked for: "
            "choose a yield, or write a constant as a fraction, as in 0.03"
        )
    low = float(market.indices[symbol].min())
    if low <= -100:
        raise RollsightError(
            f"market.risk_free={symbol!r} is at {low:g} % a year, which leaves nothing: mend it"
        )
