"""The family logistic: multinomial logistic regression on every input of a row, by scikit-learn."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from pydantic import Field, field_validator
from torch import Tensor, nn
from torch.nn import functional

from rollsight.signals.inputs.labels import Label
from rollsight.training.fitting.rows import Rows
from rollsight.training.models.family import Capabilities, Learnt, Predecessor, WindowData
from rollsight.training.models.model import Weights, load_weights
from rollsight.training.spec import ModelSpec, TrainingSpec

MOST_ROWS = 20_000  # train rows, at even distances: their inputs are copied for the fit
ITERATIONS = 100  # of each penalty's search, which begins where the one before ended
BATCH = 4096  # rows scored at a time
ABSENT = -20.0  # intercept of a class without a train row

Float64 = npt.NDArray[np.float64]


class LogisticSpec(ModelSpec):
    """The logistic regression."""

    l2: tuple[float, ...] = Field(
        (1.0, 0.3, 0.1, 0.03, 0.01),
        min_length=1,
        description="penalties, strong to weak: half the sum of squared weights times this is "
        "added to the mean log-loss; the one with the best validation log-loss is kept",
    )

    @field_validator("l2")
    @classmethod
    def _falling(cls, penalties: tuple[float, ...]) -> tuple[float, ...]:
        if not all(p > 0 for p in penalties) or list(penalties) != sorted(set(penalties))[::-1]:
            raise ValueError(f"{list(penalties)} does not fall from penalty to penalty, above 0")
        return penalties


class Linear(nn.Module):
    """Scores that are linear in every input of a window."""

    def __init__(self, channels: int, lookback: int) -> None:
        super().__init__()
        self.last = nn.Linear(channels * lookback, len(Label))

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3) of windows (n, channels, lookback)."""
        score: Tensor = self.last(x.flatten(1))
        return score


CAN = Capabilities(
    differentiable=True,
    seeded=False,
    training=frozenset({"class_weights"}),
    sources=("models/logistic.py", "fitting/rows.py"),
)


@dataclass(frozen=True)
class Logistic:
    """Multinomial logistic regression with a ridge penalty; the same with every seed."""

    options: type[ModelSpec] = LogisticSpec
    can: Capabilities = CAN

    def fit(
        self,
        data: WindowData,
        options: ModelSpec,
        training: TrainingSpec,
        *,
        seed: int,  # noqa: ARG002 - nothing is drawn
        before: Predecessor | None,  # noqa: ARG002 - it starts anew
    ) -> Learnt:
        """Return the fit of the penalty that is best on validation."""
        assert isinstance(options, LogisticSpec)
        balanced = training.class_weights == "balanced"
        counts = torch.from_numpy(data.counts)
        weight = counts.sum() / (len(Label) * counts.clamp(min=1)) if balanced else None
        train, valid = _thinned(data.train), data.validation
        x = data.inputs(train)  # (n, channels, lookback)
        train_loss: list[float] = []
        validation_loss: list[float] = []
        best, best_step, kept = np.inf, 0, dict[str, npt.NDArray[np.float32]]()
        fits = _path(x.reshape(len(x), -1), data.labels(train), options.l2, balanced=balanced)
        for step, weights in enumerate(fits, 1):
            network = self.restore(weights, x.shape[1], x.shape[2], options)
            train_loss.append(_loss(network, data, train, weight))
            validation_loss.append(_loss(network, data, valid, weight))
            if validation_loss[-1] < best:
                best, best_step, kept = validation_loss[-1], step, weights
        return Learnt(kept, train_loss, validation_loss, best_step)

    def restore(
        self,
        weights: Weights,
        channels: int,
        lookback: int,
        options: ModelSpec,  # noqa: ARG002 - they are in the weights
    ) -> nn.Module:
        """Return the linear scores."""
        linear = Linear(channels, lookback)
        load_weights(linear, weights)
        return linear.eval()


LOGISTIC = Logistic()


def _path(
    x: npt.NDArray[np.float32],
    target: npt.NDArray[np.int64],
    penalties: tuple[float, ...],
    *,
    balanced: bool,
) -> Iterator[dict[str, npt.NDArray[np.float32]]]:
    """Yield the weights that each penalty leads to, from inputs (n, channels * lookback)."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    present = np.unique(target)
    if len(present) == 1:
        yield _weights(np.zeros((1, x.shape[1])), np.zeros(1), present)
        return
    model = LogisticRegression(
        warm_start=True,
        max_iter=ITERATIONS,
        tol=1e-3,
        class_weight="balanced" if balanced else None,
    )
    for penalty in penalties:
        with threadpool_limits(1), warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # early ends are part of the path
            model.set_params(C=1 / (penalty * len(x))).fit(x, target)
        yield _weights(model.coef_, model.intercept_, present)


def _weights(
    coefficient: Float64, intercept: Float64, present: npt.NDArray[np.int64]
) -> dict[str, npt.NDArray[np.float32]]:
    """Return the weights of all classes; one without a train row is given no chance."""
    if len(present) == 2:  # one row of scores, for the second class against the first
        coefficient = np.concatenate([-coefficient, coefficient]) / 2
        intercept = np.concatenate([-intercept, intercept]) / 2
    weight = np.zeros((len(Label), coefficient.shape[1]), dtype=np.float32)
    bias = np.full(len(Label), ABSENT, dtype=np.float32)
    weight[present], bias[present] = coefficient, intercept
    return {"last.weight": weight, "last.bias": bias}


def _thinned(rows: Rows) -> Rows:
    at = np.unique(np.linspace(0, len(rows) - 1, MOST_ROWS).astype(np.int64))
    return Rows(rows.stock[at], rows.day[at])


def _loss(network: nn.Module, data: WindowData, rows: Rows, weight: Tensor | None) -> float:
    """Return the mean log-loss of rows, in nats."""
    scores = []
    for start in range(0, len(rows), BATCH):
        some = Rows(rows.stock[start : start + BATCH], rows.day[start : start + BATCH])
        with torch.no_grad():
            scores.append(network(torch.from_numpy(data.inputs(some))))
    target = torch.from_numpy(data.labels(rows))
    return float(functional.cross_entropy(torch.cat(scores), target, weight))
