"""Forecasts that a sweep keeps, so that trials that trade differently ask networks once."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rollsight.backtests.chain.forecasts import Forecast, forecast, is_skilled, usable_rows
from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.trials.arrays import read_arrays, write_arrays
from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.explaining.attribution import explain, shares
from rollsight.training.fitting.rows import Rows
from rollsight.training.fitting.windows import Window
from rollsight.training.models.families import family_of
from rollsight.training.models.model import FittedModel

ARRAYS = ("each_validation", "each_test", "frequencies")
EXPLAINED = 64  # test rows of a window whose gradients are summed


@dataclass(frozen=True, eq=False)
class StoredForecast:
    """A window's forecast, and what the sweep's report tells of its networks.

    Attributes
    ----------
    skilled
        the validation log-loss is below that of the class frequencies
    share
        (channels,) of the absolute gradients of some test rows, fractions
    """

    forecast: Forecast
    skilled: bool
    share: npt.NDArray[np.float64]


def store_forecast(
    model: FittedModel, samples: SampleSet, window: Window, path: Path, *, shrink: bool
) -> None:
    """Have a window's networks forecast, and write that atomically."""
    found = forecast(model, samples, window, shrink=shrink)
    share = _share(model, samples, usable_rows(samples, window.test))
    skilled = is_skilled(found, samples, window)
    arrays = {name: getattr(found, name) for name in ARRAYS}
    write_arrays(path, {"skilled": skilled, "weight": found.weight}, {**arrays, "share": share})


def read_forecast(path: Path) -> StoredForecast | None:
    """Return a stored forecast; None where there is none, or a damaged one."""
    stored = read_arrays(path)
    if stored is None:
        return None
    about, arrays = stored
    found = Forecast(**{name: arrays[name] for name in ARRAYS}, weight=about["weight"])
    return StoredForecast(found, about["skilled"], arrays["share"])


def read_forecasts(home: Home, keys: Iterable[str]) -> Iterator[Forecast]:
    """Yield stored forecasts.

    Raises
    ------
    RollsightError
        If one is missing or damaged.
    """
    for key in keys:
        found = read_forecast(home.forecast(key))
        if found is None:
            raise RollsightError(f"{home.forecast(key)} is damaged: delete it and sweep again")
        yield found.forecast


def _share(model: FittedModel, samples: SampleSet, rows: Rows) -> npt.NDArray[np.float64]:
    """Return each channel's share of the absolute gradients of rows spread over the span.

    NaN where no gradient flows through the model.
    """
    if not family_of(model.spec.name).can.differentiable:
        return np.full(len(model.channels), np.nan)
    at = np.unique(np.linspace(0, len(rows) - 1, min(EXPLAINED, len(rows))).round().astype(int))
    maps = explain(model, samples, Rows(rows.stock[at], rows.day[at]))
    return shares(maps.gradient)
