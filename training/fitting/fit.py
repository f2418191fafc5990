"""THE training loop: one network on one window."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.labels import NO_LABEL
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.continual import Continuation, Predecessor, continuation
from rollsight.training.fitting.learner import Learner, shuffled, span_loss
from rollsight.training.fitting.scaler import fit_scaler
from rollsight.training.fitting.stretches import Stretches, span_stretches
from rollsight.training.fitting.windows import Window, require_rows
from rollsight.training.models.model import FittedModel, Weights, joined, load_weights
from rollsight.training.models.network import N_CLASSES, ResNet, build_network
from rollsight.training.models.padded import ResNet18
from rollsight.training.spec import ModelSpec, TrainingSpec


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
    """Return one network of the window, early-stopped on the validation loss.

    That is the loss that is trained: balanced classes weigh the same there too, by the train
    span's counts.

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
    cut = partial(span_stretches, samples, scaler=scaler, device=training.device)
    train = cut(window.train, window.validation.start, length=training.stretch)
    valid = cut(window.validation, window.test.start, length=len(window.validation))
    counts = _class_counts(train)
    with one_thread():
        # Torch takes 32 bits of it; numpy, which orders the steps, all.
        torch.manual_seed(seed)
        network = build_network(len(samples.channels), samples.lookback, model)
        goes_on = None
        if before is not None:
            goes_on = continuation(before, samples, window, train, scaler, training)
            load_weights(network, goes_on.weights)
        trained = _train(network.to(training.device), train, valid, counts, training, seed, goes_on)
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
    goes_on: Continuation | None,
) -> _Trained:
    rate = 1.0 if goes_on is None else goes_on.rate
    learner, rng = Learner(network, spec, counts, rate=rate), np.random.default_rng(seed)
    train_loss: list[float] = []
    validation_loss: list[float] = []
    best, best_epoch = np.inf, 0
    kept: Weights = {}
    if goes_on is not None:
        # What it starts from is a candidate like any epoch.
        best, kept = span_loss(network, valid, learner.weight), goes_on.weights
        validation_loss.append(best)
    tuning = None if goes_on is None else goes_on.tuning
    epochs = 0 if tuning is not None and not len(tuning.fresh) else spec.epochs
    for epoch in range(1, epochs + 1):
        steps = shuffled(train, spec.batch, rng) if tuning is None else tuning.batches(spec, rng)
        train_loss.append(learner.epoch(steps))
        validation_loss.append(span_loss(network, valid, learner.weight))
        if validation_loss[-1] < best:
            best, best_epoch, kept = validation_loss[-1], epoch, _weights(network)
        elif epoch - best_epoch >= spec.patience:
            break
    return _Trained(kept, tuple(train_loss), tuple(validation_loss), best_epoch)


def _weights(network: nn.Module) -> dict[str, np.ndarray]:
    return {name: t.detach().cpu().numpy().copy() for name, t in network.state_dict().items()}


def _class_counts(span: Stretches) -> Tensor:
    target = span.target[span.target != NO_LABEL]
    return torch.bincount(target, minlength=N_CLASSES).float()


@contextmanager
def one_thread() -> Iterator[None]:
    """Run with one torch thread, and choose no algorithm by the clock: both change bits."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True):
            yield
    finally:
        torch.set_num_threads(before)


def require_device(training: TrainingSpec) -> None:
    """Raise where networks cannot be trained on the device that is asked for."""
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there[training.device]:
        have = ", ".join(name for name, found in there.items() if found)
        raise RollsightError(
            f"training.device={training.device!r} is not to be had here: take one of {have}, or "
            "install the PyTorch that is built for it"
        )
