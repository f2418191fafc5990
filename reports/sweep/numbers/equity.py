"""The growth of one unit in a sweep: the chosen trial beside all that it is measured by."""

from typing import Any

import numpy as np

from rollsight.reports.sweep.numbers.paths import Finished, Float64, Paths, median_trial


def equity_curves(done: Finished, paths: Paths | None) -> dict[str, Any]:
    """Return the growth of one unit over the shared sessions."""
    if paths is None:
        return dict.fromkeys(("chosen", "median", "benchmark", "universe", "rolling")) | {
            "date": []
        }
    columns = dict(zip(paths.numbers, paths.trials.T, strict=True))
    chosen = None if done.chosen is None else columns.get(done.chosen.number)
    return {
        "date": [str(day) for day in paths.sessions],
        "chosen": _growth(chosen),
        "median": _growth(median_trial(paths)),
        "benchmark": benchmark_growth(paths),
        "universe": _growth(paths.universe),
        "rolling": _rolling_growth(done, paths),
    }


def _growth(returns: Float64 | None) -> list[float] | None:
    return None if returns is None else [1.0, *np.cumprod(1 + returns).tolist()]


def benchmark_growth(paths: Paths) -> list[float | None] | None:
    """Return the growth of the benchmark from its first value on, None where it has none."""
    if paths.benchmark is None:
        return None
    known = np.isfinite(paths.benchmark)
    first = int(known.argmax())
    level = np.cumprod(np.where(known, 1 + paths.benchmark, 1.0)[first + 1 :])
    grown = [None] * first + [1.0, *level.tolist()]
    return [value if has else None for value, has in zip(grown, known, strict=True)]


def _rolling_growth(done: Finished, paths: Paths) -> list[float | None] | None:
    if done.rolling is None:
        return None
    equity = done.rolling.traded.equity.set_index("date")["equity"]
    on = equity.reindex(paths.sessions.astype("datetime64[ns]"))
    first = on.dropna()
    return (on / first.iloc[0]).tolist() if len(first) else None
