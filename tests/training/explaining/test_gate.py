"""The gate believes a model that learnt what is there, and none that did not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rollsight.backtests.chain.fold import FittedFold, run_fold
from rollsight.backtests.chain.prepared import Prepared, prepare
from rollsight.backtests.chain.signals import net_returns
from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import log_loss, predict, windows
from rollsight.training.explaining.checks import _moved
from rollsight.training.explaining.gate import Gate, judge, with_random_weights
from rollsight.training.explaining.importance import permutation_importance
from rollsight.training.explaining.target import Scores
from rollsight.training.fitting.rows import Rows, rows_of
from rollsight.training.fitting.store import NOWHERE
from rollsight.training.fitting.windows import Window, known_rows
from rollsight.training.models.loading import load_networks
from rollsight.training.models.model import FittedModel
from tests.golden.pipe import CHANGES
from tests.support.networks import build_network
from tests.support.planted import DRIVER, planted_market
from tests.workflows.test_planted import with_shuffled_dates

GOOD = Gate(skilled=True, seeds=0.9, randomised=0.0, deletion=3.0, methods=0.99, seeds_trained=3)


@pytest.fixture(scope="module")
def spec(tmp_path_factory: pytest.TempPathFactory) -> RunSpec:
    folder: Path = tmp_path_factory.mktemp("planted")
    planted_market(folder, seed=4, strength=0.4, n_stocks=8, n_days=600)
    return read_spec("krx", CHANGES, str(folder))


@pytest.fixture(scope="module")
def ready(spec: RunSpec) -> Prepared:
    return prepare(spec)


@pytest.fixture(scope="module")
def fold(ready: Prepared, spec: RunSpec) -> FittedFold:
    return run_fold(ready.samples, net_returns(ready), ready.windows[0], spec, NOWHERE)


def judged(model: FittedModel, samples: SampleSet, window: Window) -> Gate:
    """Return the gate of a model whose skill is measured here."""
    rows = rows_of(known_rows(samples, window.validation, window.test.start),
                   window.validation.start)  # fmt: skip
    label = samples.labels.label[rows.stock, rows.day]
    frequencies = np.tile(model.frequencies, (len(label), 1))
    skilled = log_loss(predict(model, samples, rows), label) < log_loss(frequencies, label)
    return judge(model, samples, window, skilled=skilled, target="log_odds")


def test_a_planted_driver_learnt_by_three_seeds_passes(fold: FittedFold, ready: Prepared) -> None:
    found = judged(fold.model, ready.samples, fold.window)
    assert found.reasons == ()
    assert found.passed
    assert found.seeds is not None
    assert found.seeds > 0.7
    assert judged(fold.model, ready.samples, fold.window) == found


def test_one_seed_of_it_is_unverified(fold: FittedFold, ready: Prepared) -> None:
    alone = replace(fold.model, weights=fold.model.weights[:1])
    found = judged(alone, ready.samples, fold.window)
    assert not found.passed
    assert found.seeds is None
    assert found.reasons == ("unverified, fewer than three seeds (set training.seeds=3)",)
    two = replace(fold.model, weights=fold.model.weights[:2])
    assert judged(two, ready.samples, fold.window).reasons == found.reasons


def test_seeds_are_compared_on_the_class_that_is_explained(
    fold: FittedFold, ready: Prepared
) -> None:
    """Two copies of one network, the one inclined to UP, the other to DOWN."""
    network = fold.model.weights[0]
    inclined = [
        {**network, "bias": network["bias"] + np.float32(1.5) * np.eye(3, dtype="f4")[c]}
        for c in (2, 0)
    ]
    model = replace(fold.model, weights=tuple(inclined))
    found = judge(model, ready.samples, fold.window, skilled=True, target="predicted")
    assert found.seeds is not None
    assert found.seeds > 0.9


def test_random_weights_fail(fold: FittedFold, ready: Prepared) -> None:
    weights = []
    for seed in range(3):
        torch.manual_seed(seed)
        network = build_network(len(fold.model.channels), fold.model.lookback, fold.model.spec)
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
        weights.append({name: t.numpy() for name, t in network.state_dict().items()})
    found = judged(replace(fold.model, weights=tuple(weights)), ready.samples, fold.window)
    assert {"no skill on validation", "the seeds disagree"} <= set(found.reasons)
    # Deletion alone believes them.
    assert found.deletion is not None
    assert found.deletion > 1


def test_rows_without_the_same_channels_move_by_the_same(fold: FittedFold, ready: Prepared) -> None:
    """Three sets of channels, the third the first again: of each its own forward pass."""
    scores = Scores(load_networks(fold.model), "log_odds")
    _, x = next(windows(fold.model, ready.samples, Rows(fold.rows.stock[:9], fold.rows.day[:9])))
    x = x[:9]
    first = torch.tensor([[row % 3, 3] for row in range(9)])
    second = torch.tensor([[1, 0]] * 9)
    by_hand = []
    for removed in (first, second):
        without = x.clone()
        for row, channels in enumerate(removed):
            without[row, channels] = 0
        up = [scores(some)[:, 2].detach() for some in (x, without)]
        by_hand.append(float((up[0] - up[1]).abs().mean()))
    moved = _moved(scores, x, [first, second, first.flip(1)])
    assert moved == pytest.approx([*by_hand, by_hand[0]], rel=1e-5)
    assert by_hand[0] != pytest.approx(by_hand[1], rel=0.01)


def test_shuffled_labels_fail(ready: Prepared, spec: RunSpec) -> None:
    samples = with_shuffled_dates(ready.samples, seed=1)
    window = ready.windows[0]
    fold = run_fold(samples, samples.labels.label_return, window, spec, NOWHERE)
    assert fold.model.weight < 0.5
    believed = replace(fold.model, weight=1.0)
    found = judge(believed, samples, window, skilled=True, target="log_odds")
    assert "the seeds disagree" in found.reasons  # even were they believed, and skilled by luck


def test_a_map_of_nothing_fails(fold: FittedFold, ready: Prepared) -> None:
    silent = [
        {name: np.zeros_like(w) for name, w in weights.items()} for weights in fold.model.weights
    ]
    found = judged(replace(fold.model, weights=tuple(silent)), ready.samples, fold.window)
    assert "the map is empty" in found.reasons
    assert not found.passed


def test_the_weights_of_the_randomised_networks_themselves_give_the_same_map(
    fold: FittedFold, ready: Prepared
) -> None:
    found = judged(with_random_weights(fold.model), ready.samples, fold.window)
    assert found.randomised == pytest.approx(1)
    assert "random weights give the same map" in found.reasons


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"skilled": False}, "no skill on validation"),
        ({"seeds": 0.49}, "the seeds disagree"),
        ({"randomised": 0.51}, "random weights give the same map"),
        ({"deletion": 0.99}, "removing top channels hurts no more than random ones"),
        ({"methods": 0.69}, "the methods disagree"),
        ({"deletion": None}, None),  # a single channel has no other to compare with
    ],
)
def test_each_check_has_its_reason(change: dict[str, float], reason: str | None) -> None:
    assert replace(GOOD, **change).reasons == (() if reason is None else (reason,))


def test_the_driver_is_the_channel_whose_permutation_hurts(
    fold: FittedFold, ready: Prepared
) -> None:
    found = permutation_importance(fold.model, ready.samples, fold.rows)
    assert found is not None
    assert fold.model.channels[int(found.argmax())] == DRIVER
    assert found.max() > 10 * np.sort(np.abs(found))[-2]
    again = permutation_importance(fold.model, ready.samples, fold.rows)
    assert again is not None
    assert again.tolist() == found.tolist()


def test_a_channel_without_weight_has_no_importance(fold: FittedFold, ready: Prepared) -> None:
    channel = fold.model.channels.index(DRIVER)
    blind = []
    for weights in fold.model.weights:
        # The network multiplies the channel's inputs by 0 before it sees them.
        units = weights["units"].copy()
        units[:, channel] = 0
        blind.append({**weights, "units": units})
    model = replace(fold.model, weights=tuple(blind))
    found = permutation_importance(model, ready.samples, fold.rows)
    assert found is not None
    assert found[channel] == 0
    assert np.abs(np.delete(found, channel)).min() > 0


def test_rows_without_a_label_have_no_importance(fold: FittedFold, ready: Prepared) -> None:
    last = ready.samples.usable.shape[1] - 1
    unsettled = Rows(np.arange(3), np.full(3, last))
    assert permutation_importance(fold.model, ready.samples, unsettled) is None
