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
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import BATCH, windows
from rollsight.training.explaining.attribution import saliency
from rollsight.training.explaining.integrated import integrated_gradients
from rollsight.training.explaining.target import Scores, gradient_of
from rollsight.training.fitting.fit import one_thread
from rollsight.training.fitting.rows import Rows, rows_of
from rollsight.training.fitting.windows import Window, known_rows
from rollsight.training.models.loading import Ensemble, load_networks
from rollsight.training.models.model import FittedModel
from rollsight.training.spec import TargetName

NO_GRADIENT = "no gradient flows through this family of models"
ROWS = 128  # validation rows, at even distances
FEWEST_SEEDS = 3
# Above nine in ten windows with shuffled labels; the mean map of three seeds then has a reliability
# of 3 * 0.5 / 2 (Spearman and Brown).
SEEDS_AGREE = 0.5
MAP_UNCHANGED = 0.5
METHODS_AGREE = 0.7
REMOVED = 0.25  # share of the channels that deletion removes
DRAWS = 20  # sets of random channels
STEPS = 8  # of the integrated gradients
SEED = 1009  # of the random weights and the random channels


@dataclass(frozen=True)
class Gate:
    """What speaks for and against a window's maps.

    Attributes
    ----------
    skilled
        the validation log-loss is below that of the class frequencies
    seeds
        mean correlation of the gradient maps of two seeds; None for one seed
    randomised
        mean correlation of the absolute gradients with those of random weights
    deletion
        how far the score moves without each row's top channels, as a multiple of how far it
        moves, in the worst of the draws, without as many random ones; None for a single channel
    methods
        mean correlation of gradient times input with integrated gradients
    seeds_trained
        networks of the window
    differentiable
        gradients flow through the model, so that there are maps
    """

    skilled: bool
    seeds: float | None
    randomised: float | None
    deletion: float | None
    methods: float | None
    seeds_trained: int
    differentiable: bool = True

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why the maps are not believed, the gravest first; empty where they are."""
        if not self.differentiable:
            return (NO_GRADIENT,)
        few = self.seeds_trained < FEWEST_SEEDS
        checks = (
            (not self.skilled, "no skill on validation"),
            (self.methods is None, "the map is empty"),
            (few, f"unverified, fewer than three seeds (set training.seeds={FEWEST_SEEDS})"),
            (not few and _below(self.seeds, SEEDS_AGREE), "the seeds disagree"),
            (not _below(self.randomised, MAP_UNCHANGED), "random weights give the same map"),
            (_below(self.deletion, 1), "removing top channels hurts no more than random ones"),
            (_below(self.methods, METHODS_AGREE), "the methods disagree"),
        )
        return tuple(reason for failed, reason in checks if failed)

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
    with one_thread():
        x = _validation_inputs(model, samples, window)
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
            seeds=_seeds_agree(scores, x),
            randomised=_correlation(gradient.abs(), saliency(random, x)[0].abs()),
            deletion=_deletion(scores, x, contribution),
            methods=_correlation(contribution, integrated),
            seeds_trained=seeds,
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


def _validation_inputs(model: FittedModel, samples: SampleSet, window: Window) -> Tensor:
    known = known_rows(samples, window.validation, window.test.start)
    rows = rows_of(known, window.validation.start)
    at = np.unique(np.linspace(0, len(rows) - 1, ROWS).astype(np.int64))
    (batch,) = (x for _, x in windows(model, samples, Rows(rows.stock[at], rows.day[at])))
    return batch[: len(at)]  # (n, channels, lookback)


def _correlation(one: Tensor, other: Tensor) -> float:
    """Return the mean over the rows of the correlation of two maps; a flat map agrees with none."""
    a, b = (m.flatten(1) - m.flatten(1).mean(1, keepdim=True) for m in (one, other))
    norm = a.norm(dim=1) * b.norm(dim=1)
    each = torch.where(norm > 0, (a * b).sum(1) / norm.clamp(min=1e-30), 0.0)
    return float(each.mean())


def _seeds_agree(scores: Scores, x: Tensor) -> float | None:
    # Of the class that all of them explain: alone, a seed might have predicted another.
    own = scores.target(x)
    alone = [Scores(Ensemble([n]), scores.kind) for n in scores.ensemble.networks]
    maps = [gradient_of(one, x, own) for one in alone]
    pairs = [_correlation(a, b) for a, b in combinations(maps, 2)]
    return float(np.mean(pairs)) if pairs else None


def _deletion(scores: Scores, x: Tensor, contribution: Tensor) -> float | None:
    channels = x.shape[1]
    if channels < 2:
        return None
    removed = max(1, int(REMOVED * channels))
    top = contribution.sum(2).abs().argsort(dim=1, descending=True, stable=True)[:, :removed]
    moved, *others = _moved(scores, x, [top, *_random_channels(x, removed)])
    return moved / max(others) if max(others) > 0 else 0.0


def _random_channels(x: Tensor, removed: int) -> Iterator[Tensor]:
    """Yield (n, removed) channels, drawn anew for each row."""
    rng = np.random.default_rng(SEED)
    for _ in range(DRAWS):
        order: npt.NDArray[np.int64] = rng.random(x.shape[:2]).argsort(axis=1)
        yield torch.from_numpy(order[:, :removed].copy())


def _moved(scores: Scores, x: Tensor, removed: Sequence[Tensor]) -> list[float]:
    """Return for each (n, removed) how far the score moves where those channels are at their mean.

    What is drawn again, a row without the same channels, is scored once.
    """
    n, channels = x.shape[:2]
    gone = np.zeros((len(removed), n, 1 + channels), dtype=np.int64)
    gone[..., 0] = np.arange(n)
    np.put_along_axis(gone[..., 1:], np.stack(removed), 1, axis=2)
    found, which = np.unique(gone.reshape(-1, 1 + channels), axis=0, return_inverse=True)
    cases = torch.from_numpy(found)
    target = scores.target(x)[:, None]
    with torch.no_grad():
        own = scores(x).gather(1, target)  # (n, 1)
        without = [_score_without(scores, x, target, some) for some in torch.split(cases, BATCH)]
    moved = (own[cases[:, 0]] - torch.cat(without)).abs()
    return [float(moved[each].mean()) for each in which.reshape(len(removed), n)]


def _score_without(scores: Scores, x: Tensor, target: Tensor, cases: Tensor) -> Tensor:
    """Return the score (n, 1) of cases, each a row and a flag of each channel that is removed."""
    row, gone = cases[:, 0], cases[:, 1:, None] > 0
    score: Tensor = scores(x[row].masked_fill(gone, 0)).gather(1, target[row])
    return score
