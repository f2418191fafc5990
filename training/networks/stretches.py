"""Standardised inputs of a span, cut into the stretches that the loop trains on."""

from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, Protocol, Self

import numpy as np
import torch
from torch import Tensor

from rollsight.signals.inputs.labels import NO_LABEL
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.scaler import Scaler
from rollsight.training.fitting.softtargets import SoftTargets, soft_targets
from rollsight.training.fitting.windows import Flags, Span, Window, known_rows
from rollsight.training.models.family import WindowData
from rollsight.training.networks.leftout import Split
from rollsight.training.regression.spec import TaskSpec, task_of
from rollsight.training.regression.targets import span_targets
from rollsight.training.spec import ModelSpec, TrainingSpec


class Taught(NamedTuple):
    """What a teacher says of rows.

    Attributes
    ----------
    soft
        (..., 3, length) its probabilities at the temperature; three zeros where it says nothing
    alpha
        share of the divergence from it in a row's loss
    """

    soft: Tensor
    alpha: float
    temperature: float

    def at(self, *place: Tensor) -> "Taught":
        """Return those of some rows."""
        return self._replace(soft=self.soft[place])


class Batch(NamedTuple):
    """What one step sees: the arguments of a network's dense pass, and the targets.

    Attributes
    ----------
    own
        (n, c, lookback + length - 1) the stocks' own channels
    shared
        (tiles, k, lookback + length - 1) the shared channels of the tiles that occur
    tile
        (n,) each stretch's row of ``shared``
    target
        (n, length)
    weight
        (n, length) of each target in the loss; None where all weigh the same
    soft
        (n, 3, length) probabilities to stay near; None where there are none
    value
        (n, steps, length) returns to forecast, where these are learnt and not the classes
    taught
        what a teacher says of them, (n, 3, length); None where there is none
    """

    own: Tensor
    shared: Tensor
    tile: Tensor
    target: Tensor
    weight: Tensor | None = None
    soft: Tensor | None = None
    value: Tensor | None = None
    taught: Taught | None = None


class Examples(Protocol):
    """What the loop learns, or is stopped on: a step takes some of them."""

    @property
    def unit(self) -> int:
        """How many of them take the place of one stretch."""

    @property
    def device(self) -> torch.device:
        """Where they are."""

    @property
    def dates(self) -> Tensor:
        """The date of every target of theirs, flat, counted from the span's first."""

    def __len__(self) -> int: ...

    def batch(self, chosen: Tensor) -> Batch:
        """Return those at some places."""

    def some(self, most: int) -> Self:
        """Return those at even distances, so many at most."""


@dataclass(frozen=True, eq=False)
class Stretches:
    """A span's inputs and targets, cut into tiles of consecutive decisions; views, no copies.

    A stretch is one stock's tile. The shared channels of a tile are stored, moved and convolved
    once, however many stocks there are.

    Attributes
    ----------
    own
        (n_stocks, tiles, c, lookback + length - 1) float32, standardised
        of the stocks that have a target
    shared
        (tiles, k, lookback + length - 1) float32, standardised
    target
        (n_stocks, tiles, length) int64, a class, or -1 where nothing may be learnt
    held
        (n, 2) stock and tile of the stretches that hold a target
    weight
        (tiles, length) of the targets of each date; None where all weigh the same
    value
        (n_stocks, tiles, steps, length) float32, returns; None where the classes are learnt
    taught
        what a teacher says of them, (n_stocks, tiles, 3, length); None where there is none
    """

    own: Tensor
    shared: Tensor
    target: Tensor
    held: Tensor
    weight: Tensor | None = None
    value: Tensor | None = None
    taught: Taught | None = None

    unit = 1

    def __len__(self) -> int:
        return len(self.held)

    @property
    def device(self) -> torch.device:
        """Where the tensors are."""
        return self.held.device

    @property
    def dates(self) -> Tensor:
        """Return the date of every target of the held stretches, flat, counted from the span's."""
        length = self.target.shape[2]
        first = self.held[:, 1:] * length
        return (first + torch.arange(length, device=first.device)).flatten()

    def batch(self, chosen: Tensor) -> Batch:
        """Return the stretches at some places of ``held``."""
        stock, tile = self.held[chosen].T
        tiles, at = tile.unique(return_inverse=True)
        return Batch(
            self.own[stock, tile],
            self.shared[tiles],
            at,
            self.target[stock, tile],
            weight=None if self.weight is None else self.weight[tile],
            value=None if self.value is None else self.value[stock, tile],
            taught=None if self.taught is None else self.taught.at(stock, tile),
        )

    def some(self, most: int) -> "Stretches":
        """Return stretches at even distances, so many at most."""
        at = np.unique(np.linspace(0, len(self) - 1, most).round().astype(np.int64))
        return replace(self, held=self.held[torch.from_numpy(at).to(self.held.device)])

    def only(self, rows: Flags) -> "Stretches":
        """Return the stretches with the targets of some rows (n_stocks, decisions) alone."""
        n, tiles, length = self.target.shape
        wide = np.pad(rows, ((0, 0), (0, tiles * length - rows.shape[1])))
        kept = torch.from_numpy(wide).to(self.target.device).view(n, tiles, length)
        target = self.target.masked_fill(~kept, NO_LABEL)
        return replace(self, target=target, held=(target != NO_LABEL).any(-1).nonzero())

    def balanced(self) -> "Stretches":
        """Return the stretches with weights by which each date weighs the same."""
        count = (self.target != NO_LABEL).sum(0)  # (tiles, length)
        mean = count.sum() / (count > 0).sum()
        return replace(self, weight=mean / count.clamp(min=1))


def stretches_of(
    data: WindowData, training: TrainingSpec, split: Split | None, options: ModelSpec | None = None
) -> tuple[Stretches, Stretches]:
    """Return the stretches that a network of a window learns, and those that it is stopped on.

    Parameters
    ----------
    split
        which of the train rows are which; None learns all, and is stopped on validation
    options
        of a network, which may forecast returns; None learns classes
    """
    samples, window, task = data.samples, data.window, task_of(options)
    cut = partial(span_stretches, samples, scaler=data.scaler, device=training.device, task=task)
    train = cut(window.train, window.validation.start, length=training.stretch)
    if split is None:
        stop = cut(window.validation, window.test.start, length=len(window.validation))
    else:
        # The tensors are of the stocks that have a known row, be it in a gap.
        own = known_rows(samples, window.train, window.validation.start).any(axis=1)
        train, stop = (train.only(rows[own]) for rows in split)
    soft = soft_targets(samples, window)
    if soft is not None:  # it is stopped on labels alone
        train = replace(train, taught=_taught(soft, samples, window, train))
    return (train, stop) if training.balance == "rows" else (train.balanced(), stop.balanced())


def _taught(soft: SoftTargets, samples: SampleSet, window: Window, train: Stretches) -> Taught:
    """Return soft targets as the stretches of the train span are cut."""
    own = known_rows(samples, window.train, window.validation.start).any(axis=1)
    _, tiles, length = train.target.shape
    rest = tiles * length - len(window.train)
    wide = np.pad(soft.probability[own], ((0, 0), (0, rest), (0, 0)))
    cut = torch.from_numpy(wide).to(train.device).unfold(1, length, length)
    return Taught(cut, soft.alpha, soft.temperature)


def span_stretches(
    samples: SampleSet,
    span: Span,
    before: int,
    scaler: Scaler,
    *,
    length: int,
    device: str = "cpu",
    task: TaskSpec | None = None,
) -> Stretches:
    """Return the stretches of a span whose labels settled before session ``before``.

    Parameters
    ----------
    length
        decisions of a stretch, at most; the tiles are as many as that needs, of equal length
    device
        where the tensors are
    task
        of a network that forecasts returns; None learns classes
    """
    lookback = samples.lookback
    first = span.start - lookback + 1
    known = known_rows(samples, span, before)
    # A stock that gives no row must leave no trace, or one listed later would change the model.
    own = known.any(axis=1)
    tiles = -(-len(span) // length)
    length = -(-len(span) // tiles)
    # Sessions before the data began, and those that fill the last tile, are part of no usable row.
    lead, rest = max(0, -first), tiles * length - len(span)
    days = slice(max(first, 0), span.stop)
    stocks = np.pad(scaler.stocks(samples.stocks[own, days]), ((0, 0), (lead, rest), (0, 0)))
    indices = np.pad(scaler.indices(samples.indices[days]), ((lead, rest), (0, 0)))
    target = np.where(known, samples.labels.label[:, span.start : span.stop], NO_LABEL)[own]
    wide = np.pad(target.astype(np.int64), ((0, 0), (0, rest)), constant_values=NO_LABEL)
    seen = lookback + length - 1
    cut = torch.from_numpy(wide).to(device).unfold(1, length, length)
    shared = torch.from_numpy(np.ascontiguousarray(indices.T)).to(device)
    value = None
    if task is not None:
        returns = np.pad(span_targets(samples, span, task)[own], ((0, 0), (0, rest), (0, 0)))
        value = torch.from_numpy(returns).to(device).unfold(1, length, length)
    return Stretches(
        own=torch.from_numpy(stocks).to(device).unfold(1, seen, length),
        shared=shared.unfold(1, seen, length).transpose(0, 1),
        target=cut,
        held=(cut != NO_LABEL).any(-1).nonzero(),
        value=value,
    )
