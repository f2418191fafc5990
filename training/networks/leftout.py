"""A block of train dates that a network does not learn: on it it is stopped and judged."""

from typing import NamedTuple

import numpy as np

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.rows import rows_of
from rollsight.training.fitting.windows import Flags, Window, known_rows
from rollsight.training.models.blocks import label_span

BLOCKS = 3  # of equal length, of the train span; each seed leaves out one, in turn
LEAST = 1 / 2  # share of the train rows that must be left to learn


class Split(NamedTuple):
    """Train rows (n_stocks, len(train)) that a network learns, and those that judge it."""

    learnt: Flags
    judged: Flags


def left_out(samples: SampleSet, window: Window, seed: int) -> Split | None:
    """Return which train rows a seed's network learns, and which it leaves out.

    A label that is learnt settles before the left-out block begins, or is decided a label's usual
    span after it; one left-out label that settles late, behind a halt, may overlap it. None where
    the train span is too short for that.
    """
    train = window.train
    known = known_rows(samples, train, window.validation.start)
    length = -(-len(train) // BLOCKS)
    first = seed % BLOCKS * length
    stop = first + length
    date = np.arange(len(train))
    gap = label_span(rows_of(known, train.start), samples.labels)
    settled = samples.labels.settled_at[:, train.start : train.stop] - train.start
    learnt = known & ((settled < first) | (date >= stop + gap))
    judged = known & (date >= first) & (date < stop)
    enough = learnt.sum() >= LEAST * known.sum() and judged.any()
    return Split(learnt, judged) if enough else None
