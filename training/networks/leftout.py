"""Blocks of train dates that a network does not learn: on them it is stopped and judged."""

from typing import NamedTuple

import numpy as np

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.rows import rows_of
from rollsight.training.fitting.windows import Flags, Window, known_rows
from rollsight.training.models.blocks import label_span

BLOCKS = 6  # of equal length, of the train span
PARTS = 3  # of which one is left out: each third seed leaves out the same blocks
LEAST = 1 / 3  # share of the train rows that must be left to learn


class Split(NamedTuple):
    """Train rows (n_stocks, len(train)) that a network learns, and those that judge it."""

    learnt: Flags
    judged: Flags


def left_out(samples: SampleSet, window: Window, seed: int) -> Split | None:
    """Return which train rows a seed's network learns, and which it leaves out.

    A label that is learnt settles before a left-out block begins, or is decided a label's usual
    span after it; one left-out label that settles late, behind a halt, may overlap it. None where
    the train span is too short for that.
    """
    train = window.train
    known = known_rows(samples, train, window.validation.start)
    date = np.arange(len(train))
    out = date // -(-len(train) // BLOCKS) % PARTS == seed % PARTS
    dates = np.flatnonzero(out)
    gap = label_span(rows_of(known, train.start), samples.labels)
    # How long after each date's last left-out date, and which left-out date comes next.
    last = np.maximum.accumulate(np.where(out, date, -gap - 1))
    following = np.append(dates, len(train))[np.searchsorted(dates, date)]
    settled = samples.labels.settled_at[:, train.start : train.stop] - train.start
    learnt = known & ~out & (date - last > gap) & (settled < following)
    judged = known & out
    enough = learnt.sum() >= LEAST * known.sum() and judged.any()
    return Split(learnt, judged) if enough else None
