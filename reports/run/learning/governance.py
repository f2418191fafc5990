"""Thresholds held to account: what each window's choice was worth on the dates after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from rollsight.backtests.directory.result import Result
from rollsight.reports.statistics.among import rows_among
from rollsight.training.deciding.threshold import BuyCurve, best, buy_curve, buy_score
from rollsight.training.spec import Score, ThresholdSpec

STABILITY = ("low", "high", "near", "optimism")
ROWS = ["p_down", "p_hold", "p_up", "plain_label", "net_label_return"]
MEANS = ("validation_score", "test_score", "gap", "optimism", "regret", "near")


@dataclass(frozen=True)
class Governance:
    """What a window's threshold was worth, in units of the objective; None where it has none.

    Attributes
    ----------
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
    found = []
    for window in result.windows.to_dict("records"):
        own = rows_among(rows, number == window["number"])
        found.append(window_governance(window, own[own["plain_label"] >= 0], result.spec.threshold))
    return found


def window_governance(window: dict[Any, Any], rows: pd.DataFrame, spec: ThresholdSpec) -> Governed:
    """Return the account of one window's threshold.

    The best threshold in hindsight must leave as large a share of the test rows as
    ``spec.min_buys`` is of the validation rows. Regret is its objective less the chosen one's; it
    is negative where fewer buys than that did better.

    Parameters
    ----------
    window
        a row of the windows
    rows
        labelled test rows of the window, with probabilities, plain_label and net_label_return
    """
    curve = buy_curve(
        buy_score(rows[["p_down", "p_hold", "p_up"]].to_numpy(), spec.score),
        rows["plain_label"].to_numpy(),
        rows["net_label_return"].to_numpy(),
        candidates=np.asarray(window["curve_threshold"], dtype=np.float64),
        spec=spec,
    )
    stable = {key: window[f"threshold_{key}"] for key in STABILITY}
    chosen = _chosen(window, curve)
    hindsight = _hindsight(curve, spec.min_buys / window["validation_rows"] * len(rows))
    found = {**chosen, **hindsight, **stable}
    found["gap"] = found["validation_score"] - found["test_score"]
    found["regret"] = found["hindsight_score"] - found["test_score"]
    found["within"] = _within(found)
    return Governed(
        governance=Governance(**found),
        curve_test_buys=tuple(curve.buys),
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
    """

    objective: str
    score: Score
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
        score=spec.score,
        windows=len(each),
        trading=int(each["validation_score"].notna().sum()),
        counted=len(counted),
        **{key: _mean(counted[key]) for key in MEANS},
        within=_mean(within.astype(float)),
    )


def _mean(values: pd.Series) -> float | None:
    found = values.mean()
    return None if np.isnan(found) else float(found)


def _chosen(window: dict[Any, Any], curve: BuyCurve) -> dict[str, Any]:
    """Return what the chosen threshold was worth on validation and on test."""
    at = np.flatnonzero(curve.threshold == window["threshold"])
    names = ("validation_score", "validation_buys", "test_score", "test_buys", "test_precision",
             "test_net_return")  # fmt: skip
    if not len(at):
        return dict.fromkeys(names, np.nan)
    (k,) = at
    values = (window["curve_score"][k], window["curve_buys"][k], curve.objective[k], curve.buys[k],
              curve.precision[k], curve.net_return[k])  # fmt: skip
    return dict(zip(names, values, strict=True))


def _hindsight(curve: BuyCurve, fewest: float) -> dict[str, Any]:
    k = int(best(curve.objective, curve.buys, fewest)) if len(curve.threshold) else -1
    values = (curve.threshold, curve.objective, curve.buys)
    return {
        name: np.nan if k < 0 else of[k]
        for name, of in zip(("hindsight", "hindsight_score", "hindsight_buys"), values, strict=True)
    }


def _within(found: dict[str, Any]) -> bool | None:
    """Return whether other validation dates might have chosen the hindsight's threshold."""
    if any(np.isnan(found[key]) for key in ("low", "high", "hindsight")):
        return None
    return bool(found["low"] <= found["hindsight"] <= found["high"])
