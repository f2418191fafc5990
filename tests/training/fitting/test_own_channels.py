"""Stocks with several channels of their own: each is in its place from the scaler to the maps."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rollsight.signals.inputs.labels import Labels
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import predict, windows
from rollsight.training.explaining.attribution import explain
from rollsight.training.explaining.importance import permutation_importance
from rollsight.training.fitting.fit import fit_network
from rollsight.training.fitting.keys import fit_key
from rollsight.training.fitting.rows import Rows, rows_of
from rollsight.training.fitting.scaler import Scaler, fit_scaler
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.models.loading import load_networks
from rollsight.training.models.model import FittedModel
from rollsight.training.networks.continual import in_units_of
from rollsight.training.networks.stretches import span_stretches
from rollsight.training.spec import NetworkSpec, TrainingSpec
from tests.support.markets import random_samples

WINDOW = Window(0, Span(15, 90), Span(90, 120), Span(120, 156))
TINY = NetworkSpec(width=4, blocks=1, kernel=1, dropout=0)
TRAINING = TrainingSpec(epochs=8, patience=8, stretch=16, batch=8, learning_rate=0.02)
UP_BY = 2  # the own channel that tells the class


@pytest.fixture(scope="module")
def samples() -> SampleSet:
    """Return three channels a stock, of other units; the third's newest value is the class."""
    plain = random_samples(6, 160, lookback=12, c=3)
    stocks = plain.stocks * np.array([1, 10, 100], np.float32) + np.array([0, 3, -7], np.float32)
    label = np.digitize(plain.stocks[..., UP_BY], [-0.008, 0.008]).astype(np.int8)
    day = np.broadcast_to(np.arange(160), label.shape)
    labels = Labels(label, plain.labels.label_return, np.where(day < 158, day + 2, -1))
    return replace(plain, stocks=stocks, labels=labels)


@pytest.fixture(scope="module")
def model(samples: SampleSet) -> FittedModel:
    return fit_network(samples, WINDOW, model=TINY, training=TRAINING, clip=5.0, seed=0)


def test_channels_are_named_in_the_order_of_a_networks_input(model: FittedModel) -> None:
    assert model.channels == ("close", "range", "volume", "index0", "index1")


def test_each_channel_is_scaled_by_its_own_train_rows(samples: SampleSet) -> None:
    scaler = fit_scaler(samples, WINDOW.train, 5.0)
    seen = samples.stocks[:, 15:90].reshape(-1, 3).astype(np.float64)
    np.testing.assert_allclose(scaler.mean[:3], seen.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(scaler.std[:3], seen.std(axis=0), rtol=1e-5)
    np.testing.assert_allclose(
        scaler.mean[3:], samples.indices[15:90].mean(axis=0), rtol=1e-3, atol=1e-6
    )


def test_a_window_holds_each_channel_where_its_name_stands(
    samples: SampleSet, model: FittedModel
) -> None:
    _, x = next(windows(model, samples, Rows(np.array([4]), np.array([100]))))
    mean, std = model.scaler.mean, model.scaler.std
    for c in range(3):
        own = (samples.stocks[4, 89:101, c] - mean[c]) / std[c]
        np.testing.assert_allclose(x[0, c], np.clip(own, -5, 5), atol=1e-5)
    for k in range(2):
        shared = (samples.indices[89:101, k] - mean[3 + k]) / std[3 + k]
        np.testing.assert_allclose(x[0, 3 + k], np.clip(shared, -5, 5), atol=1e-5)


def test_a_stretch_gives_the_scores_of_its_windows(samples: SampleSet, model: FittedModel) -> None:
    (network,) = load_networks(model).networks
    cut = span_stretches(samples, WINDOW.test, 158, model.scaler, length=18)
    assert cut.own.shape == (6, 2, 3, 12 + 17)
    batch = cut.batch(torch.arange(len(cut)))
    with torch.no_grad():
        dense = network.dense(batch.own, batch.shared, batch.tile)  # type: ignore[operator]
    found = dense.softmax(1).transpose(1, 2).reshape(6, 36, 3).numpy()
    rows = rows_of(samples.usable[:, 120:156], 120)
    np.testing.assert_allclose(
        found[rows.stock, rows.day - 120], predict(model, samples, rows), atol=1e-5
    )


def test_what_the_last_of_a_stocks_own_channels_says_is_learnt(
    samples: SampleSet, model: FittedModel
) -> None:
    rows = rows_of(samples.usable[:, 120:156], 120)
    probability = predict(model, samples, rows)
    right = probability.argmax(1) == samples.labels.label[rows.stock, rows.day]
    assert right.mean() > 0.8


def test_the_maps_and_the_permutations_name_the_channel_that_drives(
    samples: SampleSet, model: FittedModel
) -> None:
    rows = rows_of(samples.usable[:, 120:156], 120)
    looked = np.abs(explain(model, samples, rows).gradient).sum(axis=(0, 2))
    assert model.channels[int(looked.argmax())] == "volume"
    found = permutation_importance(model, samples, rows)
    assert found is not None
    assert model.channels[int(found.argmax())] == "volume"


def test_an_own_channel_changes_rows_and_a_shared_one_dates(
    samples: SampleSet, model: FittedModel
) -> None:
    # All stocks of one date: other dates' indices are the same, other rows' own values are not.
    rows = Rows(np.arange(6), np.full(6, 130))
    found = permutation_importance(model, samples, rows)
    assert found is not None
    assert found[3:].tolist() == [0, 0]
    _, x = next(windows(model, samples, rows))
    label = torch.from_numpy(samples.labels.label[:, 130].astype(np.int64))
    network, rng = load_networks(model), np.random.default_rng(0)
    worse = np.zeros((3, 3))
    for repeat in range(3):
        order = rng.permutation(6)
        rng.permutation(1)  # of the dates
        for c in range(3):
            other = x[:6].clone()
            other[:, c] = x[order, c]
            plain, permuted = (-network(y)[range(6), label].mean() for y in (x[:6], other))
            worse[repeat, c] = float(permuted - plain)
    np.testing.assert_allclose(found[:3], worse.mean(axis=0), atol=1e-5)
    assert np.abs(found[:3]).min() > 1e-3


def test_in_another_scalers_units_the_network_says_the_same(
    samples: SampleSet, model: FittedModel
) -> None:
    mean, std = model.scaler.mean, model.scaler.std
    other = Scaler(mean + 0.2 * std, (std * 1.5).astype(np.float32), 99.0)
    moved = replace(model, scaler=other, weights=(in_units_of(model, other, "units"),))
    rows = rows_of(samples.usable[:, 120:156], 120)
    loose = replace(model, scaler=replace(model.scaler, clip=99.0))
    np.testing.assert_allclose(
        predict(moved, samples, rows), predict(loose, samples, rows), atol=1e-4
    )


def test_every_own_channel_is_part_of_a_windows_key(samples: SampleSet) -> None:
    def key(some: SampleSet) -> str:
        return fit_key(some, WINDOW, model=TINY, training=TRAINING, clip=5.0, seed=0)

    keys = {key(samples)}
    for c in range(3):
        stocks = samples.stocks.copy()
        stocks[2, 50, c] += 1
        keys.add(key(replace(samples, stocks=stocks)))
    # The same values under other names are other inputs.
    keys.add(key(replace(samples, own=samples.own[::-1])))
    assert len(keys) == 5
