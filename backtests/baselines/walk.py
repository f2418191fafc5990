"""Baselines: other families, with the run's windows, inputs, thresholds, rule and account."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.account.backtest import Traded
from rollsight.backtests.account.statistics import total_return
from rollsight.backtests.baselines.specs import baseline_name, baseline_specs
from rollsight.backtests.chain.fold import Fold, decided
from rollsight.backtests.chain.forecasts import forecast
from rollsight.backtests.chain.networks import networks
from rollsight.backtests.chain.prepared import Prepared
from rollsight.backtests.chain.signals import DECIDED, labelled_table, net_returns, trade_signals
from rollsight.backtests.spec import RunSpec
from rollsight.backtests.teacher.source import taught
from rollsight.backtests.workers.executors import Executor
from rollsight.backtests.workers.results import results
from rollsight.base.progress import Progress, Steps
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.store import Store, model_digest
from rollsight.training.fitting.windows import Window
from rollsight.training.models.model import FittedModel


@dataclass(frozen=True, eq=False)
class Baseline:
    """A family of models in the place of the run's own.

    Attributes
    ----------
    spec
        the run's, with that family as its model
    models
        one a window
    signals
        one row a decision, in the order of the run's own
    """

    spec: RunSpec
    models: tuple[FittedModel, ...]
    signals: pd.DataFrame
    traded: Traded

    @property
    def name(self) -> str:
        """Its family, or ``control``."""
        return baseline_name(self.spec)


def walk_baselines(
    ready: Prepared, spec: RunSpec, *, store: Store, running: Executor, progress: Progress
) -> list[Baseline]:
    """Train every baseline in every window, or read it from the store, and trade its test spans.

    Parameters
    ----------
    store
        that of the run's own networks
    running
        what trains them; no bit depends on how many at the same time
    """
    net_return = net_returns(ready)
    return [
        _walked(
            replace(ready, samples=taught(ready.samples, own.teacher)), own, net_return,
            replace(store, baseline=baseline_name(own)), running, progress,
        )
        for own in baseline_specs(spec)
    ]  # fmt: skip


def baseline_table(baselines: Sequence[Baseline], signals: pd.DataFrame) -> pd.DataFrame:
    """Return what the baselines decided, one row a decision of the run's own and baseline.

    Parameters
    ----------
    signals
        the run's own, as they are published
    """
    decisions = [column for column in DECIDED if column not in ("decided_at", "code", "window")]
    parts = [
        signals.assign(**{c: found.signals[c] for c in decisions}, baseline=found.name)
        for found in baselines
    ]
    # Where there is no baseline, the table has its columns all the same.
    table = pd.concat(parts or [signals[:0].assign(baseline="")], ignore_index=True)
    return table.astype({"baseline": "str"})[["baseline", *DECIDED]]


def baseline_facts(found: Baseline) -> dict[str, Any]:
    """Return what the manifest says of a baseline."""
    return {
        "name": found.name,
        "seeds": list(found.spec.training.network_seeds),
        "model_keys": [list(model.keys) for model in found.models],
        "model_digests": [model_digest(model) for model in found.models],
        "trades": len(found.traded.trades),
        "total_return": total_return(found.traded.equity["return"].to_numpy()),
        "equity_residual": found.traded.residual,
    }


def _walked(
    ready: Prepared,
    spec: RunSpec,
    net_return: npt.NDArray[np.float64],
    store: Store,
    running: Executor,
    progress: Progress,
) -> Baseline:
    """Return one baseline of its own spec."""
    name = baseline_name(spec)
    models = [
        model
        for model, _ in networks(
            ready.samples, ready.windows, spec, store=store, running=running,
            progress=lambda _, done, total, note="": progress(f"train {name}", done, total, note),
        )
    ]  # fmt: skip
    tasks = [
        partial(_fold, model, ready.samples, net_return, window, spec)
        for model, window in zip(models, ready.windows, strict=True)
    ]
    step, folds = Steps(progress, f"score {name}", len(tasks)), []
    for fold in results(running, tasks):
        folds.append(fold)
        step()
    signals = labelled_table(ready, folds)
    return Baseline(spec, tuple(models), signals, trade_signals(ready, spec, signals))


def _fold(
    model: FittedModel,
    samples: SampleSet,
    net_return: npt.NDArray[np.float64],
    window: Window,
    spec: RunSpec,
) -> Fold:
    return decided(
        forecast(model, samples, window, shrink=spec.training.shrink),
        samples,
        net_return,
        window,
        spec,
    )
