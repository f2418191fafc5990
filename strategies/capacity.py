"""The largest buy that what is traded of a stock bears."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.prices.market import Market
from rollsight.strategies.plan import Terms
from rollsight.strategies.spec import StrategySpec

THIN = "less than one share under the capacity"  # what became of such a buy


def has_value(market: Market) -> bool:
    """Return whether the value traded can be told."""
    return market.volume is not None or market.amount is not None


def require_value(spec: StrategySpec, *, there: bool) -> None:
    """Raise if a share of the traded value is asked for where it is not there."""
    if spec.capacity is not None and not there:
        raise RollsightError(
            f"strategy.capacity={spec.capacity} is a share of the traded value, and the market "
            "folder has neither Volume nor Amount: add one of them, or leave strategy.capacity "
            "unset"
        )


def largest_orders(
    market: Market, chosen: pd.DataFrame, terms: Sequence[Terms], first: int
) -> npt.NDArray[np.float64]:
    """Return the most money that each buy may take; infinite where its session sets no capacity.

    Parameters
    ----------
    chosen
        buys with columns day and, where a session sets a capacity, traded_value
    terms
        of every session from ``first`` on
    """
    capped = next((own.spec for own in terms if own.spec.capacity is not None), None)
    if capped is None:
        return np.full(len(chosen), np.inf)
    require_value(capped, there=has_value(market))
    shares = [terms[day - first].spec.capacity for day in chosen["day"].tolist()]
    share = np.array(shares, dtype=np.float64)  # NaN for None
    known = chosen["traded_value"].to_numpy(np.float64)
    return np.where(np.isnan(share), np.inf, share * known)
