"""Trees as arrays give what scikit-learn's give, and a row falls where its features send it."""

import numpy as np
import pytest
import torch
from sklearn.ensemble import HistGradientBoostingClassifier

from rollsight.training.models.baselines.boosting import trees_of
from rollsight.training.models.baselines.trees import LEAF, stacked


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
