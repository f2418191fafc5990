"""The one loop: same seed, same bits; the best epoch's weights are kept."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
import torch

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import Labels
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import log_loss, predict
from rollsight.training.fitting.fit import fit, fit_network, require_device
from rollsight.training.fitting.rows import rows_of
from rollsight.training.fitting.windows import Span, Window, known_rows
from rollsight.training.models.model import FittedModel
from rollsight.training.spec import NetworkSpec, TrainingSpec
from tests.support.markets import random_samples

TINY = NetworkSpec(width=4, blocks=1)
FAST = TrainingSpec(epochs=2, stretch=8, batch=4, l1=0)


def bits(model: FittedModel) -> bytes:
    return b"".join(w[name].tobytes() for w in model.weights for name in sorted(w))


@contextmanager
def threads(n: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def fit_one(
    samples: SampleSet,
    window: Window,
    training: TrainingSpec = FAST,
    model: NetworkSpec = TINY,
) -> FittedModel:
    return fit(samples, window, model=model, training=training, clip=5.0)


def test_the_same_seed_gives_the_same_bits(samples: SampleSet, window: Window) -> None:
    first = fit_one(samples, window)
    torch.rand(7)  # whatever the caller drew before does not matter
    again = fit_one(samples, window)
    assert bits(first) == bits(again)
    assert first.train_loss == again.train_loss
    assert first.validation_loss == again.validation_loss


def test_another_seed_gives_other_weights(samples: SampleSet, window: Window) -> None:
    other = FAST.model_copy(update={"seed": 1})
    assert bits(fit_one(samples, window)) != bits(fit_one(samples, window, other))


def test_each_network_of_several_is_that_of_its_own_seed(
    samples: SampleSet, window: Window
) -> None:
    both = fit_one(samples, window, FAST.model_copy(update={"seed": 3, "seeds": 2}))
    second = fit_network(samples, window, model=TINY, training=FAST, clip=5.0, seed=3001)
    assert len(both.weights) == 2
    assert bits(replace(both, weights=both.weights[1:])) == bits(second)


def test_the_callers_threads_change_no_bit_and_are_given_back(
    samples: SampleSet, window: Window
) -> None:
    found = []
    for n in (1, 2):
        with threads(n):
            found.append(bits(fit_one(samples, window)))
            assert torch.get_num_threads() == n
    assert found[0] == found[1]


def test_the_callers_threads_are_given_back_after_an_error(window: Window) -> None:
    hopeless = NetworkSpec(blocks=5)  # spans far more than the lookback
    with threads(2):
        with pytest.raises(RollsightError, match="lookback=12"):
            fit_one(random_samples(2, 80, lookback=12), window, model=hopeless)
        assert torch.get_num_threads() == 2


def test_the_weights_of_the_best_epoch_are_kept(samples: SampleSet, window: Window) -> None:
    hasty = TrainingSpec(epochs=10, patience=3, stretch=8, batch=4, learning_rate=0.03)
    model = fit_one(samples, window, hasty)
    curve, best = model.validation_loss[0], model.best_epoch[0]
    assert curve[best - 1] == min(curve)
    # It stopped early, after two rises; the last weights are others.
    assert len(curve) == best + 2 < 10
    assert curve[-1] > min(curve) + 1e-4
    known = known_rows(samples, window.validation, window.test.start)
    rows = rows_of(known, window.validation.start)
    kept = log_loss(predict(model, samples, rows), samples.labels.label[rows.stock, rows.day])
    assert kept == pytest.approx(min(curve), abs=1e-6)
    assert len(model.train_loss[0]) == len(curve)


def test_frequencies_are_those_of_the_train_rows(samples: SampleSet, window: Window) -> None:
    model = fit_one(samples, window)
    # Horizon 3: of the 35 train sessions the last four settle too late.
    label = samples.labels.label[:, 15:46]
    expected = [(label == k).mean() for k in range(3)]
    np.testing.assert_allclose(model.frequencies, expected, rtol=1e-6)


def test_what_is_not_known_by_then_changes_no_bit(samples: SampleSet, window: Window) -> None:
    rng = np.random.default_rng(1)
    label, settled_at = samples.labels.label.copy(), samples.labels.settled_at
    label[:, :15] = 1  # before the train span
    label[:, 46:50] = 2 - label[:, 46:50]  # settle in validation
    label[:, 61:] = rng.integers(0, 3, label[:, 61:].shape)  # settle in the test span
    stocks, indices = samples.stocks.copy(), samples.indices.copy()
    stocks[:, 65:] = 9
    indices[65:] = 9
    stocks[:, :4] = 9  # the first train row's lookback begins on session 4
    indices[:4] = 9
    labels = Labels(label, samples.labels.label_return, settled_at)
    other = replace(samples, stocks=stocks, indices=indices, labels=labels)
    assert bits(fit_one(samples, window)) == bits(fit_one(other, window))
    label[0, 45] = (label[0, 45] + 1) % 3  # the last that settles in time
    assert bits(fit_one(samples, window)) != bits(fit_one(other, window))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (Window(3, Span(15, 18), Span(18, 40), Span(40, 50)), "train"),
        (Window(3, Span(15, 40), Span(40, 43), Span(43, 50)), "validation"),
    ],
)
def test_a_span_in_which_nothing_settles_is_one_clear_error(
    samples: SampleSet, change: Window, name: str
) -> None:
    message = rf"window 3 has no {name} row .* windows\.{name}_days=3,? or shorten label\.horizon"
    with pytest.raises(RollsightError, match=message):
        fit_one(samples, change)


@pytest.mark.parametrize("position", [0, -1])
def test_a_label_written_on_one_day_is_learnt(position: int) -> None:
    # The class is the sign of the change on one day of the input: the oldest or the newest.
    plain = random_samples(6, 160, lookback=9, horizon=1)
    sign = np.digitize(plain.changes, [-0.008, 0.008]).astype(np.int8)
    label = np.roll(sign, 8 if position == 0 else 0, axis=1)
    day = np.broadcast_to(np.arange(160), label.shape)
    settled_at = np.where(day < 158, day + 2, -1)
    labels = Labels(label, plain.labels.label_return, settled_at)
    samples = replace(plain, labels=labels)
    window = Window(0, Span(12, 120), Span(120, 150), Span(150, 158))
    training = FAST.model_copy(
        update={"epochs": 20, "patience": 20, "learning_rate": 0.02, "averaging": 0.9}
    )
    model = fit_one(samples, window, training, NetworkSpec(width=4, blocks=1, kernel=1, dropout=0))
    rows = rows_of(samples.usable[:, 150:158], 150)
    right = predict(model, samples, rows).argmax(1) == label[rows.stock, rows.day]
    assert right.mean() > 0.8  # chance is a third


def test_balanced_classes_weigh_the_same(samples: SampleSet, window: Window) -> None:
    rare = samples.labels.label.copy()
    rare[rare == 2] = 1
    rare[0, ::9] = 2
    few = replace(samples, labels=replace(samples.labels, label=rare))
    training = TrainingSpec(epochs=2, stretch=8, batch=4, learning_rate=0.01)
    rows = rows_of(samples.usable[:, 65:80], 65)
    plain = predict(fit_one(few, window, training), few, rows)
    weighed = training.model_copy(update={"class_weights": "balanced"})
    balanced = predict(fit_one(few, window, weighed), few, rows)
    assert balanced[:, 2].mean() > plain[:, 2].mean() + 0.05


def test_l1_makes_the_weights_smaller(samples: SampleSet, window: Window) -> None:
    def size(l1: float) -> float:
        model = fit_one(samples, window, FAST.model_copy(update={"l1": l1}))
        return float(sum(np.abs(w).sum() for w in model.weights[0].values()))

    assert size(0.1) < size(0.0)


@pytest.mark.parametrize(
    "change",
    [
        *({"activation": a} for a in ("relu", "gelu", "silu", "tanh", "elu")),
        *({"init": i} for i in ("kaiming", "xavier", "orthogonal")),
        {"name": "resnet18", "width": 1},
        {"kernel": 1},
        {"dropout": 0.0},
    ],
    ids=str,
)
def test_every_network_trains(
    samples: SampleSet, window: Window, change: dict[str, str | float]
) -> None:
    spec = NetworkSpec.model_validate({"width": 2, "blocks": 1, **change})
    model = fit_one(samples, window, FAST, spec)
    assert np.isfinite([*model.train_loss[0], *model.validation_loss[0]]).all()
    assert model.validation_loss[0][-1] < 3


def test_a_training_that_diverges_is_one_clear_error(samples: SampleSet, window: Window) -> None:
    wild = FAST.model_copy(update={"learning_rate": 1e9})
    with pytest.raises(RollsightError, match="learning_rate"):
        fit_one(samples, window, wild)


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_device_that_is_not_there_is_refused_by_what_is(device: str) -> None:
    spec = TrainingSpec.model_validate({"device": device})
    if {"cuda": torch.cuda, "mps": torch.backends.mps}[device].is_available():
        pytest.skip(f"{device} is there")
    with pytest.raises(RollsightError, match=rf"training.device='{device}' .* take one of cpu"):
        require_device(spec)


@pytest.mark.gpu
def test_a_network_trained_on_a_gpu_is_close_to_the_cpus_and_the_same_each_time(
    samples: SampleSet, window: Window
) -> None:
    quiet = TINY.model_copy(update={"dropout": 0.0})
    cuda = FAST.model_copy(update={"device": "cuda"})
    first, again = (fit_one(samples, window, cuda, quiet) for _ in range(2))
    assert bits(first) == bits(again)
    there = fit_one(samples, window, FAST, quiet)
    assert first.validation_loss[0] == pytest.approx(there.validation_loss[0], abs=1e-3)
