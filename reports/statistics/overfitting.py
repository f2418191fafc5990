"""What the best of many trials is worth once it is known how many were tried."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

Float64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

BLOCK_SESSIONS = 10  # fewer sessions tell nothing of a Sharpe ratio
FEWEST_BLOCKS = 4
STILL = 1e-12  # a variance below this share of the mean square is rounding
AT_ONCE = 2_000_000  # numbers of a chunk


@dataclass(frozen=True, eq=False)
class Overfitting:
    """What the best trial of one half of the sessions did in the other half.

    Attributes
    ----------
    probability
        probability of backtest overfitting: share of the splits in which the best in
        sample came out below the middle of all trials out of sample, the middle itself counted half
    splits
        ways to halve the blocks
    blocks
        blocks of sessions
    loss
        share of the splits in which the best in sample lost money out of sample
    rank
        (n_splits,) rank out of sample of the best in sample, over the trials plus one; near 1
        is the best, 0.5 the middle
    """

    probability: float
    splits: int
    blocks: int
    loss: float
    rank: Float64


def session_sharpes(returns: Float64) -> Float64:
    """Return the Sharpe ratio per session of each trial; NaN for one that never moves.

    Parameters
    ----------
    returns
        (n_sessions, n_trials) daily fractions
    """
    if len(returns) < 3:
        return np.full(returns.shape[1], np.nan)
    mean, deviation = returns.mean(axis=0), returns.std(axis=0, ddof=1)
    moves = deviation > np.sqrt(STILL) * np.abs(mean)
    sharpes: Float64 = np.divide(mean, deviation, out=np.full(len(mean), np.nan), where=moves)
    return sharpes


def probabilistic_sharpe(returns: Float64, *, above: float = 0.0) -> float | None:
    """Return the probability that the true Sharpe ratio is above a bar.

    Bailey & Lopez de Prado (2012). Skew and fat tails widen its error; dependence between sessions
    does not, returns are taken as independent over time. None for a series that never moves or is
    shorter than three returns.

    Parameters
    ----------
    returns
        (n_sessions,) daily fractions
    above
        the bar, per session, not annualised
    """
    sharpe = float(session_sharpes(returns[:, None])[0])
    if np.isnan(sharpe):
        return None
    score = (returns - returns.mean()) / returns.std()
    skew, kurtosis = float(np.mean(score**3)), float(np.mean(score**4))
    spread = 1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe**2
    if spread < STILL:  # two values only, at one very odd ratio
        return None
    return float(ndtr((sharpe - above) * np.sqrt((len(returns) - 1) / spread)))


def expected_best_sharpe(sharpes: Float64, *, trials: int) -> float:
    """Return the Sharpe ratio that the best of so many trials shows by luck alone, per session.

    The false strategy theorem (Bailey & Lopez de Prado, 2014): the spread of the trials' ratios
    times the expected maximum of ``trials`` standard normal draws. Copies of one trial and trials
    that never moved would make the spread look smaller than luck is; they count in ``trials`` but
    not in the spread. 0 where fewer than two different ratios are left.

    Parameters
    ----------
    sharpes
        (n_finished,) per session, of every finished trial; NaN or 0 is one that never moved
    trials
        all that were ever started, failed ones too

    Raises
    ------
    ValueError
        If there are more ratios than trials.
    """
    if trials < len(sharpes):
        raise ValueError(f"trials={trials} is less than the {len(sharpes)} ratios of them")
    moved = np.unique(sharpes[np.isfinite(sharpes) & (sharpes != 0)])
    if len(moved) < 2:
        return 0.0
    return float(moved.std(ddof=1) * best_of_luck(trials))


def best_of_luck(trials: int) -> float:
    """Return what the best of so many standard normal draws is on the mean; 0 of a single one.

    >>> best_of_luck(1), round(best_of_luck(42), 1)
    (0.0, 2.2)
    """
    if trials < 2:
        return 0.0
    gamma = np.euler_gamma
    luck = (1 - gamma) * ndtri(1 - 1 / trials) + gamma * ndtri(1 - 1 / (trials * np.e))
    return float(luck)


def deflated_sharpe(returns: Float64, *, sharpes: Float64, trials: int) -> float | None:
    """Return the probability that a trial is better than the best that luck makes of so many.

    The probabilistic Sharpe ratio above the expected best one (Bailey & Lopez de Prado, 2014).
    All trials are counted with the spread between them: what they share, such as a market that
    all of them hold, is not in that spread, so that counting only the independent ones would
    deflate twice by the same correlation, and too little. What they share is not removed either:
    give returns ahead of the benchmark where the question is skill and not the market. The one
    case where luck is taken for skill too often is a crowd of near copies, nine in ten of some
    hundred trials, beside others that have nothing to do with them.

    Parameters
    ----------
    returns
        (n_sessions,) daily fractions of the chosen trial
    sharpes, trials
        as in `expected_best_sharpe`
    """
    return probabilistic_sharpe(returns, above=expected_best_sharpe(sharpes, trials=trials))


def effective_trials(returns: Float64) -> float | None:
    """Return how many independent trials would spread as widely as these do.

    The effective rank of their correlation matrix (Roy & Vetterli, 2007): the exponential of the
    entropy of its eigenvalues' shares; never more than the sessions. A trial that never moves
    takes no chance and adds nothing. None where none moves.

    Parameters
    ----------
    returns
        (n_sessions, n_trials) daily fractions
    """
    moved = returns[:, np.isfinite(session_sharpes(returns))]
    if not moved.shape[1]:
        return None
    score = (moved - moved.mean(axis=0)) / moved.std(axis=0)
    # Both products have the same eigenvalues but for zeros.
    product = score @ score.T if len(score) < score.shape[1] else score.T @ score
    share = np.linalg.eigvalsh(product).clip(min=0) / moved.size
    share = share[share > 0]
    return float(np.exp(-np.sum(share * np.log(share))))


def overfitting(returns: Float64, *, blocks: int = 16) -> Overfitting | None:
    """Return how often the best in sample is below the middle out of sample.

    Combinatorially symmetric cross-validation (Bailey, Borwein, Lopez de Prado & Zhu, 2017): the
    sessions are cut into blocks, each half of the blocks chooses the trial with the best Sharpe
    ratio, the other half ranks it. Trials that are level share the mean of their ranks; several
    that are best together count in equal parts. A trial that never moves has the ratio 0: doing
    nothing is a choice too.

    Of alike trials that know nothing the figure is one half in the mean, and seldom below 0.05,
    but for two trials that is one in ten. It is no p-value: it tells the trials from each other,
    not from luck, and beside many bad trials the best of the others is above the middle though it
    earns nothing.

    Fewer blocks are cut where one would have fewer than ten sessions. None for fewer than two
    trials or four such blocks.

    Parameters
    ----------
    returns
        (n_sessions, n_trials) daily fractions
    """
    blocks = min(blocks, len(returns) // BLOCK_SESSIONS) // 2 * 2
    if returns.shape[1] < 2 or blocks < FEWEST_BLOCKS:
        return None
    halves = _halves(blocks)
    starts = np.arange(blocks) * len(returns) // blocks
    sizes = np.diff(starts, append=len(returns)).astype(np.float64)
    sums = np.add.reduceat(returns, starts, axis=0)
    squares = np.add.reduceat(returns**2, starts, axis=0)
    # Copies of a trial must stay level to the last digit, wherever their column stands.
    distinct, copy = np.unique(np.vstack([sums, squares]), axis=1, return_inverse=True)
    sums, squares, copy = distinct[:blocks], distinct[blocks:], copy.ravel()

    def ratios(chosen: Float64) -> Float64:
        return _sharpes(chosen @ sums, chosen @ squares, chosen @ sizes)[:, copy]

    judged = [_judged(ratios(half), ratios(1 - half)) for half in _parts(halves, len(copy))]
    below, lost, rank = (np.concatenate(figure) for figure in zip(*judged, strict=True))
    return Overfitting(
        probability=float(below.mean()),
        splits=len(halves),
        blocks=blocks,
        loss=float(lost.mean()),
        rank=rank,
    )


def _halves(blocks: int) -> Float64:
    """Return which blocks each half holds; (n_splits, n_blocks) of 0 and 1."""
    chosen = np.array(list(combinations(range(blocks), blocks // 2)))
    halves = np.zeros((len(chosen), blocks))
    np.put_along_axis(halves, chosen, 1.0, axis=1)
    return halves


def _parts(halves: Float64, trials: int) -> Iterator[Float64]:
    size = max(AT_ONCE // trials, 1)
    return (halves[start : start + size] for start in range(0, len(halves), size))


def _sharpes(total: Float64, squares: Float64, sessions: Float64) -> Float64:
    mean, square = total / sessions[:, None], squares / sessions[:, None]
    spread = square - mean**2
    moves = spread > STILL * square
    deviation = np.sqrt(spread, out=np.ones_like(spread), where=moves)
    return np.where(moves, mean / deviation, 0.0)


def _judged(inside: Float64, outside: Float64) -> tuple[Float64, Float64, Float64]:
    """Return of each split: below the middle or not, lost or not, and the relative rank."""
    best = inside == inside.max(axis=1, keepdims=True)
    from scipy.stats import rankdata  # half a second to import

    rank = rankdata(outside, axis=1)
    middle = (inside.shape[1] + 1) / 2
    below = (rank < middle) + 0.5 * (rank == middle)
    part = best / best.sum(axis=1, keepdims=True)
    mean_rank = (part * rank).sum(axis=1) / (inside.shape[1] + 1)
    return (part * below).sum(axis=1), (part * (outside < 0)).sum(axis=1), mean_rank
