"""One tiny window, fitted once, for the tests that look at what was fitted."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.fit import fit
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.models.model import FittedModel
from rollsight.training.spec import NetworkSpec, TrainingSpec
from tests.support.markets import random_samples


@pytest.fixture(scope="session", autouse=True)
def small_tensors_gain_nothing_from_threads() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def samples() -> SampleSet:
    return random_samples(4, 80, lookback=12)


@pytest.fixture(scope="session")
def window() -> Window:
    return Window(0, train=Span(15, 50), validation=Span(50, 65), test=Span(65, 80))


@pytest.fixture(scope="session")
def model_spec() -> NetworkSpec:
    return NetworkSpec(width=4, blocks=1)


@pytest.fixture(scope="session")
def training_spec() -> TrainingSpec:
    return TrainingSpec(epochs=2, seeds=2, stretch=8, batch=4, learning_rate=0.01)


@pytest.fixture(scope="session")
def fitted(
    samples: SampleSet, window: Window, model_spec: NetworkSpec, training_spec: TrainingSpec
) -> FittedModel:
    model = fit(samples, window, model=model_spec, training=training_spec, clip=5.0)
    return replace(model, keys=("a key", "another"))
