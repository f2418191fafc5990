"""A network with a teacher: the loss as it is written, and what a good teacher is worth."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn import functional

from rollsight.signals.inputs.labels import NO_LABEL
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.architectures.mlp import MLPSpec
from rollsight.training.deciding.inference import log_loss, predict
from rollsight.training.fitting.fit import fit_network
from rollsight.training.fitting.rows import rows_of
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.models.family import Predecessor, WindowData
from rollsight.training.networks.losses import mean_loss
from rollsight.training.networks.stretches import Batch, Taught, stretches_of
from rollsight.training.networks.table import tables_of
from rollsight.training.spec import ModelSpec, NetworkSpec, TrainingSpec
from tests.support.simulated.teachers import planted_samples, soft

ALPHA, HEAT = 0.3, 2.5
WINDOW = Window(0, train=Span(15, 75), validation=Span(75, 90), test=Span(90, 400))
MODELS: list[ModelSpec] = [
    MLPSpec(name="mlp", hidden=(16,)), NetworkSpec(width=8, blocks=1, dropout=0.0)
]  # fmt: skip
TRAINING = TrainingSpec(epochs=12, patience=12, stretch=8, batch=4, learning_rate=0.01, l1=0.0)


@pytest.fixture(scope="module")
def batch() -> tuple[torch.Tensor, Batch]:
    """Two stretches of four rows, one without a label and two without a teacher."""
    torch.manual_seed(0)
    scores, given = torch.randn(2, 3, 4), torch.rand(2, 3, 4)
    given = given / given.sum(1, keepdim=True)
    given[0, :, 1] = given[1, :, 2] = 0
    target = torch.tensor([[0, 2, 1, NO_LABEL], [2, 0, 1, 1]])
    none = torch.zeros(0)
    return scores, Batch(none, none, none, target, taught=Taught(given, ALPHA, HEAT))


def by_hand(scores: torch.Tensor, batch: Batch, weight: np.ndarray) -> float:
    """Return the mean loss of a batch, row by row as the formula is written."""
    assert batch.taught is not None
    total = 0.0
    for n, day in np.argwhere(batch.target.numpy() != NO_LABEL):
        z, p = scores[n, :, day].numpy().astype(float), batch.taught.soft[n, :, day].numpy()
        own = z - np.log(np.exp(z).sum())
        loss = -own[batch.target[n, day]]
        if p.sum() > 0:
            hot = z / HEAT - np.log(np.exp(z / HEAT).sum())
            near = float((p * (np.log(p) - hot)).sum())
            loss = (1 - ALPHA) * loss + ALPHA * HEAT**2 * near
        total += weight[n, day] * loss
    return total / weight[batch.target.numpy() != NO_LABEL].sum()


def test_the_loss_is_the_formula(batch: tuple[torch.Tensor, Batch]) -> None:
    scores, one = batch
    found = mean_loss(scores, one, None).item()
    assert found == pytest.approx(by_hand(scores, one, np.ones((2, 4))), rel=1e-5)


def test_rows_and_classes_weigh_the_whole_loss_of_a_row(
    batch: tuple[torch.Tensor, Batch],
) -> None:
    scores, one = batch
    dates, classes = torch.rand(2, 4), torch.tensor([0.5, 2.0, 1.0])
    weight = dates.numpy() * classes.numpy()[one.target.clamp(min=0).numpy()]
    found = mean_loss(scores, one._replace(weight=dates), classes).item()
    assert found == pytest.approx(by_hand(scores, one, weight), rel=1e-5)


def test_a_share_of_one_is_the_divergence_of_torch(batch: tuple[torch.Tensor, Batch]) -> None:
    scores, one = batch
    assert one.taught is not None
    given = one.taught.soft.clone()
    given[0, :, 1] = given[1, :, 2] = 1 / 3
    alone = one._replace(taught=Taught(given, 1.0, HEAT))
    own = one.target.flatten() != NO_LABEL
    logs = (scores / HEAT).log_softmax(1).transpose(1, 2).flatten(0, 1)[own]
    expected = functional.kl_div(
        logs, given.transpose(1, 2).flatten(0, 1)[own], reduction="batchmean"
    )
    found = mean_loss(scores, alone, None)
    assert found.item() == pytest.approx(HEAT**2 * expected.item(), rel=1e-5)


def test_stretches_and_tables_hand_over_the_same_soft_targets_and_none_to_stop_on() -> None:
    samples, truth = planted_samples(4, 120)
    samples = replace(samples, soft=soft(truth), lookback=1)
    window = replace(WINDOW, test=Span(90, 100))
    data = WindowData(samples, window, fit_scaler(samples, window.train, 5.0))
    cut, stop = stretches_of(data, TRAINING, None)
    rows, judged = tables_of(data, TRAINING, None)
    assert stop.taught is judged.taught is None
    whole = cut.batch(torch.arange(len(cut)))
    each = rows.batch(torch.arange(len(rows)))
    assert whole.taught is not None
    assert each.taught is not None
    own = whole.target != NO_LABEL
    one = whole.taught.soft.transpose(1, 2)[own]
    assert len(one) == len(each.target)
    assert torch.equal(one.sort(dim=0).values, each.taught.soft[..., 0].sort(dim=0).values)
    hot = truth[data.train.stock, data.train.day] ** 0.5
    hot /= hot.sum(axis=1, keepdims=True)
    assert each.taught.soft[..., 0].numpy() == pytest.approx(hot, abs=1e-6)


def loss_of(samples: SampleSet, model: ModelSpec, seed: int) -> float:
    found = fit_network(samples, WINDOW, model=model, training=TRAINING, clip=5.0, seed=seed)
    rows = rows_of(samples.usable[:, WINDOW.test.start : 390], WINDOW.test.start)
    return log_loss(predict(found, samples, rows), samples.labels.label[rows.stock, rows.day])


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_teacher_who_knows_how_labels_are_drawn_is_worth_more_than_its_control(
    model: ModelSpec,
) -> None:
    samples, truth = planted_samples(3, 400, lookback=1 if model.name == "mlp" else 12)
    alone, taught, control = (
        loss_of(replace(samples, soft=one), model, seed=1)
        for one in (None, soft(truth), soft(truth, targets="smoothing"))
    )
    assert taught < min(alone, control) - 0.01, (alone, taught, control)


def test_a_network_that_goes_on_learns_fresh_and_replayed_rows_from_the_teacher() -> None:
    samples, truth = planted_samples(4, 120)
    first = Window(0, train=Span(15, 50), validation=Span(50, 65), test=Span(65, 75))
    second = Window(1, train=Span(25, 60), validation=Span(60, 75), test=Span(75, 80))
    tune = TrainingSpec(mode="fine-tune", epochs=2, stretch=8, batch=4, distillation=0.5)

    def weights(soft_labels: object) -> dict[str, np.ndarray]:
        own = replace(samples, soft=soft_labels)
        how = {"model": NetworkSpec(width=4), "training": tune, "clip": 5.0, "seed": 0}
        before = fit_network(samples, first, **how)  # type: ignore[arg-type]
        found = fit_network(own, second, **how, before=Predecessor(first, before))  # type: ignore[arg-type]
        return dict(found.weights[0])

    one, again, none = weights(soft(truth)), weights(soft(truth)), weights(None)
    assert all((one[name] == again[name]).all() for name in one)
    assert any((one[name] != none[name]).any() for name in one)
