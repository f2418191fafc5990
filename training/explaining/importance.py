"""How much worse a window's forecasts get without one channel: a check that knows no gradient."""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.deciding.inference import BATCH, windows
from rollsight.training.fitting.fit import one_thread
from rollsight.training.fitting.rows import Rows
from rollsight.training.models.loading import Ensemble, load_networks
from rollsight.training.models.model import FittedModel

Float64 = npt.NDArray[np.float64]

ROWS = 512  # labelled rows, at even distances over days and stocks
REPEATS = 3


def permutation_importance(
    model: FittedModel, samples: SampleSet, rows: Rows, *, seed: int = 0
) -> Float64 | None:
    """Return by how much each channel's permutation raises the log-loss, (channels,), in nats.

    Breiman (2001). A shared channel is the same for all stocks of a date: its whole input changes
    dates, all stocks together. A stock's own channel changes rows. Of many rows some are taken.

    Parameters
    ----------
    rows
        of the test span; those without a label are left out, and where none is left there is
        no importance, None
    """
    label = samples.labels.label[rows.stock, rows.day]
    labelled = np.flatnonzero(label >= 0)
    if not len(labelled):
        return None
    at = labelled[np.unique(np.linspace(0, len(labelled) - 1, ROWS).astype(np.int64))]
    chosen = Rows(rows.stock[at], rows.day[at])
    target = torch.from_numpy(label[at].astype(np.int64))
    ensemble, rng = _in_place(load_networks(model)), np.random.default_rng(seed)
    x = torch.cat([batch for _, batch in windows(model, samples, chosen)])
    with torch.inference_mode(), one_thread():
        own = _log_loss(ensemble, x, target)
        worse = np.zeros((REPEATS, len(model.channels)))
        for repeat in range(REPEATS):
            by_row, by_date = rng.permutation(len(at)), _dates_permuted(chosen.day, rng)
            orders = [by_row] * len(samples.own) + [by_date] * len(samples.shared)
            for channel, order in enumerate(orders):
                other = x.clone()
                other[: len(at), channel] = x[order, channel]
                worse[repeat, channel] = _log_loss(ensemble, other, target) - own
    return np.asarray(worse.mean(axis=0))


def _in_place(ensemble: Ensemble) -> Ensemble:
    """Return networks that take less memory, and time; no gradient can be asked of them."""
    for module in ensemble.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = True
    return ensemble


def _dates_permuted(day: npt.NDArray[np.int64], rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Return for each row a row of the date whose indices it is given."""
    _, first, date = np.unique(day, return_index=True, return_inverse=True)
    return np.asarray(first[rng.permutation(len(first))][date])


def _log_loss(ensemble: Ensemble, x: Tensor, target: Tensor) -> float:
    score = torch.cat([ensemble(batch) for batch in torch.split(x, BATCH)])[: len(target)]
    return float(functional.nll_loss(score, target))
