"""Where a stock stands among the members of a date, by a feature's values."""

from dataclasses import dataclass
from functools import cached_property

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

    def place(self, values: Float32, known: Flags, out: Float32) -> bool:
        """Write the centred ranks of a feature's values, 0 for a member without one.

        Return whether they tell any member of a date from another.

        Of n known values of a date the ranks are ``(rank - 0.5) / n - 0.5``; equal ones share the
        mean of theirs.

        Parameters
        ----------
        values, known
            (n_stocks, n_days)
        out
            of the same shape; who is no member is left alone
        """
        stock, day = self._members
        found = values[stock, day]
        found[~(known[stock, day] & np.isfinite(found))] = np.inf
        cells = np.full(self.held.shape, np.inf, dtype=np.float32)
        cells[self.held] = found
        own = np.isfinite(cells)
        ranks = _centred(cells, own.sum(axis=1))
        ranks[~own] = 0.0
        out[stock, day] = ranks[self.held]
        return bool(ranks.any())

    @cached_property
    def _members(self) -> tuple[Ints, Ints]:
        """Stock and day of each place that is a member's, (n,) each, by day."""
        return self.stock[self.held], np.nonzero(self.held)[0]


def _centred(values: Float32, n: Ints) -> Float32:
    """Return the centred ranks of the n finite values of each row; of the others, anything."""
    order = np.argsort(values, axis=1)
    middle = _middles(np.take_along_axis(values, order, axis=1))
    centred = middle / np.maximum(n, 1)[:, None] - 0.5
    found = np.empty(values.shape, dtype=np.float32)
    np.put_along_axis(found, order, centred.astype(np.float32), axis=1)
    return found


def _middles(ordered: Float32) -> npt.NDArray[np.float64]:
    """Return the mean place of each sorted value and of its equals, and a half; from 0."""
    width = ordered.shape[1]
    place = np.arange(width)
    middle = np.broadcast_to(place + 0.5, ordered.shape).copy()
    # What is not known stands last, as infinity, and no place of its own is asked for.
    same = (ordered[:, 1:] == ordered[:, :-1]) & np.isfinite(ordered[:, 1:])
    tied = np.flatnonzero(same.any(axis=1))
    edge = np.ones((len(tied), 1), dtype=bool)
    first = np.where(np.hstack([edge, ~same[tied]]), place, 0)
    last = np.where(np.hstack([~same[tied], edge]), place, width)
    first = np.maximum.accumulate(first, axis=1)
    last = np.minimum.accumulate(last[:, ::-1], axis=1)[:, ::-1]
    middle[tied] = (first + last + 1) / 2
    return middle
