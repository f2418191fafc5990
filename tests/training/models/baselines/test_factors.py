"""Momentum, reversal, low volatility: the order of one quantity, at odds that train allows."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Window
from rollsight.training.models.baselines.factors import LOW_VOLATILITY, MOMENTUM, REVERSAL, TILTS
from rollsight.training.models.baselines.frequencies import FREQUENCIES
from rollsight.training.models.family import Family, Learnt, WindowData
from rollsight.training.spec import ModelSpec, TrainingSpec
from tests.support.markets import own_channels, random_samples

# One channel, of which momentum sums the last 20 days.
WEIGHTS = {
    "channel": np.array([1.0], dtype=np.float32),
    "place": np.array([2.0, 4.0], dtype=np.float32),
    "log_share": np.log(np.array([0.2, 0.3, 0.5], dtype=np.float32)),
    "tilt": np.array([0.4], dtype=np.float32),
}


def learnt(family: Family, samples: SampleSet, window: Window) -> Learnt:
    data = WindowData(samples, window, fit_scaler(samples, window.train, 5.0))
    return family.fit(data, ModelSpec(), TrainingSpec(), seed=0, before=None)


def probability(family: Family, x: torch.Tensor) -> np.ndarray:
    score = family.restore(WEIGHTS, x.shape[1], x.shape[2], ModelSpec())(x)
    return torch.softmax(score, 1).numpy()


def test_momentum_is_the_sum_of_twenty_sessions_of_the_close() -> None:
    x = torch.zeros(3, 2, 30)
    x[:, 0] = 9.0  # another channel
    x[:, 1, :10] = 9.0  # older than twenty sessions
    x[:, 1, 10] = torch.tensor([2.0, 6.0, -2.0])  # the mean, and a deviation above and below it
    p = probability(MOMENTUM, x)
    np.testing.assert_allclose(p[0], [0.2, 0.3, 0.5], rtol=1e-6)
    # tanh(1) = .7616: the log-odds of UP to DOWN move by .4 times that
    for row, sign in ((1, 1), (2, -1)):
        odds = np.log(p[row, 2] / p[row, 0])
        assert odds == pytest.approx(np.log(2.5) + sign * 0.4 * 0.7616, abs=1e-4)


def test_reversal_is_its_negative_and_low_volatility_the_negative_deviation() -> None:
    rise = torch.tensor([[0.0] * 50 + [1.0] * 10, [0.0] * 60])
    assert MOMENTUM.measure(rise).tolist() == [10, 0]
    assert REVERSAL.measure(rise).tolist() == [-10, 0]
    # mean 1/6: the variance is 1/6 - 1/36
    assert LOW_VOLATILITY.measure(rise).tolist() == pytest.approx([-((5 / 36) ** 0.5), 0])


def test_a_rule_that_is_wrong_on_train_keeps_its_order_and_promises_the_least(
    window: Window,
) -> None:
    samples = random_samples(6, 80, lookback=12)
    ahead = np.zeros(samples.labels.label.shape)
    for age in range(12):  # the label is what momentum says
        ahead += np.roll(samples.stocks[..., 0], age, axis=1)
    label = np.digitize(ahead, np.quantile(ahead, [1 / 3, 2 / 3])).astype(np.int8)
    label[samples.labels.settled_at < 0] = -1
    right = replace(samples, labels=replace(samples.labels, label=label))
    assert learnt(MOMENTUM, right, window).weights["tilt"][0] == np.float32(TILTS[-1])
    assert learnt(REVERSAL, right, window).weights["tilt"][0] == np.float32(TILTS[0])


def test_the_close_is_found_wherever_it_stands(window: Window) -> None:
    samples = random_samples(4, 80, lookback=12, c=2)
    turned = replace(
        samples, own=own_channels("range", "close"), stocks=samples.stocks[..., ::-1].copy()
    )
    one, other = (learnt(MOMENTUM, s, window).weights for s in (samples, turned))
    assert (one["channel"][0], other["channel"][0]) == (0, 1)
    np.testing.assert_array_equal(one["place"], other["place"])


def test_without_a_close_it_is_said_what_is_missing(window: Window) -> None:
    samples = replace(random_samples(4, 80), own=own_channels("range"))
    with pytest.raises(RollsightError, match=r"add 'change' to features\.stock"):
        learnt(MOMENTUM, samples, window)


def test_the_frequencies_are_those_of_the_train_rows(window: Window) -> None:
    samples = random_samples(4, 80)
    days = slice(window.train.start, window.train.stop)
    known = samples.labels.settled_at[:, days] < window.validation.start
    counts = np.bincount(samples.labels.label[:, days][known], minlength=3)
    found = learnt(FREQUENCIES, samples, window)
    np.testing.assert_allclose(np.exp(found.weights["log_share"]), counts / counts.sum(), rtol=1e-6)
