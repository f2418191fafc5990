"""Whether a window's saliency maps may be believed.

Measured on 128 validation rows of planted markets, with 3 seeds (12 to 72 windows a line; least and
most of a line). The first four lines are small networks on 8 stocks, the last two the defaults on
24, where what an index told correlates .39 with the return, or nothing does:

==================  ========  ============  ============  ============  ============  ========
networks            skilled   seeds agree   random map    deletion      methods       passed
==================  ========  ============  ============  ============  ============  ========
planted, strong     all       .82 to .92    -.01 to .10   2.1 to 3.2    1.00          all
planted, weak       all       .80 to .90    -.03 to .07   1.8 to 3.3    1.00          all
shuffled labels     49 %      .18 to .55    -.02 to .18   1.7 to 2.7    1.00          4 of 72
random weights      none      -.05 to .05   .06 to .17    1.2 to 1.6    .65 to .86    none
planted, moderate   all       .41 to .61                                              7 of 12
noise               33 %      .14 to .64                                              0 of 24
==================  ========  ============  ============  ============  ============  ========

So deletion and the methods' agreement only catch what is broken; agreement of seeds tells what was
learnt from what was not. Skill on validation alone would not: of what is chosen on it some is
luck, in up to half of the windows with shuffled labels.

Of 66 ranked features of one day, in nine groups of like ones (`tests/support/simulated/
rankedgroups`: 500 stocks, 196 dates that are learnt, five groups that drive returns, so that
forecasts and returns have a rank correlation of .07), perceptrons trained as the preset ranks:

==================  ========  ================  ================  ============  ========
12 to 16 windows    skilled   seeds, channels   seeds, groups     deletion      passed
==================  ========  ================  ================  ============  ========
planted             all       .21 to .31        .61 to .74        1.7 to 2.1    all, before none
shuffled labels     63 %      -.03 to .05       -.07 to .09       1.2 to 1.6    none
noise               83 %      -.01 to .03       -.06 to .13       1.2 to 1.6    none
random weights                -.06 to .06       -.13 to .17                     none of 300
==================  ========  ================  ================  ============  ========

Seeds share a group's work out among its features in their own ways, which is why channels tell
noise from what was learnt by so little, and groups by so much.
"""

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import torch
from torch import Tensor, nn

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import BATCH
from rollsight.training.explaining.attribution import saliency
from rollsight.training.explaining.checks import correlation, deletion, validation_inputs
from rollsight.training.explaining.grouping import agreement, judged_by
from rollsight.training.explaining.methods import integrated_gradients
from rollsight.training.explaining.target import Scores, gradient_of
from rollsight.training.fitting.fit import one_thread
from rollsight.training.fitting.windows import Window
from rollsight.training.models.loading import Ensemble, load_networks
from rollsight.training.models.model import FittedModel
from rollsight.training.spec import TargetName

HALVES_DISAGREE = "trees of either half of the train dates disagree"
NO_GRADIENT = "no gradient flows through this family of models"
FEWEST_SEEDS = 3
# Above nine in ten windows with shuffled labels; the mean map of three seeds then has a reliability
# of 3 * 0.5 / 2 (Spearman and Brown).
SEEDS_AGREE = 0.5
MAP_UNCHANGED = 0.5
METHODS_AGREE = 0.7
HALVES_AGREE = 0.6  # their reliability together is 2 * 0.6 / 1.6, as that of three seeds
HALVES_AGREE_BY_GROUP = 0.4  # of many features, of which half the dates tell less
STEPS = 8  # of the integrated gradients
SEED = 1009  # of the random weights


@dataclass(frozen=True)
class Gate:
    """What speaks for and against a window's maps.

    Attributes
    ----------
    skilled
        the validation log-loss is below that of the class frequencies
    seeds
        mean correlation of the gradient maps of two seeds; None for one seed; of trees, that of
        the contributions of two models, fitted on either half of the train dates; of many
        features of one day, that of contributions by group, see `agreement`
    randomised
        mean correlation of the absolute gradients with those of random weights; None for trees,
        which have no weights beside their splits
    deletion
        how far the score moves without each row's top channels, as a multiple of how far it
        moves, in the worst of the draws, without as many random ones; None for a single channel
    methods
        mean correlation of gradient times input with integrated gradients; of trees, that of
        contributions with occlusion
    seeds_trained
        networks of the window
    differentiable
        gradients flow through the model, so that there are maps
    trees
        the maps are Shapley values of trees
    by_group
        seeds, or halves, were compared by group
    members
        gates of an ensemble's members, all of which must be passed; its checks are the worst
    """

    skilled: bool
    seeds: float | None
    randomised: float | None
    deletion: float | None
    methods: float | None
    seeds_trained: int
    differentiable: bool = True
    trees: bool = False
    by_group: bool = False
    members: tuple["Gate", ...] = ()

    @classmethod
    def of_members(cls, members: tuple["Gate", ...]) -> "Gate":
        """Return the gate of an ensemble, from those of its members."""
        return cls(
            skilled=all(m.skilled for m in members),
            seeds=min((m.seeds for m in members if m.seeds is not None), default=None),
            randomised=max((m.randomised for m in members if m.randomised is not None),
                           default=None),
            deletion=min((m.deletion for m in members if m.deletion is not None), default=None),
            methods=min((m.methods for m in members if m.methods is not None), default=None),
            seeds_trained=max(m.seeds_trained for m in members),
            members=members,
        )  # fmt: skip

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the maps are not believed, the gravest first; empty where they are."""
        if self.members:
            return tuple(dict.fromkeys(r for own in self.members for r in own.reasons))
        if not self.differentiable:
            return (NO_GRADIENT,)
        checks = (
            (not self.skilled, "no skill on validation"),
            (self.methods is None, "the map is empty"),
            *(self._of_trees if self.trees else self._of_seeds),
            (_below(self.deletion, 1), "removing top channels hurts no more than random ones"),
            (_below(self.methods, METHODS_AGREE), "the methods disagree"),
        )
        return tuple(reason for failed, reason in checks if failed)

    @property
    def _of_seeds(self) -> tuple[tuple[bool, str], ...]:
        few = self.seeds_trained < FEWEST_SEEDS
        return (
            (few, f"unverified, fewer than three seeds (set training.seeds={FEWEST_SEEDS})"),
            (not few and _below(self.seeds, SEEDS_AGREE), "the seeds disagree"),
            (not _below(self.randomised, MAP_UNCHANGED), "random weights give the same map"),
        )

    @property
    def _of_trees(self) -> tuple[tuple[bool, str], ...]:
        least = HALVES_AGREE_BY_GROUP if self.by_group else HALVES_AGREE
        return ((_below(self.seeds, least), HALVES_DISAGREE),)

    @property
    def passed(self) -> bool:
        """The maps may be summed with those of other windows."""
        return not self.reasons


def judge(
    model: FittedModel, samples: SampleSet, window: Window, *, skilled: bool, target: TargetName
) -> Gate:
    """Return the gate of a window's model, from some of its validation rows.

    Checks of Adebayo et al. (2018, "Sanity checks for saliency maps") and of deletion as in
    Samek et al. (2017), beside the agreement of seeds and of methods.
    """
    ensemble = load_networks(model)
    scores, seeds = Scores(ensemble, target), len(ensemble.networks)
    groups = judged_by(samples)
    with one_thread():
        x = validation_inputs(model, samples, window)
        gradient, contribution = saliency(scores, x)
        if not gradient.any():
            return Gate(skilled, None, None, None, None, seeds)
        random = Scores(load_networks(with_random_weights(model)), target)
        # As many steps in one pass as the rows leave room for.
        integrated = integrated_gradients(
            scores, x, scores.target(x), steps=STEPS, together=max(1, BATCH // len(x))
        )
        return Gate(
            skilled=skilled,
            seeds=_seeds_agree(scores, x, groups),
            randomised=correlation(gradient.abs(), saliency(random, x)[0].abs()),
            deletion=deletion(scores, x, contribution),
            methods=correlation(contribution, integrated),
            seeds_trained=seeds,
            by_group=groups is not None,
        )


def with_random_weights(model: FittedModel) -> FittedModel:
    """Return the model with all weights drawn anew, those that training starts from 0 too."""
    drawn = []
    for i, weights in enumerate(model.weights):
        torch.manual_seed(SEED + i)
        (network,) = load_networks(replace(model, weights=(weights,))).networks
        for module in network.modules():
            if isinstance(module, nn.Conv1d | nn.Linear):
                nn.init.kaiming_normal_(module.weight)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.BatchNorm1d):
                module.reset_parameters()
        drawn.append({name: t.numpy() for name, t in network.state_dict().items()})
    return replace(model, weights=tuple(drawn))


def _below(value: float | None, limit: float) -> bool:
    return value is not None and value < limit


def _seeds_agree(scores: Scores, x: Tensor, groups: Tensor | None) -> float | None:
    # Of the class that all of them explain: alone, a seed might have predicted another.
    own = scores.target(x)
    alone = [Scores(Ensemble([n]), scores.kind) for n in scores.ensemble.networks]
    maps = [gradient_of(one, x, own) for one in alone]
    if groups is None:
        pairs = [correlation(a, b) for a, b in combinations(maps, 2)]
    else:
        summed = [(gradient * x).sum(2) @ groups for gradient in maps]
        pairs = [agreement(a, b) for a, b in combinations(summed, 2)]
    return float(np.mean(pairs)) if pairs else None
