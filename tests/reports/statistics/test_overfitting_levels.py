"""What the statistics of many trials say where nobody knows anything, and where one trial does.

Returns are simulated, without costs: eight years of 250 sessions, fifty trials.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest
from scipy import stats

from rollsight.reports.statistics.overfitting import (
    deflated_sharpe,
    effective_trials,
    expected_best_sharpe,
    overfitting,
    probabilistic_sharpe,
    session_sharpes,
)
from rollsight.reports.statistics.superiority import superiority
from tests.support.simulated.overlaps import plausible

Float64 = npt.NDArray[np.float64]
Noise = Callable[[np.random.Generator, int, int], Float64]

SETS, SESSIONS, YEAR, TRIALS, SPAN = 200, 2000, 250, 50, 10


def independent(rng: np.random.Generator, sessions: int, trials: int) -> Float64:
    return rng.normal(size=(sessions, trials))


def sharing(rng: np.random.Generator, sessions: int, trials: int, *, rho: float) -> Float64:
    """Return trials that all hold the same market."""
    market = rng.normal(size=(sessions, 1))
    return np.asarray(rho**0.5 * market + (1 - rho) ** 0.5 * independent(rng, sessions, trials))


def fat_tailed(rng: np.random.Generator, sessions: int, trials: int) -> Float64:
    return rng.standard_t(3, size=(sessions, trials))


def skewed(rng: np.random.Generator, sessions: int, trials: int) -> Float64:
    """Return trials that lose at once what they gain slowly, with skew -0.5."""
    return 16 - rng.gamma(16, size=(sessions, trials))


def near_copies(rng: np.random.Generator, sessions: int, trials: int, *, ideas: int) -> Float64:
    """Return trials that are correlated by 0.99 with those of the same idea."""
    idea = independent(rng, sessions, ideas)[:, np.arange(trials) % ideas]
    return np.asarray(0.99**0.5 * idea + 0.01**0.5 * independent(rng, sessions, trials))


def crowded(rng: np.random.Generator, sessions: int, trials: int) -> Float64:
    """Return near copies of one trial, and a fifth that have nothing to do with it."""
    returns = independent(rng, sessions, trials)
    crowd = trials * 4 // 5
    returns[:, :crowd] = near_copies(rng, sessions, crowd, ideas=1)
    return returns


def half_idle(rng: np.random.Generator, sessions: int, trials: int) -> Float64:
    return independent(rng, sessions, trials) * (np.arange(trials) % 2)


def holding(rng: np.random.Generator, sessions: int, trials: int) -> Float64:
    """Return accounts that hold random stocks for some sessions, while volatility moves."""
    stocks, slow = 30, np.ones(60) / 60**0.5
    wild = np.exp(0.5 * np.convolve(rng.normal(size=sessions + 59), slow, "valid"))
    moves = 0.7 * rng.normal(size=(sessions, 1)) + rng.standard_t(4, size=(sessions, stocks))
    moves *= wild[:, None]
    turn = (np.arange(sessions)[:, None] + rng.integers(SPAN, size=trials)) // SPAN
    held = rng.random((turn.max() + 1, trials, stocks)) < 0.2
    return np.stack([(held[turn[:, k], k] * moves).sum(axis=1) for k in range(trials)], axis=1) / 6


def overlapping(rng: np.random.Generator, sessions: int, trials: int, *, span: int) -> Float64:
    """Return moving averages, as alike from one session to the next as those of labels are."""
    total = np.cumsum(independent(rng, sessions + span, trials), axis=0)
    return np.asarray((total[span:] - total[:-span]) / span**0.5)


def planted(noise: Noise, sharpe: float) -> Noise:
    """Return noise whose first trial has a Sharpe ratio of its own, a year."""

    def returns(rng: np.random.Generator, sessions: int, trials: int) -> Float64:
        drawn = noise(rng, sessions, trials)
        drawn[:, 0] += sharpe / YEAR**0.5 * drawn[:, 0].std()
        return drawn

    return returns


NOISE: dict[str, Noise] = {
    "independent": independent,
    "sharing half": partial(sharing, rho=0.5),
    "sharing nine tenths": partial(sharing, rho=0.9),
    "fat tails": fat_tailed,
    "skewed": skewed,
    "near copies of five": partial(near_copies, ideas=5),
    "near copies of one": partial(near_copies, ideas=1),
    "a crowd and a few": crowded,
    "half of them idle": half_idle,
    "held stocks": holding,
}


def at_most(hits: int, sets: int, level: float) -> bool:
    """Return whether so many hits are within the 99 % binomial bound of at most a nominal level."""
    return bool(hits <= stats.binom.ppf(0.99, sets, level))


def deflated(noise: Noise, sets: int) -> Float64:
    """Return the deflated Sharpe ratio of the best trial of each set."""
    rng, found = np.random.default_rng(1), []
    for _ in range(sets):
        returns = noise(rng, SESSIONS, TRIALS)
        sharpes = session_sharpes(returns)
        best = returns[:, np.nanargmax(sharpes)]
        found.append(deflated_sharpe(best, sharpes=sharpes, trials=TRIALS))
    return np.array(found, dtype=np.float64)


def p_values(noise: Noise, sets: int) -> Float64:
    """Return the p-values of Hansen and White of each set; (n_sets, 2)."""
    rng, found = np.random.default_rng(1), []
    for seed in range(sets):
        returns, benchmark = noise(rng, SESSIONS, TRIALS), np.zeros(SESSIONS)
        result = superiority(returns, benchmark, span=SPAN, draws=199, seed=seed)
        assert result is not None
        found.append((result.spa, result.reality_check))
    return np.array(found)


def overfitted(noise: Noise, sets: int) -> Float64:
    """Return the probability of overfitting and the share of losses of each set; (n_sets, 2)."""
    rng, found = np.random.default_rng(1), []
    for _ in range(sets):
        result = overfitting(noise(rng, SESSIONS, TRIALS), blocks=10)
        assert result is not None
        found.append((result.probability, result.loss))
    return np.array(found)


def losing(rng: np.random.Generator, sessions: int, trials: int) -> Float64:
    """Return trials half of which have a Sharpe ratio of -5 a year, and none a good one."""
    returns = independent(rng, sessions, trials)
    returns[:, : trials // 2] -= 5 / YEAR**0.5
    return returns


def kinds(*quick: str) -> list[object]:
    """Return each kind of noise by name; those that are not named take a while together."""
    return [k if k in quick else pytest.param(k, marks=pytest.mark.slow) for k in NOISE]


@pytest.mark.parametrize("kind", kinds("independent", "sharing nine tenths"))
def test_the_best_trial_that_knows_nothing_rarely_has_a_high_deflated_sharpe_ratio(
    kind: str,
) -> None:
    hits = int((deflated(NOISE[kind], SETS) > 0.95).sum())
    assert at_most(hits, SETS, 0.05), hits


@pytest.mark.slow
def test_not_counting_the_trials_takes_luck_for_skill() -> None:
    rng, hits = np.random.default_rng(1), 0
    for _ in range(SETS):
        returns = independent(rng, SESSIONS, TRIALS)
        best = returns[:, session_sharpes(returns).argmax()]
        hits += (probabilistic_sharpe(best) or 0) > 0.95
    assert hits > 0.8 * SETS


@pytest.mark.slow
def test_counting_only_independent_trials_deflates_too_little() -> None:
    rng, hits = np.random.default_rng(1), 0
    for _ in range(SETS):
        returns = sharing(rng, SESSIONS, TRIALS, rho=0.9)
        sharpes, counted = session_sharpes(returns), effective_trials(returns)
        assert counted is not None
        # The spread of all, but the maximum of as many as the effective number.
        luck = expected_best_sharpe(np.array([-1, 1]) / 2**0.5, trials=max(round(counted), 2))
        best = returns[:, sharpes.argmax()]
        hits += (probabilistic_sharpe(best, above=sharpes.std(ddof=1) * luck) or 0) > 0.95
    assert not at_most(hits, SETS, 0.05), hits


@pytest.mark.parametrize("kind", kinds("independent"))
def test_the_tests_against_the_benchmark_reject_as_rarely_as_their_level_says(kind: str) -> None:
    found = p_values(NOISE[kind], SETS)
    # Normal returns use the level up; others may keep below it.
    holds = plausible if kind.startswith(("independent", "sharing")) else at_most
    for level in (0.05, 0.1):
        for hits in (found <= level).sum(axis=0):
            assert holds(int(hits), SETS, level), (level, int(hits))


@pytest.mark.slow
def test_trials_that_lose_do_not_make_the_tests_reject_more() -> None:
    found = p_values(losing, SETS)
    assert all(at_most(int(hits), SETS, 0.05) for hits in (found <= 0.05).sum(axis=0))
    # Hansen's leaves them out; White's still fears them.
    assert found[:, 0].mean() < found[:, 1].mean()


@pytest.mark.slow
@pytest.mark.parametrize("span", [5, SPAN])
def test_returns_that_follow_each_other_make_the_tests_reject_more_often_than_they_say(
    span: int,
) -> None:
    # A known limit: blocks as long as the dependence miss a quarter of its variance. Labels that
    # overlap follow each other so, the daily returns of an account hardly do.
    hits = (p_values(partial(overlapping, span=span), SETS) <= 0.05).sum(axis=0)
    assert all(at_most(int(n), SETS, 0.2) for n in hits), hits


@pytest.mark.parametrize("kind", kinds("independent", "sharing nine tenths"))
def test_trials_that_know_nothing_are_overfitted_half_the_time(kind: str) -> None:
    probability = overfitted(NOISE[kind], SETS)[:, 0]
    assert abs(probability.mean() - 0.5) < 2.58 * probability.std(ddof=1) / SETS**0.5
    assert at_most(int((probability < 0.05).sum()), SETS, 0.05)


def test_beside_bad_trials_the_lucky_one_is_not_overfitted_and_does_not_earn() -> None:
    probability, loss = overfitted(losing, SETS).T
    assert probability.max() < 0.05
    assert loss.mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("sets", [20, pytest.param(SETS, marks=pytest.mark.slow)])
def test_a_planted_edge_is_found(sets: int) -> None:
    edge = planted(independent, sharpe=2)
    assert (p_values(edge, sets) <= 0.05).mean(axis=0).min() > 0.9
    # The edge itself widens the spread between the trials, and with it its own bar.
    assert (deflated(edge, sets) > 0.95).mean() > 0.7
    assert (overfitted(edge, sets)[:, 0] < 0.1).mean() > 0.7


@pytest.mark.slow
def test_a_weak_edge_is_mostly_missed_and_a_strong_one_never() -> None:
    weak, strong = planted(independent, sharpe=0.5), planted(independent, sharpe=4)
    assert (p_values(weak, SETS) <= 0.05).mean() < 0.2
    assert (deflated(weak, SETS) > 0.95).mean() < 0.05
    assert (overfitted(weak, SETS)[:, 0] < 0.1).mean() < 0.1
    assert (p_values(strong, SETS) <= 0.05).all()
    assert (deflated(strong, SETS) > 0.95).all()
    assert (overfitted(strong, SETS)[:, 0] < 0.05).all()
