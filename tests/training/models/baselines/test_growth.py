"""Boosted trees are grown by what the lookback asks for, and by the keys that are set."""

import numpy as np
import pytest
import torch

from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Window
from rollsight.training.models.baselines.growth import DAILY, BoostedSpec, Growth
from rollsight.training.models.baselines.trees import LEAF, Forest, stacked
from rollsight.training.models.families import family_of
from rollsight.training.models.family import WindowData
from rollsight.training.spec import TrainingSpec
from tests.support.markets import random_samples
from tests.support.skips import skip_without


def test_keys_that_are_set_stand_before_what_the_lookback_asks_for() -> None:
    keys = BoostedSpec(rounds=7, leaf_rows=20)
    assert DAILY.as_set(keys).rounds == Growth().as_set(keys).rounds == 7
    assert (DAILY.as_set(keys).leaves, Growth().as_set(keys).leaves) == (15, 3)
    assert DAILY.as_set(BoostedSpec(blocks_left_out=0)).blocks_left_out == 0


def test_a_leaf_has_no_more_rows_than_a_fortieth_asks_for() -> None:
    assert Growth().fewest_rows(4000) == 100
    assert DAILY.fewest_rows(95_000) == 500
    assert DAILY.fewest_rows(400) == 10
    assert DAILY.fewest_rows(3) == 1


@pytest.mark.parametrize("name", ["boosting", "lightgbm"])
def test_of_one_day_it_takes_the_channels_as_they_are(name: str, window: Window) -> None:
    skip_without(name)
    samples, family = random_samples(12, 80, lookback=1, c=3), family_of(name)
    options = family.options.model_validate({"name": name, "rounds": 5})
    data = WindowData(samples, window, fit_scaler(samples, window.train, 5.0))
    found = family.fit(data, options, TrainingSpec(), seed=0, before=None)
    assert found.best_epoch == len(found.weights["value"]) == 5  # none left out to choose by
    assert found.weights["feature"].max() < len(samples.channels) == 5
    x = torch.from_numpy(data.inputs(data.validation))
    scoring = family.restore(found.weights, 5, 1, options)
    loss = -scoring(x).log_softmax(-1).numpy()[np.arange(len(x)), data.labels(data.validation)]
    assert loss.mean() == pytest.approx(found.validation_loss[-1], abs=1e-6)


def test_rows_fall_as_deep_as_the_deepest_tree() -> None:
    # A chain: row i leaves it at level i + 1, by feature 0 at most i.
    chain = {
        "feature": np.zeros(7), "threshold": np.array([0, 0, 1, 0, 2, 0, 0]),
        "left": np.array([1, 1, 3, 3, 5, 5, 6]), "right": np.array([2, 1, 4, 3, 6, 5, 6]),
        "value": np.array([0, 10, 0, 20, 0, 30, 40]),
    }  # fmt: skip
    trees = stacked(np.zeros(3), [[LEAF, chain, LEAF], [chain, LEAF, LEAF]])
    assert Forest.of(trees).depth == 3
    x = torch.arange(300).remainder(4).float()[:, None]  # more rows than are scored at a time
    expected = (10 * (x[:, 0] + 1)).tolist()
    assert trees.staged(x)[2, :, 1].tolist() == trees.staged(x)[2, :, 0].tolist() == expected
    assert trees.staged(x)[1, :, 0].tolist() == [0] * 300
    assert Forest.of(stacked(np.zeros(3), [])).staged(x).shape == (1, 300, 3)
