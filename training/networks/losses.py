"""What a step makes smaller: log-loss of classes, squared error of returns, distance to targets."""

import torch
from torch import Tensor
from torch.nn import functional

from rollsight.signals.inputs.labels import NO_LABEL
from rollsight.training.networks.stretches import Batch, Taught


def cross_entropy(
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


def mean_loss(scores: Tensor, batch: Batch, of_class: Tensor | None) -> Tensor:
    """Return the mean loss of a batch: log-loss in nats, or squared error of returns.

    Of rows with a teacher it is what `taught_losses` says.
    """
    if batch.weight is None and batch.value is None and batch.taught is None:
        return cross_entropy(scores, batch.target, of_class)
    total, weight = weighed(scores, batch, of_class)
    return total / weight


def weighed(scores: Tensor, batch: Batch, of_class: Tensor | None) -> tuple[Tensor, Tensor]:
    """Return the sum of a batch's losses, each times its weight, and the sum of the weights."""
    if batch.value is not None:
        weight = _weights(scores, batch)
        return ((scores - batch.value) ** 2 * weight[:, None]).mean(1).sum(), weight.sum()
    if batch.taught is not None:
        weight = _weights(scores, batch)
        if of_class is not None:
            weight = weight * of_class[batch.target]
        return (taught_losses(scores, batch.target, batch.taught) * weight).sum(), weight.sum()
    if batch.weight is None:
        total = cross_entropy(scores, batch.target, of_class, reduction="sum")
        own = batch.target[batch.target != NO_LABEL]
        return total, torch.tensor(len(own)) if of_class is None else of_class[own].sum()
    target = batch.target.flatten()
    weight = batch.weight.flatten() * (target != NO_LABEL)
    each = cross_entropy(scores, batch.target, of_class, reduction="none")
    total = (each * weight).sum()
    return total, (weight if of_class is None else weight * of_class[target]).sum()


def taught_losses(scores: Tensor, target: Tensor, taught: Taught) -> Tensor:
    """Return the loss of each row (n, length), nats; a row without a label has none to count.

    Of a row with a teacher it is (1 - alpha) of its log-loss and alpha T^2 of the divergence of
    its probabilities from the teacher's, both at temperature T: Hinton, Vinyals and Dean,
    Distilling the Knowledge in a Neural Network, 2015. Of the others it is the log-loss.
    """
    soft, heat = taught.soft, taught.temperature
    share = taught.alpha * (soft.sum(1) > 0)
    hard = cross_entropy(scores, target, reduction="none").view_as(share)
    near = heat**2 * divergences(scores / heat, soft)
    return (1 - share) * hard + share * near


def divergence(score: Tensor, soft: Tensor, target: Tensor) -> Tensor:
    """Return how far scores are from soft targets, Kullback-Leibler, mean over the rows, nats.

    Kept while new data are learnt: Li and Hoiem, Learning without Forgetting, 2017. The temperature
    is 1.
    """
    return divergences(score, soft)[target != NO_LABEL].mean()


def divergences(score: Tensor, soft: Tensor) -> Tensor:
    """Return how far each row's scores are from its soft targets, (n, length), nats."""
    return functional.kl_div(score.log_softmax(1), soft, reduction="none").sum(1)


def _weights(scores: Tensor, batch: Batch) -> Tensor:
    """Return what each row weighs, (n, length)."""
    weight = (batch.target != NO_LABEL).to(scores.dtype)
    return weight if batch.weight is None else weight * batch.weight
