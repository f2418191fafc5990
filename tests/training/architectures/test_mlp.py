"""A perceptron learns rows of the last day, one by one, and is stopped on dates left out."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.architectures.mlp import MLP, MLPSpec, build
from rollsight.training.deciding.inference import log_loss, predict
from rollsight.training.fitting.fit import fit_network
from rollsight.training.fitting.keys import require_capable
from rollsight.training.fitting.rows import rows_of
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Span, Window, known_rows
from rollsight.training.models.families import options_of
from rollsight.training.models.family import WindowData
from rollsight.training.models.model import FittedModel
from rollsight.training.networks.leftout import left_out
from rollsight.training.networks.table import Table, tables_of
from rollsight.training.spec import TrainingSpec
from tests.support.markets import random_samples

WINDOW = Window(0, Span(15, 215), Span(215, 255), Span(255, 296))
FAST = TrainingSpec(epochs=12, l1=0, averaging=0.8)


@pytest.fixture(scope="module")
def drawn() -> SampleSet:
    return random_samples(12, 300, lookback=4, c=2)


def driven(samples: SampleSet, lag: int) -> SampleSet:
    """Return samples UP where two own channels of so many days before have the same sign.

    No linear score of them tells.
    """
    both = np.roll(samples.stocks[..., 0] * samples.stocks[..., 1], lag, axis=1)
    label = np.where(samples.labels.label < 0, -1, np.where(both > 0, Label.UP, Label.DOWN))
    return replace(samples, labels=replace(samples.labels, label=label.astype(np.int8)))


def fitted(samples: SampleSet, **options: object) -> FittedModel:
    chosen = {"name": "mlp", "hidden": (16, 8), "dropout": 0, **options}
    spec = options_of(str(chosen["name"])).model_validate(chosen)
    return fit_network(samples, WINDOW, model=spec, training=FAST, clip=5.0, seed=0)


def gain(samples: SampleSet) -> float:
    """Return what the log-loss of test rows gains over the frequencies', in nats."""
    model = fitted(samples)
    rows = rows_of(known_rows(samples, WINDOW.test, 300), WINDOW.test.start)
    label = samples.labels.label[rows.stock, rows.day]
    constant = np.broadcast_to(np.array(model.frequencies), (len(rows), len(Label)))
    return log_loss(constant, label) - log_loss(predict(model, samples, rows), label)


def test_it_finds_what_two_channels_of_the_last_day_say_together(drawn: SampleSet) -> None:
    assert gain(driven(drawn, lag=0)) > 0.2
    assert gain(driven(drawn, lag=1)) < 0.02


def test_the_days_before_the_last_have_no_part_in_a_score() -> None:
    torch.manual_seed(0)
    network = build(3, 5, MLPSpec(hidden=(8,), dropout=0)).eval()
    assert isinstance(network, MLP)
    torch.nn.init.normal_(network.last.weight)
    x = torch.randn(6, 3, 5, requires_grad=True)
    torch.autograd.backward(network(x).sum())
    assert x.grad is not None
    assert not x.grad[..., :-1].any()
    assert x.grad[..., -1].abs().sum() > 0


def test_its_layers_are_as_wide_as_asked_for() -> None:
    network = build(66, 1, MLPSpec(hidden=(64, 32)))
    shapes = [tuple(p.shape) for p in network.parameters() if p.ndim == 2]
    assert shapes == [(64, 66), (32, 64), (3, 32)]
    with pytest.raises(ValueError, match="0 units: a hidden layer has 1 to 1024"):
        MLPSpec(hidden=(8, 0))


@pytest.mark.parametrize("out", [True, False], ids=["left out", "on validation"])
def test_each_row_is_learnt_or_judged_with_the_inputs_of_its_day(
    drawn: SampleSet, *, out: bool
) -> None:
    data = WindowData(drawn, WINDOW, fit_scaler(drawn, WINDOW.train, 5.0))
    split = left_out(drawn, WINDOW, seed=1) if out else None
    learnt, judged = tables_of(data, FAST, split)
    if split is None:
        assert (len(learnt), len(judged)) == (len(data.train), len(data.validation))
        held(judged, data, WINDOW.validation)
    else:
        assert (len(learnt), len(judged)) == (split.learnt.sum(), split.judged.sum())
        held(judged, data, WINDOW.train)
    held(learnt, data, WINDOW.train)


def held(table: Table, data: WindowData, span: Span) -> None:
    """Assert that a table's rows are those of a span, by day, each with its own inputs."""
    days = table.dates.numpy() + span.start
    usable = np.zeros_like(data.samples.usable)
    usable[:, np.unique(days)] = True
    rows = rows_of(usable, 0)
    np.testing.assert_array_equal(rows.day, days)
    np.testing.assert_array_equal(data.inputs(rows)[..., -1:], table.x)
    np.testing.assert_array_equal(data.labels(rows)[:, None], table.target)


def test_a_step_takes_as_many_rows_as_a_stretch_has_decisions(drawn: SampleSet) -> None:
    data = WindowData(drawn, WINDOW, fit_scaler(drawn, WINDOW.train, 5.0))
    table, _ = tables_of(data, TrainingSpec(stretch=20), None)
    assert table.unit == 20
    at = torch.tensor([3, 0])
    batch = table.batch(at)
    assert torch.equal(torch.cat([batch.own, batch.shared[batch.tile]], dim=1), table.x[at])
    assert torch.equal(batch.target, table.target[at])


def test_what_is_left_out_says_how_far_it_is_shrunk(drawn: SampleSet) -> None:
    split = left_out(drawn, WINDOW, seed=0)
    found = fitted(driven(drawn, lag=0)).evidence[0]
    assert split is not None
    assert found is not None
    assert found.rows.sum() == split.judged.sum()
    assert found.gain[:, -1].sum() > 0


def test_it_cannot_go_on_from_the_window_before(drawn: SampleSet) -> None:
    with pytest.raises(RollsightError, match="cannot move"):
        require_capable(TrainingSpec(mode="warm-start"), MLPSpec(name="mlp"))
