"""Means over lags: peaks evenly in log lag, norm 1, the newest day last."""

import numpy as np
import pytest

from rollsight.training.models.basis import raised_cosines


def test_the_first_cosine_peaks_on_the_newest_day_and_the_last_on_the_oldest() -> None:
    basis = raised_cosines(60, 8)
    assert basis.shape == (60, 8)
    peak = basis.argmax(axis=0)  # log(lag + 2) of the peaks: 0.69 to 4.11, 0.488 apart
    assert (59 - peak).tolist() == [0, 1, 3, 7, 12, 21, 35, 59]
    assert (basis >= 0).all()
    np.testing.assert_allclose((basis**2).sum(axis=0), 1, rtol=1e-12)


def test_each_cosine_ends_where_its_neighbours_peak() -> None:
    # lags 3, 2, 1, 0 lie at log 5, 4, 3, 2; the middle between log 2 and log 5 is log 3.162
    basis = raised_cosines(4, 3)
    assert basis[0, 1] == pytest.approx(0, abs=1e-12)
    assert basis[3, 1] == pytest.approx(0, abs=1e-12)
    assert basis[0, 0] == pytest.approx(0, abs=1e-12)
    half = np.log(5 / 2) / 2
    hand = [0.5 * (1 + np.cos(np.pi * np.log(k / 10**0.5) / half)) for k in (4, 3)]
    np.testing.assert_allclose(basis[1:3, 1], hand / np.hypot(*hand), rtol=1e-12)


@pytest.mark.parametrize(("lookback", "m", "kept"), [(1, 8, 1), (2, 8, 2), (5, 8, 7), (5, 1, 1)])
def test_of_a_short_lookback_every_mean_that_is_left_has_a_day(
    lookback: int, m: int, kept: int
) -> None:
    basis = raised_cosines(lookback, m)
    assert basis.shape == (lookback, kept)
    np.testing.assert_allclose((basis**2).sum(axis=0), 1, rtol=1e-12)
