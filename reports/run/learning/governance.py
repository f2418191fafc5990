"""Thresholds held to account: what each window's choice was worth on the dates after it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.directory.result import Result
from rollsight.base.records import IF_ANY
from rollsight.reports.statistics.among import rows_among
from rollsight.training.deciding.support import Least
from rollsight.training.deciding.threshold import BuyCurve, best, buy_curve
from rollsight.training.spec import Measure, ThresholdSpec

Float64 = npt.NDArray[np.float64]

ROWS = ["score", "plain_label", "net_label_return", "decided_at"]
MEANS = ("validation_score", "test_score", "gap", "optimism", "regret", "near")


@dataclass(frozen=True)
class Governance:
    """What a window's threshold was worth, in units of the objective; None where it has none.

    Attributes
    ----------
    validation_buys, validation_dates, validation_blocks
        what the threshold rests on: buys, their distinct dates, and blocks of dates, one label
        span long
    hindsight
        the best threshold of the test span; ``hindsight_score`` and ``hindsight_buys`` are its
    low, high, near, optimism
        of resampled validation spans, as in the table of windows
    gap, regret
        validation less test, and hindsight less test
    within
        the best in hindsight lies between ``low`` and ``high``
    """

    validation_score: float | None
    validation_buys: int | None
    validation_dates: int | None
    validation_blocks: int | None
    test_score: float | None
    test_buys: int | None
    test_precision: float | None
    test_net_return: float | None
    hindsight: float | None
    hindsight_score: float | None
    hindsight_buys: int | None
    low: float | None
    high: float | None
    near: float | None
    optimism: float | None
    gap: float | None
    regret: float | None
    within: bool | None


@dataclass(frozen=True)
class Governed:
    """The account of a window's threshold, and what each candidate gives on its test span."""

    governance: Governance
    curve_test_buys: tuple[int, ...]
    curve_test_precision: tuple[float | None, ...]
    curve_test_net_return: tuple[float | None, ...]
    curve_test_score: tuple[float | None, ...]


def governed(result: Result, signals: pd.DataFrame) -> list[Governed]:
    """Return, of every window, what its threshold and all others did on its test span.

    Parameters
    ----------
    signals
        those of the result, with their plain labels
    """
    number, rows = signals["window"].to_numpy(), signals[ROWS]
    span = result.spec.label.horizon + 1
    found = []
    for window in result.windows.to_dict("records"):
        own = rows_among(rows, number == window["number"])
        labelled = own[own["plain_label"] >= 0]
        found.append(window_governance(window, labelled, result.spec.threshold, span=span))
    return found


def window_governance(
    window: dict[Any, Any], rows: pd.DataFrame, spec: ThresholdSpec, *, span: int
) -> Governed:
    """Return the account of one window's threshold.

    The best threshold in hindsight must leave as large a share of the test rows as
    ``spec.min_buys`` is of the validation rows, and of the test dates and their blocks as
    ``spec.min_dates`` and ``spec.min_blocks`` are of validation's. Regret is its objective less
    the chosen one's; it is negative where fewer buys than that did better.

    Parameters
    ----------
    window
        a row of the windows
    rows
        labelled test rows of the window, with score, plain_label, net_label_return and
        decided_at
    span
        dates that a label spans
    """
    at, dates = pd.factorize(rows["decided_at"], sort=True)
    curve = buy_curve(
        rows["score"].to_numpy(),
        rows["plain_label"].to_numpy(),
        rows["net_label_return"].to_numpy(),
        at.astype(np.int64),
        candidates=np.asarray(window["curve_threshold"], dtype=np.float64),
        spec=spec,
        span=span,
    )
    days, test_days = window["validation_dates"], len(dates)
    least = Least(
        buys=spec.min_buys / window["validation_rows"] * len(rows),
        dates=spec.min_dates / days * test_days,
        blocks=spec.min_blocks / -(-days // span) * -(-test_days // span),
    )
    return Governed(
        governance=_governance(window, curve, least),
        curve_test_buys=tuple(curve.support.buys),
        curve_test_precision=tuple(curve.precision),
        curve_test_net_return=tuple(curve.net_return),
        curve_test_score=tuple(curve.objective),
    )


@dataclass(frozen=True)
class Thresholds:
    """The thresholds of all windows in sum.

    Attributes
    ----------
    objective, score
        what is tuned, and what is held against the threshold
    windows, trading, counted
        counts, of all windows, of those with a threshold, and of those that
        the means are over
    validation_score, test_score
        means of the objective at the threshold, in its own unit
    gap
        validation less test
    optimism
        what of the validation figure is the choice's own luck
    regret
        what the best threshold in hindsight would have given more
    near, within
        shares, of resampled validation spans that choose the same or the next threshold,
        and of windows whose range holds the best in hindsight
    tuned
        the windows chose their thresholds, which were not given
    """

    objective: str
    score: Measure
    windows: int
    trading: int
    counted: int
    validation_score: float | None
    test_score: float | None
    gap: float | None
    optimism: float | None
    regret: float | None
    near: float | None
    within: float | None
    tuned: bool = field(default=True, metadata=IF_ANY)


def thresholds_data(windows: Sequence[Governed], spec: ThresholdSpec) -> Thresholds:
    """Return the thresholds of all windows in sum.

    Means are over the windows that are counted: those that bought something on their test span
    and whose test span leaves enough buys for a hindsight.

    Parameters
    ----------
    windows
        of each window what `governed` returns
    """
    each = pd.DataFrame([vars(w.governance) for w in windows])
    counted = each[each["regret"].notna()]
    within = counted["within"].dropna()
    return Thresholds(
        objective=spec.objective,
        score=spec.measure,
        windows=len(each),
        trading=int(each["validation_score"].notna().sum()),
        counted=len(counted),
        **{key: _mean(counted[key]) for key in MEANS},
        within=_mean(within.astype(float)),
        tuned=spec.tuned,
    )


def _mean(values: pd.Series) -> float | None:
    found = values.mean()
    return None if np.isnan(found) else float(found)


def _governance(window: dict[Any, Any], curve: BuyCurve, least: Least) -> Governance:
    """Return what the threshold was worth on validation and on test, beside the best there."""
    (at,) = np.nonzero(curve.threshold == window["threshold"])
    chosen = int(at[0]) if len(at) else None
    allowed = curve.support.reaches(least)
    best_at = int(best(curve.objective, allowed)) if len(curve.threshold) else -1
    ideal = best_at if best_at >= 0 else None
    validation, test = _of(window["curve_score"], chosen), _of(curve.objective, chosen)
    hindsight, hindsight_score = _of(curve.threshold, ideal), _of(curve.objective, ideal)
    low, high = window["threshold_low"], window["threshold_high"]
    return Governance(
        validation_score=validation,
        validation_buys=_count(window["curve_buys"], chosen),
        validation_dates=_count(window["curve_dates"], chosen),
        validation_blocks=_count(window["curve_blocks"], chosen),
        test_score=test,
        test_buys=_count(curve.support.buys, chosen),
        test_precision=_of(curve.precision, chosen),
        test_net_return=_of(curve.net_return, chosen),
        hindsight=hindsight,
        hindsight_score=hindsight_score,
        hindsight_buys=_count(curve.support.buys, ideal),
        low=low,
        high=high,
        near=window["threshold_near"],
        optimism=window["threshold_optimism"],
        gap=validation - test,
        regret=hindsight_score - test,
        # Whether other validation dates might have chosen it.
        within=None if np.isnan([low, high, hindsight]).any() else low <= hindsight <= high,
    )


def _of(values: Sequence[float] | Float64, at: int | None) -> float:
    return np.nan if at is None else float(values[at])


def _count(values: Sequence[int] | npt.NDArray[Any], at: int | None) -> int | None:
    return None if at is None else int(values[at])
