"""The golden run: a planted market through the whole chain."""

import json
import tempfile
from pathlib import Path
from typing import Any

from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.spec import read_spec
from rollsight.base.records import plain
from rollsight.reports.run.metrics import build_metrics
from tests.support.planted import planted_market

CHANGES = [
    "baselines=[]",
    "market.indices=all", "market.benchmark=KS11", "features.lookback=20", "model.blocks=1",
    "model.width=4", "training.epochs=6", "training.learning_rate=0.01", "training.batch=8",
    "training.stretch=16", "training.seeds=3", "windows.train_days=450",
    "windows.validation_days=60", "windows.test_days=60", "label.horizon=3",
]  # fmt: skip


def golden_run() -> dict[str, Any]:
    """Return the figures that are pinned."""
    with tempfile.TemporaryDirectory() as folder:
        market = planted_market(Path(folder), seed=4, strength=0.4, n_stocks=8, n_days=640)
        numbers = build_metrics(walk_forward(read_spec("krx", CHANGES, str(market))))
    metrics: dict[str, Any] = plain(numbers)
    for key in (
        "digests", "equity", "trades", "stretches", "leak", "quantstats", "ranking", "holdout",
        "deaths", "turnover", "classes", "random_accounts",
    ):  # fmt: skip
        del metrics[key]
    for window in metrics["windows"]:
        for key in [k for k in window if k.startswith("curve_")]:
            del window[key]
    # The rounding of a sum, and no figure of the run.
    del metrics["headline"]["equity_residual"]
    return metrics


if __name__ == "__main__":
    print(json.dumps(golden_run(), indent=1, ensure_ascii=False))  # noqa: T201
