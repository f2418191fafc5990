"""The spec of a small chain from prices to trades."""

from pathlib import Path

from rollsight.backtests.spec import RunSpec, check_spec


def spec_of(folder: Path, mode: str = "retrain", *, min_buys: int = 60) -> RunSpec:
    """Return a spec of windows of 100, 40 and 30 sessions, with one small network each, alone."""
    return check_spec(
        {
            "baselines": [],
            "market": {"folder": str(folder), "benchmark": "KS11", "book": "krx"},
            "features": {"lookback": 20},
            "label": {"horizon": 5},
            "windows": {"train_days": 100, "validation_days": 40, "test_days": 30},
            "model": {"width": 4, "blocks": 1},
            "training": {"epochs": 2, "mode": mode, "shrink": False, "averaging": 0.5},
            "threshold": {"min_buys": min_buys},
            "strategy": {"cash": 1_000_000.0, "max_positions": 3},
        },
        "test",
    )
