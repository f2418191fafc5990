"""The family logistic: multinomial logistic regression on a few means of each channel."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydantic import Field, field_validator
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from rollsight.signals.inputs.labels import Label
from rollsight.training.fitting.rows import Rows
from rollsight.training.models.baselines.classes import WEIGHTS, log_loss, row_weights
from rollsight.training.models.baselines.means import means_of
from rollsight.training.models.baselines.multinomial import Multinomial, ridge_path
from rollsight.training.models.basis import raised_cosines
from rollsight.training.models.blocks import date_blocks, thinned
from rollsight.training.models.family import Capabilities, Learnt, Predecessor, WindowData
from rollsight.training.models.model import Weights, load_weights
from rollsight.training.models.product import product
from rollsight.training.spec import ModelSpec, TrainingSpec

MEANS = 8  # of each channel
MOST_ROWS = 4000  # train rows that are fitted on
DAILY_ROWS = 32_000  # of inputs of one day, which are many and hold little: 3 s for 66 features

Float64 = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


class LogisticSpec(ModelSpec):
    """The logistic regression."""

    l2: tuple[float, ...] = Field(
        (10.0, 3.0, 1.0, 0.3, 0.1),
        min_length=1,
        description="penalties, strong to weak: half the sum of squared weights times this is "
        "added to the mean log-loss; the one that is best on blocks of train dates left out is "
        "kept",
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
        return product(x.flatten(1), self.last.weight.T) + self.last.bias


CAN = Capabilities(
    differentiable=True,
    seeded=False,
    training=WEIGHTS,
    sources=(
        "fitting/rows.py", "models/baselines/classes.py", "models/baselines/logistic.py",
        "models/baselines/means.py", "models/baselines/multinomial.py", "models/basis.py",
        "models/blocks.py", "models/product.py",
    ),
)  # fmt: skip


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
        """Return the fit of the penalty that is best on blocks of train dates left out.

        Validation chooses nothing; its loss is that of each penalty all the same.
        """
        assert isinstance(options, LogisticSpec)
        most = DAILY_ROWS if data.samples.lookback == 1 else MOST_ROWS
        means, train = means_of(data, MEANS), thinned(data.train, data.samples.labels, most)
        x, target = means.of(train), data.labels(train)
        weight, judged = (row_weights(data, training, rows) for rows in (train, data.validation))
        valid = means.of(data.validation), data.labels(data.validation)
        with threadpool_limits(1):
            fits = list(ridge_path(x, target, options.l2, weight))
            left_out = _losses_left_out(x, target, train, data, options.l2, weight)
            validation = [log_loss(fit.log_probability(valid[0]), valid[1], judged) for fit in fits]
        best = int(np.argmin(left_out))
        weights = _of_every_input(fits[best], data.samples.lookback)
        return Learnt(weights, left_out, validation, best + 1)

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


def _losses_left_out(
    x: Float64,
    target: Ints,
    rows: Rows,
    data: WindowData,
    penalties: tuple[float, ...],
    weight: Float64,
) -> list[float]:
    """Return each penalty's mean log-loss of the rows of blocks left out; 0 without a block."""
    losses, count = np.zeros(len(penalties)), 0.0
    for learn, left in date_blocks(rows, data.samples.labels):
        path = ridge_path(x[learn], target[learn], penalties, weight[learn])
        count += left.sum()
        for at, fit in enumerate(path):
            loss = log_loss(fit.log_probability(x[left]), target[left], weight[left])
            losses[at] += left.sum() * loss
    return [float(loss) for loss in losses / max(count, 1)]


def _of_every_input(fit: Multinomial, lookback: int) -> dict[str, npt.NDArray[np.float32]]:
    """Return the same scores as a linear map of every input of a row."""
    basis = raised_cosines(lookback, MEANS)
    each = fit.weight.reshape(len(Label), -1, basis.shape[1]) @ basis.T  # (3, channels, lookback)
    return {
        "last.weight": each.reshape(len(Label), -1).astype(np.float32),
        "last.bias": fit.intercept.astype(np.float32),
    }
