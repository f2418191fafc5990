"""Whether stocks with a higher probability of UP earned more than others on the same date."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.resampling import mean_estimate

Float64 = npt.NDArray[np.float64]

FEWEST_STOCKS = 3  # two stocks rank alike or opposed, which says next to nothing


@dataclass(frozen=True)
class Information:
    """The mean rank information coefficient of some dates.

    Attributes
    ----------
    low, high
        95 % interval; None where there are too few dates, as the p-value and ``t``
    t
        allows for dates that overlap
    positive
        share of the dates
    """

    dates: int
    mean: float | None
    low: float | None
    high: float | None
    p_value: float | None
    t: float | None
    positive: float | None


def rank_coefficients(rows: pd.DataFrame) -> pd.DataFrame:
    """Return each date's Spearman correlation of ``p_up`` and ``label_return`` over its stocks.

    Dates with fewer than `FEWEST_STOCKS` stocks, or where either does not vary, have none and are
    left out.

    Parameters
    ----------
    rows
        labelled rows with ``decided_at``, ``at``, ``p_up`` and ``label_return``
    """
    by_date = rows.groupby("decided_at")
    x, y = (by_date[c].rank() for c in ("p_up", "label_return"))
    x, y = (z - z.groupby(rows["decided_at"]).transform("mean") for z in (x, y))
    sums = pd.DataFrame({"xy": x * y, "xx": x * x, "yy": y * y}).groupby(rows["decided_at"]).sum()
    found: pd.Series = sums["xy"] / np.sqrt(sums["xx"] * sums["yy"])
    usable = (sums["xx"] > 0) & (sums["yy"] > 0) & (by_date.size() >= FEWEST_STOCKS)
    table = pd.DataFrame({"at": by_date["at"].first(), "coefficient": found})
    return table[usable].reset_index()


def information(coefficients: pd.DataFrame, *, span: int) -> Information:
    """Return the mean rank information coefficient with its interval and robust t.

    Parameters
    ----------
    coefficients
        one row a date, from `rank_coefficients`
    span
        dates that a label spans; coefficients less than that apart share returns
    """
    values = coefficients["coefficient"].to_numpy(float)
    mean = mean_estimate(values, coefficients["at"].to_numpy(np.int64), span=span)
    enough = mean.low is not None
    return Information(
        dates=len(values),
        mean=mean.value,
        low=mean.low,
        high=mean.high,
        p_value=mean.p_value,
        t=newey_west_t(values, lags=2 * span) if enough else None,
        positive=float((values > 0).mean()) if len(values) else None,
    )


def newey_west_t(values: Float64, *, lags: int) -> float | None:
    """Return mean over its autocorrelation-robust standard error (Newey and West, 1987).

    Parameters
    ----------
    values
        (n,) in order of time
    lags
        autocovariances that count, with weights falling to zero behind the last one
    """
    away, n = values - values.mean(), len(values)
    weights = 1 - np.arange(1, lags + 1) / (lags + 1)
    covariances = [float(away[h:] @ away[:-h]) if h < n else 0.0 for h in range(1, lags + 1)]
    variance = (float(away @ away) + 2 * float(weights @ np.array(covariances))) / n**2
    return float(values.mean() / np.sqrt(variance)) if variance > 0 else None
