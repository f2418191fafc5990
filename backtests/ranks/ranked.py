"""Both rank coefficients of a score, on the mean of some dates."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.ranks.coefficients import Outcomes, matched_outcomes, outcomes
from rollsight.backtests.ranks.information import Information, information

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ranked:
    """Rank coefficients of a score with what the stocks made, before costs.

    Attributes
    ----------
    name
        of the group of dates or of stocks, of the horizon, or of the score
    plain
        among all stocks of the date
    matched
        among those as volatile
    """

    name: str
    plain: Information
    matched: Information


Both = tuple[Outcomes, Outcomes]


def both_outcomes(made: Float64, volatility: Float64, date: Ints) -> Both:
    """Return what stocks made, among all of their date and among those as volatile.

    Parameters
    ----------
    made, volatility
        (n,) of each row; NaN where there is none
    date
        (n,) positions of each row's date
    """
    return outcomes(made, date), matched_outcomes(made, volatility, date)


def ranked(name: str, score: Float64, made: Both, *, span: int) -> Ranked:
    """Return both coefficients of a score.

    Parameters
    ----------
    score
        (n,) of each row
    span
        dates that a return spans
    """
    plain, matched = (of.coefficients(score) for of in made)
    return averaged(name, plain, matched, span=span)


def averaged(name: str, plain: Float64, matched: Float64, *, span: int) -> Ranked:
    """Return two series of coefficients as their means; NaN on dates that do not count.

    Parameters
    ----------
    plain, matched
        (n_dates,)
    span
        dates that a return spans
    """
    return Ranked(name, *(_mean(found, span=span) for found in (plain, matched)))


def _mean(coefficients: Float64, *, span: int) -> Information:
    at = np.flatnonzero(np.isfinite(coefficients))
    return information(pd.DataFrame({"at": at, "coefficient": coefficients[at]}), span=span)
