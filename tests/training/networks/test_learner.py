"""One step of training: what is penalised, what a batch's statistics are of, what is stopped on."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.architectures.padded import PaddedResNet
from rollsight.training.deciding.inference import log_losses, predict
from rollsight.training.fitting.fit import fit
from rollsight.training.fitting.rows import rows_of
from rollsight.training.fitting.windows import Window, known_rows
from rollsight.training.networks.learner import AdamW, Learner, StretchNetwork
from rollsight.training.networks.stretches import Batch
from rollsight.training.networks.torchfamily import Windowwise
from rollsight.training.spec import NetworkSpec, TrainingSpec
from tests.support.networks import build_network

LOOKBACK, LENGTH = 40, 4


def network(name: str) -> StretchNetwork:
    torch.manual_seed(0)
    spec = NetworkSpec.model_validate({"name": name, "width": 2, "blocks": 1, "dropout": 0})
    return build_network(3, LOOKBACK, spec)


def batch(target: list[list[int]]) -> Batch:
    n, days = len(target), LOOKBACK + LENGTH - 1
    torch.manual_seed(1)
    return Batch(
        own=torch.randn(n, 1, days),
        shared=torch.randn(1, 2, days),
        tile=torch.zeros(n, dtype=torch.int64),
        target=torch.tensor(target),
    )


@pytest.mark.parametrize("name", ["resnet", "resnet18"])
@pytest.mark.parametrize("penalty", [{"l1": 0.1, "weight_decay": 0}, {"l1": 0, "weight_decay": 5}])
def test_penalties_shrink_weights_and_leave_biases_and_batch_norms(
    name: str, penalty: dict[str, float]
) -> None:
    own = network(name)
    for module in own.modules():
        if isinstance(module, nn.Conv1d | nn.Linear | nn.BatchNorm1d):
            nn.init.constant_(module.weight, 0.5)
            if module.bias is not None:
                nn.init.constant_(module.bias, 0.5)
    with torch.no_grad():
        # Sure of UP: no loss, no gradient.
        bias = own.get_parameter("bias" if name == "resnet" else "network.last.bias")
        bias.copy_(torch.tensor([0.0, 0.0, 5000.0]))
    before = {key: p.clone() for key, p in own.named_parameters()}
    training = TrainingSpec.model_validate({"learning_rate": 0.01, **penalty})
    assert float(Learner(own, training, torch.ones(3)).step(batch([[2] * LENGTH] * 2))) == 0
    weights = {f"{key}.weight" for key, m in own.named_modules()
               if isinstance(m, nn.Conv1d | nn.Linear)}  # fmt: skip
    assert len(weights) >= 4
    for key, now in own.named_parameters():
        if key in weights:
            assert (now < before[key]).all(), key
        else:
            assert torch.equal(now, before[key]), key


def first_statistics(own: PaddedResNet, windows: Tensor) -> Tensor:
    """Return the running mean of the first batch norm after these windows alone."""
    return 0.1 * own.body[0](windows).mean((0, 2))


def test_the_statistics_of_a_batch_are_of_its_rows_alone() -> None:
    # Two stretches of four decisions, of which five are rows; the rest may be zeros that fill up.
    some = batch([[0, -1, 2, -1], [-1, 1, 1, 2]])
    full = torch.cat([some.own, some.shared[some.tile]], dim=1)
    rows = [(0, 0), (0, 2), (1, 1), (1, 2), (1, 3)]
    windows = torch.stack([full[n, :, k : k + LOOKBACK] for n, k in rows])
    own = network("resnet18")
    assert isinstance(own, Windowwise)
    inner = own.network
    assert isinstance(inner, PaddedResNet)
    with torch.no_grad():
        expected = first_statistics(inner, windows)
    loss = Learner(own.train(), TrainingSpec(), torch.ones(3)).step(some)
    torch.testing.assert_close(inner.body[1].running_mean, expected)
    # The loss is of the same rows, each with its own target.
    again = network("resnet18").train()
    target = torch.tensor([0, 2, 1, 1, 2])
    alone = nn.functional.cross_entropy(again(windows)[..., 0], target)
    torch.testing.assert_close(loss, alone.detach())


def test_what_no_row_sees_changes_no_bit_of_the_padded_network() -> None:
    found = []
    for beyond in (0.0, 9.0):
        # The last decision of each stretch is no row: the newest session is seen by nothing else.
        some = batch([[0, 1, 2, -1], [2, 1, 1, -1]])
        some.own[:, :, -1] = some.shared[:, :, -1] = beyond
        own = network("resnet18")
        learner = Learner(own.train(), TrainingSpec(), torch.ones(3))
        for _ in range(3):
            learner.step(some)
        found.append(own.state_dict())
    assert all(torch.equal(found[0][key], found[1][key]) for key in found[0])


def test_the_padded_network_learns_from_a_single_row() -> None:
    torch.manual_seed(0)
    own = build_network(3, 20, NetworkSpec(name="resnet18", width=1)).train()
    one = Batch(torch.randn(1, 1, 21), torch.randn(1, 2, 21), torch.tensor([0]),
                torch.tensor([[-1, 2]]))  # fmt: skip
    assert torch.isfinite(Learner(own, TrainingSpec(), torch.ones(3)).step(one))


@pytest.mark.parametrize("name", ["resnet", "resnet18"])
def test_what_is_not_asked_for_changes_no_score_of_the_rest(name: str) -> None:
    own, some = network(name).eval(), batch([[0, -1, 2, -1], [-1, 1, 1, 2]])
    with torch.no_grad():
        asked = own.dense(some.own, some.shared, some.tile, some.target)
        every = own.dense(some.own, some.shared, some.tile)
    rows = (some.target >= 0)[:, None].expand(-1, 3, -1)
    torch.testing.assert_close(asked[rows], every[rows])


@pytest.mark.parametrize("weights", ["none", "balanced"])
def test_a_network_is_stopped_on_the_loss_that_it_trains(
    samples: SampleSet, window: Window, weights: str
) -> None:
    label = samples.labels.label.copy()
    label[label == 2] = 1
    label[0, ::5] = 2  # rare
    few = replace(samples, labels=replace(samples.labels, label=label))
    training = TrainingSpec.model_validate(
        {
            "epochs": 6,
            "stretch": 8,
            "batch": 4,
            "learning_rate": 0.01,
            "averaging": 0.5,
            "class_weights": weights,
        }
    )
    model = fit(few, window, model=NetworkSpec(width=4, blocks=1), training=training, clip=5.0)
    rows = rows_of(known_rows(few, window.validation, window.test.start), window.validation.start)
    own = label[rows.stock, rows.day]
    # Balanced: a class weighs one over three times its share of the train rows.
    weight = 1 / (3 * np.array(model.frequencies)) if weights == "balanced" else np.ones(3)
    losses = log_losses(predict(model, few, rows), own)
    expected = (losses * weight[own]).sum() / weight[own].sum()
    assert min(model.validation_loss[0]) == pytest.approx(expected, abs=1e-5)
    assert weights == "none" or abs(expected - losses.mean()) > 0.02


@pytest.mark.parametrize("decay", [0.0, 0.3])
def test_a_step_is_that_of_torchs_own_optimiser_bit_for_bit(decay: float) -> None:
    torch.manual_seed(0)
    ours, gradient = torch.randn(120), torch.zeros(120)
    theirs = [ours[:100].clone().requires_grad_(), ours[100:].clone().requires_grad_()]
    one = AdamW(ours, gradient, rate=0.01, decay=decay, decayed=100)
    groups = [{"params": theirs[:1]}, {"params": theirs[1:], "weight_decay": 0.0}]
    other = torch.optim.AdamW(groups, lr=0.01, weight_decay=decay, fused=True)
    for _ in range(20):
        gradient.normal_()
        theirs[0].grad, theirs[1].grad = gradient[:100].clone(), gradient[100:].clone()
        one.step()
        other.step()
        assert torch.equal(ours, torch.cat([p.detach() for p in theirs]))


def test_the_average_of_the_weights_follows_them_step_by_step() -> None:
    own = network("resnet").train()
    learner = Learner(own, TrainingSpec(averaging=0.9), torch.ones(3))
    expected = {name: p.detach().clone() for name, p in own.named_parameters()}
    for _ in range(3):
        learner.step(batch([[0, 1, 2, 1], [2, 0, 1, 1]]))
        expected = {name: 0.9 * expected[name] + 0.1 * p for name, p in own.named_parameters()}
    for name, p in learner.averaged.named_parameters():
        torch.testing.assert_close(p, expected[name])
        assert not torch.equal(p, own.get_parameter(name))


@pytest.mark.slow
def test_training_does_not_import_the_compiler() -> None:
    code = (
        "import sys\n"
        "from tests.training.networks.test_learner import *\n"
        "Learner(network('resnet'), TrainingSpec(), torch.ones(3)).step(batch([[0, 1, 2, 1]]))\n"
        "print('torch._dynamo' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "False\n", done.stderr
