"""What features add to trees, against every order of telling them, and against LightGBM."""

from collections.abc import Callable
from itertools import permutations

import numpy as np
import numpy.typing as npt
import pytest
import torch

from rollsight.training.explaining.shapley import boxes, shapley
from rollsight.training.models.baselines import lightgbm
from rollsight.training.models.baselines.boosting import trees_of
from rollsight.training.models.baselines.trees import Trees, stacked

Float32 = npt.NDArray[np.float32]
ROWS, FEATURES = 400, 4


def rows(seed: int) -> tuple[Float32, npt.NDArray[np.int64]]:
    """Return features (n, 4) and classes that depend on two of them together."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(ROWS, FEATURES)).astype(np.float32)
    score = x[:, 0] * x[:, 1] + 0.5 * x[:, 2] + rng.normal(size=ROWS)
    return x, np.digitize(score, [-0.5, 0.5])


def own_features(trees: Trees, x: Float32, background: Float32) -> npt.NDArray[np.float64]:
    return shapley(boxes(trees, background), x, np.arange(x.shape[1]), 3)


def grown(x: Float32, target: npt.NDArray[np.int64], rounds: int) -> Trees:
    from sklearn.ensemble import HistGradientBoostingClassifier

    model = HistGradientBoostingClassifier(
        max_iter=rounds, max_leaf_nodes=9, min_samples_leaf=5, early_stopping=False, random_state=0
    )
    return trees_of(model.fit(x, target), np.unique(target))


def expected(trees: Trees, tree: int, row: Float32, known: set[int], background: Float32) -> float:
    """Return the value of a class's first tree, some features known: down both ways else."""
    at = {n: a[0, tree] for n, a in vars(trees).items() if n != "start"}

    def below(node: int, there: Float32) -> float:
        left, right = int(at["left"][node]), int(at["right"][node])
        if left == node:
            return float(at["value"][node])
        feature = int(at["feature"][node])
        goes = there[:, feature] <= at["threshold"][node]
        if feature in known:
            taken = left if row[feature] <= at["threshold"][node] else right
            return below(taken, there[goes] if taken == left else there[~goes])
        share = goes.mean()
        return float(share * below(left, there[goes]) + (1 - share) * below(right, there[~goes]))

    return below(0, background)


def over_orders(value: Callable[[set[int]], float]) -> list[float]:
    """Return each feature's mean gain over all orders in which features become known."""
    orders = list(permutations(range(FEATURES)))
    gains = np.zeros(FEATURES)
    for order in orders:
        for place, feature in enumerate(order):
            gains[feature] += value({*order[: place + 1]}) - value({*order[:place]})
    return list(gains / len(orders))


def test_a_tree_by_hand() -> None:
    """x0 <= 0: 1; else x1 <= 0: 2, else 6. Of 4 rows half go left, of the others a half."""
    tree = {"feature": [0, 0, 1, 0, 0], "threshold": [0, 0, 0, 0, 0], "left": [1, 1, 3, 3, 4],
            "right": [2, 1, 4, 3, 4], "value": [0, 1, 0, 2, 6]}  # fmt: skip
    trees = stacked(np.zeros(1), [[{name: np.array(column) for name, column in tree.items()}]])
    background = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]], dtype=np.float32)
    x = np.array([[1, 1], [-1, 1]], dtype=np.float32)
    # Nothing known: 1/2 + 2/4 + 6/4 = 2.5. The first row: x0 known 4, x1 known 1/2 + 6/2 = 3.5,
    # both 6. x0 adds (4 - 2.5 + 6 - 3.5) / 2 = 2, x1 (3.5 - 2.5 + 6 - 4) / 2 = 1.5.
    # The second: x0 known 1, x1 known 3.5, both 1: x0 (-1.5 - 2.5) / 2 = -2, x1 (1 + 0) / 2.
    found = shapley(boxes(trees, background), x, np.arange(2), 1)
    assert found[:, 0].tolist() == [pytest.approx([2, 1.5]), pytest.approx([-2, 0.5])]
    # Two features of one channel count to it together.
    both = shapley(boxes(trees, background), x, np.zeros(2, dtype=np.int64), 1)
    assert both[:, 0, 0].tolist() == pytest.approx([3.5, -1.5])


def test_every_order_of_telling_features_gives_the_same() -> None:
    x, target = rows(0)
    trees = grown(x, target, rounds=1)
    found = own_features(trees, x[:3], x)
    for tree in range(3):
        for n in range(3):
            row = x[n]
            by_order = over_orders(lambda s, t=tree, r=row: expected(trees, t, r, s, x))
            assert found[n, tree].tolist() == pytest.approx(by_order, abs=1e-7)


def test_what_features_add_sums_to_the_score_less_its_mean() -> None:
    x, target = rows(1)
    trees = grown(x, target, rounds=6)
    score = trees.staged(torch.from_numpy(x))[-1].double().numpy()
    gap = score - own_features(trees, x, x[:50]).sum(axis=2)
    assert np.ptp(gap, axis=0) == pytest.approx(np.zeros(3), abs=1e-5)


def test_a_node_that_no_background_row_comes_to_is_no_division_by_zero() -> None:
    x, target = rows(2)
    trees = grown(x, target, rounds=3)
    found = own_features(trees, x, x[:1])
    assert np.isfinite(found).all()
    score = trees.staged(torch.from_numpy(x))[-1].double().numpy()
    assert np.ptp(score - found.sum(axis=2), axis=0) == pytest.approx(np.zeros(3), abs=1e-5)


def test_lightgbm_says_the_same_of_its_own_trees() -> None:
    library = pytest.importorskip("lightgbm")
    x, target = rows(3)
    model = library.train(
        lightgbm.FIXED | {"num_class": 3, "num_leaves": 9, "min_data_in_leaf": 5},
        library.Dataset(x, target),
        num_boost_round=5,
    )
    # It counts the rows that it was trained on: they are the background.
    told = model.predict(x, pred_contrib=True).reshape(ROWS, 3, FEATURES + 1)[..., :FEATURES]
    found = own_features(lightgbm.trees_of(model, np.zeros(3), 5), x, x)
    assert np.abs(told).max() > 0.1
    assert found == pytest.approx(told, abs=1e-6)
