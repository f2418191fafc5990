"""The bits of a small run: digests of its networks, signals and baseline, by libraries' versions.

It goes through all that a run computes with: training, left-out dates, validation, thresholds and
inference, by the default network and the default baseline, of one window and two epochs; and once
more by a perceptron, on daily features ranked within the date.
"""

import json
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

# Neither numpy nor torch: imported before rollsight, they would stay as they are.
from rollsight.backtests.baselines.walk import walk_baselines
from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.chain.walkforward import run_folds
from rollsight.backtests.spec import read_spec
from rollsight.backtests.workers.results import SERIAL
from rollsight.base.progress import silent
from rollsight.training.fitting.keys import digest
from rollsight.training.fitting.store import NOWHERE
from rollsight.training.models.model import FittedModel
from tests.support.planted import planted_market

BITS = Path(__file__).parent / "bits.json"
VERSIONS = f"torch {version('torch')}, numpy {version('numpy')}"
CHANGES = [
    "baselines=['logistic']", "market.indices=all", "market.benchmark=KS11", "training.epochs=2",
    "training.seeds=3", "training.averaging=0.5", "windows.train_days=200",
    "windows.validation_days=60", "windows.test_days=60", "label.horizon=3",
]  # fmt: skip
RANKED = [
    *CHANGES, "features.stock=['daily']", "features.lookback=1",
    "features.normalise=cross-section", "model.name=mlp", "training.seeds=1",
]  # fmt: skip


def bits() -> dict[str, str]:
    """Return the digests."""
    with tempfile.TemporaryDirectory() as folder:
        market = planted_market(Path(folder), seed=4, strength=0.4, n_stocks=6, n_days=420)
        ranked = {f"ranked {part}": bits for part, bits in _digests(market, RANKED).items()}
        return _digests(market, CHANGES) | ranked


def _digests(market: Path, changes: list[str]) -> dict[str, str]:
    spec = read_spec("krx", changes, str(market))
    ready = prepare(spec)
    folds = run_folds(ready, spec)
    beside = walk_baselines(ready, spec, store=NOWHERE, running=SERIAL, progress=silent)
    signals = [part for f in folds for part in (f.probability, repr(float(f.threshold)))]
    other = beside[0].signals[["p_down", "p_hold", "p_up", "threshold"]].to_numpy(dtype="float64")
    return {
        "networks": digest(w for f in folds for w in _weights(f.model)),
        "signals": digest(signals),
        "baseline": digest([*_weights(beside[0].models[0]), other]),
    }


def listed() -> dict[str, dict[str, str]]:
    """Return the digests of each versions that they were written with."""
    found: dict[str, dict[str, str]] = json.loads(BITS.read_text(encoding="utf-8"))
    return found


def _weights(model: FittedModel) -> list[Any]:
    return [each[name] for each in model.weights for name in sorted(each)]


if __name__ == "__main__":
    print(json.dumps({VERSIONS: bits()}))  # noqa: T201
