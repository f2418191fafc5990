"""A window's network goes on from that of the window before: exactly, and on what is new."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import NO_LABEL, Labels
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import log_loss, predict
from rollsight.training.fitting.fit import fit_network
from rollsight.training.fitting.keys import require_capable
from rollsight.training.fitting.rows import Rows, rows_of
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Span, Window, known_rows
from rollsight.training.models.family import Predecessor, WindowData
from rollsight.training.models.loading import load_networks
from rollsight.training.models.model import FittedModel, Weights
from rollsight.training.networks.continual import FineTuning, continuation, fresh_rows, in_units_of
from rollsight.training.networks.learner import divergence
from rollsight.training.networks.stretches import Batch, span_stretches
from rollsight.training.spec import NetworkSpec, TrainingSpec
from tests.support.markets import random_samples
from tests.support.networks import build_network

TINY = NetworkSpec(width=4, blocks=1)
CLIP = 50.0  # so far out that nothing is clipped
# Horizon 3: a label settles 4 sessions on. First: train 15..49, validation 50..64.
FIRST = Window(0, train=Span(15, 50), validation=Span(50, 65), test=Span(65, 75))
SECOND = Window(1, train=Span(25, 60), validation=Span(60, 75), test=Span(75, 80))
TUNE = TrainingSpec(
    mode="fine-tune", epochs=2, stretch=8, batch=4, learning_rate=0.01, l1=0, averaging=0.5
)


@pytest.fixture(scope="module")
def moved() -> SampleSet:
    """Return samples whose units differ between the windows: twice as wild, and drifting, late."""
    plain = random_samples(4, 80, lookback=12)
    later = np.arange(80)[:, None] >= 45
    return replace(
        plain,
        stocks=np.where(later, 2 * plain.stocks + 0.01, plain.stocks).astype(np.float32),
        indices=np.where(later, plain.indices / 3 - 0.02, plain.indices).astype(np.float32),
    )


@pytest.fixture(scope="module")
def first(moved: SampleSet) -> FittedModel:
    return fitted(moved, FIRST, TUNE)


def fitted(
    samples: SampleSet,
    window: Window,
    training: TrainingSpec,
    before: FittedModel | None = None,
) -> FittedModel:
    return fit_network(
        samples, window, model=TINY, training=training, clip=CLIP, seed=0,
        before=None if before is None else Predecessor(FIRST, before),
    )  # fmt: skip


def tuning(samples: SampleSet, model: FittedModel, training: TrainingSpec) -> FineTuning:
    scaler = fit_scaler(samples, SECOND.train, CLIP)
    train = span_stretches(samples, SECOND.train, 60, scaler, length=training.stretch)
    data = WindowData(samples, SECOND, scaler)
    another = partial(build_network, len(samples.channels), samples.lookback, TINY)
    before = Predecessor(FIRST, model)
    found = continuation(before, data, train, training, "units", another).tuning
    assert found is not None
    return found


def validation_loss(model: FittedModel, samples: SampleSet, window: Window) -> float:
    rows = rows_of(
        known_rows(samples, window.validation, window.test.start), window.validation.start
    )
    return log_loss(predict(model, samples, rows), samples.labels.label[rows.stock, rows.day])


def test_in_another_scalers_units_a_network_says_the_same_of_the_same_inputs(
    moved: SampleSet, first: FittedModel
) -> None:
    scaler = fit_scaler(moved, SECOND.train, CLIP)
    assert (np.abs(scaler.std / first.scaler.std - 1) > 0.05).all()
    rows = rows_of(moved.usable[:, 50:80], 50)
    moved_on = replace(first, scaler=scaler, weights=(in_units_of(first, scaler, "units"),))
    told = predict(first, moved, rows)
    np.testing.assert_allclose(predict(moved_on, moved, rows), told, atol=2e-6)
    # It says more than a constant, and without the change of units something else.
    assert np.ptp(told[:, 2]) > 0.02
    assert np.abs(predict(replace(first, scaler=scaler), moved, rows) - told).max() > 0.01


def test_its_own_scaler_changes_no_weight(first: FittedModel) -> None:
    same = in_units_of(first, first.scaler, "units")
    for name, weight in first.weights[0].items():
        np.testing.assert_allclose(same[name], weight, rtol=1e-6)


@pytest.mark.parametrize("mode", ["warm-start", "fine-tune"])
def test_the_first_validation_loss_is_that_of_the_network_before(
    moved: SampleSet, first: FittedModel, mode: str
) -> None:
    training = TrainingSpec.model_validate({**TUNE.model_dump(), "mode": mode})
    second = fitted(moved, SECOND, training, first)
    (losses,) = second.validation_loss
    assert losses[0] == pytest.approx(validation_loss(first, moved, SECOND), abs=1e-6)
    assert len(losses) == len(second.train_loss[0]) + 1 == 3
    assert losses[second.best_epoch[0]] == min(losses)
    assert min(losses) == pytest.approx(validation_loss(second, moved, SECOND), abs=1e-6)


def test_a_training_that_makes_nothing_better_keeps_what_it_started_from(
    moved: SampleSet, first: FittedModel
) -> None:
    wild = TUNE.model_copy(update={"learning_rate": 3.0, "epochs": 9, "patience": 3})
    second = fitted(moved, SECOND, wild, first)
    assert second.best_epoch == (0,)
    assert len(second.train_loss[0]) == 3
    same = in_units_of(first, second.scaler, "units")
    assert all((second.weights[0][name] == same[name]).all() for name in same)


def test_rows_are_new_where_the_window_before_could_not_learn_them(moved: SampleSet) -> None:
    fresh = fresh_rows(moved, SECOND, FIRST)
    # The window before learnt what settled before 50, sessions to 45; now it is 60, to 55.
    expected = np.zeros((4, 35), dtype=bool)
    expected[:, 46 - 25 : 56 - 25] = True
    np.testing.assert_array_equal(fresh, expected)


@pytest.mark.parametrize(("replay", "again"), [(0.0, 0), (0.25, 3), (0.5, 8), (0.75, 24)])
def test_an_epoch_replays_its_share(
    moved: SampleSet, first: FittedModel, replay: float, again: int
) -> None:
    # 35 decisions are five tiles of 7; the fresh ones, the 22nd to the 31st, lie in the last two.
    training = TUNE.model_copy(update={"replay": replay})
    found = tuning(moved, first, training)
    assert len(found.fresh) == 4 * 2
    steps = list(found.batches(training, np.random.default_rng(0)))
    assert sum(len(step.target) for step in steps) == 8 + again
    # Each new row comes once, beside what is replayed.
    new = [step.target[:1] for step in steps]
    assert sum(int((target != NO_LABEL).sum()) for target in new) == 4 * 10
    assert max(len(step.target) for step in steps) <= training.batch


def test_what_is_replayed_is_old_and_what_is_fresh_is_new(
    moved: SampleSet, first: FittedModel
) -> None:
    found = tuning(moved, first, TUNE)
    for part, days in ((found.fresh, range(46, 56)), (found.older, range(25, 46))):
        holds = (part.target.flatten(1) != NO_LABEL).any(0)
        assert (holds.nonzero()[:, 0] + 25).tolist() == list(days)


def test_where_nothing_is_new_nothing_is_trained(moved: SampleSet, first: FittedModel) -> None:
    late = moved.labels.settled_at.copy()
    late[:, 46:56] = 61  # settle after the train span
    settled = replace(moved, labels=replace(moved.labels, settled_at=late))
    second = fitted(settled, SECOND, TUNE, first)
    assert (second.best_epoch, second.train_loss) == ((0,), ((),))
    assert len(second.validation_loss[0]) == 1


def test_the_divergence_is_kullback_leiblers_of_the_rows_with_a_target() -> None:
    soft = torch.tensor([[[0.5, 0.1], [0.25, 0.1], [0.25, 0.8]]])
    target = torch.tensor([[2, NO_LABEL]])
    found = divergence(torch.zeros(1, 3, 2), soft, target)
    assert found.item() == pytest.approx(0.5 * np.log(1.5) + 0.5 * np.log(0.75))
    same = divergence(soft.log(), soft, torch.tensor([[0, 1]]))
    assert same.item() == pytest.approx(0, abs=1e-7)


def test_a_stock_without_a_row_is_no_part_of_it(moved: SampleSet, first: FittedModel) -> None:
    usable = moved.usable.copy()
    usable[1, 20:62] = False
    found = tuning(replace(moved, usable=usable), first, TUNE)
    assert found.fresh.target.shape[0] == 3
    assert int((found.fresh.target != NO_LABEL).sum()) == 3 * 10


def test_soft_targets_are_what_the_network_before_says(
    moved: SampleSet, first: FittedModel
) -> None:
    training = TUNE.model_copy(update={"distillation": 1.0})
    found = tuning(moved, first, training)
    assert found.soft is not None
    told = predict(first, moved, Rows(np.arange(4), np.full(4, 50)))
    tile, place = divmod(50 - 25, 7)
    np.testing.assert_allclose(found.soft[:, tile, :, place].numpy(), told, atol=1e-5)
    # A step's inputs, targets and soft targets belong together.
    (network,) = load_networks(replace(first, weights=(carried(first, moved),))).networks
    for step in found.batches(training, np.random.default_rng(0)):
        assert step.soft is not None
        assert step.soft.shape == (len(step.target), 3, 7)
        with torch.no_grad():
            said = network(whole(step)).softmax(1)
        torch.testing.assert_close(said, step.soft, atol=1e-5, rtol=0)


def whole(step: Batch) -> torch.Tensor:
    """Return a step's inputs, every stretch with its own indices."""
    return torch.cat([step.own, step.shared[step.tile]], dim=1)


def carried(model: FittedModel, samples: SampleSet) -> Weights:
    return in_units_of(model, fit_scaler(samples, SECOND.train, CLIP), "units")


def distance(samples: SampleSet, first: FittedModel, weight: float) -> float:
    """Return how far a long fine-tuning moves the probabilities, on average."""
    training = TUNE.model_copy(
        update={"distillation": weight, "epochs": 8, "patience": 8, "learning_rate": 0.01}
    )
    second = fitted(samples, SECOND, training, first)
    assert second.best_epoch[0] > 0
    rows = rows_of(samples.usable[:, 60:80], 60)
    return float(np.abs(predict(second, samples, rows) - predict(first, samples, rows)).mean())


def test_distillation_keeps_the_network_near_the_one_before(first: FittedModel) -> None:
    # From session 46 on the class is known from the newest change: there is a lot to move for.
    samples = regimes(random_samples(4, 80, lookback=12), start=46)
    assert distance(samples, first, 300.0) < 0.3 * distance(samples, first, 0.0)


def regimes(samples: SampleSet, *, start: int) -> SampleSet:
    """Return samples whose class is the sign of the first index's newest change, then the other's.

    The second takes over on session ``start``.
    """
    early = np.arange(len(samples.indices)) < start
    driver = np.where(early, samples.indices[:, 0], samples.indices[:, 1])
    label = np.broadcast_to(np.digitize(driver, [-0.004, 0.004]), samples.usable.shape)
    own = samples.labels
    return replace(samples, labels=Labels(label.astype(np.int8), own.label_return, own.settled_at))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_replay_remembers_what_drove_the_stocks_before(seed: int) -> None:
    """One index drives them up to session 320, then another; both are in the train span."""
    samples = regimes(random_samples(6, 480, lookback=12, seed=seed), start=320)
    before = Window(0, Span(12, 260), Span(260, 320), Span(320, 400))
    now = Window(1, Span(12, 420), Span(420, 465), Span(465, 480))
    training = TUNE.model_copy(
        update={"epochs": 30, "patience": 30, "stretch": 32, "batch": 16, "fine_tune_rate": 1.0}
    )
    start = fit_network(samples, before, model=TINY, training=training, clip=CLIP, seed=seed)
    with_replay, without = (
        fit_network(
            samples, now, model=TINY, clip=CLIP, seed=seed, before=Predecessor(before, start),
            training=training.model_copy(update={"replay": replay}),
        )
        for replay in (0.5, 0.0)
    )  # fmt: skip
    # Days that no network has seen, all driven by the one index, or all by the other.
    fresh = random_samples(6, 300, lookback=12, seed=99)
    old, new = regimes(fresh, start=300), regimes(fresh, start=0)
    # On the old ground the replay keeps at least a tenth of a nat; it costs something on the new.
    assert loss_of(start, old) < loss_of(with_replay, old) < loss_of(without, old) - 0.1
    assert loss_of(without, new) < loss_of(with_replay, new) < loss_of(start, new) - 0.5


def loss_of(model: FittedModel, samples: SampleSet) -> float:
    rows = rows_of(samples.usable[:, 12:], 12)
    return log_loss(predict(model, samples, rows), samples.labels.label[rows.stock, rows.day])


@pytest.mark.parametrize("mode", ["warm-start", "fine-tune"])
def test_a_padded_network_cannot_be_moved(mode: str) -> None:
    training = TrainingSpec.model_validate({"mode": mode})
    with pytest.raises(
        RollsightError, match=rf"training.mode='{mode}' .* take model.name='resnet'"
    ):
        require_capable(training, NetworkSpec(name="resnet18"))
    require_capable(training, NetworkSpec())
    require_capable(TrainingSpec(), NetworkSpec(name="resnet18"))
