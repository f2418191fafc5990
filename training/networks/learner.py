"""A network while it learns: one step, the order of an epoch's steps, and the loss on a span."""

from collections.abc import Iterable, Iterator
from copy import deepcopy

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim.adamw import adamw

from rollsight.signals.inputs.labels import NO_LABEL, Label
from rollsight.training.networks.losses import divergence, mean_loss, weighed
from rollsight.training.networks.stretches import Batch, Examples
from rollsight.training.spec import TrainingSpec

VALIDATION_BATCH = 64  # stocks scored at a time
STEPS = 16  # of an epoch


class StretchNetwork(nn.Module):
    """A network that scores all windows of a stretch at once: what the loop trains.

    ``forward`` maps stretches (n, channels, lookback + k - 1) to scores (n, 3, k), or to returns
    (n, steps, k); ``dense`` may be written anew where channels in common save work.
    """

    @property
    def base(self) -> nn.Parameter | None:
        """What is added to the scores (3,), where training starts at the classes' frequencies."""
        return None

    def penalised(self) -> list[Tensor]:
        """Return the weights that L1 and weight decay act on."""
        return penalised(self)

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
    averaged
        the network with exponential averages of its weights over the steps, which is what is
        validated and kept (Polyak and Juditsky, 1992)

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
        self.averaged = deepcopy(network).requires_grad_(requires_grad=False).eval()
        self.weights, self.penalised = _flat(network)
        self.averages, _ = _flat(self.averaged)
        self.gradient = torch.zeros_like(self.weights)
        _share(_ordered(network), self.gradient, "grad")
        self.optimiser = AdamW(
            self.weights,
            self.gradient,
            rate=rate * spec.learning_rate,
            decay=spec.weight_decay,
            decayed=self.penalised,
        )
        self.l1, self.distillation, self.new = spec.l1, spec.distillation, 1 - spec.averaging
        self.weight = None
        if spec.class_weights == "balanced":
            self.weight = counts.sum() / (len(Label) * counts.clamp(min=1))

    def step(self, batch: Batch) -> Tensor:
        """Take one step and return the batch's mean loss, in nats, or the mean squared error."""
        scores = self.network.dense(batch.own, batch.shared, batch.tile, batch.target)
        loss = mean_loss(scores, batch, self.weight)
        if batch.soft is not None:
            loss = loss + self.distillation * divergence(scores, batch.soft, batch.target)
        self.gradient.zero_()
        torch.autograd.backward(loss)
        with torch.no_grad():
            # The gradient of the L1 penalty needs no pass of its own.
            own = self.weights[: self.penalised]
            self.gradient[: self.penalised].add_(own.sign(), alpha=self.l1)
            self.gradient.mul_((1 / (self.gradient.norm() + 1e-6)).clamp(max=1))
            self.optimiser.step()
            self.averages.lerp_(self.weights, self.new)
        return loss.detach()

    def epoch(self, batches: Iterator[Batch]) -> float:
        """Take the steps of an epoch and return the mean loss of its rows, in nats."""
        self.network.train()
        total = rows = torch.zeros((), device=self.weights.device)
        for batch in batches:
            n = (batch.target != NO_LABEL).sum()
            total, rows = total + n * self.step(batch), rows + n
        for own, other in zip(self.averaged.buffers(), self.network.buffers(), strict=True):
            own.copy_(other)  # a batch norm's statistics are averages already
        return float(total / rows)


class AdamW:
    """What torch.optim.AdamW keeps between the steps of torch's own function, bit for bit.

    That class imports PyTorch's compiler, which takes two seconds of CPU in every process.

    Parameters
    ----------
    weights, gradient
        (n,)
    rate
        learning rate
    decay
        of the first weights, decoupled from the gradient
    decayed
        how many these are
    """

    def __init__(
        self, weights: Tensor, gradient: Tensor, *, rate: float, decay: float, decayed: int
    ) -> None:
        self.rate = rate
        kept = [weights, gradient, torch.zeros_like(weights), torch.zeros_like(weights)]
        steps = [torch.zeros((), device=weights.device) for _ in range(2)]
        self.groups = [
            (decay, [[t[:decayed]] for t in kept], steps[:1]),
            (0.0, [[t[decayed:]] for t in kept], steps[1:]),
        ]

    @torch.no_grad()
    def step(self) -> None:
        """Move the weights."""
        for decay, (own, gradient, mean, square), steps in self.groups:
            adamw(
                own, gradient, mean, square, [], steps, fused=True, lr=self.rate, beta1=0.9,
                beta2=0.999, weight_decay=decay, eps=1e-8, amsgrad=False, maximize=False,
            )  # fmt: skip


def _flat(network: StretchNetwork) -> tuple[Tensor, int]:
    """Lay a network's weights end to end; return them, (n,), and how many are penalised.

    Each step then handles one tensor, and not dozens of small ones. The penalised come first.
    """
    ordered = _ordered(network)
    flat = torch.cat([p.detach().flatten() for p in ordered])
    _share(ordered, flat, "data")
    return flat, sum(w.numel() for w in network.penalised())


def _ordered(network: StretchNetwork) -> list[Tensor]:
    first = network.penalised()
    return [*first, *(p for p in network.parameters() if all(p is not w for w in first))]


def penalised(network: nn.Module) -> list[Tensor]:
    """Return the weights of a network's convolutions and linear layers."""
    layers = (nn.Conv1d, nn.Conv2d, nn.Linear)
    return [m.weight for m in network.modules() if isinstance(m, layers)]


def _share(parameters: Iterable[Tensor], flat: Tensor, name: str) -> None:
    """Make an attribute of parameters views of the parts of a flat tensor, in order."""
    at = 0
    for p in parameters:
        setattr(p, name, flat[at : at + p.numel()].view_as(p))
        at += p.numel()


def shuffled(train: Examples, size: int, rng: np.random.Generator) -> Iterator[Batch]:
    """Yield the batches of an epoch: stretches in random order, none twice.

    Parameters
    ----------
    size
        stretches a batch, at most: a small market would else learn in a handful of steps
    """
    for some in parts(train, size, rng):
        yield train.batch(some)


def parts(train: Examples, size: int, rng: np.random.Generator) -> Iterator[Tensor]:
    """Yield the places of stretches in random order, ``size`` at most at a time.

    An epoch has as many steps in every market: of a large one each sees another part.
    """
    order = torch.from_numpy(rng.permutation(len(train))).to(train.device)
    size = min(size, -(-len(order) // STEPS))
    for at in range(0, min(len(order), STEPS * size), size):
        yield order[at : at + size]


def span_loss(network: StretchNetwork, span: Examples, weight: Tensor | None = None) -> float:
    """Return the mean log-loss of a span's rows, in nats, of a network in eval mode.

    Where it forecasts returns, their mean squared error.

    Parameters
    ----------
    weight
        (3,) of each class, as in a learner's loss
    """
    total = rows = 0.0
    for scores, batch in span_scores(network, span):
        loss, weights = weighed(scores, batch, weight)
        total, rows = total + loss.item(), rows + weights.item()
    return total / rows


def span_scores(network: StretchNetwork, span: Examples) -> Iterator[tuple[Tensor, Batch]]:
    """Yield scores (n, 3, length) of a span's stretches, in order, each with its batch."""
    places, size = torch.arange(len(span), device=span.device), VALIDATION_BATCH * span.unit
    with torch.no_grad():
        for at in range(0, len(span), size):
            batch = span.batch(places[at : at + size])
            yield network.dense(batch.own, batch.shared, batch.tile, batch.target), batch
