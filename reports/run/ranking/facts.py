"""How well the scores of a run rank the stocks of each date, in numbers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.directory.result import Result
from rollsight.backtests.ranks.beside import Beside
from rollsight.backtests.ranks.coefficients import FEWEST_NAMES
from rollsight.backtests.ranks.ranked import Ranked, averaged, both_outcomes
from rollsight.base.records import record
from rollsight.reports.run.ranking.deciles import Deciles, deciles
from rollsight.reports.run.ranking.excess import Excess, YearExcess, excess_by_year, excess_data
from rollsight.reports.run.ranking.features import FeatureRank, feature_ranks

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ranking:
    """How well ``p_up - p_down`` ranks the stocks of each date.

    Attributes
    ----------
    names
        mean number of labelled stocks on the dates that count
    excess, excess_years
        of the account
    every
        of how many decision dates one was looked at for the fields after it, see `Beside`; None
        where none was
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
    every: int | None
    sizes: tuple[Ranked, ...]
    boards: tuple[Ranked, ...]
    horizons: tuple[Ranked, ...]
    features: tuple[FeatureRank, ...]

    @property
    def groups(self) -> tuple[Ranked, ...]:
        """All pairs of coefficients that have intervals on the page."""
        return (*self.years, self.all, *self.sizes, *self.boards, *self.horizons)


def ranking_data(result: Result, signals: pd.DataFrame) -> Ranking | None:
    """Return the figures of a run's ranking; None where it is not measured.

    That is so where no date has `FEWEST_NAMES` stocks, and the run is not about ranks.

    Parameters
    ----------
    signals
        those of the result, with their base rates
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
    plain, matched = (of.coefficients(score) for of in both_outcomes(gross, wild, at))
    years = pd.DatetimeIndex(dates).year.to_numpy()[: len(plain)]
    return Ranking(
        names=float(names[enough].mean()) if enough.any() else None,
        dates=int(enough.sum()),
        left_out=int((~enough).sum()),
        span=span,
        all=averaged("all", plain, matched, span=span),
        years=tuple(
            averaged(
                str(y), *(np.where(years == y, c, np.nan) for c in (plain, matched)), span=span
            )
            for y in np.unique(years)
        ),
        deciles=deciles(score, gross, net, at, span=span),
        excess=excess_data(result.equity, result.manifest["market"]["sessions_per_year"]),
        excess_years=excess_by_year(result.equity),
        **_beside(result.manifest),
    )


def asked(result: Result) -> bool:
    """Return whether a run buys the best of a date or labels within it, and so is about ranks."""
    best = result.spec.threshold.best is not None
    return best or result.spec.label.band.startswith("date")


def _beside(manifest: dict[str, Any]) -> dict[str, Any]:
    """Return what a run found out while it had its market; runs of before have none of it."""
    stored = manifest.get("ranks")
    if stored is None:
        return {"every": None} | dict.fromkeys(("sizes", "boards", "horizons", "features"), ())
    titles = {channel["name"]: channel["title"] for channel in manifest["channels"]}
    found = record(Beside, stored)
    return vars(found) | {"features": feature_ranks(found.features, titles)}
