"""THE training loop: one network on one window."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from rollsight.signals.errors import RollsightError
from rollsight.signals.labels import NO_LABEL
from rollsight.signals.samples import SampleSet
from rollsight.training.model import FittedModel, Weights, joined
from rollsight.training.network import N_CLASSES, ResNet, ResNet18, build_network
from rollsight.training.scaler import fit_scaler
from rollsight.training.spec import ModelSpec, TrainingSpec
from rollsight.training.stretches import Batch, Stretches, span_stretches
from rollsight.training.windows import Window, require_rows

VALIDATION_BATCH = 64  # stocks scored at a time
LEAST_STEPS = 16  # of an epoch


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
    """Return the window's networks, one a seed."""
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
) -> FittedModel:
    """Return one network of the window, early-stopped on validation log-loss.

    Raises
    ------
    RollsightError
        If train or validation has no row whose label settled in time, or the loss diverges.
    """
    require_rows(samples, window)
    scaler = fit_scaler(samples, window.train, clip)
    cut = partial(span_stretches, samples, scaler=scaler, device=training.device)
    train = cut(window.train, window.validation.start, length=training.stretch)
    valid = cut(window.validation, window.test.start, length=len(window.validation))
    counts = _class_counts(train)
    with one_thread():
        torch.manual_seed(seed)
        network = build_network(len(samples.channels), samples.lookback, model)
        trained = _train(network.to(training.device), train, valid, counts, training, seed)
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
    network: ResNet | ResNet18,
    train: Stretches,
    valid: Stretches,
    counts: Tensor,
    spec: TrainingSpec,
    seed: int,
) -> _Trained:
    rng = np.random.default_rng(seed)
    parameters = list(network.parameters())
    optimiser = torch.optim.AdamW(
        parameters, lr=spec.learning_rate, weight_decay=spec.weight_decay, fused=True
    )
    weight = None
    if spec.class_weights == "balanced":
        weight = counts.sum() / (N_CLASSES * counts.clamp(min=1))
    train_loss, validation_loss = [], []
    best, best_epoch, kept = np.inf, 0, {}
    for epoch in range(1, spec.epochs + 1):
        network.train()
        total = rows = torch.zeros((), device=spec.device)
        for batch in _epoch(train, spec, rng):
            loss = functional.cross_entropy(
                network.dense(*batch[:3]), batch.target, weight, ignore_index=NO_LABEL
            )
            optimiser.zero_grad()
            torch.autograd.backward(loss)
            _add_l1(parameters, spec.l1)
            nn.utils.clip_grad_norm_(parameters, 1.0)
            optimiser.step()
            n = (batch.target != NO_LABEL).sum()
            total, rows = total + n * loss.detach(), rows + n
        train_loss.append(float(total / rows))
        validation_loss.append(_log_loss(network, valid))
        if validation_loss[-1] < best:
            best, best_epoch, kept = validation_loss[-1], epoch, _weights(network)
        elif epoch - best_epoch >= spec.patience:
            break
    return _Trained(kept, tuple(train_loss), tuple(validation_loss), best_epoch)


def _epoch(train: Stretches, spec: TrainingSpec, rng: np.random.Generator) -> Iterator[Batch]:
    """Yield the steps of an epoch: every stretch once, in random order."""
    order = torch.from_numpy(rng.permutation(len(train))).to(train.held.device)
    # A small market would otherwise learn in a handful of steps.
    size = min(spec.batch, -(-len(order) // LEAST_STEPS))
    for at in range(0, len(order), size):
        yield train.batch(order[at : at + size])


def _add_l1(parameters: Sequence[nn.Parameter], l1: float) -> None:
    """Add the gradient of the L1 penalty, which needs no pass of its own."""
    for p in parameters if l1 else ():
        if p.grad is not None:
            p.grad.add_(p.detach().sign(), alpha=l1)


def _log_loss(network: ResNet | ResNet18, span: Stretches) -> float:
    network.eval()
    total = rows = 0.0
    with torch.no_grad():
        for at in range(0, len(span), VALIDATION_BATCH):
            batch = span.batch(torch.arange(len(span))[at : at + VALIDATION_BATCH])
            total += functional.cross_entropy(
                network.dense(*batch[:3]), batch.target, ignore_index=NO_LABEL, reduction="sum"
            ).item()
            rows += float((batch.target != NO_LABEL).sum())
    return total / rows


def _weights(network: nn.Module) -> dict[str, np.ndarray]:
    return {name: t.detach().cpu().numpy().copy() for name, t in network.state_dict().items()}


def _class_counts(span: Stretches) -> Tensor:
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
