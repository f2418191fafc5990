"""What trailing windows hold: each value depends on its own window alone, to the bit."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Combine = Callable[[Float64, Float64, Float64], object]  # of two arrays into a third, as np.add

FEWEST = 0.6  # share of a window's sessions that must have a value
# A variance below this share of the mean square is the rounding of its own subtraction.
ROUNDING = 1e-13


def fewest(days: int) -> int:
    """Return how many values a window must hold at least."""
    return max(2, int(days * FEWEST))


class Windows:
    """What trailing windows of any length hold together, made by doubling.

    A window of k sessions is put together from O(log k) shifted arrays. Nothing is carried from
    session to session, as running sums do with their roundings.

    Parameters
    ----------
    values
        (n_stocks, n_days), with ``empty`` where there is none
    combine
        ``np.add``, ``np.maximum`` or ``np.minimum``
    empty
        what changes nothing, and stands before the first session
    """

    def __init__(self, values: Float64, combine: np.ufunc = np.add, empty: float = 0.0) -> None:
        self._levels = [values]  # of 1, 2, 4, ... sessions
        self._combine, self._empty = combine, empty
        self._made: dict[int, Float64] = {}

    def __call__(self, days: int) -> Float64:
        """Return (n_stocks, n_days) of the windows of so many sessions, each session's own last."""
        if days not in self._made:
            self._made[days] = self._windows(days)
        return self._made[days]

    def _windows(self, days: int) -> Float64:
        out, held = None, 0
        for level, size in enumerate(1 << j for j in range(days.bit_length())):
            if days & size:
                part = self._level(level)
                out = part if out is None else self._joined(out, part, held)
                held += size
        assert out is not None
        return out

    def _level(self, level: int) -> Float64:
        while len(self._levels) <= level:
            half, size = self._levels[-1], 1 << (len(self._levels) - 1)
            self._levels.append(self._joined(half, half, size))
        return self._levels[level]

    def _joined(self, newer: Float64, older: Float64, days: int) -> Float64:
        out = np.empty_like(newer)
        self._combine(newer[:, days:], older[:, :-days], out=out[:, days:])
        self._combine(newer[:, :days], self._empty, out=out[:, :days])
        return out


class Trailing:
    """A series of each stock, and what its trailing windows hold; unknown values are left out.

    Where a window holds fewer values than `fewest` it is NaN.

    Parameters
    ----------
    values
        (n_stocks, n_days), NaN or infinite where unknown
    beside
        a series that is known in the very same sessions, so that they are counted once
    """

    def __init__(self, values: Float64, beside: "Trailing | None" = None) -> None:
        if beside is None:
            self.known = np.isfinite(values)
            self.values = np.where(self.known, values, np.nan)
            self._held = Windows(self.known.astype(np.float64))
            self._counts: dict[tuple[int, int], Float64] = {}
        else:
            self.known, self.values = beside.known, values
            self._held, self._counts = beside._held, beside._counts
        self._powers: dict[int, Windows] = {}

    def count(self, days: int, least: int | None = None) -> Float64:
        """Return how many values the windows hold, NaN where they are too few."""
        asked = days, fewest(days) if least is None else least
        if asked not in self._counts:
            n = self._held(days)
            self._counts[asked] = np.where(n < asked[1], np.nan, n)
        return self._counts[asked]

    def sum(self, days: int, power: int = 1) -> Float64:
        """Return the sums of the values' powers, of however few; 0 of none."""
        if power not in self._powers:
            filled = np.where(self.known, self.values, 0.0)
            self._powers[power] = Windows(filled if power == 1 else filled**power)
        return self._powers[power](days)

    def total(self, days: int) -> Float64:
        """Return the windows' sums."""
        return np.where(np.isnan(self.count(days)), np.nan, self.sum(days))

    def mean(self, days: int, least: int | None = None) -> Float64:
        """Return the windows' means."""
        return self.sum(days) / self.count(days, least)

    def squares(self, days: int) -> Float64:
        """Return the sums of squared distances from the mean; 0 where only rounding is left."""
        raw, total = self.sum(days, 2), self.sum(days)
        centred = raw - total * total / self.count(days)
        centred[centred < ROUNDING * raw] = 0.0
        return centred

    def deviation(self, days: int) -> Float64:
        """Return the windows' standard deviations."""
        return np.asarray(np.sqrt(self.squares(days) / (self.count(days) - 1)))

    def skewness(self, days: int) -> Float64:
        """Return the windows' skewness, free of the bias of few values; NaN without spread."""
        n = self.count(days)
        mean, second = self.sum(days) / n, self.squares(days) / n
        third = (self.sum(days, 3) - mean * (3 * self.sum(days, 2) - 2 * n * mean**2)) / n
        return np.asarray(np.sqrt(n * (n - 1)) / (n - 2) * ratio(third, second * np.sqrt(second)))

    def highest(self, days: int) -> Float64:
        """Return the windows' largest values."""
        return self._extreme(days, np.maximum, -np.inf)

    def lowest(self, days: int) -> Float64:
        """Return the windows' smallest values."""
        return self._extreme(days, np.minimum, np.inf)

    def _extreme(self, days: int, combine: np.ufunc, empty: float) -> Float64:
        windows = Windows(np.where(self.known, self.values, empty), combine, empty)
        return np.where(np.isnan(self.count(days)), np.nan, windows(days))


def ratio(above: Float64, below: Float64) -> Float64:
    """Return one array over another, NaN where that is 0."""
    return above / np.where(below == 0, np.nan, below)


def shifted(values: Float64, days: int) -> Float64:
    """Return the values of so many sessions before, NaN where there is none."""
    out = np.full_like(values, np.nan)
    out[:, days:] = values[:, :-days]
    return out
