"""What a window's networks forecast of its validation and its test rows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import log_loss, predict
from rollsight.training.fitting.rows import Rows, rows_of
from rollsight.training.fitting.windows import Span, Window, known_rows
from rollsight.training.models.model import FittedModel

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Forecast:
    """One window's probabilities.

    Attributes
    ----------
    validation, test
        (n, 3) of every usable row of either span, by day, then by stock
    frequencies
        (3,) class frequencies of the train rows
    """

    validation: Float64
    test: Float64
    frequencies: Float64


def forecast(model: FittedModel, samples: SampleSet, window: Window) -> Forecast:
    """Return what a window's networks say of its validation and its test span."""
    return Forecast(
        validation=predict(model, samples, usable_rows(samples, window.validation)),
        test=predict(model, samples, usable_rows(samples, window.test)),
        frequencies=np.array(model.frequencies),
    )


def usable_rows(samples: SampleSet, span: Span) -> Rows:
    """Return every row of a span that can be decided."""
    return rows_of(samples.usable[:, span.start : span.stop], span.start)


def tuning_rows(found: Forecast, samples: SampleSet, window: Window) -> tuple[Rows, Float64]:
    """Return the validation rows whose label was known before the test, and their forecasts."""
    span = window.validation
    known = known_rows(samples, span, window.test.start)
    usable = samples.usable[:, span.start : span.stop]
    return rows_of(known, span.start), found.validation[known.T[usable.T]]


def is_skilled(found: Forecast, samples: SampleSet, window: Window) -> bool:
    """Return whether a window's validation log-loss is below that of the class frequencies."""
    rows, probability = tuning_rows(found, samples, window)
    label = samples.labels.label[rows.stock, rows.day]
    return log_loss(probability, label) < frequency_loss(found, label)


def frequency_loss(found: Forecast, label: npt.NDArray[np.int8]) -> float:
    """Return the log-loss of always forecasting the train rows' class frequencies, in nats."""
    return log_loss(np.tile(found.frequencies, (len(label), 1)), label)
