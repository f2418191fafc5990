"""What of a teacher reached a run's train rows, and how good it was on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rollsight.backtests.chain.fold import FittedFold, samples_learnt
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.spec import RunSpec
from rollsight.base.records import plain
from rollsight.signals.inputs.labels import Label
from rollsight.signals.teacher.softlabels import Said
from rollsight.training.deciding.inference import log_losses
from rollsight.training.fitting.softtargets import entropies, taught_rows
from rollsight.training.fitting.windows import known_rows


@dataclass(frozen=True)
class TeacherFacts:
    """A run's teacher; log-losses and entropies are means, nats.

    Attributes
    ----------
    said
        what it was read from; None where that is no file or run
    train_rows, taught
        rows that any window learns, label settled before its validation, and those of them with
        soft labels; each once
    log_loss
        of the teacher on these; None where there is none, or no row
    frequency_loss
        of the frequencies of their own classes on the same
    entropy
        of what the teacher says of them, or what it was set to
    """

    said: Said | None
    train_rows: int
    taught: int
    log_loss: float | None
    frequency_loss: float | None
    entropy: float | None


def teacher_facts(ready: Prepared, spec: RunSpec, folds: Sequence[FittedFold]) -> dict[str, Any]:
    """Return what a run's manifest says of its teacher; nothing where it has none."""
    soft = ready.samples.soft
    if soft is None:
        return {}
    train, taught = (np.zeros_like(ready.samples.usable) for _ in range(2))
    for fold in folds:
        window, span = fold.window, fold.window.train
        samples = samples_learnt(fold.model, ready.samples, window, spec)
        train[:, span.start : span.stop] |= known_rows(samples, span, window.validation.start)
        own = taught_rows(samples, window)
        taught[own.stock, own.day] = True
    label, given = ready.samples.labels.label[taught], None
    if soft.probability is not None and len(label):
        given = soft.probability[taught].astype(np.float64)
    of_classes = np.bincount(label, minlength=len(Label))[None] / max(len(label), 1)
    facts = TeacherFacts(
        said=soft.said,
        train_rows=int(train.sum()),
        taught=len(label),
        log_loss=None if given is None else float(log_losses(given, label).mean()),
        frequency_loss=None if given is None else float(entropies(of_classes)[0]),
        entropy=soft.entropy if given is None else float(entropies(given).mean()),
    )
    return {"teacher": plain(facts)}
