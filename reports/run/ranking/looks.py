"""What figures are worth once it is known among how many runs this one was looked at."""

from dataclasses import dataclass

from scipy.special import ndtr

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
        t of the best of them on the mean, if none had skill
    above
        probability that the true figure lies above what luck makes of the best; None without a t
    """

    tries: int
    luck: float
    above: dict[str, float | None]


def looks_data(
    plain: Information, matched: Information, excess: tuple[Excess, ...], *, tries: int
) -> Looks:
    """Return the deflated figures of a run that is one of so many.

    As the deflated Sharpe ratio (Bailey and Lopez de Prado, 2014), of figures divided by their
    errors, which spread by one where there is no skill. All tries are counted as independent.
    """
    luck = best_of_luck(tries)
    found = {"plain": plain.t, "matched": matched.t} | {e.against: e.excess.t for e in excess}
    return Looks(
        tries,
        luck,
        {name: None if t is None else float(ndtr(t - luck)) for name, t in found.items()},
    )
