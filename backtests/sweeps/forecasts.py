"""Forecasts that a sweep keeps, so that trials that trade differently ask networks once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rollsight.backtests.chain.forecasts import (
    Forecast,
    is_skilled,
    part_of,
    usable_rows,
)
from rollsight.backtests.seeds.parts import Places, parts_of
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.trials.arrays import read_arrays, write_arrays
from rollsight.base.digests import chain_digest, content_digest
from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.explaining.attribution import explain, shares
from rollsight.training.fitting.keys import digest
from rollsight.training.fitting.rows import Rows
from rollsight.training.fitting.windows import Window
from rollsight.training.models.families import family_of
from rollsight.training.models.model import FittedModel

ARRAYS = ("each_validation", "each_test", "frequencies")
OF_GATE = ("outlier_validation", "outlier_test")  # only where there is one
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
    part_weights
        (parts,) what each part of the networks alone has for a weight
    """

    forecast: Forecast
    skilled: bool
    share: npt.NDArray[np.float64]
    part_weights: npt.NDArray[np.float64]

    @property
    def parts(self) -> list[Places]:
        """Each network, and each half of them; nothing of one network."""
        return parts_of(len(self.forecast.each_test))

    def part(self, at: int) -> Forecast:
        """Return what a part of the networks forecasts alone."""
        some = list(self.parts[at])
        return replace(
            self.forecast,
            each_validation=self.forecast.each_validation[some],
            each_test=self.forecast.each_test[some],
            weight=float(self.part_weights[at]),
        )


def forecast_keys(
    inputs: str, windows: Sequence[Window], spec: RunSpec, keys: Iterable[Sequence[str]]
) -> tuple[str, ...]:
    """Return the digest of all that each window's forecast depends on.

    Parameters
    ----------
    inputs
        digest of the samples
    keys
        of the networks, by window, then by seed
    """
    shrink = spec.training.shrink
    return tuple(
        digest([chain_digest(), inputs, content_digest([window, shrink]), *of])
        for window, of in zip(windows, keys, strict=True)
    )


def store_forecast(
    found: Forecast,
    model: FittedModel,
    samples: SampleSet,
    window: Window,
    path: Path,
    *,
    shrink: bool,
) -> None:
    """Write what a window's networks forecast atomically."""
    share = _share(model, samples, usable_rows(samples, window.test))
    skilled = is_skilled(found, samples, window)
    parts = (
        part_of(found, places, model, samples, window, shrink=shrink)
        for places in parts_of(len(model.weights))
    )
    of_gate = OF_GATE if found.outlier_test is not None else ()
    arrays = {name: getattr(found, name) for name in (*ARRAYS, *of_gate)} | {
        "share": share,
        "part_weights": np.array([part.weight for part in parts]),
    }
    write_arrays(path, {"skilled": skilled, "weight": found.weight}, arrays)


def read_forecast(path: Path) -> StoredForecast | None:
    """Return a stored forecast; None where there is none, or a damaged one."""
    stored = read_arrays(path)
    if stored is None:
        return None
    about, arrays = stored
    own = (*ARRAYS, *(name for name in OF_GATE if name in arrays))
    found = Forecast(**{name: arrays[name] for name in own}, weight=about["weight"])
    return StoredForecast(found, about["skilled"], arrays["share"], arrays["part_weights"])


def read_forecasts(home: Home, keys: Iterable[str]) -> Iterator[StoredForecast]:
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
        yield found


def _share(model: FittedModel, samples: SampleSet, rows: Rows) -> npt.NDArray[np.float64]:
    """Return each channel's share of the absolute gradients of rows spread over the span.

    NaN where no gradient flows through the model.
    """
    if not family_of(model.spec.name).can.differentiable:
        return np.full(len(model.channels), np.nan)
    at = np.unique(np.linspace(0, len(rows) - 1, min(EXPLAINED, len(rows))).round().astype(int))
    maps = explain(model, samples, Rows(rows.stock[at], rows.day[at]))
    return shares(maps.gradient)
