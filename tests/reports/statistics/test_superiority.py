import numpy as np
import pytest
from arch.bootstrap import SPA

from rollsight.reports.statistics.superiority import Superiority, superiority


def tried(returns: np.ndarray, benchmark: np.ndarray, *, span: int) -> Superiority:
    result = superiority(returns, benchmark, span=span, draws=200)
    assert result is not None
    return result


def error(ahead: np.ndarray, block: int) -> float:
    """Return the error of a mean by Hansen's formula, lag by lag."""
    n, centred, keep = len(ahead), ahead - ahead.mean(), 1 - 1 / block
    variance = np.mean(centred**2)
    for lag in range(1, n):
        weight = (1 - lag / n) * keep**lag + lag / n * keep ** (n - lag)
        variance += 2 * weight * np.sum(centred[lag:] * centred[:-lag]) / n
    return float(np.sqrt(variance / n))


@pytest.mark.parametrize("span", [1, 6])
def test_both_p_values_are_those_of_the_library_on_the_same_draws(span: int) -> None:
    rng = np.random.default_rng(3)
    benchmark = rng.normal(size=150)
    # Errors that differ, and one trial so far behind that only White's test still minds it.
    returns = benchmark[:, None] + rng.normal(size=(150, 6)) * [1, 1, 2, 3, 4, 5]
    returns[:, 1] -= 0.35
    ahead = returns - benchmark[:, None]
    scaled = ahead / [error(own, span) for own in ahead.T]
    result = tried(returns, benchmark, span=span)
    for p_value, name, differences in (
        (result.spa, "consistent", scaled),
        (result.reality_check, "upper", ahead),
    ):
        test = SPA(np.zeros(150), -differences, block_size=span, reps=200, seed=0)
        test.compute()
        assert 0.02 < p_value < 0.98
        assert p_value == pytest.approx((1 + 200 * test.pvalues[name]) / 201)
    assert (result.draws, result.block) == (200, span)


def test_the_order_and_the_size_of_trials() -> None:
    rng = np.random.default_rng(1)
    returns, benchmark = rng.normal(size=(100, 5)), np.zeros(100)
    result = tried(returns, benchmark, span=3)
    turned = tried(returns[:, ::-1], benchmark, span=3)
    assert (turned.spa, turned.reality_check) == (result.spa, result.reality_check)
    # Hansen measures each trial by its own error, White by its mean.
    wild = tried(returns * [1, 2, 4, 8, 16], benchmark, span=3)
    assert wild.spa == result.spa
    assert wild.reality_check != result.reality_check


def test_the_same_seed_draws_the_same() -> None:
    returns = np.random.default_rng(1).normal(size=(100, 5))
    first, again, other = (
        superiority(returns, np.zeros(100), span=3, draws=99, seed=seed) for seed in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_trials_that_equal_the_benchmark_are_never_ahead_by_more_than_luck() -> None:
    idle = np.zeros((60, 2))
    result = tried(idle, np.zeros(60), span=2)
    assert (result.spa, result.reality_check) == (1, 1)
    # Beside a benchmark that moves, doing nothing is a bet against it.
    falling = np.random.default_rng(0).normal(-1, 1, size=60)
    assert tried(idle, falling, span=2).spa == 1 / 201


def test_a_copy_of_the_benchmark_changes_nothing() -> None:
    rng = np.random.default_rng(1)
    returns, benchmark = rng.normal(size=(100, 3)), rng.normal(size=100)
    with_copy = np.column_stack([returns, benchmark])
    assert tried(with_copy, benchmark, span=2) == tried(returns, benchmark, span=2)


def test_the_same_amount_each_session_has_no_error_to_be_measured_by() -> None:
    result = tried(np.full((60, 1), 0.1), np.zeros(60), span=2)
    assert (result.spa, result.reality_check) == (1, 1 / 201)


def test_one_good_trial_is_found_among_bad_ones() -> None:
    returns = np.random.default_rng(2).normal(-3, 1, size=(120, 40))
    returns[:, 17] += 3.4
    result = tried(returns, np.zeros(120), span=1)
    assert result.spa == pytest.approx(1 / 201)
    assert tried(np.delete(returns, 17, axis=1), np.zeros(120), span=1).spa == 1


def test_many_trials_are_judged_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    returns = np.random.default_rng(1).normal(size=(80, 7))
    whole = tried(returns, np.zeros(80), span=2)
    monkeypatch.setattr("rollsight.reports.statistics.superiority.AT_ONCE", 3)
    assert tried(returns, np.zeros(80), span=2) == whole


def test_too_few_sessions_or_no_trial_give_nothing() -> None:
    returns = np.random.default_rng(1).normal(size=(79, 2))
    assert superiority(returns, np.zeros(79), span=20) is None
    assert superiority(returns[:39], np.zeros(39), span=1) is None
    assert superiority(returns[:, :0], np.zeros(79), span=1) is None
    assert superiority(returns[:40], np.zeros(40), span=0, draws=9) is not None
