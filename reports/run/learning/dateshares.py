"""Whether a run's models choose days or stocks, by where the variance of their forecasts lies."""

from dataclasses import dataclass

import pandas as pd

from rollsight.reports.page.html import percent
from rollsight.reports.page.language import Say
from rollsight.training.deciding.datevariance import DateVariance, pooled

MOST = 2 / 3  # of the variance: from there on a sentence says what is chosen


@dataclass(frozen=True)
class DateShares:
    """Share of the variance of the probability of UP that lies between dates; None without any.

    Attributes
    ----------
    validation
        of the rows that thresholds were tuned on
    test
        of all test rows
    """

    validation: float | None
    test: float | None


def date_shares(windows: pd.DataFrame) -> DateShares:
    """Return the shares of all windows, each about its own mean, from the table of windows."""
    return DateShares(_pooled(windows, "validation"), _pooled(windows, "test"))


def date_sentence(shares: DateShares, say: Say) -> str:
    """Return one sentence that says whether the model chooses days or stocks."""
    if shares.test is None:
        return say("The probability of UP is the same in every test row: no row is chosen by it.")
    if shares.test >= MOST:
        what = say("the model chooses days, and hardly stocks")
    elif shares.test <= 1 - MOST:
        what = say("the model chooses stocks, and hardly days")
    else:
        what = say("the model chooses days as well as stocks")
    return say(
        "Of the variance of the probability of UP {validation} lies between dates on validation "
        "and {test} on test: {what}.",
        validation=percent(shares.validation, 0),
        test=percent(shares.test, 0),
        what=what,
    )


def _pooled(windows: pd.DataFrame, span: str) -> float | None:
    columns = [f"{span}_rows", f"{span}_variance", f"{span}_date_share"]
    parts = [
        DateVariance(int(rows), float(variance), None if pd.isna(share) else float(share))
        for rows, variance, share in windows[columns].itertuples(index=False)
    ]
    return pooled(parts).share
