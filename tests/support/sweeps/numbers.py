"""The numbers of a made-up sweep, as its page takes them."""

from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from rollsight.reports.sweep.numbers import data as sweepdata
from rollsight.reports.sweep.numbers.seeds import spread

VALUES: dict[str, list[Any]] = {
    "label.horizon": [5, 10],
    "threshold.objective": ["net_return", "precision"],
    "strategy.stop_loss": [None, 0.03, 0.05, 0.08, 0.12],
    "strategy.positions": [5, 10, 20],
}
CHANNELS = ["close", "KS11", "KQ11", "KS200", "IXIC", "GSPC", "VIX", "NG", "GC", "USD/KRW"]
ROWS = "#triallist tr[data-at]"  # of the page's list
FIGURES = ("sharpe", "annual_return", "total_return", "max_drawdown")


def trial(number: int, settings: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Return a trial that is done, whose figures follow from its number unless given."""
    return {
        "number": number, "digest": f"{number:08x}", "settings": settings, "state": "done",
        "error": None, "training": 0, "validation": figures(0.1 * number),
        "test": figures(0.05 * number), "chosen": False, "link": None,
        "actions": {"bought": 812},
    } | changes  # fmt: skip


def figures(sharpe: float | None, *, precision: float = 0.36) -> dict[str, Any]:
    """Return figures of a trial around a Sharpe ratio, which is its objective too."""
    annual = None if sharpe is None else 0.18 * sharpe
    return {
        "objective": sharpe, "sharpe": sharpe, "annual_return": annual,
        "total_return": None if annual is None else (1 + annual) ** 9 - 1,
        "max_drawdown": -0.31, "trades": 812, "buys": 9_450, "precision": precision,
        "crucial_fail": 0.33, "net_return": 0.0012, "log_loss_gain": -0.0021,
    }  # fmt: skip


def grid(n: int | None = None, *, seed: int = 0) -> list[dict[str, Any]]:
    """Return trials of the grid, of which the third failed, the horizon and the stop matter."""
    random = np.random.default_rng(seed)
    combined = [dict(zip(VALUES, row, strict=True)) for row in product(*VALUES.values())]
    found = []
    for number in range(n or len(combined)):
        own = combined[number % len(combined)]
        stop = own["strategy.stop_loss"] or 0.2
        good = 0.35 * (own["label.horizon"] == 10) - 1.5 * abs(stop - 0.08)
        luck = random.normal(0, 0.14, 3)
        found.append(
            trial(
                number, own, training=VALUES["label.horizon"].index(own["label.horizon"]),
                validation=figures(0.25 + good + luck[0] + luck[1], precision=0.36 + luck[0] / 20),
                test=figures(good + luck[0] + luck[2], precision=0.36 + luck[2] / 20),
            )
        )  # fmt: skip
    return found


def sweep_data(trials: list[dict[str, Any]] | None = None, **changes: Any) -> dict[str, Any]:
    """Return a sweep's numbers around trials; without them, of a grid with a failed one."""
    if trials is None:
        trials = grid()
        trials[2] |= {
            "state": "failed", "validation": None, "test": None, "training": None,
            "error": "strategy.positions=20 needs 20 names, window 3 has 18",
        }  # fmt: skip
    ran = sweepdata.done(trials)
    best = max(ran, key=lambda t: t["validation"]["objective"] or -9.0, default=None)
    if best is not None:
        best |= {"chosen": True, "link": f"kept/{best['number']:04d}/report.html"}
    data = {
        "name": "KOSPI momentum, stops",
        "objective": "sharpe", "select": "validation", "sampler": "grid",
        "keys": list(VALUES), "values": VALUES, "circumstances": [],
        "span": {
            "first_session": "2016-01-04", "last_session": "2025-12-30", "sessions": 2_455,
            "sessions_per_year": 245.3, "validation_first": "2015-07-01",
            "validation_last": "2025-06-30",
        },
        "benchmark_name": "KS11", "notes": [], "counts": _counts(trials), "trials": trials,
        "chosen": None if best is None else best["number"],
        "statistics": _statistics(ran, best), "seeds": None, "saliency": saliency(),
        "rolling": None, "equity": _equity() if ran else dict.fromkeys(EQUITY, None) | {"date": []},
    } | changes  # fmt: skip
    return data | {
        "importance": sweepdata.importance(trials, data["keys"]),
        "heatmaps": sweepdata.heatmaps(trials, data["keys"]),
        "agreement": sweepdata.agreement(data["saliency"]),
    }


EQUITY = ("date", "chosen", "median", "benchmark", "universe", "rolling")


def saliency(skilled: tuple[int, ...] = (4, 7)) -> list[dict[str, Any]]:
    """Return the maps of distinct trainings with so many skilled windows each."""
    random = np.random.default_rng(3)
    base = random.random(len(CHANNELS))
    found = []
    for number, count in enumerate(skilled):
        own = base + 0.3 * random.random(len(CHANNELS))
        found.append({
            "training": number, "trials": 30, "skilled": count, "windows": 56,
            "settings": {"label.horizon": VALUES["label.horizon"][number % 2]},
            "channels": CHANNELS, "share": (own / own.sum()).tolist(),
        })  # fmt: skip
    return found


def seeds() -> dict[str, Any]:
    """Return the spread over seeds of two settings, of which one has a validation alone."""
    over = spread([0.1, 0.25, -0.3])
    names = [{"strategy.stop_loss": None}, {"strategy.stop_loss": 0.05}]
    return {
        "comparable": True,
        "settings": [
            {
                "settings": own, "trials": [n, n + 2, n + 4], "chosen": n == 0, "validation": over,
                "test": dict.fromkeys(FIGURES, over if n == 0 else None),
            }
            for n, own in enumerate(names)
        ],
    }  # fmt: skip


def few(**changes: Any) -> dict[str, Any]:
    """Return the numbers of a sweep over two keys, whose page is drawn faster."""
    return sweep_data(grid(20), **({"keys": list(VALUES)[1:3]} | changes))


def rolling(data: dict[str, Any]) -> dict[str, Any]:
    """Return a choice anew in each of eight windows, of which the first two choose nothing."""
    windows = [
        {
            "number": n, "test_start": f"20{16 + n}-01-04", "trial": None if n < 2 else 31 + n % 3,
            "objective": None if n < 2 else 0.4 - 0.03 * n,
        }
        for n in range(8)
    ]  # fmt: skip
    own = {key: data["trials"][0]["test"][key] for key in FIGURES}
    beside = {key: data["statistics"][key] for key in ("benchmark", "median")}
    return {
        "windows": windows,
        "figures": own,
        **beside,
        "switches": 5,
        "burn_in": 2,
        "following": 3,
    }


def _counts(trials: list[dict[str, Any]]) -> dict[str, int]:
    states = [t["state"] for t in trials]
    return {
        "trials": len(trials),
        **{s: states.count(s) for s in ("done", "failed", "abandoned")},
        "ever": len(trials) + 2, "duplicates": 0, "networks": 112, "signals": 4,
        "backtests": len(trials),
    }  # fmt: skip


def _statistics(ran: list[dict[str, Any]], best: dict[str, Any] | None) -> dict[str, Any]:
    nothing = dict.fromkeys((
        "chosen_sharpe", "expected_best", "deflated_sharpe", "deflated_ahead", "effective_trials",
        "pbo", "pbo_loss", "pbo_ranks", "spa", "reality_check", "benchmark", "universe", "median",
        "beat_benchmark", "rank_correlation", "benchmark_span", "median_beside",
    ))  # fmt: skip
    if best is None or len(ran) < 2:
        return nothing | {"trials_counted": len(ran), "pbo_splits": 0, "alike": False}
    middle = sorted(ran, key=lambda t: t["test"]["sharpe"] or -9.0)[len(ran) // 2]
    return {
        "chosen_sharpe": best["test"]["sharpe"], "expected_best": 0.62, "deflated_sharpe": 0.627,
        "deflated_ahead": 0.481,
        "alike": False,
        "trials_counted": len(ran) + 3, "effective_trials": 11.7, "pbo": 0.343, "pbo_loss": 0.271,
        "pbo_splits": 12_870,
        "pbo_ranks": np.random.default_rng(1).beta(2.2, 1.5, 12_870).tolist(),
        "spa": 0.218, "reality_check": 0.347,
        "benchmark": dict(zip(FIGURES, (0.41, 0.071, 0.86, -0.36), strict=True)),
        "universe": dict(zip(FIGURES, (0.45, 0.083, 1.05, -0.38), strict=True)),
        "median": {key: middle["test"][key] for key in FIGURES}, "beat_benchmark": 0.121,
        "rank_correlation": 0.63, "benchmark_span": None, "median_beside": None,
    }  # fmt: skip


def _equity() -> dict[str, list[Any]]:
    days = pd.bdate_range("2016-01-04", periods=2_455).strftime("%Y-%m-%d").tolist()
    drift = np.array([[6e-4], [1.3e-4], [3.5e-4], [4e-4]])
    moves = np.random.default_rng(6).normal(drift, 0.009, (len(EQUITY) - 2, len(days)))
    grown = np.cumprod(1 + moves, axis=1).round(6).tolist()
    return {"date": days, **dict(zip(EQUITY[1:-1], grown, strict=True)), "rolling": None}  # type: ignore[dict-item]
