"""Networks that start from that of the window before, and learn what is new since."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from rollsight.signals.inputs.labels import Label
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.scaler import Scaler
from rollsight.training.fitting.windows import Flags, Window, known_rows
from rollsight.training.models.family import Predecessor, WindowData
from rollsight.training.models.model import FittedModel, Weights, load_weights
from rollsight.training.networks.learner import StretchNetwork, parts
from rollsight.training.networks.stretches import Batch, Stretches
from rollsight.training.spec import TrainingSpec

STRETCHES = 64  # whose soft targets are computed at a time


@dataclass(frozen=True, eq=False)
class FineTuning:
    """The train rows of a window, by whether the window before could have learnt them.

    Attributes
    ----------
    fresh
        rows whose label settled too late for the window before
    older
        the others, which are replayed
    soft
        (n_stocks, tiles, 3, length) probabilities of the network before; None without
        distillation
    """

    fresh: Stretches
    older: Stretches
    soft: Tensor | None

    def batches(self, spec: TrainingSpec, rng: np.random.Generator) -> Iterator[Batch]:
        """Yield an epoch's steps: each stretch with a fresh row once, beside replayed ones."""
        older = torch.from_numpy(rng.permutation(len(self.older))).to(self.older.held.device)
        share = spec.replay if len(older) else 0.0
        seen = drawn = 0
        for fresh in parts(self.fresh, max(round(spec.batch * (1 - share)), 1), rng):
            seen += len(fresh)
            due = round(seen * share / (1 - share))
            # Where there are fewer older stretches than are asked for, they come round again.
            at = torch.arange(drawn, due, device=older.device) % max(len(older), 1)
            drawn = due
            yield self._together(fresh, older[at])

    def _together(self, fresh: Tensor, older: Tensor) -> Batch:
        one, other = self.fresh.batch(fresh), self.older.batch(older)
        soft = None
        if self.soft is not None:
            stock, tile = torch.cat([self.fresh.held[fresh], self.older.held[older]]).T
            soft = self.soft[stock, tile]
        weight = None
        if one.weight is not None and other.weight is not None:
            weight = torch.cat([one.weight, other.weight])
        taught = one.taught
        if taught is not None and other.taught is not None:
            taught = taught._replace(soft=torch.cat([taught.soft, other.taught.soft]))
        return Batch(
            own=torch.cat([one.own, other.own]),
            shared=torch.cat([one.shared, other.shared]),
            tile=torch.cat([one.tile, other.tile + len(one.shared)]),
            target=torch.cat([one.target, other.target]),
            weight=weight,
            soft=soft,
            taught=taught,
        )


@dataclass(frozen=True, eq=False)
class Continuation:
    """Where a network starts that goes on from another, and what it learns.

    Attributes
    ----------
    weights
        those of the network before, in the units of this window's scaler
    rate
        what the learning rate is multiplied by
    tuning
        what is learnt; None is the whole train span
    """

    weights: Weights
    rate: float
    tuning: FineTuning | None


def continuation(
    before: Predecessor,
    data: WindowData,
    train: Stretches,
    spec: TrainingSpec,
    units: str,
    build: Callable[[], StretchNetwork],
) -> Continuation:
    """Return how a window's network goes on from the one before.

    Parameters
    ----------
    train
        stretches of the window's train span, in the scaler's units
    units
        name of the array that holds them
    build
        another network of the same shape
    """
    samples, window = data.samples, data.window
    weights = in_units_of(before.model, data.scaler, units)
    if spec.mode == "warm-start":
        return Continuation(weights, 1.0, None)
    # The tensors are of the stocks that have a row to learn.
    own = known_rows(samples, window.train, window.validation.start).any(axis=1)
    fresh = fresh_rows(samples, window, before.window)[own]
    soft = None
    if spec.distillation > 0:
        soft = _soft_targets(build(), weights, train)
    tuning = FineTuning(fresh=train.only(fresh), older=train.only(~fresh), soft=soft)
    return Continuation(weights, spec.fine_tune_rate, tuning)


def in_units_of(model: FittedModel, scaler: Scaler, units: str) -> Weights:
    """Return a network's weights so that it says the same of inputs that another scaler made.

    ``x_old = (x_new std_new + mean_new - mean_old) / std_old`` is linear, and what the network does
    to its inputs first takes it up exactly, but for what is clipped.
    """
    (weights,) = model.weights
    old, new = model.scaler, scaler
    std = old.std.astype(np.float64)
    scale, shift = weights[units].astype(np.float64)
    moved = np.stack(
        [scale * new.std / std, scale * (new.mean.astype(np.float64) - old.mean) / std + shift]
    )
    return {**weights, units: moved.astype(np.float32)}


def fresh_rows(samples: SampleSet, window: Window, before: Window) -> Flags:
    """Return (n_stocks, len(train)): train rows that the window before could not have learnt."""
    known = known_rows(samples, window.train, window.validation.start)
    return known & ~known_rows(samples, window.train, before.validation.start)


def _soft_targets(network: StretchNetwork, weights: Weights, train: Stretches) -> Tensor:
    load_weights(network, weights)
    network = network.to(train.own.device).eval()
    n, tiles, _ = train.target.shape
    every = torch.ones(n, tiles, dtype=torch.bool, device=train.own.device).nonzero()
    whole, found = replace(train, held=every), []
    places = torch.arange(n * tiles, device=every.device)
    with torch.no_grad():
        for at in range(0, n * tiles, STRETCHES):
            batch = whole.batch(places[at : at + STRETCHES])
            found.append(network.dense(batch.own, batch.shared, batch.tile).softmax(1))
    return torch.cat(found).view(n, tiles, len(Label), -1)
