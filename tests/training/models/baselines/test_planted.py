"""Baselines find what is planted, and nothing where nothing is; validation chooses nothing."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import log_loss, predict
from rollsight.training.fitting.fit import fit_network
from rollsight.training.fitting.rows import Rows, rows_of
from rollsight.training.fitting.windows import known_rows
from rollsight.training.models.families import options_of
from rollsight.training.models.model import FittedModel
from rollsight.training.spec import TrainingSpec
from tests.support.simulated.drivers import WINDOW, Kind, driven
from tests.support.skips import skip_without

market = cache(driven)


def fitted(name: str, samples: SampleSet, training: TrainingSpec | None = None) -> FittedModel:
    skip_without(name)
    return fit_network(
        samples, WINDOW, model=options_of(name)(name=name), training=training or TrainingSpec(),
        clip=5.0, seed=0,
    )  # fmt: skip


def gain(name: str, samples: SampleSet) -> float:
    """Return what a family's log-loss on test gains over the frequencies', in nats."""
    every = rows_of(known_rows(samples, WINDOW.test, samples.usable.shape[1]), WINDOW.test.start)
    rows = Rows(every.stock[every.day % 11 == 0], every.day[every.day % 11 == 0])
    model = fitted(name, samples)
    label = samples.labels.label[rows.stock, rows.day]
    constant = np.broadcast_to(np.array(model.frequencies), (len(rows), len(Label)))
    return log_loss(constant, label) - log_loss(predict(model, samples, rows), label)


@pytest.mark.parametrize(
    ("name", "kind", "seed", "least"),
    [
        ("logistic", "index", 0, 0.02),
        ("logistic", "late index", 0, 0.01),
        ("logistic", "momentum", 0, 0.03),
        ("boosting", "momentum", 0, 0.03),
        ("boosting", "absolute", 2, 0.01),
        ("lightgbm", "momentum", 0, 0.03),
        ("lightgbm", "absolute", 2, 0.01),
        ("momentum", "momentum", 0, 0.01),
    ],
)
def test_what_is_planted_is_found(name: str, kind: Kind, seed: int, least: float) -> None:
    assert gain(name, market(kind, seed=seed)) > least


@pytest.mark.parametrize(
    "name", ["logistic", "boosting", "lightgbm", "momentum", "reversal", "low_volatility"]
)
def test_where_nothing_is_nothing_much_is_lost(name: str) -> None:
    assert gain(name, market("noise", seed=0)) > -0.003


@pytest.mark.parametrize("name", ["logistic", "boosting", "lightgbm", "momentum"])
def test_validation_chooses_nothing(name: str) -> None:
    samples = market("index", seed=0)
    label = samples.labels.label.copy()
    label[:, WINDOW.validation.start :] = Label.UP
    edited = replace(samples, labels=replace(samples.labels, label=label))
    one, other = (fitted(name, s) for s in (samples, edited))
    for key, array in one.weights[0].items():
        np.testing.assert_array_equal(array, other.weights[0][key])
    assert one.validation_loss != other.validation_loss
    assert one.best_epoch == other.best_epoch
