"""THE training loop: one network on one window."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rollsight.signals.errors import RollsightError
from rollsight.signals.labels import NO_LABEL
from rollsight.signals.samples import SampleSet
from rollsight.training.continual import Batch, Course, Predecessor, course, divergence
from rollsight.training.model import FittedModel, Weights, joined, load_weights
from rollsight.training.network import N_CLASSES, build_network
from rollsight.training.scaler import fit_scaler
from rollsight.training.spec import ModelSpec, TrainingSpec
from rollsight.training.stretches import SpanTensors, batches, span_tensors
from rollsight.training.windows import Window, require_rows

VALIDATION_BATCH = 64  # stocks scored at a time


@dataclass(frozen=True, eq=False)
class _Trained:
    weights: Weights
    train_loss: tuple[float, ...]
    validation_loss: tuple[float, ...]
    best_epoch: int


def fit(
    samples: SampleSet,
    window: Window,
    *,
    model: ModelSpec,
    training: TrainingSpec,
    clip: float,
) -> FittedModel:
    """Return the window's networks, one a seed, trained from scratch."""
    return joined(
        [
            fit_network(samples, window, model=model, training=training, clip=clip, seed=seed)
            for seed in training.network_seeds
        ]
    )


def fit_network(
    samples: SampleSet,
    window: Window,
    *,
    model: ModelSpec,
    training: TrainingSpec,
    clip: float,
    seed: int,
    key: str = "",
    before: Predecessor | None = None,
) -> FittedModel:
    """Return one network of the window, early-stopped on validation log-loss.

    Parameters
    ----------
    before : what the network goes on from, as ``training.mode`` says; None starts anew

    Raises
    ------
    RollsightError
        If train or validation has no row whose label settled in time, or the loss diverges.
    """
    require_rows(samples, window)
    scaler = fit_scaler(samples, window.train, clip)
    pad = training.stretch - 1
    train = span_tensors(samples, window.train, window.validation.start, scaler, pad=pad)
    valid = span_tensors(samples, window.validation, window.test.start, scaler, pad=0)
    counts = _class_counts(train)
    with one_thread():
        goes_on = None
        if before is not None:
            goes_on = course(before, samples, window, train, scaler, training)
        trained = _train(train, valid, counts, model, training, seed, goes_on)
    if not trained.weights:
        raise RollsightError(
            f"window {window.number}: the loss was not a number from the first epoch on: lower "
            f"training.learning_rate={training.learning_rate}"
        )
    down, hold, up = (counts / counts.sum()).tolist()
    return FittedModel(
        keys=(key,),
        channels=samples.channels,
        lookback=samples.lookback,
        spec=model,
        scaler=scaler,
        weights=(trained.weights,),
        train_loss=(trained.train_loss,),
        validation_loss=(trained.validation_loss,),
        best_epoch=(trained.best_epoch,),
        frequencies=(down, hold, up),
    )


def _train(
    train: SpanTensors,
    valid: SpanTensors,
    counts: Tensor,
    model: ModelSpec,
    spec: TrainingSpec,
    seed: int,
    goes_on: Course | None,
) -> _Trained:
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    network = build_network(1 + len(train.indices), train.lookback, model)
    rate = spec.learning_rate * (1.0 if goes_on is None else goes_on.rate)
    optimiser = torch.optim.AdamW(network.parameters(), lr=rate, weight_decay=spec.weight_decay)
    weight = None
    if spec.class_weights == "balanced":
        weight = counts.sum() / (N_CLASSES * counts.clamp(min=1))
    train_loss: list[float] = []
    validation_loss: list[float] = []
    best, best_epoch = np.inf, 0
    kept: Weights = {}
    if goes_on is not None:
        # What it starts from is a candidate like any epoch.
        load_weights(network, goes_on.weights)
        best, kept = _log_loss(network, valid), goes_on.weights
        validation_loss.append(best)
    for epoch in range(1, _most_epochs(spec, goes_on) + 1):
        network.train()
        total = rows = 0.0
        for x, y, soft in _epoch(train, spec, rng, goes_on):
            score = network(x)
            loss = functional.cross_entropy(score, y, weight, ignore_index=NO_LABEL)
            if soft is not None:
                loss = loss + spec.distillation * divergence(score, soft, y)
            penalty = spec.l1 * sum(p.abs().sum() for p in network.parameters()) if spec.l1 else 0
            optimiser.zero_grad()
            torch.autograd.backward(loss + penalty)
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimiser.step()
            n = float((y != NO_LABEL).sum())
            total, rows = total + n * loss.item(), rows + n
        train_loss.append(total / rows)
        validation_loss.append(_log_loss(network, valid))
        if validation_loss[-1] < best:
            best, best_epoch, kept = validation_loss[-1], epoch, _weights(network)
        elif epoch - best_epoch >= spec.patience:
            break
    return _Trained(kept, tuple(train_loss), tuple(validation_loss), best_epoch)


def _most_epochs(spec: TrainingSpec, goes_on: Course | None) -> int:
    idle = goes_on is not None and goes_on.tuning is not None and goes_on.tuning.empty
    return 0 if idle else spec.epochs


def _epoch(
    train: SpanTensors, spec: TrainingSpec, rng: np.random.Generator, goes_on: Course | None
) -> Iterator[Batch]:
    if goes_on is not None and goes_on.tuning is not None:
        yield from goes_on.tuning.batches(spec, rng)
        return
    offset = int(rng.integers(spec.stretch))
    order = rng.permutation(train.target.numel())
    for x, y in batches(train, spec.stretch, offset, spec.batch, order):
        yield x, y, None


def _log_loss(network: nn.Module, span: SpanTensors) -> float:
    network.eval()
    total = rows = 0.0
    with torch.no_grad():
        for x, y in batches(span, span.target.shape[1], 0, VALIDATION_BATCH, None):
            total += functional.cross_entropy(
                network(x), y, ignore_index=NO_LABEL, reduction="sum"
            ).item()
            rows += float((y != NO_LABEL).sum())
    return total / rows


def _weights(network: nn.Module) -> dict[str, np.ndarray]:
    return {name: t.detach().cpu().numpy().copy() for name, t in network.state_dict().items()}


def _class_counts(span: SpanTensors) -> Tensor:
    target = span.target[span.target != NO_LABEL]
    return torch.bincount(target, minlength=N_CLASSES).float()


@contextmanager
def one_thread() -> Iterator[None]:
    """Run with one torch thread: the number of threads changes the bits of a sum."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
