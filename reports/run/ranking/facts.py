"""How well the scores of a run rank the stocks of each date, in numbers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.directory.result import Result
from rollsight.backtests.ranks.coefficients import (
    FEWEST_NAMES,
    matched_coefficients_of,
    rank_coefficients_of,
)
from rollsight.backtests.ranks.information import Information, information
from rollsight.reports.run.ranking.deciles import Deciles, deciles
from rollsight.reports.run.ranking.excess import Excess, YearExcess, excess_by_year, excess_data
from rollsight.reports.run.ranking.looks import Looks, looks_data

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ranked:
    """Rank coefficients of the score with the label's return, before costs.

    Attributes
    ----------
    name
        of the group of dates or of stocks
    plain
        among all stocks of the date
    matched
        among those as volatile
    """

    name: str
    plain: Information
    matched: Information


@dataclass(frozen=True)
class Ranking:
    """How well ``p_up - p_down`` ranks the stocks of each date.

    Attributes
    ----------
    names
        mean number of labelled stocks on the dates that count
    excess, excess_years
        of the account
    dates, left_out
        dates that count, and those with fewer than `FEWEST_NAMES` labelled stocks
    span
        dates that a label spans
    """

    names: float | None
    dates: int
    left_out: int
    span: int
    all: Ranked
    years: tuple[Ranked, ...]
    deciles: Deciles
    excess: tuple[Excess, ...]
    excess_years: tuple[YearExcess, ...]
    looks: Looks


def ranking_data(result: Result, signals: pd.DataFrame, *, tries: int = 1) -> Ranking | None:
    """Return the figures of a run's ranking; None where it is not measured.

    That is so where no date has `FEWEST_NAMES` stocks, and the run is not about ranks.

    Parameters
    ----------
    signals
        those of the result, with their base rates
    tries
        runs that were looked at, this one among them
    """
    at, dates = pd.factorize(signals["decided_at"], sort=True)
    known = (signals["plain_label"] >= 0).to_numpy()
    at, rows = at[known].astype(np.int64), signals[known]
    names = np.bincount(at, minlength=len(dates))
    enough = names >= FEWEST_NAMES
    if not enough.any() and not asked(result):
        return None
    span = result.spec.label.horizon + 1
    score = (rows["p_up"] - rows["p_down"]).to_numpy(np.float64)
    gross, net, wild = (
        rows[c].to_numpy(np.float64) for c in ("label_return", "net_label_return", "volatility")
    )
    plain = rank_coefficients_of(score, gross, at)
    matched = matched_coefficients_of(score, gross, wild, at)
    whole = ranked("all", plain, matched, span=span)
    excess = excess_data(result.equity, result.manifest["market"]["sessions_per_year"])
    years = pd.DatetimeIndex(dates).year.to_numpy()[: len(plain)]
    return Ranking(
        names=float(names[enough].mean()) if enough.any() else None,
        dates=int(enough.sum()),
        left_out=int((~enough).sum()),
        span=span,
        all=whole,
        years=tuple(
            ranked(str(y), *(np.where(years == y, c, np.nan) for c in (plain, matched)), span=span)
            for y in np.unique(years)
        ),
        deciles=deciles(score, gross, net, at, span=span),
        excess=excess,
        excess_years=excess_by_year(result.equity),
        looks=looks_data(whole.plain, whole.matched, excess, tries=tries),
    )


def asked(result: Result) -> bool:
    """Return whether a run labels its stocks within their date, and so is about ranks."""
    return result.spec.label.band.startswith("date")


def ranked(name: str, plain: Float64, matched: Float64, *, span: int) -> Ranked:
    """Return two series of coefficients as their means; NaN on dates that do not count.

    Parameters
    ----------
    plain, matched
        (n_dates,)
    span
        dates that a label spans
    """
    return Ranked(name, *(mean_coefficient(found, span=span) for found in (plain, matched)))


def mean_coefficient(coefficients: Float64, *, span: int) -> Information:
    """Return the mean of a series of coefficients with its interval and robust t."""
    at = np.flatnonzero(np.isfinite(coefficients))
    return information(pd.DataFrame({"at": at, "coefficient": coefficients[at]}), span=span)
