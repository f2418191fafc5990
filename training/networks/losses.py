"""What a step makes smaller: log-loss of classes, squared error of returns, distance to targets."""

import torch
from torch import Tensor
from torch.nn import functional

from rollsight.signals.inputs.labels import NO_LABEL
from rollsight.training.networks.stretches import Batch


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
    """Return the mean loss of a batch: log-loss in nats, or squared error of returns."""
    if batch.weight is None and batch.value is None:
        return cross_entropy(scores, batch.target, of_class)
    total, weight = weighed(scores, batch, of_class)
    return total / weight


def weighed(scores: Tensor, batch: Batch, of_class: Tensor | None) -> tuple[Tensor, Tensor]:
    """Return the sum of a batch's losses, each times its weight, and the sum of the weights."""
    if batch.value is not None:
        weight = (batch.target != NO_LABEL).to(scores.dtype)
        if batch.weight is not None:
            weight = weight * batch.weight
        return ((scores - batch.value) ** 2 * weight[:, None]).mean(1).sum(), weight.sum()
    if batch.weight is None:
        total = cross_entropy(scores, batch.target, of_class, reduction="sum")
        own = batch.target[batch.target != NO_LABEL]
        return total, torch.tensor(len(own)) if of_class is None else of_class[own].sum()
    target = batch.target.flatten()
    weight = batch.weight.flatten() * (target != NO_LABEL)
    each = cross_entropy(scores, batch.target, of_class, reduction="none")
    total = (each * weight).sum()
    return total, (weight if of_class is None else weight * of_class[target]).sum()


def divergence(score: Tensor, soft: Tensor, target: Tensor) -> Tensor:
    """Return how far scores are from soft targets, Kullback-Leibler, mean over the rows, nats.

    Hinton, Vinyals and Dean, Distilling the Knowledge in a Neural Network, 2015; kept while new
    data are learnt: Li and Hoiem, Learning without Forgetting, 2017. The temperature is 1.
    """
    each = functional.kl_div(score.log_softmax(1), soft, reduction="none").sum(1)
    return each[target != NO_LABEL].mean()
