"""One window's networks put to use: its threshold and its decisions."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rollsight.backtests.chain.forecasts import (
    Forecast,
    forecast,
    part_of,
    usable_rows,
)
from rollsight.backtests.chain.networks import network
from rollsight.backtests.seeds.parts import Part, parts_of
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.forecasts import store_forecast
from rollsight.backtests.tuning import stability_of, tuning
from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.datevariance import DateVariance, date_variance
from rollsight.training.deciding.evaluation import Figures, evaluate
from rollsight.training.deciding.inference import expected_returns
from rollsight.training.deciding.scores import measured
from rollsight.training.deciding.stability import Stability
from rollsight.training.deciding.threshold import ThresholdCurve
from rollsight.training.fitting.rows import Rows
from rollsight.training.fitting.store import Store
from rollsight.training.fitting.windows import Window, known_rows, purged_rows, spaced
from rollsight.training.gate.decide import Flags, may_buy
from rollsight.training.gate.error import Float32
from rollsight.training.gate.fit import learnt_samples
from rollsight.training.gate.model import gate_of
from rollsight.training.gate.spec import GateSpec
from rollsight.training.models.model import FittedModel, joined
from rollsight.training.spec import Measure

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Fold:
    """What a window decides: rows, their probabilities, and where a buy begins.

    Attributes
    ----------
    rows, probability
        rows and their (n, 3) probabilities, all rows of a date that can be decided
    score
        what of them is held against the threshold
    threshold
        NaN where the window does not trade
    expected
        (n,) return that is forecast of each row, fraction; None where classes are learnt
    mean_return
        of the labels of the train rows, beside ``expected``; else None
    outlier
        (k, n) errors of the gate, and of its twin, over their thresholds; None without a gate
    """

    window: Window
    rows: Rows
    probability: Float64
    score: Measure
    threshold: float
    expected: Float64 | None = field(default=None, kw_only=True)
    mean_return: float | None = field(default=None, kw_only=True)
    outlier: Float32 | None = field(default=None, kw_only=True)
    gate: GateSpec = field(default=GateSpec(), kw_only=True)

    @property
    def scores(self) -> Float64:
        """What each row holds against the threshold, (n,)."""
        return measured(self.probability, self.rows.day, self.score)

    @property
    def thresholds(self) -> Float64:
        """What each row's score must reach, (n,), NaN where it may not be bought."""
        return np.where(self.may_buy, self.threshold, np.nan)

    @property
    def may_buy(self) -> Flags:
        """Whether the gate lets each row be bought, (n,)."""
        return may_buy(self.outlier, len(self.rows), self.gate)


@dataclass(frozen=True, eq=False)
class FittedFold(Fold):
    """A window of a run: its networks, what its validation rows chose, and its test rows.

    Attributes
    ----------
    train_rows, validation_rows, purged
        rows learnt from, tuned on, and settled too late for both
    validation_dates
        distinct dates of the rows tuned on
    frequency_loss
        validation log-loss of always forecasting the train frequencies, nats
    skilled
        the model's validation log-loss is below that
    validation, test
        figures of the validation and the test rows at the chosen threshold
    stability
        what other validation dates would have chosen
    validation_spread, test_spread
        variance of the probabilities of UP of the rows tuned on and of the test rows, and the
        share of it that lies between dates
    reused
        the networks were read from the store
    parts
        what each network, and each half of them, decides alone; nothing of one network
    """

    model: FittedModel
    curve: ThresholdCurve
    stability: Stability
    train_rows: int
    validation_rows: int
    validation_dates: int
    purged: int
    frequency_loss: float
    skilled: bool
    validation: Figures
    test: Figures
    validation_spread: DateVariance
    test_spread: DateVariance
    reused: bool
    parts: tuple[Part, ...]


def decided(
    found: Forecast, samples: SampleSet, net_return: Float64, window: Window, spec: RunSpec
) -> Fold:
    """Return what a window decides in its test span, its threshold tuned on its validation span."""
    chosen = tuning(found, samples, net_return, window, spec)
    rows = usable_rows(samples, window.test)
    measure, cutoff = spec.threshold.measure, chosen.curve.cutoff
    outlier = found.outlier_test
    return Fold(window, rows, found.test, measure, cutoff, outlier=outlier, gate=spec.gate)


def fitted_fold(
    model: FittedModel,
    samples: SampleSet,
    net_return: Float64,
    window: Window,
    spec: RunSpec,
    *,
    reused: bool = True,
    keep: Path | None = None,
) -> FittedFold:
    """Have a window's networks forecast, tune its threshold, and decide its test span.

    Parameters
    ----------
    keep
        file in which sweeps find the forecast again; None: it is not kept
    """
    shrink = spec.training.shrink
    found = forecast(model, samples, window, shrink=shrink)
    if keep is not None and not keep.is_file():
        store_forecast(found, model, samples, window, keep, shrink=shrink)
    chosen = tuning(found, samples, net_return, window, spec)
    measure, curve = spec.threshold.measure, chosen.curve
    rows = usable_rows(samples, window.test)
    outcome = samples.labels.label[rows.stock, rows.day]
    learnt = samples_learnt(model, samples, window, spec)
    train = known_rows(learnt, window.train, window.validation.start)
    expected = expected_returns(model, samples, rows)
    span = slice(window.train.start, window.train.stop)
    cutoffs = np.where(may_buy(found.outlier_test, len(rows), spec.gate), curve.cutoff, np.nan)
    tuned = np.where(chosen.may, curve.cutoff, np.nan)
    return FittedFold(
        window=window,
        rows=rows,
        probability=found.test,
        score=measure,
        threshold=curve.cutoff,
        model=replace(model, weight=found.weight),
        curve=curve,
        stability=stability_of(chosen, spec),
        train_rows=int(train.sum()),
        validation_rows=len(chosen.rows),
        validation_dates=len(np.unique(chosen.rows.day)),
        purged=purged_rows(learnt, window),
        frequency_loss=chosen.frequency_loss,
        skilled=chosen.skilled,
        validation=figures(chosen.probability, chosen.label, tuned, measure, chosen.score),
        test=figures(
            found.test, outcome, cutoffs, measure, measured(found.test, rows.day, measure)
        ),
        validation_spread=spread(chosen.probability, chosen.rows),
        test_spread=spread(found.test, rows),
        reused=reused,
        parts=tuple(_parts(found, model, samples, net_return, window, spec)),
        expected=expected,
        mean_return=(
            None if expected is None else float(samples.labels.label_return[:, span][train].mean())
        ),
        outlier=found.outlier_test,
        gate=spec.gate,
    )


def samples_learnt(
    model: FittedModel, samples: SampleSet, window: Window, spec: RunSpec
) -> SampleSet:
    """Return the samples without the train rows that a window's networks do not learn."""
    kept = learnt_samples(samples, window, gate_of(model), spec.gate)
    return spaced(kept, window, spec.training.every)


def _parts(
    found: Forecast,
    model: FittedModel,
    samples: SampleSet,
    net_return: Float64,
    window: Window,
    spec: RunSpec,
) -> Iterator[Part]:
    for places in parts_of(len(model.weights)):
        some = part_of(found, places, model, samples, window, shrink=spec.training.shrink)
        fold = decided(some, samples, net_return, window, spec)
        yield Part(places, some.weight, fold.threshold, fold.scores.astype(np.float32))


def run_fold(
    samples: SampleSet, net_return: Float64, window: Window, spec: RunSpec, store: Store
) -> FittedFold:
    """Fit a window, or read its stored model, tune its threshold, and decide its test span.

    Alone, a window has none before it: its networks are trained from scratch in every mode.

    Parameters
    ----------
    net_return
        (n_stocks, n_days) label return after costs, fraction
    """
    networks = [network(samples, window, spec, s, store) for s in spec.training.network_seeds]
    model, reused = joined([n for n, _ in networks]), all(r for _, r in networks)
    return fitted_fold(model, samples, net_return, window, spec, reused=reused)


def spread(probability: Float64, rows: Rows) -> DateVariance:
    """Return the variance of rows' probabilities of UP, and its share between dates."""
    return date_variance(probability[:, Label.UP], rows.day)


def figures(
    probability: Float64,
    label: npt.NDArray[np.int8],
    threshold: Float64,
    measure: Measure,
    score: Float64,
) -> Figures:
    """Return what rows of one window were worth at their thresholds, NaN where none is bought."""
    held = None if measure == "p_up" else score
    return evaluate(probability, label, threshold, score=held)
