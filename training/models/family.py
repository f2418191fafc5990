"""What a family of models is: how it learns a window, and how what it learnt scores inputs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.rows import Rows, rows_of, standardised
from rollsight.training.fitting.scaler import Scaler
from rollsight.training.fitting.windows import Window, known_rows
from rollsight.training.models.model import FittedModel, Weights
from rollsight.training.models.shrinkage import Evidence
from rollsight.training.spec import ModelSpec, TrainingSpec

Days = npt.NDArray[np.int64]
Scoring = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class CamLayer:
    """Where Grad-CAM looks: the last module of some types, and which days its outputs lie on.

    Outputs of two dimensions are of a picture of days by days: each side's lie on the same days.

    Attributes
    ----------
    blocks
        types of the modules, the last of which is taken
    days
        (number of outputs, lookback) to the day of the input, 0 the oldest, of each output
    oldest
        of the days before the first output; None is that output's value
    """

    blocks: tuple[type[nn.Module], ...]
    days: Callable[[int, int], Days]
    oldest: float | None = None


@runtime_checkable
class Attending(Protocol):
    """A module that can show how much it weighs the days of a window."""

    def attention(self, x: Tensor) -> Tensor:
        """Return each head's weights of the days (n, heads, lookback) of windows, whose sum is 1.

        Of windows (n, channels, lookback), the newest day last: what reaches the scores.
        """


@dataclass(frozen=True)
class Capabilities:
    """What a family can do beside giving probabilities.

    Attributes
    ----------
    differentiable
        `Family.restore` returns a module of torch through which gradients flow, so
        that its trades can be explained
    seeded
        another seed gives another model; otherwise more than one of a window says nothing
    units
        name of an array (2, channels) of the weights, what inputs are multiplied by and what is
        then added, by which a network can be moved to another window's units and learn on
        there; None where it starts anew in each window
    cam
        where Grad-CAM looks; None where nowhere
    relu_only
        key of the family's section that must be "relu" for guided backpropagation; None
        where it is always had, with ``cam``
    attends
        a module of `Family.restore`'s has a method ``attention``, as `Attending` says
    training
        keys of ``[training]`` that its fit depends on; None is all
    sources
        files below ``training/`` that turn tensors into its weights; of a user's own family
        the module that is named counts beside them
    """

    differentiable: bool = False
    seeded: bool = True
    units: str | None = None
    cam: CamLayer | None = None
    relu_only: str | None = None
    attends: bool = False
    training: frozenset[str] | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class WindowData:
    """What one window may learn from, and be chosen on: no row of its test span.

    Attributes
    ----------
    scaler
        fitted on the train span
    """

    samples: SampleSet
    window: Window
    scaler: Scaler

    @cached_property
    def train(self) -> Rows:
        """Rows of the train span whose label settled before validation, by day, then by stock."""
        window = self.window
        known = known_rows(self.samples, window.train, window.validation.start)
        return rows_of(known, window.train.start)

    @cached_property
    def validation(self) -> Rows:
        """Rows of the validation span whose label settled before test."""
        window = self.window
        known = known_rows(self.samples, window.validation, window.test.start)
        return rows_of(known, window.validation.start)

    def inputs(self, rows: Rows) -> npt.NDArray[np.float32]:
        """Return the standardised inputs of rows, (n, channels, lookback), the newest day last."""
        return standardised(self.samples, self.scaler, rows)

    def labels(self, rows: Rows) -> npt.NDArray[np.int64]:
        """Return the classes (n,) of rows: 0 down, 1 hold, 2 up."""
        return self.samples.labels.label[rows.stock, rows.day].astype(np.int64)

    @property
    def counts(self) -> npt.NDArray[np.float32]:
        """Train rows of each class, (3,)."""
        return np.bincount(self.labels(self.train), minlength=len(Label)).astype(np.float32)


@dataclass(frozen=True, eq=False)
class Predecessor:
    """The window before, and its network of the same seed.

    Its weights were chosen on its own validation span, which this window's overlaps: they are no
    stranger to a part of the rows that this window's are chosen on. No test row is known to them.
    """

    window: Window
    model: FittedModel


@dataclass(frozen=True, eq=False)
class Learnt:
    """What a family learnt of a window.

    Attributes
    ----------
    weights
        arrays by name, all that `Family.restore` needs; empty where the loss diverged
    train_loss, validation_loss
        log-loss by epoch, in nats, or by another step of the search, or the mean squared error of
        forecast returns times their scale: on the rows that are learnt,
        and on those that it is stopped on, which are left-out dates of the train span, or the
        validation span where that is too short
    best_epoch
        whose weights these are, counted from 1; 0 where those it started from stayed best
    evidence
        what it gains on train rows that were left out of it; None where none were
    """

    weights: Weights
    train_loss: Sequence[float]
    validation_loss: Sequence[float]
    best_epoch: int
    evidence: Evidence | None = None


class Family(Protocol):
    """A family of models: names one in ``FAMILIES``, or ``package.module:name`` a user's own."""

    @property
    def options(self) -> type[ModelSpec]:
        """The family's keys of the section ``[model]``, with defaults, beside ``name``."""

    @property
    def can(self) -> Capabilities:
        """What it can do beside giving probabilities."""

    def fit(
        self,
        data: WindowData,
        options: ModelSpec,
        training: TrainingSpec,
        *,
        seed: int,
        before: Predecessor | None,
    ) -> Learnt:
        """Return what is learnt of a window, the same bytes whenever called with the same.

        Parameters
        ----------
        options
            of the type ``options``
        before
            what it goes on from; None starts anew, and always where there is no ``can.units``
        """

    def restore(
        self, weights: Weights, channels: int, lookback: int, options: ModelSpec
    ) -> Scoring:
        """Return what maps inputs (n, channels, lookback) to log-probabilities (n, 3).

        A constant may be added to each row's three: scores before a softmax will do. A row's
        bits may not depend on the other rows.
        """
