"""How far buys are ahead of other stocks and of other days, with what luck does of either."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.buyers.alike import GROUPS
from rollsight.base.resampling import Estimate, difference_estimate, mean_estimate
from rollsight.reports.statistics.baserates import of_others
from rollsight.reports.statistics.judgement import Against, Evidence
from rollsight.reports.statistics.randombuys import BesideFigure

Float64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
ROUNDING = 1e-12  # sums of the same returns in another order differ in their last digits


def stocks_lead(
    rows: pd.DataFrame, bought: Bools, drawn: BesideFigure | None, *, span: int
) -> tuple[Evidence, int]:
    """Return what a buy earned less the equally volatile stocks of its date, and its blocks.

    Parameters
    ----------
    rows
        labelled rows with ``at``, ``alike`` and ``net_label_return``
    bought
        (n_rows,) which of them are buys
    drawn
        the mean net return of the buys beside that of random ones
    span
        dates that a label spans
    """
    net, at = _of(rows)
    ahead = net - of_others(net, at * GROUPS + rows["alike"].to_numpy(np.int64))
    own = bought & np.isfinite(ahead)
    found = mean_estimate(ahead[own], at[own], span=span)
    return measured("stocks", found, drawn), found.blocks


def days_lead(rows: pd.DataFrame, bought: Bools, *, span: int) -> Evidence:
    """Return what all stocks earned on the dates of the buys, less what they earned otherwise.

    Parameters are those of `stocks_lead`. Random buyers make the same buys, all of them moved by
    as many dates; those that leave the end come in at the start.
    """
    net, at = _of(rows)
    dates, at = np.unique(at, return_inverse=True)
    every = np.bincount(at, net) / np.bincount(at)
    found = difference_estimate(every[at], bought, dates[at], span=span)
    if found.value is None:
        return measured("days", found, None)
    buys = np.bincount(at[bought], minlength=len(dates))
    moved = np.array([(buys * np.roll(every, by)).sum() for by in range(len(dates))])
    reach = ROUNDING * buys.sum()
    return measured("days", found, None, _shares(moved, moved[0], reach))


def measured(
    against: Against,
    found: Estimate,
    drawn: BesideFigure | None,
    shares: tuple[float, float] | None = None,
) -> Evidence:
    """Return an estimate as evidence, with the shares of random buyers as good and as bad."""
    if drawn is not None:
        shares = drawn.p_value, drawn.as_bad
    good, bad = shares or (None, None)
    return Evidence(against, found.value, found.low, found.high, found.p_value, good, bad)


def _shares(drawn: Float64, own: float, reach: float) -> tuple[float, float]:
    return float((drawn >= own - reach).mean()), float((drawn <= own + reach).mean())


def _of(rows: pd.DataFrame) -> tuple[Float64, npt.NDArray[np.int64]]:
    return rows["net_label_return"].to_numpy(np.float64), rows["at"].to_numpy(np.int64)
