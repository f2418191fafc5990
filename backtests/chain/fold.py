"""One window's networks put to use: its threshold and its decisions."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from rollsight.backtests.chain.forecasts import (
    Forecast,
    forecast,
    frequency_loss,
    part_of,
    tuning_rows,
    usable_rows,
)
from rollsight.backtests.chain.networks import network
from rollsight.backtests.seeds.parts import Part, parts_of
from rollsight.backtests.spec import RunSpec
from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.bestofdates import best_of_dates, why_not
from rollsight.training.deciding.datevariance import DateVariance, date_variance
from rollsight.training.deciding.evaluation import Figures, evaluate
from rollsight.training.deciding.inference import expected_returns, log_loss
from rollsight.training.deciding.scores import measured
from rollsight.training.deciding.stability import UNKNOWN, Stability, stability
from rollsight.training.deciding.threshold import ThresholdCurve, tune
from rollsight.training.fitting.rows import Rows
from rollsight.training.fitting.store import Store
from rollsight.training.fitting.windows import Window, known_rows, purged_rows, spaced
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
    """

    window: Window
    rows: Rows
    probability: Float64
    score: Measure
    threshold: float
    expected: Float64 | None = field(default=None, kw_only=True)
    mean_return: float | None = field(default=None, kw_only=True)

    @property
    def scores(self) -> Float64:
        """What each row holds against the threshold, (n,)."""
        return measured(self.probability, self.rows.day, self.score)


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


@dataclass(frozen=True, eq=False)
class Tuning:
    """What a window's validation rows choose.

    Attributes
    ----------
    rows, probability, score, label, net_return
        of the rows whose label was known before the test; score is what the threshold is of
    frequency_loss
        log-loss of always forecasting the train frequencies, nats
    skilled
        the forecasts' log-loss is below that
    """

    rows: Rows
    probability: Float64
    score: Float64
    label: npt.NDArray[np.int8]
    net_return: Float64
    frequency_loss: float
    skilled: bool
    curve: ThresholdCurve


def tuning(
    found: Forecast, samples: SampleSet, net_return: Float64, window: Window, spec: RunSpec
) -> Tuning:
    """Return where a window's validation rows put the threshold.

    Parameters
    ----------
    net_return
        (n_stocks, n_days) label return after costs, fraction
    """
    rows, probability = tuning_rows(found, samples, window)
    label = samples.labels.label[rows.stock, rows.day]
    constant = frequency_loss(found, label)
    skilled = log_loss(probability, label) < constant
    earned = net_return[rows.stock, rows.day]
    score = _tuned_scores(found, samples, window, spec.threshold.measure)
    given, span = (score, label, earned, rows.day), spec.label.horizon + 1
    if spec.threshold.best is None:
        curve = tune(*given, spec=spec.threshold, span=span, skilled=skilled)
    else:
        refused = why_not(probability, rows.day, spec.threshold, skilled=skilled)
        curve = best_of_dates(*given, spec=spec.threshold, span=span, refused=refused)
    return Tuning(rows, probability, score, label, earned, constant, skilled, curve)


def decided(
    found: Forecast, samples: SampleSet, net_return: Float64, window: Window, spec: RunSpec
) -> Fold:
    """Return what a window decides in its test span, its threshold tuned on its validation span."""
    chosen = tuning(found, samples, net_return, window, spec)
    rows = usable_rows(samples, window.test)
    return Fold(window, rows, found.test, spec.threshold.measure, chosen.curve.cutoff)


def fitted_fold(
    model: FittedModel,
    samples: SampleSet,
    net_return: Float64,
    window: Window,
    spec: RunSpec,
    *,
    reused: bool = True,
) -> FittedFold:
    """Have a window's networks forecast, tune its threshold, and decide its test span."""
    found = forecast(model, samples, window, shrink=spec.training.shrink)
    chosen = tuning(found, samples, net_return, window, spec)
    measure, curve = spec.threshold.measure, chosen.curve
    rows = usable_rows(samples, window.test)
    outcome = samples.labels.label[rows.stock, rows.day]
    learnt = spaced(samples, window, spec.training.every)
    train = known_rows(learnt, window.train, window.validation.start)
    expected = expected_returns(model, samples, rows)
    span = slice(window.train.start, window.train.stop)
    return FittedFold(
        window=window,
        rows=rows,
        probability=found.test,
        score=measure,
        threshold=curve.cutoff,
        model=replace(model, weight=found.weight),
        curve=curve,
        stability=_stability(chosen, spec),
        train_rows=int(train.sum()),
        validation_rows=len(chosen.rows),
        validation_dates=len(np.unique(chosen.rows.day)),
        purged=purged_rows(learnt, window),
        frequency_loss=chosen.frequency_loss,
        skilled=chosen.skilled,
        validation=figures(chosen.probability, chosen.label, curve.cutoff, measure, chosen.score),
        test=figures(
            found.test, outcome, curve.cutoff, measure, measured(found.test, rows.day, measure)
        ),
        validation_spread=spread(chosen.probability, chosen.rows),
        test_spread=spread(found.test, rows),
        reused=reused,
        parts=tuple(_parts(found, model, samples, net_return, window, spec)),
        expected=expected,
        mean_return=(
            None if expected is None else float(samples.labels.label_return[:, span][train].mean())
        ),
    )


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


def _stability(chosen: Tuning, spec: RunSpec) -> Stability:
    if spec.threshold.best is not None:
        return UNKNOWN  # nothing was chosen
    return stability(
        chosen.curve,
        chosen.score,
        chosen.label,
        chosen.net_return,
        chosen.rows.day,
        spec=spec.threshold,
        span=spec.label.horizon + 1,
    )


def figures(
    probability: Float64,
    label: npt.NDArray[np.int8],
    threshold: float,
    measure: Measure,
    score: Float64,
) -> Figures:
    """Return what rows of one window were worth at its threshold, NaN where it does not trade."""
    held = None if measure == "p_up" else score
    return evaluate(probability, label, np.full(len(label), threshold), score=held)


def _tuned_scores(found: Forecast, samples: SampleSet, window: Window, measure: Measure) -> Float64:
    """Return the scores of the rows that tune, each ranked among all usable rows of its date."""
    span = window.validation
    rows = usable_rows(samples, span)
    known = known_rows(samples, span, window.test.start)[rows.stock, rows.day - span.start]
    return measured(found.validation, rows.day, measure)[known]
