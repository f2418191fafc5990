"""An ensemble's map is the mean of what its members say for themselves, and believed with them."""

from dataclasses import replace

import numpy as np
import pytest

from rollsight.training.explaining.attribution import explain
from rollsight.training.explaining.gate import HALVES_DISAGREE, Gate
from rollsight.training.explaining.members import explain_members, explained_members
from rollsight.training.explaining.trees import explain_trees
from rollsight.training.fitting.fit import fit_network
from rollsight.training.fitting.rows import Rows
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.models.families import family_of
from rollsight.training.models.model import FittedModel, joined
from rollsight.training.spec import TrainingSpec
from tests.support.markets import random_samples

SAMPLES = random_samples(12, 120, lookback=1, c=3)
WINDOW = Window(0, Span(5, 75), Span(75, 100), Span(100, 115))
ROWS = Rows(np.array([0, 3, 7]), np.array([101, 104, 109]))


def fitted(name: str, seed: int, **options: object) -> FittedModel:
    own = family_of(name).options.model_validate({"name": name, **options})
    return fit_network(
        SAMPLES, WINDOW, model=own, training=TrainingSpec(epochs=2), clip=5.0, seed=seed
    )


@pytest.fixture(scope="module")
def alone() -> list[np.ndarray]:
    """Return the maps of three perceptrons, and of trees, each explained as a model of its own."""
    networks = joined([fitted("mlp", seed) for seed in range(3)])
    return [
        explain(networks, SAMPLES, ROWS).contribution,
        explain_trees(fitted("boosting", 0), SAMPLES, WINDOW, ROWS, "log_odds"),
    ]


@pytest.fixture(scope="module")
def members() -> list[FittedModel]:
    return explained_members(joined([fitted("ensemble", seed) for seed in range(3)]))


def test_the_map_is_the_mean_of_the_members_own(
    alone: list[np.ndarray], members: list[FittedModel]
) -> None:
    assert [(m.spec.name, len(m.weights)) for m in members] == [("mlp", 3), ("boosting", 1)]
    found = explain_members(members, SAMPLES, WINDOW, ROWS, target="log_odds", by_place=False)
    np.testing.assert_allclose(found, np.mean(alone, axis=0), atol=1e-6)
    assert np.abs(alone).max(axis=(1, 2, 3)).min() > 1e-4


def test_members_of_mean_places_count_alike_whatever_their_scale(
    members: list[FittedModel],
) -> None:
    """A member as sure of itself as three of it are brings no more than before."""
    network, trees = members
    surer = {n: 3 * a if n in ("value", "start") else a for n, a in trees.weights[0].items()}
    share = []
    for own in (trees, replace(trees, weights=(surer,))):
        found = explain_members(
            [network, own], SAMPLES, WINDOW, ROWS, target="log_odds", by_place=True
        )
        share.append(found / np.abs(found).sum())
    np.testing.assert_allclose(share[0], share[1], atol=0.02)


def test_an_ensemble_with_a_member_that_nothing_explains_has_no_map() -> None:
    assert explained_members(fitted("mlp", 0)) == []
    assert explained_members(fitted("ensemble", 0, members=("mlp", "frequencies"))) == []


def test_a_map_is_believed_where_all_members_pass() -> None:
    network = Gate(True, 0.9, 0.0, 3.0, 0.99, 3)
    trees = Gate(True, 0.7, None, 2.0, 0.9, 1, trees=True)
    both = Gate.of_members((network, trees))
    assert both.passed
    assert (both.seeds, both.randomised, both.deletion, both.methods) == (0.7, 0.0, 2.0, 0.9)
    unlike = Gate.of_members((network, replace(trees, seeds=0.1)))
    assert unlike.reasons == (HALVES_DISAGREE,)
    blind = Gate.of_members((replace(network, skilled=False), replace(trees, skilled=False)))
    assert blind.reasons == ("no skill on validation",)
