"""Networks that start from that of the window before, and learn what is new since."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from rollsight.signals.errors import RollsightError
from rollsight.signals.labels import NO_LABEL
from rollsight.signals.samples import SampleSet
from rollsight.training.model import FittedModel, Weights, load_networks
from rollsight.training.scaler import Scaler
from rollsight.training.spec import ModelSpec, TrainingSpec
from rollsight.training.store import digest, fit_key
from rollsight.training.stretches import SpanTensors
from rollsight.training.windows import Flags, Window, known_rows

STOCKS = 64  # whose soft targets are computed at a time
Batch = tuple[Tensor, Tensor, Tensor | None]  # inputs, targets, and soft targets where asked for


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
    soft : (n, 3, decisions) probabilities of the network before; None without distillation
    """

    fresh: SpanTensors
    older: SpanTensors
    soft: Tensor | None

    @property
    def empty(self) -> bool:
        """There is nothing new to learn."""
        return not bool((self.fresh.target != NO_LABEL).any())

    def batches(self, spec: TrainingSpec, rng: np.random.Generator) -> Iterator[Batch]:
        """Yield an epoch's steps: each stretch with a fresh row once, beside replayed ones."""
        offset = int(rng.integers(spec.stretch))
        fresh = _shuffled(self.fresh.tiles(spec.stretch, offset), rng)
        older = _shuffled(self.older.tiles(spec.stretch, offset), rng)
        size = spec.batch - replayed(spec, len(older))
        drawn = 0
        for first in range(0, len(fresh), size):
            step = fresh[first : first + size]
            again = round(len(step) * replayed(spec, len(older)) / size)
            # Where there are fewer older stretches than are asked for, they come round again.
            at = torch.arange(drawn, drawn + again) % max(len(older), 1)
            drawn += again
            yield self._gather(step, older[at], spec.stretch)

    def _gather(self, fresh: Tensor, older: Tensor, length: int) -> Batch:
        one = self.fresh.gather(fresh[:, 0], fresh[:, 1], length)
        other = self.older.gather(older[:, 0], older[:, 1], length)
        stock, start = torch.cat([fresh, older]).unbind(1)
        soft = None
        if self.soft is not None:
            at = start[:, None] + torch.arange(length)
            soft = self.soft.transpose(1, 2)[stock[:, None], at].transpose(1, 2)  # (n, 3, length)
        return torch.cat([one[0], other[0]]), torch.cat([one[1], other[1]]), soft


@dataclass(frozen=True, eq=False)
class Course:
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


def course(
    before: Predecessor,
    samples: SampleSet,
    window: Window,
    train: SpanTensors,
    scaler: Scaler,
    spec: TrainingSpec,
) -> Course:
    """Return how a window's network goes on from the one before.

    Parameters
    ----------
    train : tensors of the window's train span, in the scaler's units
    """
    weights = in_units_of(before.model, scaler)
    if spec.mode == "warm-start":
        return Course(weights, 1.0, None)
    # The tensors are of the stocks that have a row to learn.
    own = known_rows(samples, window.train, window.validation.start).any(axis=1)
    fresh = _padded(fresh_rows(samples, window, before.window)[own], train)
    soft = None
    if spec.distillation > 0:
        soft = _soft_targets(replace(before.model, weights=(weights,)), train)
    tuning = FineTuning(
        fresh=replace(train, target=train.target.masked_fill(~fresh, NO_LABEL)),
        older=replace(train, target=train.target.masked_fill(fresh, NO_LABEL)),
        soft=soft,
    )
    return Course(weights, spec.fine_tune_rate, tuning)


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


def replayed(spec: TrainingSpec, older: int) -> int:
    """Return how many stretches of a full step are replayed, of so many; one at least is new."""
    return min(round(spec.replay * spec.batch), spec.batch - 1) if older else 0


def divergence(score: Tensor, soft: Tensor, target: Tensor) -> Tensor:
    """Return how far scores are from soft targets, Kullback-Leibler, mean over the rows, nats.

    Hinton, Vinyals and Dean, Distilling the Knowledge in a Neural Network, 2015; kept while new
    data are learnt: Li and Hoiem, Learning without Forgetting, 2017. The temperature is 1.
    """
    each = functional.kl_div(score.log_softmax(1), soft, reduction="none").sum(1)
    return each[target != NO_LABEL].mean()


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


def _shuffled(tiles: tuple[Tensor, Tensor], rng: np.random.Generator) -> Tensor:
    order = torch.from_numpy(rng.permutation(len(tiles[0])))
    return torch.stack(tiles, dim=1)[order]  # (stretches, stock and start)


def _padded(rows: Flags, span: SpanTensors) -> Tensor:
    """Return a mask of a span's rows in the shape of its targets."""
    pad = (span.target.shape[1] - rows.shape[1]) // 2
    return torch.from_numpy(np.pad(rows, ((0, 0), (pad, pad))))


def _soft_targets(model: FittedModel, span: SpanTensors) -> Tensor:
    (network,) = load_networks(model).networks
    n, width = span.target.shape
    parts = []
    with torch.no_grad():
        for first in range(0, n, STOCKS):
            stock = torch.arange(first, min(first + STOCKS, n))
            x, _ = span.gather(stock, torch.zeros_like(stock), width)
            parts.append(network(x).softmax(1))
    return torch.cat(parts)
