"""Blocks of train dates: which rows learn, and which are left out to choose by."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.labels import Labels
from rollsight.training.fitting.rows import Rows

Flags = npt.NDArray[np.bool_]

BLOCKS = 5


def thinned(rows: Rows, labels: Labels, most: int) -> Rows:
    """Return the rows of every k-th date, k about half a label's span, and more if need be.

    Labels of dates closer than that overlap in most of their sessions, and say little new.

    Parameters
    ----------
    most
        rows that are about what is left at most
    """
    span = labels.settled_at[rows.stock, rows.day] - rows.day
    step = max(int(np.median(span)) // 2, -(-len(rows) // most), 1)
    kept = np.isin(rows.day, np.unique(rows.day)[::step])
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
