"""What maps are checked by, whatever family they are of."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import BATCH, windows
from rollsight.training.explaining.target import Scores
from rollsight.training.fitting.rows import Rows, rows_of
from rollsight.training.fitting.windows import Window, known_rows
from rollsight.training.models.model import FittedModel

ROWS = 128  # validation rows, at even distances
REMOVED = 0.25  # share of the channels that deletion removes
DRAWS = 20  # sets of random channels
SEED = 1009  # of the random channels


def validation_inputs(model: FittedModel, samples: SampleSet, window: Window) -> Tensor:
    """Return the standardised inputs (n, channels, lookback) of some validation rows."""
    known = known_rows(samples, window.validation, window.test.start)
    rows = rows_of(known, window.validation.start)
    at = np.unique(np.linspace(0, len(rows) - 1, ROWS).astype(np.int64))
    (batch,) = (x for _, x in windows(model, samples, Rows(rows.stock[at], rows.day[at])))
    return batch[: len(at)]


def correlation(one: Tensor, other: Tensor) -> float:
    """Return the mean over the rows of the correlation of two maps; a flat map agrees with none."""
    a, b = (m.flatten(1) - m.flatten(1).mean(1, keepdim=True) for m in (one, other))
    norm = a.norm(dim=1) * b.norm(dim=1)
    each = torch.where(norm > 0, (a * b).sum(1) / norm.clamp(min=1e-30), 0.0)
    return float(each.mean())


def deletion(scores: Scores, x: Tensor, contribution: Tensor) -> float | None:
    """Return how far the score moves without each row's top channels, as `Gate.deletion` says.

    As in Samek et al. (2017).
    """
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
