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
    at
        (n,) where each member stands in the panel laid out stock by stock
    place
        (n,) where in the cells laid out session by session
    shape
        of the cells, (n_days, most)
    """

    at: Ints
    place: Ints
    shape: tuple[int, int]

    @classmethod
    def of(cls, member: Flags) -> "Cells":
        """Return the cells of who is a member, (n_stocks, n_days)."""
        stock, day = np.nonzero(member)
        before = np.cumsum(member, axis=0)[stock, day] - 1
        shape = member.shape[1], int(member.sum(axis=0).max(initial=0))
        return cls(stock * shape[0] + day, day * shape[1] + before, shape)

    def ranks(self, values: Float32, known: Flags) -> Float32:
        """Return (n,) the centred ranks of the members' values, 0 for one without a value.

        Of n known values of a date the ranks are ``(rank - 0.5) / n - 0.5``; equal ones share the
        mean of theirs.

        Parameters
        ----------
        values, known
            (n_stocks, n_days)
        """
        found = values.ravel()[self.at]
        own = known.ravel()[self.at] & np.isfinite(found)
        found[~own] = np.inf
        cells = np.full(self.shape, np.inf, dtype=np.float32)
        cells.ravel()[self.place] = found
        ranks = _centred(cells, np.isfinite(cells).sum(axis=1)).ravel()[self.place]
        ranks[~own] = 0.0
        return ranks


def _centred(values: Float32, n: Ints) -> Float32:
    """Return the centred ranks of the n finite values of each row; of the others, anything."""
    order = np.argsort(values, axis=1)
    order += values.shape[1] * np.arange(len(values))[:, None]
    middle = _middles(values.ravel()[order])
    found = np.empty(values.shape, dtype=np.float32)
    found.ravel()[order] = middle / np.maximum(n, 1)[:, None] - 0.5
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
