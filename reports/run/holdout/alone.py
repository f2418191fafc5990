"""What the opened sessions of a holdout made by themselves, which is what they were kept for."""

import pandas as pd

from rollsight.reports.page.html import percent
from rollsight.reports.page.language import Say
from rollsight.reports.run.numbers import Equity
from rollsight.reports.run.ranking.excess import Excess, excess_data


def alone_said(equity: Equity, start: str, per_year: float, say: Say) -> list[str]:
    """Return a sentence on the account before and after the start of an opened holdout.

    None where either part has too few sessions for an interval.

    Parameters
    ----------
    start
        first session that was held out
    per_year
        sessions a year
    """
    table = pd.DataFrame(
        {
            "at": equity.date,
            "return": equity.return_,
            "benchmark_return": equity.benchmark_return,
            "universe_return": equity.universe_return,
        }
    )
    later = table["at"].str.slice(0, 10) >= start
    # The first return of a part counts from the close before it, which the other part has.
    parts = table[~later], pd.concat([table[~later].tail(1), table[later]])
    before, after = (_universe(part, per_year) for part in parts)
    if before is None or after is None or after.excess.low is None:
        return []
    own = [_annual(part, per_year) for part in parts]
    return [
        say(
            "From {start} on alone the account made {own} a year, {excess} beside the equal-weight "
            "universe (log, 95 % interval {low} to {high}); before that {own_before} and "
            "{excess_before}.",
            start=start,
            own=percent(own[1], sign=True),
            excess=percent(after.excess.value, sign=True),
            low=percent(after.excess.low, sign=True),
            high=percent(after.excess.high, sign=True),
            own_before=percent(own[0], sign=True),
            excess_before=percent(before.excess.value, sign=True),
        )
    ]


def _universe(part: pd.DataFrame, per_year: float) -> Excess | None:
    found = excess_data(part, per_year) if len(part) else ()
    return next((one for one in found if one.against == "universe"), None)


def _annual(part: pd.DataFrame, per_year: float) -> float:
    """Return the return a year of all sessions but the first, which is another part's."""
    made = part["return"].to_numpy(float)[1:]
    return float((1 + made).prod() ** (per_year / len(made)) - 1)
