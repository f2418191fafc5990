"""Whether the best of many trials beats the benchmark by more than luck."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Float64 = npt.NDArray[np.float64]

FEWEST_BLOCKS, FEWEST_SESSIONS = 4, 40
STILL = 1e-12  # an error below this share of the difference is rounding
AT_ONCE = 1_000  # trials of a chunk


@dataclass(frozen=True)
class Superiority:
    """How often luck alone would put some trial as far ahead of the benchmark as the best one is.

    Attributes
    ----------
    spa
        p-value of Hansen's test for superior predictive ability, each trial measured by its own
        error, clearly bad trials left out
    reality_check
        p-value of White's reality check, trials measured by their mean
    draws
        bootstrap samples
    block
        mean block of sessions drawn together
    """

    spa: float
    reality_check: float
    draws: int
    block: int


def superiority(
    returns: Float64, benchmark: Float64, *, span: int, draws: int = 1000, seed: int = 0
) -> Superiority | None:
    """Return whether any trial beats the benchmark, the number of trials accounted for.

    Sessions are drawn anew in blocks of random length (the stationary bootstrap of Politis &
    Romano, 1994), the same for all trials, so that whatever they share counts. Hansen (2005), the
    consistent p-value, studentised; White (2000). A trial as good as the benchmark in every
    session, such as one that never trades beside a benchmark of 0, counts with a difference of 0;
    one that differs by the same amount each session has no error to be measured by, and counts
    so in Hansen's test.

    White's holds its level where returns hardly follow each other, fat tails or not; Hansen's,
    which bad trials do not dull, rejects about twice as often as it says where losses are much
    rarer and larger than gains. Where returns follow each other for as long as a holding lasts,
    both reject up to four times as often.

    None without a trial, or with fewer than forty sessions or four blocks.

    Parameters
    ----------
    returns
        (n_sessions, n_trials) daily fractions
    benchmark
        (n_sessions,) daily fractions
    span
        sessions that a holding lasts; blocks are as long
    """
    sessions, block = len(returns), max(span, 1)
    if not returns.shape[1] or sessions < max(FEWEST_BLOCKS * block, FEWEST_SESSIONS):
        return None
    drawn = _drawn(sessions, block, draws, seed)
    parts = [_best(part, drawn, block) for part in _ahead(returns, benchmark)]
    found = np.max(parts, axis=0)  # (2, 1 + n_draws)
    # Hansen's statistic is never below 0.
    found[0] = found[0].clip(min=0)
    as_good = (found[:, 1:] >= found[:, :1]).sum(axis=1)
    spa, reality_check = (1 + as_good) / (1 + draws)
    return Superiority(float(spa), float(reality_check), draws=draws, block=block)


def _drawn(sessions: int, block: int, draws: int, seed: int) -> Float64:
    """Return how often each draw holds each session, over the sessions; (n_draws, n_sessions)."""
    from arch.bootstrap import StationaryBootstrap  # slow to import

    bootstrap = StationaryBootstrap(block, np.arange(sessions), seed=seed)
    drawn = (data[0] for data, _ in bootstrap.bootstrap(draws))
    return np.array([np.bincount(at, minlength=sessions) for at in drawn]) / sessions


def _ahead(returns: Float64, benchmark: Float64) -> Iterator[Float64]:
    for start in range(0, returns.shape[1], AT_ONCE):
        yield returns[:, start : start + AT_ONCE] - benchmark[:, None]


def _best(ahead: Float64, drawn: Float64, block: int) -> Float64:
    """Return Hansen's and White's best of these trials, in truth and then in each draw."""
    mean, drawn_mean = ahead.mean(axis=0), drawn @ ahead  # (n_trials,), (n_draws, n_trials)
    error = _error(ahead, block)
    score = mean / error
    # A trial so far behind cannot be the best, and is not moved to where it could.
    near = score >= -np.sqrt(2 * np.log(np.log(len(ahead))))
    drawn_score = (drawn_mean - np.where(near, mean, 0)) / error
    return np.array(
        [
            np.append(score.max(), drawn_score.max(axis=1)),
            np.append(mean.max(), (drawn_mean - mean).max(axis=1)),
        ]
    )


def _error(ahead: Float64, block: int) -> Float64:
    """Return the standard error that the bootstrap gives each mean; infinite where none moves.

    Its closed form (Hansen, 2005, section 3.1): autocovariances, those of lag i and n - i
    together, times a weight that the mean block sets; summed through their Fourier transform.
    """
    n, lag = len(ahead), np.arange(len(ahead))
    weight = (1 - lag / n) * (1 - 1 / block) ** lag + lag / n * (1 - 1 / block) ** (n - lag)
    centred = ahead - ahead.mean(axis=0)
    power = np.abs(np.fft.fft(centred, axis=0)) ** 2
    variance = np.fft.fft(weight).real @ power / n**3
    still = np.sqrt(np.mean(centred**2, axis=0)) <= STILL * np.abs(ahead).max(axis=0)
    return np.where(still, np.inf, np.sqrt(np.maximum(variance, 0)))
