"""How stable a tuned threshold is: chosen again on validation dates drawn anew."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.labels import Label
from rollsight.training.deciding.support import Bools, Support, least
from rollsight.training.deciding.threshold import ThresholdCurve, best, objective
from rollsight.training.spec import ThresholdSpec

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DRAWS = 1_000
LEVEL = 0.9


@dataclass(frozen=True)
class Stability:
    """What other validation dates would have chosen; None where no draw chooses a threshold.

    Attributes
    ----------
    low, high
        5th and 95th percentile of the chosen threshold
    near
        share of the draws whose choice is the actual one or a candidate beside it
    optimism
        mean of a draw's own best objective less what its choice is worth on all validation
        dates, in units of the objective: how much of the tuned score is the choice's luck
    """

    low: float | None
    high: float | None
    near: float | None
    optimism: float | None


UNKNOWN = Stability(None, None, None, None)


def stability(
    curve: ThresholdCurve,
    score: Float64,
    label: npt.NDArray[np.int8],
    net_return: Float64,
    date: Ints,
    *,
    spec: ThresholdSpec,
    span: int,
) -> Stability:
    """Return how stable the threshold of a curve is under resampled validation dates.

    Whole runs of dates, as long as a label spans, are drawn together (circular block bootstrap,
    Politis and Romano, 1992), all stocks of a date with them. A draw is as many dates as validation
    has, in blocks that are its runs: a date that was drawn twice is two of its dates.

    Parameters
    ----------
    score, label, net_return, date
        (n,) of the validation rows that the curve was tuned on
    span
        dates that a label spans
    """
    if curve.chosen < 0:
        return UNKNOWN
    every, at = np.unique(date, return_inverse=True)
    dates = _dates(len(every), span)
    drawn = _counts(dates)
    up = (label == Label.UP).astype(np.float64)
    buys, gone_up, earned = (
        _product(drawn, _sums(curve.threshold, score, at, values))
        for values in (np.ones(len(score)), up, net_return)
    )
    rows_up = _product(drawn, np.bincount(at, up).astype(np.float64)[:, None])
    value = objective(gone_up, earned, buys, rows_up=rows_up, spec=spec)
    bought = _sums(curve.threshold, score, at, np.ones(len(score))) > 0
    on_dates = _product(drawn, bought.astype(np.float64))
    found = Support(buys, on_dates, _blocks(dates, bought, span))
    chosen = best(value, found.reaches(least(spec)))
    own = value[np.arange(DRAWS), chosen]
    takes = chosen >= 0 if spec.min_score is None else (chosen >= 0) & (own >= spec.min_score)
    if not takes.any():
        return UNKNOWN
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(curve.threshold[chosen[takes]], [tail, 1 - tail], method="inverted_cdf")
    near = takes & (np.abs(chosen - curve.chosen) <= 1)
    optimism = own[takes] - curve.score[chosen[takes]]
    return Stability(float(low), float(high), float(near.mean()), float(optimism.mean()))


def _dates(n_dates: int, block: int) -> Ints:
    """Return (draws, n_dates): as many dates as there are, in runs of a block from anywhere on."""
    starts = np.random.default_rng(0).integers(n_dates, size=(DRAWS, -(-n_dates // block)))
    dates = (starts[:, :, None] + np.arange(block)) % n_dates  # (draws, blocks, block)
    return np.asarray(dates.reshape(DRAWS, -1)[:, :n_dates])


def _counts(dates: Ints) -> Float64:
    """Return (draws, n_dates): how often each date is in a draw."""
    n_dates = dates.shape[1]
    at = np.arange(DRAWS)[:, None] * n_dates + dates
    return np.bincount(at.ravel(), minlength=DRAWS * n_dates).reshape(DRAWS, -1).astype(np.float64)


def _sums(threshold: Float64, score: Float64, date: Ints, values: Float64) -> Float64:
    """Return (n_dates, n): each date's sum of values over its rows at or above each threshold."""
    n = len(threshold)
    reached = np.searchsorted(threshold, score, side="right")  # thresholds at or below the score
    cells = np.bincount(date * (n + 1) + reached, values, minlength=(date.max() + 1) * (n + 1))
    at_least = np.cumsum(cells.astype(np.float64).reshape(-1, n + 1)[:, ::-1], axis=1)
    return np.asarray(at_least[:, ::-1][:, 1:])


def _blocks(dates: Ints, bought: Bools, span: int) -> Ints:
    """Return (draws, n): how many runs of each draw hold a buy at each threshold.

    Parameters
    ----------
    bought
        (n_dates, n) whether a date has a buy
    """
    whole, rest = divmod(len(bought), span)
    starts = dates[:, ::span]  # (draws, runs); the last run is cut short
    found = _runs(bought, span)[starts[:, :whole]].sum(axis=1) if whole else np.int64(0)
    return np.asarray(found + _runs(bought, rest)[starts[:, -1]] if rest else found)


def _runs(bought: Bools, length: int) -> Bools:
    """Return (n_dates, n): whether one of the dates from each on has a buy, in a circle."""
    circle = np.concatenate([bought, bought[: length - 1]])
    views = np.lib.stride_tricks.sliding_window_view(circle, length, axis=0)
    return np.asarray(views.any(axis=-1))


def _product(drawn: Float64, sums: Float64) -> Float64:
    # Not by BLAS, whose rounding may depend on how many threads it is given.
    return np.asarray(np.einsum("td,dn->tn", drawn, sums))
