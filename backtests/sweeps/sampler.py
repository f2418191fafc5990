"""Optuna's sampler, which looks for the best settings by what the earlier ones gave."""

from collections.abc import Iterator
from typing import Any

from rollsight.backtests.sweeps.grid import Axis, Grid, Range, Settings
from rollsight.base.errors import RollsightError

BATCH = 8  # trials that are asked for together; fixed, so that jobs change nothing


class Sampler:
    """A tree-structured Parzen estimator (Bergstra et al. 2011) over the axes of a grid."""

    def __init__(self, grid: Grid, *, seed: int) -> None:
        try:
            import optuna
        except ImportError as error:
            raise RollsightError(
                "sampler='tpe' needs Optuna: pip install 'rollsight[optuna]'"
            ) from error
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        tpe = optuna.samplers.TPESampler(seed=seed, constant_liar=True)
        self._failed = optuna.trial.TrialState.FAIL
        self._study = optuna.create_study(direction="maximize", sampler=tpe)
        self._grid = grid

    def batches(self, trials: int) -> Iterator[list[tuple[Any, Settings]]]:
        """Yield so many trials in batches, each with what is to be told of it."""
        for start in range(0, trials, BATCH):
            asked = [self._study.ask() for _ in range(min(BATCH, trials - start))]
            yield [
                (one, {axis.key: _suggested(one, axis) for axis in self._grid.axes})
                for one in asked
            ]

    def tell(self, trial: Any, value: float | None) -> None:
        """Take the objective of a trial, None where it failed or has none."""
        if value is None:
            self._study.tell(trial, state=self._failed)
        else:
            self._study.tell(trial, value)


def _suggested(trial: Any, axis: Axis) -> Any:
    values = axis.values
    if isinstance(values, Range):
        if isinstance(values.low, int) and isinstance(values.high, int):
            return trial.suggest_int(axis.key, values.low, values.high)
        return trial.suggest_float(axis.key, values.low, values.high)
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    if numbers:
        # Places of ordered numbers: neighbours are alike.
        ordered = sorted(values)
        return ordered[trial.suggest_int(axis.key, 0, len(ordered) - 1)]
    return values[trial.suggest_categorical(axis.key, list(range(len(values))))]
