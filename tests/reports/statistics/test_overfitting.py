from statistics import NormalDist

import numpy as np
import pytest
from scipy.linalg import hadamard

from rollsight.reports.statistics.overfitting import (
    Overfitting,
    deflated_sharpe,
    effective_trials,
    expected_best_sharpe,
    overfitting,
    probabilistic_sharpe,
    session_sharpes,
)

normal = NormalDist().cdf


def trials_in_blocks(*shifts: tuple[int, ...]) -> np.ndarray:
    """Return trials of ten sessions a block: by turns 1 % up and down, and a shift in per mille."""
    turns = np.tile([0.01, -0.01], 5)
    return np.array([np.concatenate([turns + s / 1000 for s in own]) for own in shifts]).T


def found(returns: np.ndarray, *, blocks: int = 16) -> Overfitting:
    result = overfitting(returns, blocks=blocks)
    assert result is not None
    return result


def test_the_sharpe_ratio_is_of_a_session_and_missing_where_nothing_moves() -> None:
    returns = np.array([[0.03, 0.0, 0.1], [-0.01, 0.0, 0.1], [0.02, 0.0, 0.1], [0.0, 0.0, 0.1]])
    ratio = 0.01 / (0.001 / 3) ** 0.5  # deviations 0.02, -0.02, 0.01, -0.01: squares sum to 0.001
    np.testing.assert_allclose(session_sharpes(returns), [ratio, np.nan, np.nan])


def test_the_probabilistic_sharpe_ratio_by_hand() -> None:
    returns = np.array([0.03, -0.01, 0.02, 0.0])
    sharpe = 0.3**0.5  # as above
    # No skew; kurtosis (2 * 0.02**4 + 2 * 0.01**4) / 4 / 0.00025**2 = 1.36.
    error = ((1 + 0.36 / 4 * 0.3) / 3) ** 0.5
    assert probabilistic_sharpe(returns) == pytest.approx(normal(sharpe / error))
    assert probabilistic_sharpe(returns, above=0.5) == pytest.approx(normal((sharpe - 0.5) / error))


def test_the_example_of_bailey_and_lopez_de_prado() -> None:
    # "The deflated Sharpe ratio" (2014): 100 trials whose annual ratios vary by 1/2, five years of
    # 250 days, the best at 2.5 a year with skew -3 and kurtosis 10, which only two values have.
    sharpes = np.array([-1, 1]) * (0.5 / 250 / 2) ** 0.5
    two = np.repeat([1.0, 0.0], [1145, 105])
    returns = two - two.mean() + 2.5 / 250**0.5 * two.std(ddof=1)
    assert expected_best_sharpe(sharpes, trials=100) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe(returns, sharpes=sharpes, trials=100) == pytest.approx(0.9004, abs=5e-4)


def test_losses_in_the_tail_make_a_ratio_less_sure() -> None:
    gains = np.repeat([0.05, -0.004], [10, 90])
    losses = 2 * gains.mean() - gains
    lucky, unlucky = probabilistic_sharpe(gains), probabilistic_sharpe(losses)
    assert lucky is not None
    assert unlucky is not None
    assert session_sharpes(gains[:, None]) == pytest.approx(session_sharpes(losses[:, None]))
    assert unlucky < lucky


@pytest.mark.parametrize("returns", [np.zeros(9), np.full(9, 0.1), np.array([0.1, -0.1])])
def test_what_never_moves_or_is_too_short_has_no_probability(returns: np.ndarray) -> None:
    assert probabilistic_sharpe(returns) is None
    assert deflated_sharpe(returns, sharpes=np.array([0.1, 0.2]), trials=2) is None


def test_every_trial_that_was_started_raises_the_bar() -> None:
    sharpes = np.array([0.01, -0.02, 0.03])
    bars = [expected_best_sharpe(sharpes, trials=n) for n in (3, 10, 1000)]
    assert 0 < bars[0] < bars[1] < bars[2]
    # The means of the best of 10 and of 1000 normal draws, to the theorem's 3 %.
    assert bars[1] / sharpes.std(ddof=1) == pytest.approx(1.5388, rel=0.03)
    assert bars[2] / sharpes.std(ddof=1) == pytest.approx(3.2414, rel=0.03)


def test_copies_and_idle_trials_do_not_lower_the_bar() -> None:
    bar = expected_best_sharpe(np.array([0.01, -0.02]), trials=100)
    crowd = np.array([0.01] * 40 + [-0.02] + [0.0] * 30 + [np.nan] * 29)
    assert expected_best_sharpe(crowd, trials=100) == bar


def test_without_two_different_ratios_there_is_no_bar() -> None:
    for sharpes in ([], [0.1], [0.1, 0.1], [0.1, 0.0], [np.nan, 0.1]):
        assert expected_best_sharpe(np.array(sharpes), trials=5) == 0
    returns = np.array([0.03, -0.01, 0.02, 0.0])
    alone = deflated_sharpe(returns, sharpes=session_sharpes(returns[:, None]), trials=1)
    assert alone == probabilistic_sharpe(returns)


def test_more_ratios_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match=r"trials=1 is less than the 2 ratios"):
        expected_best_sharpe(np.array([0.1, 0.2]), trials=1)


def test_the_best_in_sample_is_ranked_out_of_sample() -> None:
    # A gains in blocks 1 and 2 twice what it loses in 3 and 4; B does nothing.
    #   chosen by 1+2: A, which then loses in 3+4 and is last; by 3+4: B, last in 1+2;
    #   by one of each: A, first in the rest.
    result = found(trials_in_blocks((2, 2, -1, -1), (0, 0, 0, 0)) * [1, 0])
    np.testing.assert_allclose(result.rank, [1 / 3, 2 / 3, 2 / 3, 2 / 3, 2 / 3, 1 / 3])
    assert result.probability == pytest.approx(2 / 6)
    assert result.loss == pytest.approx(1 / 6)
    assert (result.splits, result.blocks) == (6, 4)


def test_copies_share_their_ranks() -> None:
    returns = trials_in_blocks((2, 2, -1, -1), (2, 2, -1, -1), (0, 0, 0, 0)) * [1, 1, 0]
    # Both copies: 1.5 of 3 where A is last, 2.5 where it is first; B is last in 1+2.
    result = found(returns)
    np.testing.assert_allclose(result.rank, [1.5 / 4, 2.5 / 4, 2.5 / 4, 2.5 / 4, 2.5 / 4, 1 / 4])
    alike = found(returns[:, :2])
    assert alike.probability == 0.5
    np.testing.assert_array_equal(alike.rank, 0.5)


def test_several_that_are_best_together_count_in_equal_parts() -> None:
    # In blocks 1 and 2 neither B nor C trades and A loses: B and C are chosen, and rank first and
    # last where B gains more than A and C loses. The middle rank of three counts half.
    returns = trials_in_blocks((-1, -1, 1, 1), (0, 0, 3, 3), (0, 0, -3, -3))
    returns[:20, 1:] = 0
    result = found(returns)
    assert result.rank[0] == pytest.approx((3 / 4 + 1 / 4) / 2)
    # 1+2: B above and C below, 1/2; 3+4: B is level with C before A, 2.5 of 3; else B, first.
    assert result.probability == pytest.approx(0.5 / 6)
    assert result.loss == pytest.approx(0.5 / 6)
    assert result.rank[5] == pytest.approx(2.5 / 4)


def test_neither_the_order_of_trials_nor_their_size_matters_to_overfitting() -> None:
    rng = np.random.default_rng(0)
    returns = rng.normal(size=(200, 9))
    returns[:, 3] = returns[:, 7]
    returns[:, 5] = 0
    result, order = found(returns, blocks=8), rng.permutation(9)
    again = found(returns[:, order], blocks=8)
    assert again.rank.tobytes() == result.rank.tobytes()
    scaled = found(returns * 2.0 ** np.arange(9), blocks=8)
    np.testing.assert_allclose(scaled.rank, result.rank)


def test_short_samples_are_cut_into_fewer_blocks() -> None:
    returns = np.random.default_rng(0).normal(size=(161, 3))
    for sessions, blocks, splits in ((161, 16, 12870), (159, 14, 3432), (59, 4, 6), (40, 4, 6)):
        result = found(returns[:sessions])
        assert (result.blocks, result.splits, len(result.rank)) == (blocks, splits, splits)
    assert found(returns, blocks=7).blocks == 6
    assert overfitting(returns[:39]) is None
    assert overfitting(returns[:, :1]) is None


def test_idle_trials_alone_are_all_in_the_middle() -> None:
    result = found(np.zeros((50, 4)))
    assert (result.probability, result.loss) == (0.5, 0)
    constant = found(np.full((50, 2), 0.1) * [1, 3])
    assert constant.probability == 0.5


def test_independent_trials_count_fully_and_copies_once() -> None:
    trials = hadamard(8)[:, 1:] * 0.01  # seven, orthogonal, with mean 0
    assert effective_trials(trials) == pytest.approx(7)
    assert effective_trials(np.repeat(trials[:, :2], 3, axis=1)) == pytest.approx(2)
    assert effective_trials(np.hstack([trials[:, :3], np.zeros((8, 2))])) == pytest.approx(3)
    assert effective_trials(-trials[:, :1]) == pytest.approx(1)
    assert effective_trials(np.zeros((8, 2))) is None


def test_correlated_trials_count_by_their_entropy() -> None:
    # Correlation 0.5: eigenvalues 1.5 and 0.5, shares 3/4 and 1/4.
    first, second = hadamard(4)[:, 1], hadamard(4)[:, 2]
    pair = np.stack([first, 0.5 * first + 0.75**0.5 * second], axis=1)
    entropy = -(0.75 * np.log(0.75) + 0.25 * np.log(0.25))
    assert effective_trials(pair) == pytest.approx(np.exp(entropy))


def test_more_trials_than_sessions_are_counted_all_the_same() -> None:
    returns = np.random.default_rng(0).normal(size=(12, 30))
    share = np.linalg.eigvalsh(np.corrcoef(returns.T))[-11:] / 30
    expected = np.exp(-np.sum(share * np.log(share)))
    assert effective_trials(returns) == pytest.approx(expected)
