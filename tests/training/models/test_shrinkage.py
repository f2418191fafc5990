"""Probabilities shrunk towards the class frequencies: by hand, and by what held elsewhere."""

import numpy as np
import pytest
import torch

from rollsight.training.deciding.inference import pooled
from rollsight.training.models.loading import Ensemble
from rollsight.training.models.shrinkage import WEIGHTS, Evidence, evidence, shrunk, weight_of

FREQUENCIES = np.array([0.5, 0.25, 0.25])


def test_half_a_weight_is_the_geometric_mean_of_model_and_frequencies() -> None:
    p = np.array([[0.125, 0.25, 0.625]])
    mixed = np.sqrt(p * FREQUENCIES)
    found = np.exp(shrunk(np.log(p), FREQUENCIES, 0.5))
    np.testing.assert_allclose(found, mixed / mixed.sum())
    np.testing.assert_allclose(np.exp(shrunk(np.log(p), FREQUENCIES, 0.0))[0], FREQUENCIES)
    np.testing.assert_allclose(np.exp(shrunk(np.log(p), FREQUENCIES, 1.0)), p)


def test_a_class_without_a_train_row_stays_impossible() -> None:
    found = np.exp(shrunk(np.log([[0.4, 0.59, 0.01]]), np.array([0.5, 0.5, 0.0]), 0.5))
    assert found[0, 2] < 1e-6
    assert found.sum() == pytest.approx(1)


def test_evidence_is_the_gain_over_the_frequencies_block_by_block() -> None:
    p = np.array([[0.2, 0.2, 0.6], [0.2, 0.2, 0.6], [0.6, 0.2, 0.2]])
    label, block = np.array([2, 0, 0]), np.array([7, 7, 9])
    found = evidence(np.log(p), label, block, frequencies=FREQUENCIES)
    assert found.rows.tolist() == [2, 1]
    assert (found.gain[:, 0] == 0).all()
    own = [np.log(0.6 / 0.25) + np.log(0.2 / 0.5), np.log(0.6 / 0.5)]
    np.testing.assert_allclose(found.gain[:, -1], own)


def of_gains(*gains: list[float]) -> Evidence:
    """Return evidence of blocks of ten rows that gain so much in all at the last three weights."""
    gain = np.zeros((len(gains), len(WEIGHTS)))
    gain[:, -3:] = gains
    return Evidence(np.full(len(gains), 10.0), gain)


def test_a_gain_that_hangs_on_one_block_is_not_believed() -> None:
    # Both gain .6 a block on the mean, .06 a row. The second in one of four blocks alone: its
    # standard error is sqrt(5.4**2 + 3 * 1.8**2) / 40 = .156, and half of it more than the gain.
    assert weight_of([of_gains(*[[0, 0, 0.6]] * 4)]) == 1.0
    assert weight_of([of_gains([0, 0, 6], *[[0, 0, -1.2]] * 3)]) == 0.0


def test_evidence_of_several_is_taken_together_and_of_equal_weights_the_smallest() -> None:
    parts = [of_gains([1, 2, 1], [1, 2, 1]), of_gains([1, 2, 1])]
    assert weight_of(parts) == WEIGHTS[-2]
    assert weight_of([of_gains([2, 2, 2])]) == WEIGHTS[-3]
    assert weight_of([of_gains([-1, -1, -1])]) == 0


def test_what_is_explained_is_what_is_forecast() -> None:
    torch.manual_seed(0)
    networks: list[torch.nn.Module] = [torch.nn.Linear(4, 3) for _ in range(2)]
    ensemble = Ensemble(networks, frequencies=FREQUENCIES.tolist(), weight=0.3)
    x = torch.randn(5, 4)
    with torch.no_grad():
        forecast = pooled(ensemble.each(x).numpy(), FREQUENCIES, 0.3)
        np.testing.assert_allclose(ensemble(x).exp().numpy(), forecast, atol=1e-6)
        alone = [network(x).softmax(-1).numpy() for network in networks]
    assert np.abs(forecast - np.mean(alone, axis=0)).max() > 0.05
