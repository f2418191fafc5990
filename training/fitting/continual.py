"""Networks that start from that of the window before, and learn what is new since."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.learner import parts
from rollsight.training.fitting.scaler import Scaler
from rollsight.training.fitting.store import digest, fit_key
from rollsight.training.fitting.stretches import Batch, Stretches
from rollsight.training.fitting.windows import Flags, Window, known_rows
from rollsight.training.models.model import FittedModel, Weights, load_weights
from rollsight.training.models.network import N_CLASSES, build_network
from rollsight.training.spec import ModelSpec, TrainingSpec

STRETCHES = 64  # whose soft targets are computed at a time


@dataclass(frozen=True, eq=False)
class Predecessor:
    """The window before, and its network of the same seed.

    Its weights were chosen on its own validation span, which this window's overlaps: they are no
    stranger to a part of the rows that this window's are chosen on. No test row is known to them.
    """

    window: Window
    model: FittedModel


@dataclass(frozen=True, eq=False)
class FineTuning:
    """The train rows of a window, by whether the window before could have learnt them.

    Attributes
    ----------
    fresh : rows whose label settled too late for the window before
    older : the others, which are replayed
    soft : (n_stocks, tiles, 3, length) probabilities of the network before; None without
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
        return Batch(
            own=torch.cat([one.own, other.own]),
            shared=torch.cat([one.shared, other.shared]),
            tile=torch.cat([one.tile, other.tile + len(one.shared)]),
            target=torch.cat([one.target, other.target]),
            soft=soft,
        )


@dataclass(frozen=True, eq=False)
class Continuation:
    """Where a network starts that goes on from another, and what it learns.

    Attributes
    ----------
    weights : those of the network before, in the units of this window's scaler
    rate : what the learning rate is multiplied by
    tuning : what is learnt; None is the whole train span
    """

    weights: Weights
    rate: float
    tuning: FineTuning | None


def continuation(
    before: Predecessor,
    samples: SampleSet,
    window: Window,
    train: Stretches,
    scaler: Scaler,
    spec: TrainingSpec,
) -> Continuation:
    """Return how a window's network goes on from the one before.

    Parameters
    ----------
    train : stretches of the window's train span, in the scaler's units
    """
    weights = in_units_of(before.model, scaler)
    if spec.mode == "warm-start":
        return Continuation(weights, 1.0, None)
    # The tensors are of the stocks that have a row to learn.
    own = known_rows(samples, window.train, window.validation.start).any(axis=1)
    fresh = fresh_rows(samples, window, before.window)[own]
    soft = None
    if spec.distillation > 0:
        soft = _soft_targets(replace(before.model, weights=(weights,)), train)
    tuning = FineTuning(fresh=train.only(fresh), older=train.only(~fresh), soft=soft)
    return Continuation(weights, spec.fine_tune_rate, tuning)


def in_units_of(model: FittedModel, scaler: Scaler) -> Weights:
    """Return a network's weights so that it says the same of inputs that another scaler made.

    With ``x_old = (x_new std_new + mean_new - mean_old) / std_old`` the change of units is linear,
    and the first convolution, which pads nothing, takes it up exactly, but for what is clipped.
    """
    (weights,) = model.weights
    old, new = model.scaler, scaler
    stem = weights["stem.weight"].astype(np.float64)  # (width, channels, days)
    std = old.std.astype(np.float64)
    shift = (new.mean.astype(np.float64) - old.mean) / std
    bias = weights["stem.bias"] + stem.sum(axis=2) @ shift
    moved = {
        "stem.weight": (stem * (new.std / std)[:, None]).astype(np.float32),
        "stem.bias": bias.astype(np.float32),
    }
    return {**weights, **moved}


def fresh_rows(samples: SampleSet, window: Window, before: Window) -> Flags:
    """Return (n_stocks, len(train)): train rows that the window before could not have learnt."""
    known = known_rows(samples, window.train, window.validation.start)
    return known & ~known_rows(samples, window.train, before.validation.start)


def require_chainable(training: TrainingSpec, model: ModelSpec) -> None:
    """Raise where a network cannot start from the one before."""
    if training.chained and model.name != "resnet":
        raise RollsightError(
            f"training.mode={training.mode!r} cannot move model.name={model.name!r} to another "
            "window's units, since it pads its input: take model.name='resnet', or "
            "training.mode='retrain'"
        )


def fit_keys(
    samples: SampleSet,
    windows: Sequence[Window],
    *,
    model: ModelSpec,
    training: TrainingSpec,
    clip: float,
    seed: int,
) -> list[str]:
    """Return the keys of a seed's networks, each window's from data alone.

    Where networks start from those before, the windows must be the run's first ones, in order: a
    key then holds the key before it and the mode. The first network is the same in every mode.
    """
    own = [
        fit_key(samples, w, model=model, training=training, clip=clip, seed=seed) for w in windows
    ]
    if not training.chained:
        return own
    keys = own[:1]
    for key in own[1:]:
        keys.append(digest([key, keys[-1], _options(training)]))
    return keys


def _options(training: TrainingSpec) -> str:
    if training.mode == "warm-start":
        return training.mode
    return repr((training.mode, training.replay, training.distillation, training.fine_tune_rate))


def _soft_targets(model: FittedModel, train: Stretches) -> Tensor:
    network = build_network(len(model.channels), model.lookback, model.spec)
    load_weights(network, model.weights[0])
    network = network.to(train.own.device).eval()
    n, tiles, _ = train.target.shape
    every = torch.ones(n, tiles, dtype=torch.bool, device=train.own.device).nonzero()
    whole, found = replace(train, held=every), []
    places = torch.arange(n * tiles, device=every.device)
    with torch.no_grad():
        for at in range(0, n * tiles, STRETCHES):
            batch = whole.batch(places[at : at + STRETCHES])
            found.append(network.dense(batch.own, batch.shared, batch.tile).softmax(1))
    return torch.cat(found).view(n, tiles, N_CLASSES, -1)
