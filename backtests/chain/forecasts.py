"""What a window's networks forecast of its validation and its test rows."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from rollsight.backtests.seeds.parts import Places
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import log_loss, log_mean, log_probabilities, pooled
from rollsight.training.fitting.rows import Rows, rows_of
from rollsight.training.fitting.windows import Span, Window, known_rows
from rollsight.training.gate.model import gate_of
from rollsight.training.given.family import GivenSpec
from rollsight.training.models.blocks import label_span
from rollsight.training.models.model import FittedModel
from rollsight.training.models.shrinkage import Evidence, evidence, weight_of

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Forecast:
    """What the networks of a window say of every usable row of its validation and its test span.

    Attributes
    ----------
    each_validation, each_test
        (networks, n, 3) log-probabilities of each network alone, by day, then by stock
    frequencies
        (3,) class frequencies of the train rows
    weight
        of the networks in the probabilities, the frequencies have the rest
    outlier_validation, outlier_test
        (k, n) errors of the gate, and of its twin, over their thresholds; None without a gate
    """

    each_validation: Float32 | Float64
    each_test: Float32 | Float64
    frequencies: Float64
    weight: float
    outlier_validation: Float32 | None = None
    outlier_test: Float32 | None = None

    @cached_property
    def validation(self) -> Float64:
        """Probabilities (n, 3) of the validation rows."""
        return pooled(self.each_validation, self.frequencies, self.weight)

    @cached_property
    def test(self) -> Float64:
        """Probabilities (n, 3) of the test rows."""
        return pooled(self.each_test, self.frequencies, self.weight)


def forecast(
    model: FittedModel, samples: SampleSet, window: Window, *, shrink: bool = True
) -> Forecast:
    """Return what a window's networks say of its validation and its test span.

    What weight they have is chosen on train rows that they did not learn and on the validation
    rows whose label was known before the test; it is 1 without ``shrink``.
    """
    shrink &= not isinstance(model.spec, GivenSpec)  # whose answers stay as they are
    rows, tested = usable_rows(samples, window.validation), usable_rows(samples, window.test)
    each = log_probabilities(model, samples, rows)
    frequencies, gate = np.array(model.frequencies), gate_of(model)
    return Forecast(
        each_validation=each,
        each_test=log_probabilities(model, samples, tested),
        frequencies=frequencies,
        weight=_weight(each, frequencies, model.evidence, samples, window) if shrink else 1.0,
        outlier_validation=None if gate is None else gate.outlier(samples, rows),
        outlier_test=None if gate is None else gate.outlier(samples, tested),
    )


def part_of(
    found: Forecast,
    places: Places,
    model: FittedModel,
    samples: SampleSet,
    window: Window,
    *,
    shrink: bool,
) -> Forecast:
    """Return what some of a window's networks say by themselves, with a weight of their own."""
    some = list(places)
    each = found.each_validation[some]
    left_out = [model.evidence[place] for place in places]
    return replace(
        found,
        each_validation=each,
        each_test=found.each_test[some],
        weight=_weight(each, found.frequencies, left_out, samples, window) if shrink else 1.0,
    )


def _weight(
    each: Float32 | Float64,
    frequencies: Float64,
    left_out: Iterable[Evidence | None],
    samples: SampleSet,
    window: Window,
) -> float:
    span = window.validation
    rows = rows_of(known_rows(samples, span, window.test.start), span.start)
    label = samples.labels.label[rows.stock, rows.day].astype(np.int64)
    on_validation = evidence(
        log_mean(each[:, _known(samples, window)]),
        label,
        (rows.day - span.start) // label_span(rows, samples.labels),
        frequencies=frequencies,
    )
    return weight_of([*(e for e in left_out if e is not None), on_validation])


def usable_rows(samples: SampleSet, span: Span) -> Rows:
    """Return every row of a span that can be decided."""
    return rows_of(samples.usable[:, span.start : span.stop], span.start)


def tuning_rows(found: Forecast, samples: SampleSet, window: Window) -> tuple[Rows, Float64]:
    """Return the validation rows whose label was known before the test, and their forecasts."""
    known = known_rows(samples, window.validation, window.test.start)
    return rows_of(known, window.validation.start), found.validation[_known(samples, window)]


def tuning_outlier(found: Forecast, samples: SampleSet, window: Window) -> Float32 | None:
    """Return the outliers (k, n) of the rows of `tuning_rows`; None without a gate."""
    whole = found.outlier_validation
    return None if whole is None else whole[:, _known(samples, window)]


def _known(samples: SampleSet, window: Window) -> npt.NDArray[np.bool_]:
    """Return which of a window's validation rows have a label that was known before the test."""
    span = window.validation
    known = known_rows(samples, span, window.test.start)
    return np.asarray(known.T[samples.usable[:, span.start : span.stop].T])


def is_skilled(found: Forecast, samples: SampleSet, window: Window) -> bool:
    """Return whether a window's validation log-loss is below that of the class frequencies."""
    rows, probability = tuning_rows(found, samples, window)
    label = samples.labels.label[rows.stock, rows.day]
    return log_loss(probability, label) < frequency_loss(found, label)


def frequency_loss(found: Forecast, label: npt.NDArray[np.int8]) -> float:
    """Return the log-loss of always forecasting the train rows' class frequencies, in nats."""
    return log_loss(np.tile(found.frequencies, (len(label), 1)), label)
