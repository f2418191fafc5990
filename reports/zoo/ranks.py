"""How models rank over windows, and which of them are tied.

Friedman's test of mean ranks with Nemenyi's critical difference (Demsar, Statistical Comparisons of
Classifiers over Multiple Data Sets, 2006): windows are as unequal as data sets, ranks take no side
on how far a wild window parts models, and no prior has to be chosen. Test spans do not overlap.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

DECIMALS = 6  # of a log-loss, nats: models that differ by less are tied
FEWEST = 5  # windows
LEVEL = 0.05


@dataclass(frozen=True)
class Ranks:
    """Mean ranks of models over windows, 1 the best.

    Attributes
    ----------
    names, ranks
        best first
    difference
        mean ranks closer than that are no different, Nemenyi
    p_value
        of all models being alike, Friedman
    windows
        that were ranked
    tied
        first and last place of each longest group of models that are no different
    """

    names: tuple[str, ...]
    ranks: tuple[float, ...]
    difference: float
    p_value: float
    windows: int
    tied: tuple[tuple[int, int], ...]


def ranks_of(losses: pd.DataFrame) -> Ranks | None:
    """Return the ranks of models, None with fewer than five windows or three models.

    Parameters
    ----------
    losses
        one row a window, one column a model, nats
    """
    windows, models = losses.shape
    if windows < FEWEST or models < 3:
        return None
    from scipy.stats import chi2, studentized_range  # half a second to import

    each = losses.round(DECIMALS).rank(axis=1)
    mean = each.mean().sort_values(kind="stable")
    # With ties, the variance that the ranks have and not that of 1 to k (Conover, 1999).
    spread = float(((each - (models + 1) / 2) ** 2).to_numpy().sum())
    between = windows * float(((mean - (models + 1) / 2) ** 2).sum())
    statistic = windows * (models - 1) * between / spread if spread else 0.0
    quantile = float(studentized_range.ppf(1 - LEVEL, models, np.inf)) / np.sqrt(2)
    difference = quantile * float(np.sqrt(models * (models + 1) / (6 * windows)))
    ranks = mean.to_numpy()
    return Ranks(
        names=tuple(map(str, mean.index)),
        ranks=tuple(map(float, ranks)),
        difference=difference,
        p_value=float(chi2.sf(statistic, models - 1)),
        windows=windows,
        tied=_groups(ranks, difference),
    )


def _groups(ranks: "np.ndarray", difference: float) -> tuple[tuple[int, int], ...]:
    """Return the longest runs of two and more models whose ranks lie within a difference."""
    found: list[tuple[int, int]] = []
    for first in range(len(ranks)):
        last = int(np.searchsorted(ranks, ranks[first] + difference, side="right")) - 1
        if last > first and (not found or last > found[-1][1]):
            found.append((first, last))
    return tuple(found)
