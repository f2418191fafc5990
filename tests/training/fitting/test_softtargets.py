"""What of a teacher a window learns: rows known in time before validation, and nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.fit import fit_network
from rollsight.training.fitting.keys import fit_key
from rollsight.training.fitting.softtargets import drawn, entropies, smoothed, soft_targets
from rollsight.training.fitting.store import model_digest
from rollsight.training.fitting.windows import Span, Window, known_rows
from rollsight.training.spec import NetworkSpec, TrainingSpec
from tests.support.simulated.teachers import planted_samples, soft

WINDOW = Window(0, train=Span(15, 50), validation=Span(50, 65), test=Span(65, 80))
TINY = NetworkSpec(width=4, blocks=1)
TRAINING = TrainingSpec(epochs=2, stretch=8, batch=4, learning_rate=0.01)
SAMPLES, TRUTH = planted_samples(4, 80)


def digest_of(samples: SampleSet) -> str:
    how = {"model": TINY, "training": TRAINING, "clip": 5.0, "seed": 0}
    return model_digest(fit_network(samples, WINDOW, **how))  # type: ignore[arg-type]


def key_of(samples: SampleSet) -> str:
    return fit_key(samples, WINDOW, model=TINY, training=TRAINING, clip=5.0, seed=0)


def taught(probability: np.ndarray, **how: object) -> SampleSet:
    return replace(SAMPLES, soft=soft(probability, **how))  # type: ignore[arg-type]


def test_train_rows_alone_have_soft_targets_at_the_temperature() -> None:
    found = soft_targets(taught(TRUTH, temperature=3.0), WINDOW)
    assert found is not None
    known = known_rows(SAMPLES, WINDOW.train, WINDOW.validation.start)
    assert ((found.probability.sum(axis=2) > 0) == known).all()
    hot = TRUTH[:, 15:50] ** (1 / 3)
    hot /= hot.sum(axis=2, keepdims=True)
    assert found.probability[known] == pytest.approx(hot[known], abs=1e-6)


def test_what_a_teacher_knows_of_later_rows_changes_no_byte() -> None:
    sly = np.eye(3)[np.maximum(SAMPLES.labels.label, 0)]
    known = known_rows(SAMPLES, WINDOW.train, WINDOW.validation.start)
    before = np.full_like(TRUTH, np.nan)
    before[:, 15:50] = np.where(known[..., None], TRUTH[:, 15:50], np.nan)
    later = np.where(np.isnan(before), sly, before)
    assert key_of(taught(later)) == key_of(taught(before)) != key_of(SAMPLES)
    assert digest_of(taught(later)) == digest_of(taught(before)) != digest_of(SAMPLES)


def test_without_a_row_in_time_or_without_a_share_all_is_as_without_a_teacher() -> None:
    none = np.full_like(TRUTH, np.nan)
    none[:, 65:] = TRUTH[:, 65:]
    for other in (taught(none), taught(TRUTH, alpha=0.0)):
        assert soft_targets(other, WINDOW) is None
        assert key_of(other) == key_of(SAMPLES)
        assert digest_of(other) == digest_of(SAMPLES)


@pytest.mark.parametrize("how", [{"alpha": 0.6}, {"temperature": 3.0}, {"targets": "smoothing"}])
def test_how_it_is_learnt_and_another_teacher_are_part_of_the_key(how: dict[str, object]) -> None:
    other = TRUTH.copy()
    other[0, 20] = other[0, 20][::-1]
    assert len({key_of(taught(TRUTH)), key_of(taught(TRUTH, **how)), key_of(taught(other))}) == 3


@pytest.mark.parametrize("entropy", [0.1, 0.5, 0.9, 1.09])
def test_controls_have_the_entropy_of_the_teacher(entropy: float) -> None:
    label = np.array([0, 1, 2, 2])
    smooth = smoothed(label, entropy)
    assert entropies(smooth) == pytest.approx(entropy)
    assert (smooth.argmax(axis=1) == label).all()
    random = drawn(200_000, entropy, seed=0)
    assert random.sum(axis=1) == pytest.approx(1)
    assert entropies(random).mean() == pytest.approx(entropy, abs=0.005)
    assert random.mean(axis=0) == pytest.approx(1 / 3, abs=0.01)


def test_the_controls_of_a_teacher_have_its_rows_and_its_mean_entropy() -> None:
    half = np.where(np.arange(80)[:, None] % 2 == 0, TRUTH, np.nan)
    own = soft_targets(taught(half, temperature=1.0), WINDOW)
    assert own is not None
    rows = own.probability.sum(axis=2) > 0
    for targets in ("smoothing", "random"):
        found = soft_targets(taught(half, temperature=1.0, targets=targets), WINDOW)
        assert found is not None
        assert ((found.probability.sum(axis=2) > 0) == rows).all()
        mean = entropies(found.probability[rows].astype(np.float64)).mean()
        expected = entropies(own.probability[rows].astype(np.float64)).mean()
        assert mean == pytest.approx(expected, abs=1e-4 if targets == "smoothing" else 0.12)


def test_another_seed_draws_other_random_targets_and_the_same_seed_the_same() -> None:
    one, again, other = (
        soft_targets(taught(TRUTH, targets="random", seed=seed), WINDOW) for seed in (0, 0, 1)
    )
    assert one is not None
    assert again is not None
    assert other is not None
    assert (one.probability == again.probability).all()
    assert (one.probability != other.probability).any()
