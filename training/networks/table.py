"""Standardised inputs of the last day of each row, in the place of stretches."""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from rollsight.training.fitting.rows import Rows, date_weights, rows_of
from rollsight.training.fitting.softtargets import soft_targets
from rollsight.training.fitting.windows import Span
from rollsight.training.models.family import WindowData
from rollsight.training.networks.leftout import Split
from rollsight.training.networks.stretches import Batch, Taught
from rollsight.training.regression.spec import TaskSpec, task_of
from rollsight.training.regression.targets import span_targets
from rollsight.training.spec import ModelSpec, TrainingSpec


@dataclass(frozen=True, eq=False)
class Table:
    """Rows that a network learns, or is stopped on, one by one.

    Attributes
    ----------
    x
        (n, channels, 1) float32, standardised
    target
        (n, 1) int64, a class
    dates
        (n,) int64, counted from the span's first session
    weight
        (n, 1) float32, of each row in the loss; None where all weigh the same
    unit
        rows that take the place of one stretch in a step
    value
        (n, steps, 1) float32, returns; None where the classes are learnt
    taught
        what a teacher says of them, (n, 3, 1); None where there is none
    """

    x: Tensor
    target: Tensor
    dates: Tensor
    weight: Tensor | None
    unit: int
    value: Tensor | None = None
    taught: Taught | None = None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def device(self) -> torch.device:
        """Where the tensors are."""
        return self.x.device

    def batch(self, chosen: Tensor) -> Batch:
        """Return the rows at some places; they share no channel."""
        own = self.x[chosen]
        none = own.new_empty(1, 0, 1)
        weight = None if self.weight is None else self.weight[chosen]
        value = None if self.value is None else self.value[chosen]
        tile = torch.zeros_like(chosen)
        taught = None if self.taught is None else self.taught.at(chosen)
        return Batch(own, none, tile, self.target[chosen], weight, value=value, taught=taught)

    def some(self, most: int) -> "Table":
        """Return rows at even distances, so many at most."""
        at = np.unique(np.linspace(0, len(self) - 1, most).round().astype(np.int64))
        own = torch.from_numpy(at).to(self.device)
        weight = None if self.weight is None else self.weight[own]
        value = None if self.value is None else self.value[own]
        taught = None if self.taught is None else self.taught.at(own)
        parts = self.x[own], self.target[own], self.dates[own]
        return Table(*parts, weight, self.unit, value, taught)


def tables_of(
    data: WindowData, training: TrainingSpec, split: Split | None, options: ModelSpec | None = None
) -> tuple[Table, Table]:
    """Return the rows that a network of a window learns, and those that it is stopped on.

    Parameters
    ----------
    split
        which of the train rows are which; None learns all, and is stopped on validation
    options
        of a network, which may forecast returns; None learns classes
    """
    window, task = data.window, task_of(options)
    if split is None:
        learnt, judged, span = data.train, data.validation, window.validation
    else:
        learnt, judged = (rows_of(flags, window.train.start) for flags in split)
        span = window.train
    train = _table(data, learnt, window.train, training, task)
    soft = soft_targets(data.samples, window)
    if soft is not None:  # it is stopped on labels alone
        own = soft.probability[learnt.stock, learnt.day - window.train.start]
        given = torch.from_numpy(own[..., None]).to(training.device)
        train = replace(train, taught=Taught(given, soft.alpha, soft.temperature))
    return train, _table(data, judged, span, training, task)


def _table(
    data: WindowData, rows: Rows, span: Span, training: TrainingSpec, task: TaskSpec | None
) -> Table:
    samples, scaler = data.samples, data.scaler
    own = scaler.stocks(samples.stocks[rows.stock, rows.day])
    shared = scaler.indices(samples.indices[rows.day])
    x, target, dates, weight = (
        torch.from_numpy(array).to(training.device)
        for array in (
            np.concatenate([own, shared], axis=1)[..., None],
            data.labels(rows)[:, None],
            rows.day - span.start,
            date_weights(rows.day).astype(np.float32)[:, None],
        )
    )
    own_weight = weight if training.balance == "dates" else None
    value = None
    if task is not None:
        returns = span_targets(samples, span, task)[rows.stock, rows.day - span.start]
        value = torch.from_numpy(returns[..., None]).to(training.device)
    return Table(x, target, dates, own_weight, training.stretch, value)
