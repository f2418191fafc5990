"""A window of a finished run, put together from the run's tables without asking its networks."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.chain.fold import FittedFold, figures, samples_learnt, spread
from rollsight.backtests.chain.forecasts import usable_rows
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.chain.signals import OUTLIERS
from rollsight.backtests.seeds.parts import Part, part_name, parts_of
from rollsight.backtests.spec import RunSpec
from rollsight.training.deciding.datevariance import DateVariance
from rollsight.training.deciding.evaluation import Figures
from rollsight.training.deciding.inference import expected_returns, log_probabilities, pooled
from rollsight.training.deciding.scores import measured
from rollsight.training.deciding.stability import Stability
from rollsight.training.deciding.support import Support
from rollsight.training.deciding.threshold import ThresholdCurve
from rollsight.training.fitting.rows import Rows
from rollsight.training.fitting.windows import Window, purged_rows
from rollsight.training.gate.decide import may_buy
from rollsight.training.gate.error import Float32
from rollsight.training.gate.model import gate_of
from rollsight.training.models.model import FittedModel
from rollsight.training.spec import Measure

CURVE = ("threshold", "precision", "net_return", "score")
SUPPORT = ("buys", "dates", "blocks")
STABILITY = ("low", "high", "near", "optimism")


def stored_fold(
    row: pd.Series,
    signals: pd.DataFrame,
    seeds: pd.DataFrame,
    model: FittedModel,
    ready: Prepared,
    window: Window,
    spec: RunSpec,
) -> FittedFold:
    """Return a window that stands, with the sessions that came since decided by its networks.

    Parameters
    ----------
    row
        the window's of windows.parquet
    signals
        its rows of signals.parquet
    seeds
        and of seeds.parquet
    window
        on the data of now
    """
    samples, measure = ready.samples, spec.threshold.measure
    model = replace(model, weight=float(row["model_weight"]))
    rows, stored = usable_rows(samples, window.test), len(signals)
    since = Rows(rows.stock[stored:], rows.day[stored:])
    before = signals[["p_down", "p_hold", "p_up"]].to_numpy()
    each = log_probabilities(model, samples, since)
    later = pooled(each, np.array(model.frequencies), model.weight)
    probability = np.concatenate([before, later])
    expected = expected_returns(model, samples, since)
    threshold = float(row["threshold"])
    outcome = samples.labels.label[rows.stock, rows.day]
    outlier = _outlier(signals, model, ready, since)
    cutoffs = np.where(may_buy(outlier, len(rows), spec.gate), threshold, np.nan)
    return FittedFold(
        window=window,
        rows=rows,
        probability=probability,
        score=measure,
        threshold=threshold,
        model=model,
        curve=_curve(row),
        stability=Stability(**{k: _known(row[f"threshold_{k}"]) for k in STABILITY}),
        train_rows=int(row["train_rows"]),
        validation_rows=int(row["validation_rows"]),
        validation_dates=int(row["validation_dates"]),
        # A label of the validation span may have come since, too late for the threshold.
        purged=purged_rows(samples_learnt(model, samples, window, spec), window),
        frequency_loss=float(row["frequency_log_loss"]),
        skilled=bool(row["skilled"]),
        validation=_validation(row),
        test=figures(
            probability, outcome, cutoffs, measure, measured(probability, rows.day, measure)
        ),
        validation_spread=DateVariance(
            int(row["validation_rows"]),
            float(row["validation_variance"]),
            _known(row["validation_date_share"]),
        ),
        test_spread=spread(probability, rows),
        reused=True,
        parts=tuple(_parts(row, seeds, each, since, model, measure)),
        expected=None if expected is None else np.concatenate([signals["forecast"], expected]),
        mean_return=None if expected is None else float(signals["train_mean"].iloc[0]),
        outlier=outlier,
        gate=spec.gate,
    )


def _outlier(
    signals: pd.DataFrame, model: FittedModel, ready: Prepared, since: Rows
) -> Float32 | None:
    gate = gate_of(model)
    if gate is None:
        return None
    later = gate.outlier(ready.samples, since)
    before = signals[list(OUTLIERS[: len(later)])].to_numpy(np.float32)
    return np.concatenate([before.T, later], axis=1)


def _parts(
    row: pd.Series,
    seeds: pd.DataFrame,
    each: npt.NDArray[np.float32] | npt.NDArray[np.float64],
    since: Rows,
    model: FittedModel,
    measure: Measure,
) -> Iterator[Part]:
    """Yield what was decided by each part of the networks, and what they decide since."""
    kept = zip(row["seed_weights"], row["seed_thresholds"], strict=True)
    for places, (weight, threshold) in zip(parts_of(len(each)), kept, strict=True):
        later = pooled(each[list(places)], np.array(model.frequencies), weight)
        scores = measured(later, since.day, measure).astype(np.float32)
        stored = seeds[part_name(places)].to_numpy()
        yield Part(places, float(weight), float(threshold), np.concatenate([stored, scores]))


def _curve(row: pd.Series) -> ThresholdCurve:
    found = {name: np.asarray(row[f"curve_{name}"]) for name in CURVE}
    chosen = np.flatnonzero(found["threshold"] == row["threshold"])
    return ThresholdCurve(
        **found,
        support=Support(**{name: np.asarray(row[f"curve_{name}"]) for name in SUPPORT}),
        chosen=int(chosen[0]) if len(chosen) else -1,
        reason=str(row["no_trade_reason"]),
    )


def _validation(row: pd.Series) -> Figures:
    shares = {
        name: _known(row[f"validation_{name}"])
        for name in Figures.__dataclass_fields__
        if name not in {"rows", "buys"}
    }
    rows, buys = int(row["validation_rows"]), int(row["validation_buys"])
    return Figures(rows=rows, buys=buys, **shares)


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
