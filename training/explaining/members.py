"""Explanations of an ensemble: the weighted mean of its members' maps, each by its own method.

To first order in the members' scores that is what the mean probability has: members count alike,
and a member that is surer of itself adds more nats. Of mean places every member counts alike,
whatever its scale: there each map is first brought to the members' mean spread of scores.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import torch

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.explaining.attribution import explain
from rollsight.training.explaining.checks import validation_inputs
from rollsight.training.explaining.gate import Gate, judge
from rollsight.training.explaining.target import Scores
from rollsight.training.explaining.trees import explain_trees, judge_trees, tree_scores
from rollsight.training.fitting.fit import one_thread
from rollsight.training.fitting.rows import Rows
from rollsight.training.fitting.windows import Window
from rollsight.training.models.ensemble import EnsembleSpec
from rollsight.training.models.families import family_of
from rollsight.training.models.loading import load_networks
from rollsight.training.models.model import FittedModel
from rollsight.training.spec import AttributionSpec, TargetName, TrainingSpec

Float32 = npt.NDArray[np.float32]


def explained_members(model: FittedModel) -> list[FittedModel]:
    """Return the members of an ensemble as models; none where one has neither gradient nor trees.

    A member that no seed changes is there once.
    """
    options, found = model.spec, list[FittedModel]()
    if not isinstance(options, EnsembleSpec):
        return []
    for name in options.members:
        family, start = family_of(name), f"{name}."
        each = tuple(
            {k.removeprefix(start): a for k, a in weights.items() if k.startswith(start)}
            for weights in model.weights
        )
        kept = each if family.can.seeded else each[:1]
        found.append(replace(model, spec=family.options(name=name), weights=kept))
    return found if all(_differentiable(m) or tree_scores(m) for m in found) else []


def explain_members(
    members: list[FittedModel],
    samples: SampleSet,
    window: Window,
    rows: Rows,
    *,
    target: TargetName,
    by_place: bool,
) -> Float32:
    """Return what inputs add to rows' scores, (n, channels, lookback), in natural-log units.

    Parameters
    ----------
    by_place
        the ensemble averages its members' places, not their probabilities
    """
    maps = [_explained(member, samples, window, rows, target) for member in members]
    spread = np.array([_spread(member, samples, window, target) for member in members])
    scale = np.ones(len(members))
    if by_place and spread.all():
        scale = spread.mean() / spread
    each = [m * one for m, one in zip(maps, scale, strict=True)]
    return np.asarray(np.mean(each, axis=0), dtype=np.float32)


def judge_members(
    members: list[FittedModel],
    samples: SampleSet,
    window: Window,
    *,
    skilled: bool,
    target: TargetName,
    training: TrainingSpec,
) -> Gate:
    """Return the gate of an ensemble, which believes no map of which a member's fails its own."""
    gates = tuple(
        judge(member, samples, window, skilled=skilled, target=target)
        if _differentiable(member)
        else judge_trees(member, samples, window, skilled=skilled, target=target, training=training)
        for member in members
    )
    return Gate.of_members(gates)


def _differentiable(model: FittedModel) -> bool:
    return family_of(model.spec.name).can.differentiable


def _explained(
    model: FittedModel, samples: SampleSet, window: Window, rows: Rows, target: TargetName
) -> Float32:
    if _differentiable(model):
        return explain(model, samples, rows, spec=AttributionSpec(target=target)).contribution
    return explain_trees(model, samples, window, rows, target)


def _spread(model: FittedModel, samples: SampleSet, window: Window, target: TargetName) -> float:
    """Return the standard deviation of the explained score over some validation rows."""
    scores = Scores(load_networks(model), target)
    x = validation_inputs(model, samples, window)
    with one_thread(), torch.no_grad():
        return float(scores(x).gather(1, scores.target(x)[:, None]).std())
