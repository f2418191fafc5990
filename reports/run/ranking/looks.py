"""What figures are worth once it is known among how many runs this one was looked at."""

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from rollsight.backtests.ranks.information import Information
from rollsight.reports.run.ranking.excess import Excess
from rollsight.reports.statistics.overfitting import best_of_luck


@dataclass(frozen=True)
class Looks:
    """Figures beside the best that luck makes of so many runs.

    Attributes
    ----------
    tries
        runs that were looked at, this one among them
    luck
        standard normal draw that the best of them is on the mean, if none had skill
    above
        probability that the true figure lies above what luck makes of the best; None where there
        are too few dates for an interval
    """

    tries: int
    luck: float
    above: dict[str, float | None]


def looks_data(
    plain: Information, matched: Information, excess: tuple[Excess, ...], *, tries: int
) -> Looks:
    """Return the deflated figures of a run that is one of so many.

    As the deflated Sharpe ratio (Bailey and Lopez de Prado, 2014), of figures whose p-values are
    uniform where there is no skill. All tries are counted as independent.
    """
    luck = best_of_luck(tries)
    ranks = {"plain": plain, "matched": matched}
    found = {name: _deviate(of.mean, of.p_value) for name, of in ranks.items()}
    found |= {e.against: _deviate(e.excess.value, e.excess.p_value) for e in excess}
    return Looks(
        tries,
        luck,
        {name: None if z is None else float(ndtr(z - luck)) for name, z in found.items()},
    )


def _deviate(value: float | None, p_value: float | None) -> float | None:
    """Return the standard normal draw that is as rare as a figure.

    A t is further from 0 than that: its error is known as little as there are few blocks, and
    Newey and West's is too small by itself.
    """
    if value is None or p_value is None:
        return None
    return float(np.sign(value) * -ndtri(p_value / 2))
