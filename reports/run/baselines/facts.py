"""What the run's own model and its baselines forecast and earned, figure by figure."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account.statistics import total_return
from rollsight.backtests.directory.result import Result
from rollsight.backtests.ranks.information import Information, information, rank_coefficients
from rollsight.base.resampling import mean_estimate
from rollsight.reports.statistics.calibration import frequencies_of
from rollsight.signals.inputs.labels import Label
from rollsight.training.deciding.inference import log_losses

Float64 = npt.NDArray[np.float64]

FREQUENCIES = "frequencies"  # always forecast each window's class frequencies
PROBABILITIES = ["p_down", "p_hold", "p_up"]


@dataclass(frozen=True)
class ModelFigures:
    """What one model forecast and earned; intervals of 95 %, None where there are too few dates.

    Attributes
    ----------
    name
        its family, or "frequencies"
    log_loss
        mean of the labelled rows, nats; None without any, and of scores, which are no probabilities
    gain
        that of the class frequencies less this one
    lead
        this one less that of the run's own model, row by row: what the run's own adds over it;
        None of itself, and where the run's own has no log-loss
    precision
        share of UP among its highest scores, in each window, or on each date where the best of it
        are bought (``threshold.per``, ``threshold.best``), as many as the run's own model bought
    buys
        at its own thresholds
    trades, net_return
        of its account; None of the frequencies, which buy nothing
    """

    name: str
    log_loss: float | None
    gain: float | None
    gain_low: float | None
    gain_high: float | None
    lead: float | None
    lead_low: float | None
    lead_high: float | None
    information: Information
    precision: float | None
    buys: int
    trades: int | None
    net_return: float | None


@dataclass(frozen=True)
class Baselines:
    """The run's own model, and what it is held against: its baselines, the frequencies last."""

    model: ModelFigures
    others: tuple[ModelFigures, ...]


@dataclass(frozen=True, eq=False)
class _Forecasts:
    """A model's probabilities (n, 3) and scores (n,) of the labelled rows."""

    name: str
    probability: Float64
    score: Float64

    @classmethod
    def of(cls, name: str, table: pd.DataFrame, labelled: npt.NDArray[np.bool_]) -> "_Forecasts":
        """Return those of a table of all rows."""
        known = table[labelled]
        return cls(name, known[PROBABILITIES].to_numpy(), known["score"].to_numpy())


def baselines_data(result: Result) -> Baselines:
    """Return the figures of the run's own model and of its baselines."""
    signals, span = result.signals, result.spec.label.horizon + 1
    labelled = signals["label"].notna().to_numpy()
    at, _ = pd.factorize(signals["decided_at"], sort=True)
    chosen = signals["decided_at" if result.spec.threshold.by_date else "window"]
    rows = signals.assign(at=at.astype(np.int64), chosen=chosen)[labelled]
    frequencies = frequencies_of(rows, result.windows)
    tables = dict(list(result.baselines.groupby("baseline", sort=False)))
    own = _Forecasts.of(result.spec.model.name, signals, labelled)
    found = [
        replace(
            _figures(_Forecasts.of(facts["name"], table, labelled), rows, frequencies, own, span),
            buys=int(table["buy"].sum()),
            trades=facts["trades"],
            net_return=facts["total_return"],
        )
        for facts in result.manifest["baselines"]
        for table in [tables[facts["name"]]]
    ]
    if all(one.name != FREQUENCIES for one in found):
        constant = _Forecasts(FREQUENCIES, frequencies, np.zeros(len(rows)))
        found.append(_figures(constant, rows, frequencies, own, span))
    model = replace(
        _figures(own, rows, frequencies, own, span),
        lead=None,
        precision=_mean((rows["label"] == Label.UP)[rows["buy"]]),
        buys=int(signals["buy"].sum()),
        trades=len(result.trades),
        net_return=total_return(result.equity["return"].to_numpy()),
    )
    return Baselines(model, tuple(found))


def ups_among_best(score: Float64, up: npt.NDArray[np.bool_], count: int) -> float:
    """Return how many of the highest scores went UP; of equal ones at the end, on the mean.

    >>> ups_among_best(np.array([0.9, 0.5, 0.5, 0.1]), np.array([True, True, False, True]), 2)
    1.5
    """
    last = np.sort(score)[-count]
    above, level = score > last, score == last
    return float(up[above].sum() + (count - above.sum()) * up[level].mean())


def _figures(
    found: _Forecasts, rows: pd.DataFrame, frequencies: Float64, own: _Forecasts, span: int
) -> ModelFigures:
    """Return a model's figures of the labelled rows, without those of its account."""
    label, at = rows["label"].to_numpy(np.int8), rows["at"].to_numpy()
    losses = log_losses(found.probability, label)
    gain, lead = (
        mean_estimate(one, at, span=span)
        for one in (
            log_losses(frequencies, label) - losses,
            losses - log_losses(own.probability, label),
        )
    )
    known = found.name != FREQUENCIES  # of which all that varies is rounding
    up = found.probability[:, Label.UP] if known else 0.0
    return ModelFigures(
        name=found.name,
        log_loss=_mean(losses),
        gain=gain.value,
        gain_low=gain.low if known else None,
        gain_high=gain.high if known else None,
        lead=lead.value,
        lead_low=lead.low,
        lead_high=lead.high,
        information=information(rank_coefficients(rows.assign(p_up=up)), span=span),
        precision=_precision(found.score, rows),
        buys=0,
        trades=None,
        net_return=None,
    )


def _precision(score: Float64, rows: pd.DataFrame) -> float | None:
    """Return the share of UP among the highest scores, as many as the run bought where it chose."""
    up, buy = (rows["label"] == Label.UP).to_numpy(), rows["buy"].to_numpy()
    hits = 0.0
    for place in rows.loc[buy, "chosen"].unique():
        own = (rows["chosen"] == place).to_numpy()
        hits += ups_among_best(score[own], up[own], int(buy[own].sum()))
    return hits / int(buy.sum()) if buy.any() else None


def _mean(values: "pd.Series | Float64") -> float | None:
    return float(np.mean(values)) if len(values) else None
