"""What the networks of a sweep look at, and how far its trainings agree."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.sweeps.directory import Home
from rollsight.backtests.sweeps.forecasts import read_forecast
from rollsight.backtests.sweeps.grid import Settings
from rollsight.reports.sweep.numbers.paths import Finished

Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class TrainingSaliency:
    """What the networks of a training look at, over the windows that have skill.

    Attributes
    ----------
    trials
        how many share it
    settings
        in which these do not differ
    skilled, windows
        windows with skill, and all of them
    share
        of the saliency, by channel; None where it is not known
    """

    training: int
    trials: int
    settings: Settings
    skilled: int
    windows: int
    channels: tuple[str, ...]
    share: tuple[float, ...] | None


@dataclass(frozen=True)
class Agreement:
    """How alike trainings rank the channels by their share of saliency.

    Attributes
    ----------
    matrix
        Spearman's rank correlations, None where fewer than three channels are shared
    mean
        of each training with the others
    overall
        mean over pairs
    """

    trainings: tuple[int, ...]
    matrix: tuple[tuple[float | None, ...], ...]
    mean: tuple[float | None, ...]
    overall: float | None


def saliency_of(done: Finished, home: Home) -> list[TrainingSaliency]:
    """Return what the networks of each training look at."""
    found = []
    for place, training in enumerate(done.plan.trainings):
        trials = [t for t in done.plan.trials if t.training == place]
        windows = [read_forecast(home.forecast(key)) for key in training.forecasts]
        skilled = [w.share for w in windows if w is not None and w.skilled]
        known = bool(skilled) and bool(np.isfinite(skilled).all())
        same = {k for k in done.grid.keys if len({repr(t.settings[k]) for t in trials}) == 1}
        found.append(
            TrainingSaliency(
                training=place,
                trials=len(trials),
                settings={k: trials[0].settings[k] for k in done.grid.keys if k in same},
                skilled=len(skilled),
                windows=len(training.forecasts),
                channels=training.channels,
                share=tuple(np.mean(skilled, axis=0).tolist()) if known else None,
            )
        )
    return found


def agreement(saliency: Sequence[TrainingSaliency]) -> Agreement | None:
    """Return how alike the trainings rank the channels; None for fewer than two that can.

    Only trainings with skilled windows count: the maps of others explain nothing. Channels that
    two trainings do not share are left out between them.
    """
    shares = {
        s.training: dict(zip(s.channels, s.share, strict=True))
        for s in saliency
        if s.skilled and s.share is not None
    }
    if len(shares) < 2:
        return None
    matrix = (
        pd.DataFrame(shares)
        .astype(float)
        .corr(method="spearman", min_periods=3)
        .to_numpy(copy=True)
    )
    np.fill_diagonal(matrix, np.nan)
    return Agreement(
        trainings=tuple(shares),
        matrix=tuple(tuple(_known(v) for v in row) for row in matrix),
        mean=tuple(_mean(row) for row in matrix),
        overall=_mean(matrix[np.triu_indices(len(shares), 1)]),
    )


def _mean(values: Float64) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
