"""The families momentum, reversal and low_volatility: one quantity of a stock, nothing searched."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from rollsight.base.errors import RollsightError
from rollsight.signals.known.indices import STOCK_CHANNEL
from rollsight.training.fitting.rows import Rows
from rollsight.training.models.baselines.classes import log_loss
from rollsight.training.models.baselines.frequencies import log_shares
from rollsight.training.models.family import Capabilities, Learnt, Predecessor, WindowData
from rollsight.training.models.model import Weights
from rollsight.training.spec import ModelSpec, TrainingSpec

# How far the log-odds of UP to DOWN move with the quantity's place: the best of train is kept, and
# the least of these where the rule is wrong there, so that it still has an order.
TILTS = (0.02, 0.05, 0.1, 0.2, 0.4, 0.8)

Measure = Callable[[Tensor], Tensor]
CAN = Capabilities(
    seeded=False,
    training=frozenset(),
    sources=(
        "fitting/rows.py", "models/baselines/classes.py", "models/baselines/factors.py",
        "models/baselines/frequencies.py",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Factor:
    """The more a stock has of a quantity, the likelier is UP; the train span says by how much.

    Attributes
    ----------
    measure
        standardised changes of a close (n, lookback), the newest last, to the quantity (n,)
    """

    measure: Measure
    options: type[ModelSpec] = ModelSpec
    can: Capabilities = field(default=CAN)

    def fit(
        self,
        data: WindowData,
        options: ModelSpec,  # noqa: ARG002 - it has none
        training: TrainingSpec,  # noqa: ARG002 - one number is learnt
        *,
        seed: int,  # noqa: ARG002 - nothing is drawn
        before: Predecessor | None,  # noqa: ARG002 - it starts anew
    ) -> Learnt:
        """Return the tilt that is best on train, with the quantity's mean and deviation there."""
        require_changes(data.samples.channels, data.samples.lookback)
        channel = data.samples.channels.index(STOCK_CHANNEL)
        spans = [
            (self.measure(_changes(data, rows, channel)), data.labels(rows))
            for rows in (data.train, data.validation)
        ]
        found = spans[0][0].numpy()
        each = [
            {
                "channel": np.array([channel], dtype=np.float32),
                "place": np.array([found.mean(), found.std() or 1.0], dtype=np.float32),
                "log_share": log_shares(data).astype(np.float32),
                "tilt": np.array([tilt], dtype=np.float32),
            }
            for tilt in TILTS
        ]
        train, validation = (
            [
                log_loss(torch.log_softmax(_score(quantity, weights), 1).numpy(), target)
                for weights in each
            ]
            for quantity, target in spans
        )
        best = int(np.argmin(train))
        return Learnt(each[best], train, validation, best + 1)

    def restore(
        self,
        weights: Weights,
        channels: int,  # noqa: ARG002 - one of them is looked at
        lookback: int,  # noqa: ARG002
        options: ModelSpec,  # noqa: ARG002
    ) -> Callable[[Tensor], Tensor]:
        """Return what scores a row by its quantity."""
        channel = int(weights["channel"][0])
        return lambda x: _score(self.measure(x[:, channel].double()), weights).float()


def _score(quantity: Tensor, weights: Weights) -> Tensor:
    """Return scores (n, 3) of quantities (n,): DOWN and UP move apart, HOLD stays."""
    mean, deviation = (float(value) for value in weights["place"])
    # Bounded, as no quantity beyond what train has seen says so much more.
    # A hyperbolic tangent, by an operation whose bits are the same on every processor.
    place = 2 * torch.sigmoid(2 * (quantity - mean) / deviation) - 1
    apart = float(weights["tilt"][0]) * torch.tensor([-0.5, 0.0, 0.5], dtype=torch.float64)
    return torch.from_numpy(np.array(weights["log_share"])).double() + place[:, None] * apart


def _changes(data: WindowData, rows: Rows, channel: int) -> Tensor:
    """Return the standardised changes of rows' closes, (n, lookback)."""
    samples = data.samples
    days = rows.day[:, None] + np.arange(-samples.lookback + 1, 1)
    close = data.scaler.stocks(samples.stocks[:, : data.window.test.start])[..., channel]
    return torch.from_numpy(close[rows.stock[:, None], days].astype(np.float64))


def require_changes(channels: tuple[str, ...], lookback: int) -> None:
    """Raise unless the inputs have changes of a stock's close that a factor can measure.

    Raises
    ------
    RollsightError
        If none of the channels is that, or an input has one session alone.
    """
    measured = "momentum, reversal and low_volatility measure the changes of closes in the input"
    if STOCK_CHANNEL not in channels:
        raise RollsightError(
            f"{measured}, which has none: add 'change' to features.stock, or take another model or "
            "baseline"
        )
    if lookback == 1:
        raise RollsightError(
            f"{measured}, and features.lookback=1 has one of them: lengthen it, or take another "
            "model or baseline"
        )


MONTH, QUARTER = 20, 60  # sessions

MOMENTUM = Factor(lambda changes: changes[:, -MONTH:].sum(1))
REVERSAL = Factor(lambda changes: -changes[:, -MONTH:].sum(1))
LOW_VOLATILITY = Factor(lambda changes: -changes[:, -QUARTER:].std(1, correction=0))
