"""The scaler knows the train span and nothing else."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.training.fitting.scaler import Scaler, fit_scaler
from rollsight.training.fitting.windows import Span
from tests.support.markets import random_samples

TRAIN = Span(20, 50)


def test_the_scaler_is_the_mean_and_deviation_of_the_train_spans_usable_rows() -> None:
    samples = random_samples(3, 80)
    usable = samples.usable.copy()
    usable[1, 30] = False  # one stock's row
    usable[:, 31] = False  # everybody's
    scaler = fit_scaler(replace(samples, usable=usable), TRAIN, 5.0)
    seen = [samples.stocks[s, t, 0] for s in range(3) for t in range(20, 50) if usable[s, t]]
    days = [t for t in range(20, 50) if t != 31]
    assert len(seen) == 3 * 30 - 1 - 3
    assert scaler.mean[0] == pytest.approx(np.mean(np.float64(seen)), rel=1e-6)
    assert scaler.std[0] == pytest.approx(np.std(np.float64(seen)), rel=1e-6)
    np.testing.assert_allclose(scaler.mean[1:], samples.indices[days].mean(0), rtol=1e-4)
    np.testing.assert_allclose(scaler.std[1:], samples.indices[days].std(0), rtol=1e-4)


@given(seed=st.integers(0, 2**32 - 1))
def test_values_outside_the_train_span_change_nothing(seed: int) -> None:
    samples, rng = random_samples(3, 80), np.random.default_rng(seed)
    outside = np.ones(80, dtype=bool)
    outside[TRAIN.start : TRAIN.stop] = False
    stocks, indices, usable = samples.stocks.copy(), samples.indices.copy(), samples.usable.copy()
    stocks[:, outside] = rng.standard_normal((3, outside.sum(), 1))
    indices[outside] = rng.standard_normal((outside.sum(), 2))
    usable[:, outside] = rng.random((3, outside.sum())) < 0.5
    changed = replace(samples, stocks=stocks, indices=indices, usable=usable)
    before, after = fit_scaler(samples, TRAIN, 5.0), fit_scaler(changed, TRAIN, 5.0)
    assert before.mean.tobytes() == after.mean.tobytes()
    assert before.std.tobytes() == after.std.tobytes()


def test_a_value_inside_the_train_span_changes_the_scaler() -> None:
    samples = random_samples(3, 80)
    stocks = samples.stocks.copy()
    stocks[0, TRAIN.stop - 1] += 1
    before = fit_scaler(samples, TRAIN, 5.0)
    assert before.mean[0] != fit_scaler(replace(samples, stocks=stocks), TRAIN, 5.0).mean[0]


@given(level=st.floats(-100, 100, width=32))
def test_a_channel_that_never_moves_is_only_centred(level: float) -> None:
    samples = random_samples(3, 80)
    indices = samples.indices.copy()
    indices[:, 1] = level
    scaler = fit_scaler(replace(samples, indices=indices), TRAIN, 5.0)
    assert scaler.mean[2] == np.float32(level)
    assert scaler.std[2] == 1
    assert (scaler.indices(indices)[:, 1] == 0).all()
    moved = np.array([[0.0, level + 0.5]], dtype=np.float32)
    assert scaler.indices(moved)[0, 1] == pytest.approx(0.5, abs=1e-4)


def test_standardised_values_are_clipped() -> None:
    mean, std = np.array([1, 0, 10], np.float32), np.array([2, 1, 0.5], np.float32)
    scaler = Scaler(mean, std, clip=3.0)
    assert scaler.stocks(np.array([[1], [3], [7], [8], [-99]], np.float32)).tolist() == [
        [0], [1], [3], [3], [-3],
    ]  # fmt: skip
    changes = np.array([[1, 10], [-4, 11]], np.float32)
    assert scaler.indices(changes).tolist() == [[1, 0], [-3, 2]]
    assert scaler.indices(changes).dtype == np.float32


def test_minmax_goes_from_minus_one_to_one_over_the_train_spans_usable_rows() -> None:
    samples = random_samples(3, 80)
    usable = samples.usable.copy()
    usable[1, 30] = False
    samples.stocks[1, 30, 0] = 99.0  # no row of the span: it stretches nothing
    scaler = fit_scaler(replace(samples, usable=usable), TRAIN, 5.0, "minmax")
    own = scaler.stocks(samples.stocks[:, 20:50])[usable[:, 20:50]]
    shared = scaler.indices(samples.indices[20:50])
    for channel in (own[:, 0], shared[:, 0], shared[:, 1]):
        assert (channel.min(), channel.max()) == pytest.approx((-1, 1), abs=1e-5)
    assert scaler.stocks(samples.stocks[1, 30]) == 5.0
