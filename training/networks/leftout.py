"""Blocks of train dates that a network does not learn: on them it is stopped and judged."""

from typing import NamedTuple

import numpy as np

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.windows import Flags, Window, known_rows

BLOCKS = 6  # of equal length, of the train span
PARTS = 3  # of which one is left out: each third seed leaves out the same blocks
LEAST = 1 / 3  # share of the train rows that must be left to learn


class Split(NamedTuple):
    """Train rows (n_stocks, len(train)) that a network learns, and those that judge it."""

    learnt: Flags
    judged: Flags


def left_out(samples: SampleSet, window: Window, seed: int) -> Split | None:
    """Return which train rows a seed's network learns, and which it leaves out.

    No label of a row that is learnt spans a session that a left-out label spans. None where the
    train span is too short for that.
    """
    train = window.train
    known = known_rows(samples, train, window.validation.start)
    date = np.arange(len(train))
    out = date // -(-len(train) // BLOCKS) % PARTS == seed % PARTS
    dates = np.flatnonzero(out)
    gap = label_span(samples, window)
    # How long after each date's last left-out date, and which left-out date comes next.
    last = np.maximum.accumulate(np.where(out, date, -gap - 1))
    following = np.append(dates, len(train))[np.searchsorted(dates, date)]
    settled = samples.labels.settled_at[:, train.start : train.stop] - train.start
    learnt = known & ~out & (date - last > gap) & (settled < following)
    judged = known & out
    enough = learnt.sum() >= LEAST * known.sum() and judged.any()
    return Split(learnt, judged) if enough else None


def label_span(samples: SampleSet, window: Window) -> int:
    """Return how many sessions a label of the train span spans, in the middle of its rows."""
    train = window.train
    stock, day = np.nonzero(known_rows(samples, train, window.validation.start))
    spans = samples.labels.settled_at[stock, day + train.start] - day - train.start
    return max(int(np.median(spans)), 1)
