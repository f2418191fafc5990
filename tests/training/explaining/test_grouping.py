"""Maps of many ranked features are compared by group: noise fails there too."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from rollsight.backtests.chain.fold import run_fold
from rollsight.backtests.spec import check_spec
from rollsight.signals.features.channels import Channel
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.explaining.gate import Gate, judge
from rollsight.training.explaining.grouping import agreement, judged_by, members
from rollsight.training.explaining.trees import judge_trees
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.store import NOWHERE
from rollsight.training.models.model import FittedModel
from tests.support.networks import build_network
from tests.support.simulated.rankedgroups import CHANNELS, SIZES, WINDOW, Kind, samples


@pytest.fixture(scope="module")
def small() -> SampleSet:
    return samples("noise", seed=0, stocks=12)[0]


def random_networks(made: SampleSet, seed: int) -> FittedModel:
    """Return three perceptrons that were never trained, of any size."""
    spec = check_spec({"market": {"folder": "nowhere"}, "model": {"name": "mlp"}}, "").model
    weights = []
    for own in range(3):
        torch.manual_seed(3 * seed + own)
        network = build_network(len(CHANNELS), 1, spec)
        for parameter in network.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
        weights.append({name: t.numpy() for name, t in network.state_dict().items()})
    scaler = fit_scaler(made, WINDOW.train, clip=5.0)
    channels = tuple(channel.name for channel in CHANNELS)
    none = ((), (), ())
    return FittedModel(
        ("", "", ""), channels, 1, spec, scaler, tuple(weights), none, none, (1, 1, 1),
        (1 / 3, 1 / 3, 1 / 3), (None, None, None),
    )  # fmt: skip


def test_features_that_share_a_groups_work_out_in_two_ways_agree() -> None:
    """Two maps of two rows: a group of two features, then one feature of no group."""
    own = [Channel(n, "fraction", n, group=g) for n, g in (("a", "x"), ("b", "x"), ("c", None))]
    one = torch.tensor([[2.0, 0.0, 1.0], [-2.0, 0.0, -1.0]])
    other = torch.tensor([[0.0, 2.0, 1.0], [0.0, -2.0, -1.0]])
    summed = [each @ members(own, []) for each in (one, other)]
    assert summed[0].tolist() == summed[1].tolist() == [[2, 1], [-2, -1]]
    assert agreement(*summed) == pytest.approx(1)
    assert agreement(one, other) == pytest.approx(0.2)  # of norms 10, the product 2
    assert agreement(summed[0], torch.ones(2, 2)) == 0  # a flat map agrees with none


def test_few_groups_longer_inputs_and_channels_of_none_are_compared_by_channel(
    small: SampleSet,
) -> None:
    by = judged_by(small)
    assert by is not None
    assert by.sum(0).tolist() == list(SIZES.values())
    five = CHANNELS[: 9 + 10 + 11 + 9 + 9]
    alone = tuple(replace(channel, group=None) for channel in CHANNELS)
    for other in (
        replace(small, stocks=small.stocks[..., : len(five)], own=five),
        replace(small, own=alone),
        replace(small, lookback=2),
    ):
        assert judged_by(other) is None


def test_random_weights_never_agree_by_group(small: SampleSet) -> None:
    for seed in range(12):
        found = judge(random_networks(small, seed), small, WINDOW, skilled=True, target="log_odds")
        assert found.seeds is not None
        assert found.by_group
        assert found.seeds < 0.3
        assert "the seeds disagree" in found.reasons


TRAINED = {"balance": "dates", "epochs": 40, "patience": 10, "learning_rate": 0.002,
           "weight_decay": 1.0, "l1": 0.0}  # fmt: skip


def gate(kind: Kind, seed: int, family: str) -> Gate:
    """Return the gate of a window as the preset of ranked features trains it, whatever its weight.

    Were it shrunk to the class frequencies, its map would be empty.
    """
    spec = check_spec(
        {
            "market": {"folder": "nowhere", "book": "none"},
            "features": {"lookback": 1},
            "label": {"horizon": 1},
            "model": {"name": family},
            "training": {**TRAINED, "seeds": 3 if family == "mlp" else 1},
        },
        "",
    )
    made, returned = samples(kind, seed)
    fold = run_fold(made, returned, WINDOW, spec, NOWHERE)
    model = replace(fold.model, weight=1.0)
    if family == "mlp":
        return judge(model, made, WINDOW, skilled=fold.skilled, target="log_odds")
    return judge_trees(
        model, made, WINDOW, skilled=fold.skilled, target="log_odds", training=spec.training
    )


@pytest.mark.slow
@pytest.mark.parametrize("family", ["mlp", "boosting"])
def test_many_ranked_features_pass_where_groups_drive_returns(family: str) -> None:
    passed = [gate("planted", seed, family).passed for seed in range(4)]
    assert all(passed)


@pytest.mark.slow
@pytest.mark.parametrize("family", ["mlp", "boosting"])
@pytest.mark.parametrize("kind", ["noise", "shuffled"])
def test_many_ranked_features_fail_where_nothing_drives_returns(kind: Kind, family: str) -> None:
    found = [gate(kind, seed, family) for seed in range(4)]
    assert not any(each.passed for each in found)
    assert np.max([each.seeds for each in found if each.seeds is not None]) < 0.3
