"""What a window's validation rows choose: where a buy begins, and how sure that is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.backtests.chain.forecasts import (
    Forecast,
    frequency_loss,
    tuning_outlier,
    tuning_rows,
    usable_rows,
)
from rollsight.backtests.spec import RunSpec
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.bestofdates import best_of_dates, why_not
from rollsight.training.deciding.inference import log_loss
from rollsight.training.deciding.scores import measured
from rollsight.training.deciding.stability import UNKNOWN, Stability, stability
from rollsight.training.deciding.threshold import ThresholdCurve, tune
from rollsight.training.fitting.rows import Rows
from rollsight.training.fitting.windows import Window, known_rows
from rollsight.training.gate.decide import Flags, may_buy, require_some
from rollsight.training.given.family import has_answers
from rollsight.training.spec import Measure

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tuning:
    """What a window's validation rows choose.

    Attributes
    ----------
    rows, probability, score, label, net_return
        of the rows whose label was known before the test; score is what the threshold is of
    may
        (n,) which of them may be bought: the threshold is tuned on these
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
    may: Flags
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
    may = may_buy(tuning_outlier(found, samples, window), len(rows), spec.gate)
    require_some(may, window.number, spec.gate)
    given = score[may], label[may], earned[may], rows.day[may]
    span = spec.label.horizon + 1
    if spec.threshold.tuned:
        curve = tune(*given, spec=spec.threshold, span=span, skilled=skilled)
    else:
        refused = ""
        if samples.given is None or has_answers(samples.given, rows):
            refused = why_not(probability, rows.day, spec.threshold, skilled=skilled)
        curve = best_of_dates(*given, spec=spec.threshold, span=span, refused=refused)
    return Tuning(rows, probability, score, label, earned, may, constant, skilled, curve)


def stability_of(chosen: Tuning, spec: RunSpec) -> Stability:
    """Return how stable the threshold is that was chosen."""
    if not spec.threshold.tuned:
        return UNKNOWN  # nothing was chosen
    return stability(
        chosen.curve,
        chosen.score[chosen.may],
        chosen.label[chosen.may],
        chosen.net_return[chosen.may],
        chosen.rows.day[chosen.may],
        spec=spec.threshold,
        span=spec.label.horizon + 1,
    )


def _tuned_scores(found: Forecast, samples: SampleSet, window: Window, measure: Measure) -> Float64:
    """Return the scores of the rows that tune, each ranked among all usable rows of its date."""
    span = window.validation
    rows = usable_rows(samples, span)
    known = known_rows(samples, span, window.test.start)[rows.stock, rows.day - span.start]
    return measured(found.validation, rows.day, measure)[known]
