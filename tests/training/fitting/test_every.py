"""Only each so-manieth session of a train span is learnt, and each date can weigh the same."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from rollsight.signals.inputs.labels import NO_LABEL
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.fit import fit_network
from rollsight.training.fitting.keys import fit_key
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Span, Window, spaced
from rollsight.training.models.baselines.classes import row_weights
from rollsight.training.models.families import options_of
from rollsight.training.models.family import WindowData
from rollsight.training.networks.learner import Learner, StretchNetwork, span_loss
from rollsight.training.networks.stretches import stretches_of
from rollsight.training.networks.table import tables_of
from rollsight.training.spec import TrainingSpec
from tests.support.markets import random_samples

# Horizon 3: the label of day 46 settles with the first validation session, and is not learnt.
SAMPLES = random_samples(4, 80, lookback=12)
WINDOW = Window(0, Span(20, 50), Span(50, 65), Span(65, 75))
FAST = TrainingSpec(epochs=1, every=10)


def test_sessions_are_counted_back_from_the_end_of_the_train_span() -> None:
    usable = spaced(SAMPLES, WINDOW, 10).usable
    assert np.flatnonzero(usable[:, 20:50].any(axis=0)).tolist() == [9, 19, 29]  # 29, 39, 49
    outside = np.r_[0:20, 50:80]
    np.testing.assert_array_equal(usable[:, outside], SAMPLES.usable[:, outside])
    assert spaced(SAMPLES, WINDOW, 1) is SAMPLES


def with_other_label(day: int) -> SampleSet:
    label = SAMPLES.labels.label.copy()
    label[:, day] = (label[:, day] + 1) % 3
    return replace(SAMPLES, labels=replace(SAMPLES.labels, label=label))


@pytest.mark.parametrize("name", ["resnet", "mlp", "logistic", "boosting"])
def test_a_session_between_is_neither_learnt_nor_in_the_key(name: str) -> None:
    model = options_of(name).model_validate(
        {"name": name, **({"width": 2} if "res" in name else {})}
    )

    def fitted(samples: SampleSet) -> list[np.ndarray]:
        return list(fit_network(samples, WINDOW, model=model, training=FAST, clip=5.0, seed=0)
                    .weights[0].values())  # fmt: skip

    def key(samples: SampleSet, training: TrainingSpec = FAST) -> str:
        return fit_key(samples, WINDOW, model=model, training=training, clip=5.0, seed=0)

    learnt, passed = with_other_label(39), with_other_label(38)
    assert key(passed) == key(SAMPLES)
    assert key(learnt) != key(SAMPLES)
    assert len({key(SAMPLES, TrainingSpec(epochs=1, every=every)) for every in (1, 5, 10)}) == 3
    assert all((a == b).all() for a, b in zip(fitted(SAMPLES), fitted(passed), strict=True))


def test_of_a_lookback_of_one_a_key_holds_the_rows_that_are_learnt_alone() -> None:
    model = options_of("mlp")(name="mlp")
    one = replace(SAMPLES, lookback=1)

    def key(day: int) -> str:
        stocks = one.stocks.copy()
        stocks[2, day] += 0.01
        edited = replace(one, stocks=stocks)
        return fit_key(edited, WINDOW, model=model, training=FAST, clip=5.0, seed=0)

    own = fit_key(one, WINDOW, model=model, training=FAST, clip=5.0, seed=0)
    assert [day for day in range(80) if key(day) != own] == [29, 39, 49, *range(50, 61)]


def uneven() -> WindowData:
    """Return a window whose first 15 train dates have one stock, and the others four."""
    usable = SAMPLES.usable.copy()
    usable[1:, :35] = False
    samples = replace(SAMPLES, usable=usable)
    return WindowData(samples, WINDOW, fit_scaler(samples, WINDOW.train, 5.0))


DATES = TrainingSpec(balance="dates", stretch=10)


def test_each_date_weighs_the_same_however_many_rows_it_has() -> None:
    data = uneven()  # 15 dates of one row, 11 of four: 59 rows of 26 dates
    by_row = row_weights(data, DATES, data.train)
    assert by_row[data.train.day < 35] == pytest.approx(59 / 26)
    assert by_row[data.train.day >= 35] == pytest.approx(59 / 26 / 4)
    assert (row_weights(data, TrainingSpec(), data.train) == 1).all()
    table, _ = tables_of(data, DATES, None)
    assert table.weight is not None
    np.testing.assert_allclose(table.weight[:, 0], by_row, rtol=1e-6)
    stretches, _ = stretches_of(data, DATES, None)
    batch = stretches.batch(torch.arange(len(stretches)))
    assert batch.weight is not None
    found = batch.weight[batch.target != NO_LABEL]
    np.testing.assert_allclose(np.sort(found), np.sort(by_row), rtol=1e-6)


class Constant(StretchNetwork):
    """It says the same of every row."""

    def __init__(self) -> None:
        super().__init__()
        self.score = nn.Parameter(torch.tensor([0.1, 0.2, 0.4]))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.score[:, None].expand(len(x), 3, x.shape[-1] - 11)


@pytest.mark.parametrize("class_weights", ["none", "balanced"])
def test_the_loss_that_is_trained_and_stopped_on_is_the_mean_over_dates(class_weights: str) -> None:
    data = uneven()
    training = TrainingSpec.model_validate({**DATES.model_dump(), "class_weights": class_weights})
    stretches, _ = stretches_of(data, training, None)
    own = data.train
    loss = -torch.log_softmax(Constant().score, 0).detach().numpy()[data.labels(own)]
    weight = row_weights(data, training, own)
    expected = (loss * weight).sum() / weight.sum()
    learner = Learner(Constant(), training, torch.from_numpy(data.counts))
    assert span_loss(learner.network, stretches, learner.weight) == pytest.approx(expected)
    step = learner.step(stretches.batch(torch.arange(len(stretches))))
    assert float(step) == pytest.approx(expected)
    assert expected != pytest.approx(loss.mean(), rel=1e-3)


@pytest.mark.parametrize("name", ["resnet", "mlp", "logistic", "boosting"])
def test_a_balanced_fit_is_another_and_has_another_key(name: str) -> None:
    data = uneven()
    model = options_of(name).model_validate(
        {"name": name, **({"width": 2} if "res" in name else {})}
    )
    found, keys = [], []
    for balance in ("rows", "dates"):
        training = TrainingSpec.model_validate({"epochs": 1, "balance": balance})
        how = {"model": model, "training": training, "clip": 5.0, "seed": 0}
        found.append(fit_network(data.samples, WINDOW, **how))  # type: ignore[arg-type]
        keys.append(fit_key(data.samples, WINDOW, **how))  # type: ignore[arg-type]
    assert keys[0] != keys[1]
    assert found[0].validation_loss != found[1].validation_loss
