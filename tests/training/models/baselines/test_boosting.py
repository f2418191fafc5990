"""Trees as arrays give what scikit-learn's give, and a row falls where its features send it."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.ensemble import HistGradientBoostingClassifier

from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Window
from rollsight.training.models.baselines.boosted import BoostedSpec
from rollsight.training.models.baselines.boosting import BOOSTING, trees_of
from rollsight.training.models.baselines.trees import LEAF, stacked
from rollsight.training.models.family import Learnt, WindowData
from rollsight.training.spec import TrainingSpec
from tests.support.markets import random_samples


@pytest.mark.parametrize("present", [[0, 1, 2], [0, 2]])
def test_the_arrays_say_what_scikit_learn_says(present: list[int]) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((400, 5)).astype(np.float32)
    target = np.array(present)[
        (x[:, 0] + 0.5 * x[:, 1] * x[:, 2] > 0) + (len(present) - 2) * (x[:, 3] > 1)
    ]
    model = HistGradientBoostingClassifier(max_iter=4, max_leaf_nodes=6, early_stopping=False)
    model.fit(x, target)
    trees = trees_of(model, np.array(present))
    stages = torch.softmax(trees.staged(torch.from_numpy(x)), -1).numpy()
    assert stages.shape == (5, 400, 3)
    for stage, theirs in zip(stages[1:], model.staged_predict_proba(x), strict=True):
        np.testing.assert_allclose(stage[:, present], theirs, atol=1e-6)
    first = torch.softmax(trees.first(2).staged(torch.from_numpy(x)), -1)[-1].numpy()
    np.testing.assert_array_equal(first, stages[2])


def test_a_row_falls_where_its_features_send_it() -> None:
    # feature 1 at most .5: node 1, which adds 10; else node 2, by feature 0: 20 or 30
    tree = {
        "feature": [1, 0, 0, 0, 0], "threshold": [0.5, 0, -1, 0, 0], "left": [1, 1, 3, 3, 4],
        "right": [2, 1, 4, 3, 4], "value": [0, 10, 0, 20, 30],
    }  # fmt: skip
    trees = stacked(np.array([1.0, 2.0, 3.0]), [[LEAF, tree, LEAF]])
    x = torch.tensor([[0.0, 0.5], [-1.0, 0.6], [0.0, 0.6]])
    assert trees.staged(x)[0].tolist() == [[1, 2, 3]] * 3
    assert trees.staged(x)[1].tolist() == [[1, 12, 3], [1, 22, 3], [1, 32, 3]]


def learnt(samples: SampleSet, window: Window, training: TrainingSpec) -> Learnt:
    data = WindowData(samples, window, fit_scaler(samples, window.train, 5.0))
    return BOOSTING.fit(data, BoostedSpec(rounds=3), training, seed=0, before=None)


def test_before_the_first_round_it_says_the_frequencies(window: Window) -> None:
    samples = random_samples(4, 80)
    found = learnt(samples, window, TrainingSpec())
    assert len(found.validation_loss) == len(found.train_loss) + 1 == 4
    data = WindowData(samples, window, fit_scaler(samples, window.train, 5.0))
    target = data.labels(data.validation)
    share = torch.softmax(torch.from_numpy(found.weights["start"]), 0).numpy()
    assert found.validation_loss[0] == pytest.approx(-np.log(share[target]).mean(), abs=1e-6)


def test_balanced_classes_begin_nearly_alike(window: Window) -> None:
    samples = random_samples(4, 80)
    label = samples.labels.label.copy()
    label[1:][label[1:] == Label.UP] = Label.HOLD  # UP is left to one stock of four
    seldom = replace(samples, labels=replace(samples.labels, label=label))
    starts = (
        learnt(seldom, window, TrainingSpec(class_weights=weights)).weights["start"]
        for weights in ("none", "balanced")
    )
    plain, balanced = (float(np.ptp(start)) for start in starts)
    assert balanced < plain / 3
