"""Multinomial logistic regression with a ridge penalty, by Newton's method."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import helmert

from rollsight.signals.inputs.labels import Label
from rollsight.training.models.baselines.classes import ABSENT

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STEPS = 20  # of Newton's, at most, for a penalty
ENOUGH = 1e-4  # nats that the last step promised: one like it promises far less
LEAST = 1e-9  # nats, below which a step that fails is not halved


@dataclass(frozen=True, eq=False)
class Multinomial:
    """Scores linear in the features.

    Attributes
    ----------
    weight
        (3, features)
    intercept
        (3,)
    """

    weight: Float64
    intercept: Float64

    def log_probability(self, x: Float64) -> Float64:
        """Return (n, 3) of features (n, features)."""
        return _log_softmax(x @ self.weight.T + self.intercept)


def ridge_path(
    x: Float64, target: Ints, penalties: Sequence[float], weight: Float64
) -> Iterator[Multinomial]:
    """Yield the fit of each penalty, which begins where the one before ended.

    Parameters
    ----------
    x, target
        features (n, features) and classes (n,)
    penalties
        half the sum of squared weights times this is added to the mean log-loss
    weight
        (n,) of each row in that mean
    """
    present, own = np.unique(target, return_inverse=True)
    # Scores live on contrasts of the classes: a constant more in each would change nothing.
    contrast = helmert(len(present)).T if len(present) > 1 else np.zeros((1, 0))
    problem = _Problem(
        x=np.column_stack([x, np.ones(len(x))]),
        hot=np.eye(len(present))[own],
        weight=weight / weight.sum(),
        contrast=contrast,
    )
    at = np.zeros((x.shape[1] + 1, contrast.shape[1]))
    for penalty in penalties:
        at = problem.minimum(penalty, at)
        yield _of_all_classes(at @ contrast.T, present)


@dataclass(frozen=True, eq=False)
class _Problem:
    """The rows of a fit: x (n, p) with a last column of ones, classes as (n, classes) of 0 and 1.

    What is sought is v, (p, contrasts): scores are x @ v @ contrast.T.
    """

    x: Float64
    hot: Float64
    weight: Float64
    contrast: Float64

    def minimum(self, penalty: float, v: Float64) -> Float64:
        ridge = np.full((len(v), 1), penalty)
        ridge[-1] = 0  # the intercept's
        value = self._value(v, ridge)
        for _ in range(STEPS):
            step, promised = self._newton(v, ridge)
            while (new := self._value(v - step, ridge)) > value and promised > LEAST:
                step, promised = step / 2, promised / 2
            if new > value:
                break
            v, value = v - step, new
            if promised < ENOUGH:
                break
        return v

    def _value(self, v: Float64, ridge: Float64) -> float:
        log_p = _log_softmax(self.x @ v @ self.contrast.T)
        return float(-self.weight @ (log_p * self.hot).sum(axis=1) + (ridge * v**2).sum() / 2)

    def _newton(self, v: Float64, ridge: Float64) -> tuple[Float64, float]:
        """Return the step to take away, and the fall of the value that it promises."""
        p = np.exp(_log_softmax(self.x @ v @ self.contrast.T))  # (n, classes)
        mean = p @ self.contrast  # (n, contrasts)
        error = self.weight[:, None] * (mean - self.hot @ self.contrast)
        gradient = self.x.T @ error + ridge * v
        size, contrasts = v.shape
        curvature = np.empty((contrasts, size, contrasts, size))
        for a in range(contrasts):
            for b in range(a + 1):
                both = p @ (self.contrast[:, a] * self.contrast[:, b]) - mean[:, a] * mean[:, b]
                block = (self.x * (self.weight * both)[:, None]).T @ self.x
                curvature[a, :, b], curvature[b, :, a] = block, block.T
            at = np.arange(size)
            curvature[a, at, a, at] += ridge[:, 0] + 1e-9  # a class that fades leaves none
        flat = gradient.T.ravel()
        step = np.linalg.solve(curvature.reshape(len(flat), len(flat)), flat)
        return np.asarray(step.reshape(contrasts, size).T), float(flat @ step) / 2


def _of_all_classes(v: Float64, present: Ints) -> Multinomial:
    """Return the fit of all classes from those (p, classes) that have rows."""
    weight = np.zeros((len(Label), len(v) - 1))
    intercept = np.full(len(Label), ABSENT)
    weight[present], intercept[present] = v[:-1].T, v[-1]
    return Multinomial(weight, intercept)


def _log_softmax(score: Float64) -> Float64:
    score = score - score.max(axis=1, keepdims=True)
    return np.asarray(score - np.log(np.exp(score).sum(axis=1, keepdims=True)))
