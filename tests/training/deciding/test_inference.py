"""One path from a row to its probabilities."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import BATCH, log_loss, predict, windows
from rollsight.training.fitting.rows import Rows, rows_of
from rollsight.training.models.loading import load_networks
from rollsight.training.models.model import FittedModel
from tests.support.markets import random_samples

# More rows than one batch holds: 4 stocks * 68 days.
ROWS = rows_of(np.ones((4, 68), dtype=bool), 12)


def only(rows: Rows, at: np.ndarray) -> Rows:
    return Rows(rows.stock[at], rows.day[at])


def test_rows_come_by_day_and_then_by_stock() -> None:
    usable = np.array([[True, False, True], [True, True, False]])
    rows = rows_of(usable, 40)
    assert rows.stock.tolist() == [0, 1, 1, 0]
    assert rows.day.tolist() == [40, 40, 41, 42]
    assert len(rows) == 4


def test_probabilities_are_the_mean_of_the_networks_on_each_window(
    fitted: FittedModel, samples: SampleSet
) -> None:
    found = predict(fitted, samples, ROWS)
    assert found.shape == (272, 3)
    for row in (0, 100, 271):
        stock, day = ROWS.stock[row], ROWS.day[row]
        own = fitted.scaler.stocks(samples.stocks[stock, day - 11 : day + 1])
        shared = fitted.scaler.indices(samples.indices[day - 11 : day + 1])
        x = torch.from_numpy(np.vstack([own.T, shared.T]))[None]
        each = [n(x)[0, :, 0].softmax(-1).numpy() for n in load_networks(fitted).networks]
        assert len(each) == 2
        np.testing.assert_allclose(found[row], (each[0] + each[1]) / 2, atol=1e-6)


def test_several_seeds_are_averaged(fitted: FittedModel, samples: SampleSet) -> None:
    each = [predict(replace(fitted, weights=(w,)), samples, ROWS) for w in fitted.weights]
    assert np.abs(each[0] - each[1]).max() > 1e-3
    np.testing.assert_allclose(predict(fitted, samples, ROWS), (each[0] + each[1]) / 2, atol=1e-6)


def test_the_networks_together_give_log_probabilities(
    fitted: FittedModel, samples: SampleSet
) -> None:
    _, x = next(windows(fitted, samples, ROWS))
    together = load_networks(fitted)(x).exp().sum(-1)
    torch.testing.assert_close(together, torch.ones(BATCH))


def test_probabilities_sum_to_one(fitted: FittedModel, samples: SampleSet) -> None:
    found = predict(fitted, samples, ROWS)
    np.testing.assert_allclose(found.sum(1), 1, atol=1e-15)
    assert (found > 0).all()


def test_a_rows_bits_are_the_same_alone_shuffled_and_among_others(
    fitted: FittedModel, samples: SampleSet
) -> None:
    found = predict(fitted, samples, ROWS)
    order = np.random.default_rng(0).permutation(len(ROWS))
    assert predict(fitted, samples, only(ROWS, order)).tobytes() == found[order].tobytes()
    for row in (0, 7, 255, 256, 271):
        alone = predict(fitted, samples, only(ROWS, np.array([row])))
        assert alone[0].tobytes() == found[row].tobytes()
    some = np.arange(3, 272, 5)
    assert predict(fitted, samples, only(ROWS, some)).tobytes() == found[some].tobytes()


def test_the_callers_threads_change_no_bit(fitted: FittedModel, samples: SampleSet) -> None:
    before, found = torch.get_num_threads(), []
    try:
        for n in (1, 2):
            torch.set_num_threads(n)
            found.append(predict(fitted, samples, ROWS).tobytes())
            assert torch.get_num_threads() == n
    finally:
        torch.set_num_threads(before)
    assert found[0] == found[1]


def test_no_rows_have_no_probabilities(fitted: FittedModel, samples: SampleSet) -> None:
    none = np.array([], dtype=np.int64)
    assert predict(fitted, samples, Rows(none, none)).shape == (0, 3)


def test_a_row_sees_its_own_lookback_and_nothing_else(
    fitted: FittedModel, samples: SampleSet
) -> None:
    row = Rows(np.array([2]), np.array([40]))
    before = predict(fitted, samples, row)
    outside = np.ones(80, dtype=bool)
    outside[29:41] = False
    stocks, indices = samples.stocks.copy(), samples.indices.copy()
    stocks[:, outside] = 9
    indices[outside] = 9
    stocks[[0, 1, 3]] = 9
    changed = replace(samples, stocks=stocks, indices=indices)
    assert predict(fitted, changed, row).tobytes() == before.tobytes()
    for day in (29, 40):
        moved = samples.stocks.copy()
        moved[2, day] += 0.01
        assert predict(fitted, replace(samples, stocks=moved), row).tobytes() != before.tobytes()


def test_every_pass_has_the_same_shape(fitted: FittedModel, samples: SampleSet) -> None:
    shapes = [(start, tuple(x.shape)) for start, x in windows(fitted, samples, ROWS)]
    assert shapes == [(0, (BATCH, 3, 12)), (BATCH, (BATCH, 3, 12))]
    last = list(windows(fitted, samples, ROWS))[-1][1]
    assert (last[272 - BATCH :] == 0).all()


def test_log_loss_is_the_mean_surprise() -> None:
    probability = np.array([[0.5, 0.25, 0.25], [0.1, 0.2, 0.7], [1.0, 0.0, 0.0]])
    label = np.array([0, 2, 0], dtype=np.int8)
    assert log_loss(probability, label) == pytest.approx(-(np.log(0.5) + np.log(0.7)) / 3)
    # What was held impossible costs much, but not without end.
    assert log_loss(probability[2:], np.array([1], np.int8)) == pytest.approx(12 * np.log(10))


def test_another_market_of_the_same_channels_can_be_predicted(fitted: FittedModel) -> None:
    other = random_samples(7, 30, lookback=12, seed=5)
    assert predict(fitted, other, rows_of(other.usable[:, 12:], 12)).shape == (7 * 18, 3)
