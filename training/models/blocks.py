"""Blocks of train dates: which rows learn, and which are left out to choose by."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.labels import Labels
from rollsight.training.fitting.rows import Rows

Flags = npt.NDArray[np.bool_]

BLOCKS = 5


def label_span(rows: Rows, labels: Labels) -> int:
    """Return how many sessions the labels of rows span, in the middle of the rows."""
    return max(int(np.median(labels.settled_at[rows.stock, rows.day] - rows.day)), 1)


def thinned(rows: Rows, labels: Labels, most: int) -> Rows:
    """Return the rows of every k-th date, k half a label's span, and of these at most so many.

    Labels of dates closer than that overlap in most of their sessions, and say little new. Where
    there are still too many rows, each date keeps a part of its stocks, the next date others.
    Dates that are further apart already are all kept.
    """
    dates = np.unique(rows.day)
    apart = max(int(np.median(np.diff(dates))), 1) if len(dates) > 1 else 1
    dates = dates[:: max(label_span(rows, labels) // 2 // apart, 1)]
    kept = np.isin(rows.day, dates)
    parts = -(-int(kept.sum()) // most)
    kept &= (rows.stock + np.searchsorted(dates, rows.day)) % parts == 0
    return Rows(rows.stock[kept], rows.day[kept])


def date_blocks(rows: Rows, labels: Labels) -> Iterator[tuple[Flags, Flags]]:
    """Yield, for each block of dates, which rows learn and which are left out, (n,) each.

    No label of a row that learns overlaps one that is left out: it settles before the block
    begins, or is decided after all of the block's have settled. A block beside which nothing is
    left to learn from is none.
    """
    settled_at = labels.settled_at[rows.stock, rows.day]
    for dates in np.array_split(np.unique(rows.day), BLOCKS):
        left = np.isin(rows.day, dates)
        if not left.any():
            continue
        learn = (settled_at < dates[0]) | (rows.day > settled_at[left].max())
        if learn.any():
            yield learn, left
