"""The growth of one unit in a sweep: the chosen trial beside all that it is measured by."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from rollsight.reports.sweep.numbers.paths import Finished, Float64, Paths, median_trial

Curve = tuple[float | None, ...]


@dataclass(frozen=True)
class EquityCurves:
    """The growth of one unit at the close of each shared session, None where there is none."""

    date: tuple[str, ...] = ()
    chosen: Curve | None = None
    median: Curve | None = None
    benchmark: Curve | None = None
    universe: Curve | None = None
    rolling: Curve | None = None


def equity_curves(done: Finished, paths: Paths | None) -> EquityCurves:
    """Return the growth of one unit over the shared sessions."""
    if paths is None:
        return EquityCurves()
    columns = dict(zip(paths.numbers, paths.trials.T, strict=True))
    chosen = None if done.chosen is None else columns.get(done.chosen.number)
    return EquityCurves(
        date=tuple(str(day) for day in paths.sessions),
        chosen=_growth(chosen),
        median=_growth(median_trial(paths)),
        benchmark=benchmark_growth(paths),
        universe=_growth(paths.universe),
        rolling=_rolling_growth(done, paths),
    )


def _growth(returns: Float64 | None) -> Curve | None:
    return None if returns is None else (1.0, *np.cumprod(1 + returns).tolist())


def benchmark_growth(paths: Paths) -> Curve | None:
    """Return the growth of the benchmark from its first value on, None where it has none."""
    if paths.benchmark is None:
        return None
    known = np.isfinite(paths.benchmark)
    first = int(known.argmax())
    level = np.cumprod(np.where(known, 1 + paths.benchmark, 1.0)[first + 1 :])
    grown = np.concatenate([np.ones(first + 1), level])
    return _known(np.where(known, grown, np.nan))


def _rolling_growth(done: Finished, paths: Paths) -> Curve | None:
    if done.rolling is None:
        return None
    equity = done.rolling.traded.equity.set_index("date")["equity"]
    on = equity.reindex(paths.sessions.astype("datetime64[ns]"))
    first = on.dropna()
    return _known((on / first.iloc[0]).tolist()) if len(first) else None


def _known(levels: Iterable[float]) -> Curve:
    return tuple(float(level) if np.isfinite(level) else None for level in levels)
