"""Families of torch networks: they share one loop, early stopping, and their weights on disk."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from rollsight.signals.inputs.labels import NO_LABEL
from rollsight.training.models.blocks import label_span
from rollsight.training.models.family import Capabilities, Learnt, Predecessor, WindowData
from rollsight.training.models.model import Weights, load_weights
from rollsight.training.models.shrinkage import Evidence, evidence
from rollsight.training.networks.continual import Continuation, continuation
from rollsight.training.networks.learner import (
    Learner,
    StretchNetwork,
    shuffled,
    span_loss,
    span_scores,
)
from rollsight.training.networks.leftout import Split, left_out
from rollsight.training.networks.stopping import ends
from rollsight.training.networks.stretches import Examples, Stretches, stretches_of
from rollsight.training.regression.residuals import Forecasting, restored
from rollsight.training.regression.spec import TaskSpec, task_of
from rollsight.training.regression.targets import span_targets
from rollsight.training.spec import ModelSpec, TrainingSpec

NARROW = 0.05  # standard deviation of initial weights, where no width decides it
STOPPED_ON = 128  # stretches, at most: all of 176 stocks took a quarter of a fit
INITS: dict[str, Callable[[Tensor], Tensor]] = {
    "normal": partial(nn.init.normal_, std=NARROW),
    "truncated": partial(nn.init.trunc_normal_, std=NARROW, a=-2 * NARROW, b=2 * NARROW),
    "kaiming": nn.init.kaiming_normal_,
    "xavier": nn.init.xavier_normal_,
    "orthogonal": nn.init.orthogonal_,
}


@dataclass(frozen=True)
class TorchFamily:
    """A family of networks that the one training loop trains.

    Attributes
    ----------
    options
        keys of the section ``[model]``
    build
        (channels, lookback, options) to an initialised network, whose weights follow torch's
        current random state. Its ``forward`` maps stretches (n, channels, lookback + k - 1) to
        scores (n, 3, k); its ``dense`` does so for stretches that share channels, see `Windowwise`,
        which makes such a network of one that scores single windows.
    can
        what it can do
    examples
        (window's data, how it is trained, which train rows are left out, the options) to what it
        learns, and what it is stopped on
    tell
        fills a new network's buffers with what it must know of a window's data, if anything
    """

    options: type[ModelSpec]
    build: Callable[[int, int, Any], StretchNetwork]
    can: Capabilities
    examples: Callable[[WindowData, TrainingSpec, Split | None, Any], tuple[Examples, Examples]] = (
        stretches_of
    )
    tell: Callable[[StretchNetwork, WindowData], None] | None = None

    def fit(
        self,
        data: WindowData,
        options: ModelSpec,
        training: TrainingSpec,
        *,
        seed: int,
        before: Predecessor | None,
    ) -> Learnt:
        """Return one network of the window.

        It learns the train span but for one block of dates, on whose loss it is stopped, or the
        whole of it, and is stopped on the validation span, where that is too short to spare
        one or where it goes on from a network that has learnt it.
        """
        samples, window, device = data.samples, data.window, training.device
        split = None if before is not None else left_out(samples, window, seed)
        task = task_of(options)
        train, stop = self.examples(data, training, split, options)
        # Torch takes 32 bits of it; numpy, which orders the steps, all.
        torch.manual_seed(seed)
        network = self.build(len(samples.channels), samples.lookback, options)
        if self.tell is not None:
            self.tell(network, data)
        counts = torch.from_numpy(data.counts)
        if network.base is not None and task is not None:
            network.base.data.copy_(_mean_returns(data, task))
        elif network.base is not None and training.class_weights == "none":
            network.base.data.copy_(torch.from_numpy(np.log(np.maximum(data.counts, 1))))
        start = None
        if before is not None:
            assert self.can.units is not None
            assert isinstance(train, Stretches)
            another = partial(self.build, len(samples.channels), samples.lookback, options)
            start = continuation(before, data, train, training, self.can.units, another)
            load_weights(network, start.weights)
        judged, counts = stop.some(STOPPED_ON * stop.unit), counts.to(device)
        found = _train(network.to(device), train, judged, counts, training, seed, start)
        if not found.weights or (split is None and task is None):
            return found
        load_weights(network, found.weights)
        network.eval()
        if task is not None:
            held = self.examples(data, training, None, options)[1]
            network = _forecasting(network, held, data, task)
            found = replace(found, weights=network.arrays)
        if split is None:
            return found
        return replace(found, evidence=_evidence(network, stop, data))

    def restore(
        self, weights: Weights, channels: int, lookback: int, options: ModelSpec
    ) -> nn.Module:
        """Return a network with its weights, every one matched strictly by name and shape."""
        network, task = self.build(channels, lookback, options), task_of(options)
        if task is not None:
            network = restored(network, task.label_scale)
        load_weights(network, weights)
        return network


class Windowwise(StretchNetwork):
    """A network of single windows on stretches: each of their windows is scored by itself.

    Parameters
    ----------
    network
        from windows (n, channels, lookback) to scores (n, 3), or to returns (n, steps)
    bias
        that it adds to the scores, if any
    """

    def __init__(
        self, network: nn.Module, lookback: int, *, bias: nn.Parameter | None = None
    ) -> None:
        super().__init__()
        self.network, self.lookback = network, lookback
        self._bias = [bias]  # in a list: it is the network's own, and registered there

    @property
    def base(self) -> nn.Parameter | None:
        """What is added to the scores."""
        return self._bias[0]

    def penalised(self) -> list[Tensor]:
        """Return the weights that the network names by a method of that name, or all layers'."""
        named = getattr(self.network, "penalised", None)
        return named() if named is not None else super().penalised()

    def forward(self, x: Tensor) -> Tensor:
        """Return scores (n, 3, k) of a stretch (n, channels, lookback + k - 1)."""
        windows = self._windows(x)
        n, k = windows.shape[:2]
        score: Tensor = self.network(windows.flatten(0, 1))
        return score.reshape(n, k, -1).transpose(1, 2)

    def dense(
        self, own: Tensor, shared: Tensor, tile: Tensor, target: Tensor | None = None
    ) -> Tensor:
        """Return the scores of `StretchNetwork.dense`; 0 where none is asked for.

        What is no row to learn, such as the zeros that fill a stretch up, is no part of the
        statistics of a batch.
        """
        if target is None:
            return super().dense(own, shared, tile)
        asked = target >= 0
        rows = self._windows(torch.cat([own, shared[tile]], dim=1))[asked]
        # One row alone has no variance over a last block of one day.
        found: Tensor = self.network(rows if len(rows) > 1 else rows.expand(2, -1, -1))[: len(rows)]
        return (
            found.new_zeros(*asked.shape, found.shape[-1])
            .masked_scatter(asked[..., None], found)
            .transpose(1, 2)
        )

    def _windows(self, x: Tensor) -> Tensor:
        """Return (n, k, channels, lookback), a view."""
        return x.unfold(-1, self.lookback, 1).transpose(1, 2)


def initialise(network: nn.Module, init: str, *, zero: Iterable[Tensor]) -> None:
    """Draw the weights of convolutions and linear layers; biases start at 0.

    Parameters
    ----------
    init
        a key of ``INITS``
    zero
        weights that start at 0
    """
    for module in network.modules():
        if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Linear):
            INITS[init](module.weight)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    for weight in zero:
        nn.init.zeros_(weight)


def _train(
    network: StretchNetwork,
    train: Examples,
    stop: Examples,
    counts: Tensor,
    spec: TrainingSpec,
    seed: int,
    start: Continuation | None,
) -> Learnt:
    rate = 1.0 if start is None else start.rate
    learner, rng = Learner(network, spec, counts, rate=rate), np.random.default_rng(seed)
    train_loss: list[float] = []
    validation_loss: list[float] = []
    best, best_epoch = np.inf, 0
    kept: Weights = {}
    if start is not None:
        # What it starts from is a candidate like any epoch.
        best, kept = span_loss(learner.averaged, stop, learner.weight), start.weights
        validation_loss.append(best)
    tuning = None if start is None else start.tuning
    epochs = 0 if tuning is not None and not len(tuning.fresh) else spec.epochs
    size = spec.batch * train.unit
    for epoch in range(1, epochs + 1):
        steps = shuffled(train, size, rng) if tuning is None else tuning.batches(spec, rng)
        train_loss.append(learner.epoch(steps))
        validation_loss.append(span_loss(learner.averaged, stop, learner.weight))
        if validation_loss[-1] < best:
            best, best_epoch, kept = validation_loss[-1], epoch, _weights(learner.averaged)
        elif ends(validation_loss, epoch - best_epoch, spec.patience):
            break
    return Learnt(kept, tuple(train_loss), tuple(validation_loss), best_epoch)


def _mean_returns(data: WindowData, task: TaskSpec) -> Tensor:
    """Return the mean of what is learnt of the train rows, (steps,)."""
    rows, span = data.train, data.window.train
    learnt = span_targets(data.samples, span, task)[rows.stock, rows.day - span.start]
    return torch.from_numpy(learnt.mean(axis=0, dtype=np.float64).astype(np.float32))


def _forecasting(
    network: StretchNetwork, held: Examples, data: WindowData, task: TaskSpec
) -> Forecasting:
    """Return a network of returns with how far it was off on the rows of the validation span."""
    limits = data.samples.labels.limits
    assert limits is not None
    residual = []
    for scores, batch in span_scores(network, held):
        assert batch.value is not None
        off = (batch.value - scores)[:, -1]
        residual.append(off[batch.target != NO_LABEL].double().cpu().numpy())
    found = Forecasting(network, torch.tensor(limits) * task.label_scale, task.label_scale)
    return found.to(held.device).take(np.concatenate(residual))


def _weights(network: nn.Module) -> dict[str, np.ndarray]:
    return {name: t.detach().cpu().numpy().copy() for name, t in network.state_dict().items()}


def _evidence(network: StretchNetwork, judged: Examples, data: WindowData) -> Evidence:
    """Return what a network gains on the rows that judged it."""
    frequencies = data.counts / data.counts.sum()
    span = label_span(data.train, data.samples.labels)
    parts = [
        (scores.log_softmax(1).transpose(1, 2).flatten(0, 1), batch.target.flatten())
        for scores, batch in span_scores(network, judged)
    ]
    log_probability, label = (torch.cat(each).cpu().numpy() for each in zip(*parts, strict=True))
    date = judged.dates.cpu().numpy()
    own = label != NO_LABEL
    return evidence(
        log_probability[own].astype(np.float64),
        label[own],
        date[own] // span,
        frequencies=frequencies.astype(np.float64),
    )
