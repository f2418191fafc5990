"""A network while it learns: one step, the order of an epoch's steps, and the loss on a span."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.adamw import adamw

from rollsight.signals.inputs.labels import NO_LABEL, Label
from rollsight.training.fitting.stretches import Batch, Stretches
from rollsight.training.spec import TrainingSpec

VALIDATION_BATCH = 64  # stocks scored at a time
LEAST_STEPS = 16  # of an epoch


class StretchNetwork(nn.Module):
    """A network that scores all windows of a stretch at once: what the loop trains.

    ``forward`` maps stretches (n, channels, lookback + k - 1) to scores (n, 3, k); ``dense`` may be
    written anew where channels in common save work.
    """

    def dense(
        self,
        own: Tensor,
        shared: Tensor,
        tile: Tensor,
        target: Tensor | None = None,  # noqa: ARG002 - all are scored in the same pass
    ) -> Tensor:
        """Return scores (n, 3, k) of stretches many of which have channels in common.

        Parameters
        ----------
        own
            (n, c, lookback + k - 1) each stretch's own channels, the first ones
        shared
            (tiles, channels - c, lookback + k - 1) the other channels of each tile
        tile
            (n,) each stretch's row of ``shared``
        target
            (n, k) negative where a score is not asked for; None asks for all
        """
        x = torch.cat([own, shared[tile]], dim=1)
        return self(x)  # type: ignore[no-any-return]


class Learner:
    """A network and what a step of its training needs.

    L1 and weight decay act on the weights of convolutions and of the last layer alone: a bias or a
    batch norm's scale that is pulled to zero moves every forecast, and simplifies none.

    Attributes
    ----------
    weight
        (3,) of each class in the loss, None where all weigh the same

    Parameters
    ----------
    network
        already on the spec's device
    counts
        (3,) rows of each class, for balanced weights
    rate
        what the spec's learning rate is multiplied by
    """

    def __init__(
        self,
        network: StretchNetwork,
        spec: TrainingSpec,
        counts: Tensor,
        *,
        rate: float = 1.0,
    ) -> None:
        self.network = network
        self.parameters = list(network.parameters())
        self.penalised: list[Tensor] = [
            m.weight for m in network.modules() if isinstance(m, nn.Conv1d | nn.Linear)
        ]
        free: list[Tensor] = [p for p in self.parameters if all(p is not w for w in self.penalised)]
        rate = rate * spec.learning_rate
        self.optimisers = [
            AdamW(self.penalised, rate=rate, decay=spec.weight_decay),
            AdamW(free, rate=rate, decay=0.0),
        ]
        self.l1, self.distillation = spec.l1, spec.distillation
        self.weight = None
        if spec.class_weights == "balanced":
            self.weight = counts.sum() / (len(Label) * counts.clamp(min=1))

    def step(self, batch: Batch) -> Tensor:
        """Take one step and return the batch's mean loss, in nats."""
        scores = self.network.dense(batch.own, batch.shared, batch.tile, batch.target)
        loss = _cross_entropy(scores, batch.target, self.weight)
        if batch.soft is not None:
            loss = loss + self.distillation * divergence(scores, batch.soft, batch.target)
        self.network.zero_grad()
        torch.autograd.backward(loss)
        # The gradient of the L1 penalty needs no pass of its own.
        for p in self.penalised if self.l1 else ():
            if p.grad is not None:
                p.grad.add_(p.detach().sign(), alpha=self.l1)
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        return loss.detach()

    def epoch(self, batches: Iterator[Batch]) -> float:
        """Take the steps of an epoch and return the mean loss of its rows, in nats."""
        self.network.train()
        total = rows = torch.zeros((), device=self.parameters[0].device)
        for batch in batches:
            n = (batch.target != NO_LABEL).sum()
            total, rows = total + n * self.step(batch), rows + n
        return float(total / rows)


class AdamW:
    """What torch.optim.AdamW keeps between the steps of torch's own function, bit for bit.

    That class imports PyTorch's compiler, which takes two seconds of CPU in every process.

    Parameters
    ----------
    rate
        learning rate
    decay
        of the weights, decoupled from the gradient
    """

    def __init__(self, parameters: list[Tensor], *, rate: float, decay: float) -> None:
        self.parameters, self.rate, self.decay = parameters, rate, decay
        self.mean = [torch.zeros_like(p) for p in parameters]
        self.square = [torch.zeros_like(p) for p in parameters]
        self.steps = [torch.zeros((), device=p.device) for p in parameters]

    @torch.no_grad()
    def step(self) -> None:
        """Move the parameters that have a gradient."""
        moved = [i for i, p in enumerate(self.parameters) if p.grad is not None]
        if not moved:
            return
        grads = [p.grad for p in self.parameters if p.grad is not None]
        own, mean, square, steps = (
            [each[i] for i in moved]
            for each in (self.parameters, self.mean, self.square, self.steps)
        )
        adamw(
            own, grads, mean, square, [], steps, fused=True, lr=self.rate, beta1=0.9, beta2=0.999,
            weight_decay=self.decay, eps=1e-8, amsgrad=False, maximize=False,
        )  # fmt: skip


def shuffled(train: Stretches, size: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Yield the batches of an epoch: every stretch once, in random order.

    Parameters
    ----------
    size
        stretches a batch, at most: a small market would else learn in a handful of steps
    """
    for some in parts(train, size, rng):
        yield train.batch(some)


def parts(train: Stretches, size: int, rng: np.random.Generator) -> Iterator[Tensor]:
    """Yield the places of all stretches in random order, ``size`` at most at a time."""
    order = torch.from_numpy(rng.permutation(len(train))).to(train.held.device)
    size = min(size, -(-len(order) // LEAST_STEPS))
    for at in range(0, len(order), size):
        yield order[at : at + size]


def _cross_entropy(
    scores: Tensor, target: Tensor, weight: Tensor | None = None, reduction: str = "mean"
) -> Tensor:
    """Return the loss of scores (n, 3, length), row by row: its sum over days varies on a GPU."""
    return functional.cross_entropy(
        scores.transpose(1, 2).flatten(0, 1),
        target.flatten(),
        weight,
        ignore_index=NO_LABEL,
        reduction=reduction,
    )


def divergence(score: Tensor, soft: Tensor, target: Tensor) -> Tensor:
    """Return how far scores are from soft targets, Kullback-Leibler, mean over the rows, nats.

    Hinton, Vinyals and Dean, Distilling the Knowledge in a Neural Network, 2015; kept while new
    data are learnt: Li and Hoiem, Learning without Forgetting, 2017. The temperature is 1.
    """
    each = functional.kl_div(score.log_softmax(1), soft, reduction="none").sum(1)
    return each[target != NO_LABEL].mean()


def span_loss(network: StretchNetwork, span: Stretches, weight: Tensor | None = None) -> float:
    """Return the mean log-loss of a span's rows, in nats, in eval mode.

    Parameters
    ----------
    weight
        (3,) of each class, as in a learner's loss
    """
    network.eval()
    total = rows = 0.0
    places = torch.arange(len(span), device=span.held.device)
    with torch.no_grad():
        for at in range(0, len(span), VALIDATION_BATCH):
            batch = span.batch(places[at : at + VALIDATION_BATCH])
            scores = network.dense(batch.own, batch.shared, batch.tile)
            total += _cross_entropy(scores, batch.target, weight, reduction="sum").item()
            own = batch.target[batch.target != NO_LABEL]
            rows += len(own) if weight is None else float(weight[own].sum())
    return total / rows
