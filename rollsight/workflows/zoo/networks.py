"""What the stored networks of a zoo's families say beyond their runs' tables."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from rollsight.backtests.chain.forecasts import forecast, part_of, usable_rows
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.spec import RunSpec
from rollsight.base.progress import Progress, Steps, silent
from rollsight.reports.zoo.facts import agreement_of
from rollsight.reports.zoo.numbers import Maps
from rollsight.training.deciding.inference import log_losses
from rollsight.training.explaining.attribution import explain, shares
from rollsight.training.models.families import family_of
from rollsight.training.models.model import FittedModel

ByWindow = Callable[[int], FittedModel]  # a window's networks by its number
EXPLAINED = 16  # rows of each window whose gradients are set side by side


def gains_alone(
    ready: Prepared, spec: RunSpec, model_of: ByWindow, progress: Progress = silent
) -> tuple[float, ...]:
    """Return what the networks of each seed alone gain on the labelled test rows, nats a row.

    That is over each window's class frequencies, with the weight that a network has by itself.
    Nothing of one network.
    """
    seeds = spec.training.seeds
    if seeds == 1:
        return ()
    samples, shrink = ready.samples, spec.training.shrink
    gained, rows = np.zeros(seeds), 0
    step = Steps(progress, "score each seed alone", len(ready.windows))
    for window in ready.windows:
        model, test = model_of(window.number), usable_rows(samples, window.test)
        label = samples.labels.label[test.stock, test.day]
        known = label >= 0
        found = forecast(model, samples, window, shrink=shrink)
        constant = np.broadcast_to(found.frequencies, found.test.shape)[known]
        none = log_losses(constant, label[known])
        for place in range(seeds):
            own = part_of(found, (place,), model, samples, window, shrink=shrink).test[known]
            gained[place] += (none - log_losses(own, label[known])).sum()
        rows += int(known.sum())
        step()
    return tuple(map(float, gained / max(rows, 1)))


def maps_of(ready: Prepared, models: Mapping[str, ByWindow]) -> Maps | None:
    """Return what the differentiable families look at on the same rows of every window."""
    shown = {name: own for name, own in models.items() if family_of(name).can.differentiable}
    if not shown:
        return None
    channels, count = ready.samples.channels, 0
    summed: dict[str, npt.NDArray[np.float64]] = {name: np.zeros(len(channels)) for name in shown}
    for window in ready.windows:
        rows = usable_rows(ready.samples, window.test).some(EXPLAINED)
        count += len(rows)
        for name, own in shown.items():
            summed[name] += shares(explain(own(window.number), ready.samples, rows).gradient)
    mean = {
        name: tuple(map(float, total / max(total.sum(), 1e-12))) for name, total in summed.items()
    }
    return Maps(channels, mean, agreement_of(mean), count)
