"""Newton's method finds what scikit-learn finds, and classes without rows get no chance."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.windows import Span, Window
from rollsight.training.models.baselines.logistic import DAILY_ROWS, MOST_ROWS, LogisticSpec
from rollsight.training.models.baselines.multinomial import ridge_path
from rollsight.training.models.blocks import thinned
from rollsight.training.models.families import family_of
from rollsight.training.models.family import WindowData
from rollsight.training.spec import TrainingSpec
from tests.support.markets import random_samples

N = 300


def drawn(classes: int = 3, scale: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(classes)
    x = rng.standard_normal((N, 4))
    score = scale * x @ rng.standard_normal((4, classes)) + rng.gumbel(size=(N, classes))
    return x, score.argmax(axis=1)


@pytest.mark.parametrize("scale", [1.0, 20.0])
def test_it_is_the_regression_of_scikit_learn(scale: float) -> None:
    x, target = drawn(scale=scale)
    weight = np.random.default_rng(1).uniform(0.5, 2, N)
    for penalty, fit in zip((0.3, 0.01), ridge_path(x, target, (0.3, 0.01), weight), strict=True):
        # its penalty is on the sum, and ours on the mean, of the rows' losses
        theirs = LogisticRegression(C=1 / (penalty * weight.sum()), tol=1e-9, max_iter=5000)
        theirs.fit(x, target, sample_weight=weight)
        np.testing.assert_allclose(fit.weight, theirs.coef_, atol=1e-3)
        np.testing.assert_allclose(
            np.exp(fit.log_probability(x)), theirs.predict_proba(x), atol=1e-4
        )


def test_without_a_feature_that_helps_it_says_the_frequencies() -> None:
    target = np.array([0] * 2 + [1] * 3 + [2] * 5)
    (fit,) = ridge_path(np.zeros((10, 2)), target, (1.0,), np.ones(10))
    np.testing.assert_allclose(np.exp(fit.log_probability(np.ones((1, 2)))), [[0.2, 0.3, 0.5]],
                               atol=1e-5)  # fmt: skip


@pytest.mark.parametrize("present", [[0, 2], [1]])
def test_a_class_without_a_row_is_given_no_chance(present: list[int]) -> None:
    x = np.linspace(-1, 1, 20)[:, None]
    target = np.array(present * 20)[:20]
    (fit,) = ridge_path(x, target, (0.1,), np.ones(20))
    p = np.exp(fit.log_probability(x)).mean(axis=0)
    for label in range(3):
        share = 1 / len(present) if label in present else 0
        assert p[label] == pytest.approx(share, abs=1e-3)


def test_rows_that_a_line_parts_end_in_finite_weights() -> None:
    x = np.array([[-2.0], [-1.0], [1.0], [2.0]])
    (fit,) = ridge_path(x, np.array([0, 0, 2, 2]), (1e-6,), np.ones(4))
    assert np.isfinite(fit.weight).all()
    assert np.exp(fit.log_probability(x))[0, 0] > 0.99


def test_of_one_day_a_logistic_regression_learns_rows_beyond_those_of_means() -> None:
    """The rows that 4,000 at most would leave out are given another label."""
    made = random_samples(300, 62, lookback=1, k=0)
    window = Window(0, Span(0, 50), Span(50, 56), Span(56, 60))
    family = family_of("logistic")

    def learnt(samples: SampleSet) -> list[float]:
        data = WindowData(samples, window, fit_scaler(samples, window.train, 5.0))
        found = family.fit(data, LogisticSpec(l2=(1.0,)), TrainingSpec(), seed=0, before=None)
        weights: list[float] = found.weights["last.weight"].ravel().tolist()
        return weights

    rows = WindowData(made, window, fit_scaler(made, window.train, 5.0)).train
    few, many = (thinned(rows, made.labels, most) for most in (MOST_ROWS, DAILY_ROWS))
    assert len(few) <= MOST_ROWS < len(many)
    label = made.labels.label.copy()
    label[many.stock, many.day] = 2
    label[few.stock, few.day] = made.labels.label[few.stock, few.day]
    assert learnt(made) != learnt(replace(made, labels=replace(made.labels, label=label)))
