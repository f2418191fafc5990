"""What the stored networks of a zoo's families say beyond their runs' tables."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rollsight.backtests.chain.forecasts import forecast, part_of, usable_rows
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.directory.result import write_json
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.forecasts import forecast_keys, read_forecast
from rollsight.base.digests import chain_digest, code_of, content_digest
from rollsight.base.progress import Progress, Steps, silent
from rollsight.base.records import plain, record
from rollsight.reports.zoo.facts import agreement_of
from rollsight.reports.zoo.numbers import Maps
from rollsight.training.deciding.inference import log_losses
from rollsight.training.explaining.attribution import explain, shares
from rollsight.training.fitting.paths import forecast_path
from rollsight.training.fitting.rows import Rows
from rollsight.training.fitting.windows import Window
from rollsight.training.models.families import family_of
from rollsight.training.models.model import FittedModel

ByWindow = Callable[[int], FittedModel]  # a window's networks by its number
EXPLAINED = 16  # rows of each window whose gradients are set side by side


@dataclass(frozen=True)
class Networks:
    """What a family's networks say.

    Attributes
    ----------
    parameters
        numbers that one network of one window has
    gains
        see `gains_alone`
    shares
        see `shares_of`
    """

    parameters: int
    gains: tuple[float, ...]
    shares: tuple[float, ...]


def networks_of(
    ready: Prepared,
    spec: RunSpec,
    manifest: Mapping[str, Any],
    model_of: ByWindow,
    kept_in: Path,
    forecasts: Path,
    progress: Progress = silent,
) -> Networks:
    """Return what a finished run's networks say, read where it is kept, and else kept.

    Parameters
    ----------
    kept_in
        a file that holds it with a digest of the run and of the code, without which it is nothing
    forecasts
        see `gains_alone`
    """
    of = content_digest([plain(dict(manifest)), chain_digest(), code_of(Path(__file__))])
    try:
        kept = json.loads(kept_in.read_text(encoding="utf-8"))
        if kept["of"] == of:
            return record(Networks, kept)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass  # not there, torn, or of another form
    found = Networks(
        parameters=sum(int(np.asarray(array).size) for array in model_of(0).weights[0].values()),
        gains=gains_alone(ready, spec, model_of, forecasts, progress),
        shares=shares_of(ready, spec, model_of),
    )
    write_json(kept_in, {"of": of, **plain(found)})
    return found


def gains_alone(
    ready: Prepared,
    spec: RunSpec,
    model_of: ByWindow,
    forecasts: Path,
    progress: Progress = silent,
) -> tuple[float, ...]:
    """Return what the networks of each seed alone gain on the labelled test rows, nats a row.

    That is over each window's class frequencies, with the weight that a network has by itself.
    Nothing of one network.

    Parameters
    ----------
    forecasts
        folder in which the run may have kept them; what is not there is asked for again
    """
    seeds = spec.training.seeds
    if seeds == 1:
        return ()
    samples, shrink = ready.samples, spec.training.shrink
    gained, rows = np.zeros(seeds), 0
    step = Steps(progress, "score each seed alone", len(ready.windows))
    models = [model_of(window.number) for window in ready.windows]
    inputs = content_digest(samples)
    keys = forecast_keys(inputs, ready.windows, spec, [model.keys for model in models])
    for window, model, key in zip(ready.windows, models, keys, strict=True):
        test = usable_rows(samples, window.test)
        label = samples.labels.label[test.stock, test.day]
        known = label >= 0
        stored = read_forecast(forecast_path(forecasts, key))
        found = stored.forecast if stored else forecast(model, samples, window, shrink=shrink)
        constant = np.broadcast_to(found.frequencies, found.test.shape)[known]
        none = log_losses(constant, label[known])
        for place in range(seeds):
            own = part_of(found, (place,), model, samples, window, shrink=shrink).test[known]
            gained[place] += (none - log_losses(own, label[known])).sum()
        rows += int(known.sum())
        step()
    return tuple(map(float, gained / max(rows, 1)))


def shares_of(ready: Prepared, spec: RunSpec, model_of: ByWindow) -> tuple[float, ...]:
    """Return each channel's share of the absolute gradients of the same rows of every window.

    Nothing of a family that is not differentiable.
    """
    if not family_of(spec.model.name).can.differentiable:
        return ()
    total = np.zeros(len(ready.samples.channels))
    for window in ready.windows:
        rows = _explained(ready, window)
        total += shares(explain(model_of(window.number), ready.samples, rows).gradient)
    return tuple(map(float, total / max(total.sum(), 1e-12)))


def maps_of(ready: Prepared, found: Mapping[str, Networks]) -> Maps | None:
    """Return what the differentiable families look at on the same rows of every window."""
    shown = {name: own.shares for name, own in found.items() if own.shares}
    if not shown:
        return None
    count = sum(len(_explained(ready, window)) for window in ready.windows)
    return Maps(ready.samples.channels, shown, agreement_of(shown), count)


def _explained(ready: Prepared, window: Window) -> Rows:
    return usable_rows(ready.samples, window.test).some(EXPLAINED)
