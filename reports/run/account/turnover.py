"""How much an account trades and pays a year, and the slippage that its lead would bear."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rollsight.backtests.account.benchmark import common
from rollsight.reports.page.html import percent
from rollsight.reports.page.language import Say
from rollsight.reports.run.account.capacity import Capacity


@dataclass(frozen=True)
class Turnover:
    """What fills came to, shares of the equity at the close of their session, a year.

    Attributes
    ----------
    turnover
        half of what was bought and sold at unslipped prices
    costs
        commission, tax and slippage
    slippage
        share of the traded value; None where nothing filled
    excess
        log return of the account less that of the equal-weight universe, which pays no costs; None
        without such returns
    break_even
        slippage a side at which that excess is gone, to first order: more slippage on the same
        fills; negative where the account is behind without any
    capacity
        the buys beside what is traded; None without volumes
    """

    turnover: float
    costs: float
    slippage: float | None
    excess: float | None
    break_even: float | None
    capacity: Capacity | None = None


def turnover_data(
    orders: pd.DataFrame,
    equity: pd.DataFrame,
    per_year: float,
    capacity: Capacity | None = None,
) -> Turnover:
    """Return what an account trades and pays a year.

    Parameters
    ----------
    equity
        daily equity, return and universe_return
    per_year
        sessions a year
    """
    filled = orders[orders["filled_at"].notna()]
    years = max(len(equity) - 1, 1) / per_year
    at = equity.set_index("date")["equity"].reindex(filled["filled_at"]).to_numpy()
    traded = float((filled["filled"] * filled["price"] / at).sum()) / years
    slipped = float((filled["slippage"] / at).sum()) / years
    paid = filled[["commission", "tax", "slippage"]].sum(axis=1)
    excess, slippage = _excess(equity, per_year), slipped / traded if traded > 0 else None
    return Turnover(
        turnover=traded / 2,
        costs=float((paid / at).sum()) / years,
        slippage=slippage,
        excess=excess,
        break_even=None if excess is None or slippage is None else slippage + excess / traded,
        capacity=capacity,
    )


def _excess(equity: pd.DataFrame, per_year: float) -> float | None:
    own, other = (equity[c].to_numpy(float) for c in ("return", "universe_return"))
    both = common(own, other)
    if both is None or len(both.at) < 2:
        return None
    # The first return of either is the start's 0.
    lead = np.log1p(both.own[1:]) - np.log1p(both.other[1:])
    return float(lead.mean() * both.sessions_per_year(per_year))


def turnover_sentence(found: Turnover, say: Say) -> str:
    """Return what was traded and paid a year, and which slippage the lead would bear."""
    if found.slippage is None:
        return say("Nothing was traded.")
    told = say(
        "A year the account turns over {turnover} of its equity (half of what it buys and sells) "
        "and pays {costs} of it in commission, tax and slippage; slippage is {slippage} of the "
        "traded value.",
        turnover=percent(found.turnover, 0),
        costs=percent(found.costs, 2),
        slippage=percent(found.slippage, 3),
    )
    return told if found.excess is None else f"{told} {_break_even(found, say)}"


def _break_even(found: Turnover, say: Say) -> str:
    assert found.break_even is not None
    said = {"excess": percent(found.excess, 1, sign=True)}
    if found.break_even <= 0:
        return say(
            "After costs it made {excess} a year against the equal-weight universe (log returns), "
            "which pays none, and it would be behind without any slippage too.",
            **said,
        )
    return say(
        "After costs it made {excess} a year against the equal-weight universe (log returns), "
        "which pays none; at a slippage of {break_even} a side the two would be level, to first "
        "order and with the same fills.",
        break_even=percent(found.break_even, 3),
        **said,
    )
