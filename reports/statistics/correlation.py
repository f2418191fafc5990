"""Rank correlation of two short series."""

from collections.abc import Sequence


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Return Spearman's rank correlation; None for fewer than three values or equal ones.

    >>> round(rank_correlation([1, 2, 3, 4], [1, 3, 2, 4]), 9)
    0.8
    """
    if len(one) < 3 or len(set(one)) < 2 or len(set(other)) < 2:
        return None
    from scipy.stats import spearmanr  # half a second to import

    return float(spearmanr(one, other).statistic)
