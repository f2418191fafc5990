"""What the best and the worst tenth of each date earned."""

import numpy as np
import pytest

from rollsight.reports.run.ranking.deciles import deciles


def test_a_tenth_is_three_of_thirty_and_dates_weigh_the_same() -> None:
    # Scores 0 to 29 shuffled; a return is a hundredth of the score on date 0, and 0 on date 1,
    # which has sixty stocks. Part 10 of date 0 holds 27, 28, 29: .28; mean of both dates .14.
    rng = np.random.default_rng(0)
    score = np.concatenate([rng.permutation(30), rng.permutation(60)]).astype(float)
    date = np.repeat([0, 1], [30, 60])
    made = np.where(date == 0, score / 100, 0.0)
    found = deciles(score, made, made - 0.01, date, span=3)
    assert [p.gross for p in found.parts] == pytest.approx([(1 + 3 * k) / 200 for k in range(10)])
    assert found.parts[9].net == pytest.approx(0.13)
    # Best less worst: (.28 - .01) / 2; of all: (.28 - .145) / 2; the best after costs: .135 - .01.
    spread = found.spread
    assert (spread.gross, spread.of_all) == pytest.approx((0.135, 0.0675))
    assert spread.net == pytest.approx(0.125)
    assert spread.low is None  # two dates


def test_dates_of_few_stocks_are_in_no_tenth() -> None:
    few = np.arange(29.0)
    found = deciles(few, few, few, np.zeros(29, dtype=np.int64), span=3)
    assert [p.gross for p in found.parts] == [None] * 10
    assert found.spread.gross is None


def test_a_spread_has_an_interval_that_a_true_one_leaves_0_out_of() -> None:
    rng = np.random.default_rng(1)
    date, score = np.repeat(np.arange(200), 40), rng.normal(size=8_000)
    made = 0.01 * score + 0.02 * rng.normal(size=8_000)
    spread = deciles(score, made, made, date, span=3).spread
    # The means of the outer tenths of a normal score lie 3.5 deviations apart.
    assert spread.gross == pytest.approx(0.035, abs=0.003)
    assert spread.low > 0.03
    assert spread.of_all_low > 0.01
