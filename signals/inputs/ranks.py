"""Where a stock stands among the members of a date, by a feature's values."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Cells:
    """The members of each session side by side, without the stocks that are none.

    Attributes
    ----------
    stock
        (n_days, most) rows in the panel; 0 in the places that are left over
    held
        (n_days, most) the place is a member's
    """

    stock: Ints
    held: Flags

    @classmethod
    def of(cls, member: Flags) -> "Cells":
        """Return the cells of who is a member, (n_stocks, n_days)."""
        day, stock = np.nonzero(member.T)
        count = member.sum(axis=0)
        place = np.arange(len(day)) - np.repeat(np.cumsum(count) - count, count)
        cells = np.zeros((len(count), int(count.max(initial=0))), dtype=np.int64)
        cells[day, place] = stock
        return cls(cells, np.arange(cells.shape[1]) < count[:, None])

    def place(self, values: Float32, known: Flags, out: Float32) -> None:
        """Write the centred ranks of a feature's values, and leave alone what has no value.

        Of n known values of a date the ranks are ``(rank - 0.5) / n - 0.5``; equal ones share the
        mean of theirs.

        Parameters
        ----------
        values, known
            (n_stocks, n_days)
        out
            of the same shape
        """
        day = np.arange(len(self.stock))[:, None]
        own = self.held & known[self.stock, day]
        ranks = _centred(np.where(own, values[self.stock, day], np.inf), own.sum(axis=1))
        at, where = np.nonzero(own)
        out[self.stock[at, where], at] = ranks[own]


def _centred(values: Float32, n: Ints) -> Float32:
    """Return the centred ranks of the first n values of each row once sorted, the rest anything."""
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    place = np.arange(values.shape[1])
    new = np.ones(values.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    first = np.maximum.accumulate(np.where(new, place, 0), axis=1)
    ends = np.ones(values.shape, dtype=bool)
    ends[:, :-1] = new[:, 1:]
    last = np.where(ends, place, values.shape[1])[:, ::-1]
    last = np.minimum.accumulate(last, axis=1)[:, ::-1]
    middle = (first + last + 1) / 2  # rank - 0.5, of ranks from 1
    found = np.empty(values.shape, dtype=np.float32)
    centred = middle / np.maximum(n, 1)[:, None] - 0.5
    np.put_along_axis(found, order, centred.astype(np.float32), axis=1)
    return found
