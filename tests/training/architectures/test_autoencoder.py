"""An encoder learns to rebuild inputs without labels, and is the first layers of a network."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from torch import nn

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.architectures.autoencoder import (
    AUTOENCODER,
    AutoencoderSpec,
    Encoded,
    build,
    pretrain,
)
from rollsight.training.fitting.fit import one_thread
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.gate.autoencoder import Autoencoder, learn, split
from rollsight.training.models.family import WindowData
from rollsight.training.networks.torchfamily import Windowwise
from rollsight.training.spec import TrainingSpec
from tests.support.markets import random_samples

SPEC = AutoencoderSpec(layers=(10, 4), pretraining=3)
SAMPLES = random_samples(4, 100, lookback=6)
WINDOW = Window(0, Span(10, 70), Span(70, 85), Span(85, 100))


def data_of(samples: SampleSet = SAMPLES) -> WindowData:
    return WindowData(samples, WINDOW, fit_scaler(samples, WINDOW.train, 5.0))


def pretrained(spec: AutoencoderSpec = SPEC, samples: SampleSet = SAMPLES) -> Windowwise:
    torch.manual_seed(0)
    network = build(3, 6, spec)
    with one_thread():
        pretrain(network, data_of(samples))
    return network


def encoded(network: Windowwise) -> Encoded:
    assert isinstance(network.network, Encoded)
    return network.network


def test_scores_are_those_of_a_plain_network() -> None:
    own = encoded(build(3, 6, SPEC))
    nn.init.normal_(own.last.weight)
    plain = nn.Sequential(
        nn.Flatten(), nn.Linear(18, 10), nn.ReLU(), nn.Linear(10, 4), nn.Linear(4, 3)
    )
    for one, other in zip(plain.parameters(), own.parameters(), strict=True):
        one.data.copy_(other.data)
    x = torch.randn(7, 3, 6)
    assert torch.allclose(own(x), plain(x), atol=1e-6)


def test_the_encoder_starts_as_half_of_an_autoencoder_of_the_train_inputs() -> None:
    own = encoded(pretrained())
    torch.manual_seed(0)
    start = encoded(build(3, 6, SPEC)).encoder
    whole = Autoencoder(18, SPEC.layers)
    whole.encoder = start
    data = data_of()
    x = torch.from_numpy(data.inputs(data.train)).flatten(1)
    learns, judges = split(data.train.day, 6)
    assert judges.any()
    seed = int(torch.randint(2**31, ()))
    with one_thread():
        learn(whole, int(learns.sum()), lambda at: x[learns][at], x[judges], epochs=3, seed=seed)
    for one, other in zip(own.encoder.parameters(), whole.encoder.parameters(), strict=True):
        assert torch.equal(one, other)
    assert not own.last.weight.any()


def test_labels_and_later_sessions_say_nothing_to_it() -> None:
    labels, stocks = SAMPLES.labels, SAMPLES.stocks.copy()
    stocks[:, WINDOW.validation.start :] *= 3
    edited = replace(
        SAMPLES, stocks=stocks, labels=replace(labels, label=(labels.label.max() - labels.label))
    )
    one, other = (encoded(pretrained(samples=s)).state_dict() for s in (SAMPLES, edited))
    assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def test_without_epochs_the_encoder_starts_at_random() -> None:
    torch.manual_seed(0)
    plain = build(3, 6, SPEC).state_dict()
    own = pretrained(AutoencoderSpec(layers=(10, 4), pretraining=0)).state_dict()
    assert all(torch.equal(tensor, own[name]) for name, tensor in plain.items())


def test_another_start_is_another_network_after_the_loop() -> None:
    fits = [
        AUTOENCODER.fit(data_of(), spec, TrainingSpec(epochs=2), seed=0, before=None).weights
        for spec in (SPEC, SPEC, AutoencoderSpec(layers=(10, 4), pretraining=0))
    ]
    name = "network.encoder.layers.0.weight"
    assert np.array_equal(fits[0][name], fits[1][name])
    assert not np.array_equal(fits[0][name], fits[2][name])


def test_only_the_last_layer_is_penalised() -> None:
    network = build(3, 6, SPEC)
    assert [w.shape for w in network.penalised()] == [(3, 4)]


def test_a_layer_without_units_is_refused() -> None:
    with pytest.raises(ValidationError, match="0 units: a layer has 1 to 1024"):
        AutoencoderSpec(layers=(4, 0))
