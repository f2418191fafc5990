"""Saliency of every trade's row, and of every window what its maps are worth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.chain.fold import FittedFold
from rollsight.backtests.workers.executors import Executor
from rollsight.backtests.workers.results import SERIAL, results
from rollsight.base.progress import Progress
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.explaining.attention import attention_profile
from rollsight.training.explaining.attribution import explain
from rollsight.training.explaining.gate import Gate, judge
from rollsight.training.explaining.importance import permutation_importance
from rollsight.training.explaining.members import (
    explain_members,
    explained_members,
    judge_members,
)
from rollsight.training.explaining.trees import explain_trees, judge_trees, tree_scores
from rollsight.training.fitting.rows import Rows
from rollsight.training.models.ensemble import EnsembleSpec
from rollsight.training.models.families import family_of
from rollsight.training.spec import AttributionSpec, TrainingSpec

# Columns of a profile of attention in the table of windows.
ATTENTION = {
    "attention": "heads", "attention_gradient": "gradient", "attention_occlusion": "occlusion",
}  # fmt: skip
COLUMNS = {"trade": "int64", "channel": "category", "lag": "int16"}
Columns = Mapping[str, npt.NDArray[np.float32]]  # (n, channels, lookback) each


@dataclass(frozen=True, eq=False)
class Explained:
    """What the networks looked at.

    Attributes
    ----------
    trades
        one row a trade, channel and lag: gradient, contribution, and each further method; of
        trees and ensembles the contribution alone
    windows
        one row a window, in order: its gate, and each channel's permutation importance; of
        families that attend also `Profile`
    """

    trades: pd.DataFrame
    windows: pd.DataFrame


@dataclass(frozen=True, eq=False)
class _Window:
    maps: Columns | None
    gate: Gate
    importance: npt.NDArray[np.float64] | None
    attention: dict[str, list[object]]


def explain_folds(
    trades: pd.DataFrame,
    signals: pd.DataFrame,
    folds: Sequence[FittedFold],
    samples: SampleSet,
    *,
    spec: AttributionSpec,
    training: TrainingSpec,
    progress: Progress,
    running: Executor = SERIAL,
) -> Explained:
    """Return the maps of each trade's input by its own window's model, and each window's gate.

    Lag 0 is the decision's own session.

    Parameters
    ----------
    signals
        with columns stock and day; a trade's ``signal`` is its row's label there
    running
        what explains them; no bit depends on how many at the same time
    """
    trades_of = [trades[trades["window"] == fold.window.number] for fold in folds]
    rows = [signals.loc[own["signal"], ["stock", "day"]].to_numpy() for own in trades_of]
    tasks = (
        partial(_explain, fold, samples, Rows(at[:, 0], at[:, 1]), spec, training)
        for fold, at in zip(folds, rows, strict=True)
    )
    progress("explain trades", 0, len(folds))
    windows: list[_Window] = []
    for window in results(running, tasks):
        windows.append(window)
        progress("explain trades", len(windows), len(folds))
    parts = [
        _long(own["trade"].to_numpy(), window.maps, samples)
        for own, window in zip(trades_of, windows, strict=True)
        if len(own) and window.maps is not None
    ]
    table = pd.concat(parts, ignore_index=True) if parts else _long_empty(windows, spec)
    return Explained(
        trades=table.astype({"channel": pd.CategoricalDtype(list(samples.channels))}),
        windows=pd.DataFrame(
            [_columns(w.gate, w.importance, samples) | w.attention for w in windows]
        ),
    )


def _explain(
    fold: FittedFold, samples: SampleSet, rows: Rows, spec: AttributionSpec, training: TrainingSpec
) -> _Window:
    model, window, skilled = fold.model, fold.window, fold.skilled
    maps: Columns | None = None
    can = family_of(model.spec.name).can
    attention: dict[str, list[object]] = {}
    if can.attends:
        profile = attention_profile(model, samples, rows, spec.target)
        attention = {
            column: [] if profile is None else getattr(profile, name).tolist()
            for column, name in ATTENTION.items()
        }
    if can.differentiable:
        own = explain(model, samples, rows, spec=spec)
        maps = {"gradient": own.gradient, "contribution": own.contribution, **own.others}
        gate = judge(model, samples, window, skilled=skilled, target=spec.target)
    elif tree_scores(model):
        maps = {"contribution": explain_trees(model, samples, window, rows, spec.target)}
        gate = judge_trees(
            model, samples, window, skilled=skilled, target=spec.target, training=training
        )
    elif members := explained_members(model):
        by_place = isinstance(model.spec, EnsembleSpec) and model.spec.average == "rank"
        own_map = explain_members(
            members, samples, window, rows, target=spec.target, by_place=by_place
        )
        maps = {"contribution": own_map}
        gate = judge_members(
            members, samples, window, skilled=skilled, target=spec.target, training=training
        )
    else:
        gate = Gate(skilled, None, None, None, None, len(model.weights), differentiable=False)
    return _Window(maps, gate, permutation_importance(model, samples, fold.rows), attention)


def _columns(
    gate: Gate, importance: npt.NDArray[np.float64] | None, samples: SampleSet
) -> dict[str, object]:
    checks = {"seeds": gate.seeds, "randomised": gate.randomised, "deletion": gate.deletion,
              "methods": gate.methods}  # fmt: skip
    unknown = np.full(len(samples.channels), np.nan)
    return {
        "gate_passed": gate.passed,
        "gate_reason": "; ".join(gate.reasons),
        **{f"gate_{name}": np.nan if v is None else v for name, v in checks.items()},
        "importance": (unknown if importance is None else importance).tolist(),
    }


def _long(trade: np.ndarray, maps: Columns, samples: SampleSet) -> pd.DataFrame:
    n, channels, lookback = maps["contribution"].shape
    # The newest session stands last in a map; lag 0 comes first in the table.
    return pd.DataFrame(
        {
            "trade": np.repeat(trade, channels * lookback),
            "channel": pd.Categorical.from_codes(
                np.tile(np.repeat(np.arange(channels), lookback), n),
                categories=pd.Index(samples.channels),
            ),
            "lag": np.tile(np.arange(lookback, dtype=np.int16), n * channels),
            **{name: m[:, :, ::-1].reshape(-1) for name, m in maps.items()},
        }
    )


def _long_empty(windows: Sequence[_Window], spec: AttributionSpec) -> pd.DataFrame:
    known = next((w.maps for w in windows if w.maps is not None), None)
    names = ("gradient", "contribution", *spec.methods) if known is None else tuple(known)
    types = COLUMNS | dict.fromkeys(names, "float32")
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in types.items()})
