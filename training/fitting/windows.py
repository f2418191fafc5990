"""Walk-forward windows, and the rows that each may learn from."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.spec import WindowSpec

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Span:
    """Sessions ``[start, stop)``."""

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def earlier(self, days: int) -> "Span":
        """Return the same sessions where a history begins so many later."""
        return Span(self.start - days, self.stop - days)


@dataclass(frozen=True)
class Window:
    """One fit: train, then validate, then use on the test span only."""

    number: int
    train: Span
    validation: Span
    test: Span

    def earlier(self, days: int) -> "Window":
        """Return the same window where a history begins so many sessions later."""
        spans = (span.earlier(days) for span in (self.train, self.validation, self.test))
        return Window(self.number, *spans)


def walk(first: int, stop: int, spec: WindowSpec) -> Iterator[Window]:
    """Yield windows whose test spans tile the sessions after the first train and validation spans.

    The last test span is shorter where the sessions end.

    Parameters
    ----------
    first, stop
        sessions ``[first, stop)`` that have rows

    Raises
    ------
    RollsightError
        If the range is too short for one window.

    >>> spec = WindowSpec(train_days=5, validation_days=2, test_days=2)
    >>> [(w.train.start, w.test.start, w.test.stop) for w in walk(0, 10, spec)]
    [(0, 7, 9), (2, 9, 10)]
    """
    lead = spec.train_days + spec.validation_days
    if stop - first <= lead:
        raise RollsightError(
            f"train_days={spec.train_days} + validation_days={spec.validation_days} + one test day "
            f"need {lead + 1} sessions with usable rows, the data has {max(stop - first, 0)}: "
            "widen market.start and market.end, or shorten the windows"
        )
    for number, test_start in enumerate(range(first + lead, stop, spec.test_days)):
        validation_start = test_start - spec.validation_days
        train_start = first if spec.scheme == "expanding" else validation_start - spec.train_days
        yield Window(
            number=number,
            train=Span(train_start, validation_start),
            validation=Span(validation_start, test_start),
            test=Span(test_start, min(test_start + spec.test_days, stop)),
        )


def known_rows(samples: SampleSet, span: Span, before: int) -> Flags:
    """Return (n_stocks, len(span)): usable rows whose label was known before session ``before``."""
    days = slice(span.start, span.stop)
    known = samples.labels.settled_at[:, days]
    return np.asarray(samples.usable[:, days] & (known >= 0) & (known < before))


def spaced(samples: SampleSet, window: Window, every: int) -> SampleSet:
    """Return the samples of which each so-manieth session of the train span can be learnt.

    They are counted back from the span's last; all rows of the others are taken as unusable.
    """
    if every == 1:
        return samples
    train = window.train
    usable = samples.usable.copy()
    before_last = train.stop - 1 - np.arange(train.start, train.stop)
    usable[:, train.start : train.stop][:, before_last % every > 0] = False
    return replace(samples, usable=usable)


def require_rows(samples: SampleSet, window: Window, *, every: int = 1) -> None:
    """Raise unless train and validation both have a row whose label settled in time.

    Parameters
    ----------
    every
        by which train rows are spaced
    """
    spans = {
        "train": (window.train, window.validation.start),
        "validation": (window.validation, window.test.start),
    }
    for name, (span, before) in spans.items():
        if not known_rows(samples, span, before).any():
            raise RollsightError(
                f"window {window.number} has no {name} row whose label settled in time: lengthen "
                f"windows.{name}_days={len(span)}, or shorten label.horizon"
                + (f", or lower training.every={every}" if every > 1 else "")
            )


def purged_rows(samples: SampleSet, window: Window) -> int:
    """Return how many labelled rows of train and validation settle too late to be used."""
    late = 0
    for span, before in (
        (window.train, window.validation.start),
        (window.validation, window.test.start),
    ):
        days = slice(span.start, span.stop)
        known = samples.labels.settled_at[:, days]
        late += int((samples.usable[:, days] & (known >= before)).sum())
    return late
