"""What the buys at a threshold rest on: rows, the dates that they lie on, and blocks of these."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import RollsightError
from rollsight.training.spec import ThresholdSpec

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Support:
    """How much the buys at each of some thresholds rest on.

    Stocks of one date move together and labels of neighbouring dates overlap, so that a hundred
    buys of three dates say little more than three buys.

    Attributes
    ----------
    buys
        (..., n) rows at or above each threshold
    dates
        (..., n) distinct dates of these rows
    blocks
        (..., n) blocks of consecutive dates, one label span long, that hold one of these rows
    """

    buys: Ints | Float64
    dates: Ints | Float64
    blocks: Ints | Float64

    def reaches(self, least: "Least") -> Bools:
        """Return (..., n): where there is at least so much of each."""
        return np.asarray(
            (self.buys >= least.buys) & (self.dates >= least.dates) & (self.blocks >= least.blocks)
        )


@dataclass(frozen=True)
class Least:
    """The fewest buys, dates and blocks of dates that a threshold may rest on."""

    buys: float
    dates: float
    blocks: float


def least(spec: ThresholdSpec) -> Least:
    """Return what a threshold must rest on to be taken."""
    return Least(spec.min_buys, spec.min_dates, spec.min_blocks)


def require_room(spec: ThresholdSpec, *, validation_days: int, horizon: int) -> None:
    """Raise where no validation span holds as many dates or blocks as a threshold must rest on.

    Raises
    ------
    RollsightError
        If labels are known in time on too few dates of validation.
    """
    span = horizon + 1
    dates = validation_days - span
    blocks = -(-dates // span)
    where = f"of windows.validation_days={validation_days} with label.horizon={horizon}"
    for key, asked, there, what in (
        ("min_dates", spec.min_dates, dates, "sessions whose labels are known in time"),
        ("min_blocks", spec.min_blocks, blocks, f"blocks of {span} such sessions"),
    ):
        if asked > there:
            raise RollsightError(
                f"threshold.{key}={asked} is more than the {there} {what} {where}: lower it, "
                "lengthen windows.validation_days or shorten label.horizon"
            )


def support(score: Float64, date: Ints, candidates: Float64, *, span: int) -> Support:
    """Return what the buys at each candidate threshold rest on.

    Blocks are counted from the first date that has a row.

    Parameters
    ----------
    score, date
        (n_rows,)
    candidates
        (n,) ascending
    span
        dates that a label spans

    >>> score, date = np.array([0.6, 0.9, 0.7, 0.8]), np.array([1, 1, 2, 9])
    >>> found = support(score, date, np.array([0.6, 0.7, 0.9]), span=2)
    >>> found.buys.tolist(), found.dates.tolist(), found.blocks.tolist()
    ([4, 3, 1], [3, 3, 1], [2, 2, 1])
    """
    _, at = np.unique(date, return_inverse=True)
    return Support(
        buys=len(score) - np.searchsorted(np.sort(score), candidates),
        dates=_reached(score, at, candidates),
        blocks=_reached(score, at // span, candidates),
    )


def _reached(score: Float64, group: Ints, candidates: Float64) -> Ints:
    """Return (n,): of how many groups of rows the highest score is at or above each candidate."""
    highest = np.full(group.max(initial=-1) + 1, -np.inf)
    np.maximum.at(highest, group, score)
    return np.asarray(len(highest) - np.searchsorted(np.sort(highest), candidates))
