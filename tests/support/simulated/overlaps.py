"""Simulated markets without skill whose labels overlap as those of a daily decision do."""

import numpy as np
import numpy.typing as npt
from scipy import stats

Float64 = npt.NDArray[np.float64]

SPAN = 11


def label_returns(
    rng: np.random.Generator, *, dates: int, stocks: int, span: int = SPAN, common: float = 0.6
) -> Float64:
    """Return what each stock makes in the ``span`` sessions after each date; (dates, stocks)."""
    daily = rng.normal(size=(dates + span, stocks)) + common * rng.normal(size=(dates + span, 1))
    total = np.cumsum(daily, axis=0)
    return np.asarray(total[span:] - total[:-span])


def persistent(
    rng: np.random.Generator, shape: tuple[int, int], *, share: float, renewed: float
) -> npt.NDArray[np.bool_]:
    """Return buys that know nothing: each date a stock is decided anew with chance ``renewed``."""
    fresh = rng.random(shape) < share
    changes = rng.random(shape) < renewed
    changes[0] = True
    last = np.maximum.accumulate(np.where(changes, np.arange(shape[0])[:, None], 0), axis=0)
    return np.asarray(np.take_along_axis(fresh, last, axis=0))


def plausible(hits: int, tries: int, share: float) -> bool:
    """Return whether so many hits lie within the 99 % binomial bounds of a nominal share."""
    low, high = stats.binom.interval(0.99, tries, share)
    return bool(low <= hits <= high)
