"""Whether a probability of UP means what it says, and whether forecasts beat the frequencies."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.resampling import mean_estimate
from rollsight.signals.inputs.labels import Label
from rollsight.training.deciding.inference import log_losses

Float64 = npt.NDArray[np.float64]

BINS = 10


@dataclass(frozen=True)
class Skill:
    """How forecasts did beside always forecasting each window's class frequencies.

    Attributes
    ----------
    skilled, trading
        windows that beat the frequencies on validation, None of scores, which are no
        probabilities, and that have a threshold
    log_loss, brier
        means a row, nats and 0 to 2; None without a label, and of scores
    gain_low, gain_high
        95 % interval of the frequencies' mean less the model's
    """

    windows: int
    skilled: int | None
    trading: int
    log_loss: float | None
    frequency_log_loss: float | None
    gain_low: float | None
    gain_high: float | None
    brier: float | None
    frequency_brier: float | None
    brier_gain_low: float | None
    brier_gain_high: float | None


@dataclass(frozen=True)
class Tenth:
    """The mean forecast of UP of some rows, and the share that went UP with its 95 % interval."""

    rows: int
    forecast: float
    observed: float | None
    low: float | None
    high: float | None


def brier_scores(probability: Float64, label: npt.NDArray[np.int8]) -> Float64:
    """Return each row's squared distance of the forecast from what came, 0 to 2 (Brier, 1950).

    Parameters
    ----------
    probability
        (n, 3)
    label
        (n,) classes
    """
    away = np.eye(3)[label]
    np.subtract(probability, away, out=away)
    return np.asarray(np.square(away, out=away).sum(axis=1))


def calibration(rows: pd.DataFrame, *, span: int) -> list[Tenth]:
    """Return the reliability curve of ``p_up``: equal counts of rows, least probable first.

    Parameters
    ----------
    rows
        signals with ``plain_label`` and ``at``; rows without a label are left out
    span
        dates that a label spans
    """
    known = rows.loc[rows["plain_label"] >= 0, ["p_up", "plain_label", "at"]]
    order = known["p_up"].to_numpy().argsort(kind="stable")
    bins = [part for part in np.array_split(order, BINS) if len(part)]
    return [_bin(known.iloc[part], span) for part in bins]


def skill(rows: pd.DataFrame, frequencies: Float64, windows: pd.DataFrame, *, span: int) -> Skill:
    """Return how forecasts did beside always forecasting each window's class frequencies.

    Parameters
    ----------
    rows
        signals with ``plain_label`` and ``at``
    frequencies
        (n_rows, 3) of the training of each row's window
    windows
        table of the windows, for how many had skill on validation
    """
    known = (rows["plain_label"] >= 0).to_numpy()
    label, at = (rows.loc[known, c].to_numpy() for c in ("plain_label", "at"))
    model = rows.loc[known, ["p_down", "p_hold", "p_up"]].to_numpy()
    constant = frequencies[known]
    losses = [log_losses(p, label) for p in (model, constant)]
    scores = [brier_scores(p, label) for p in (model, constant)]
    gain, brier_gain = (
        mean_estimate(theirs - ours, at, span=span) for ours, theirs in (losses, scores)
    )
    return Skill(
        windows=len(windows),
        skilled=int(windows["skilled"].sum()),
        trading=int(windows["threshold"].notna().sum()),
        log_loss=_mean(losses[0]),
        frequency_log_loss=_mean(losses[1]),
        gain_low=gain.low,
        gain_high=gain.high,
        brier=_mean(scores[0]),
        frequency_brier=_mean(scores[1]),
        brier_gain_low=brier_gain.low,
        brier_gain_high=brier_gain.high,
    )


def frequencies_of(rows: pd.DataFrame, windows: pd.DataFrame) -> Float64:
    """Return the class frequencies of training of each row's window, (n_rows, 3)."""
    at = windows["number"].searchsorted(rows["window"])
    names = ["frequency_down", "frequency_hold", "frequency_up"]
    return np.asarray(windows[names].to_numpy()[at])


def _bin(rows: pd.DataFrame, span: int) -> Tenth:
    up = np.asarray(rows["plain_label"] == Label.UP, dtype=np.float64)
    share = mean_estimate(up, rows["at"].to_numpy(), span=span)
    return Tenth(
        rows=len(rows),
        forecast=float(rows["p_up"].mean()),
        observed=share.value,
        low=None if share.low is None else max(share.low, 0.0),
        high=None if share.high is None else min(share.high, 1.0),
    )


def _mean(values: Float64) -> float | None:
    return float(values.mean()) if len(values) else None
