"""What a window's networks forecast, kept so that trials that trade differently ask them once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rollsight.base.arrays import read_arrays, write_arrays
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import Rows, log_losses, predict, rows_of
from rollsight.training.explaining.attribution import explain, shares
from rollsight.training.fitting.windows import Span, Window, known_rows
from rollsight.training.models.model import FittedModel

Float64 = npt.NDArray[np.float64]
EXPLAINED = 64  # test rows of a window whose gradients are summed


@dataclass(frozen=True, eq=False)
class Forecast:
    """One window's probabilities.

    Attributes
    ----------
    validation, test : (n, 3) of every usable row of either span, by day, then by stock
    frequencies : (3,) class frequencies of the train rows
    skilled : the validation log-loss is below that of the class frequencies
    share : (channels,) of the absolute gradients of some test rows, fractions
    """

    validation: Float64
    test: Float64
    frequencies: Float64
    skilled: bool
    share: Float64


def forecast(model: FittedModel, samples: SampleSet, window: Window) -> Forecast:
    """Return what a window's networks say of its validation and its test span."""
    validation = predict(model, samples, usable_rows(samples, window.validation))
    rows = usable_rows(samples, window.test)
    frequencies = np.array(model.frequencies)
    known = known_rows(samples, window.validation, window.test.start)
    tuned_on = rows_of(known, window.validation.start)
    label = samples.labels.label[tuned_on.stock, tuned_on.day]
    own = validation[among(samples, window.validation, known)]
    # The sum of the gains has the sign of their mean.
    skilled = bool(loss_gains(own, frequencies, label).sum() > 0)
    return Forecast(
        validation=validation,
        test=predict(model, samples, rows),
        frequencies=frequencies,
        skilled=skilled,
        share=_share(model, samples, rows),
    )


def usable_rows(samples: SampleSet, span: Span) -> Rows:
    """Return every row of a span that can be decided."""
    return rows_of(samples.usable[:, span.start : span.stop], span.start)


def among(samples: SampleSet, span: Span, chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return (n,): which of a span's usable rows are set in a (n_stocks, len(span)) mask."""
    usable = samples.usable[:, span.start : span.stop]
    return np.asarray(chosen.T[usable.T])


def loss_gains(probability: Float64, frequencies: Float64, label: npt.NDArray[np.int8]) -> Float64:
    """Return how much less each row's log-loss is than that of the class frequencies, in nats."""
    constant = -np.log(np.maximum(frequencies, 1e-12))
    return np.asarray(constant[label] - log_losses(probability, label))


def write_forecast(found: Forecast, path: Path) -> None:
    """Write a forecast atomically."""
    arrays = dict(vars(found))
    write_arrays(path, {"skilled": arrays.pop("skilled")}, arrays)


def read_forecast(path: Path) -> Forecast | None:
    """Return a stored forecast; None where there is none, or a damaged one."""
    stored = read_arrays(path)
    if stored is None:
        return None
    fields: dict[str, Any] = {**stored[0], **stored[1]}
    return Forecast(**fields)


def _share(model: FittedModel, samples: SampleSet, rows: Rows) -> Float64:
    """Return each channel's share of the absolute gradients of rows spread over the span."""
    at = np.unique(np.linspace(0, len(rows) - 1, min(EXPLAINED, len(rows))).round().astype(int))
    maps = explain(model, samples, Rows(rows.stock[at], rows.day[at]))
    return shares(maps.gradient)
