"""Markets and runs for the audit's own tests."""

from pathlib import Path

import pandas as pd

from rollsight.backtests.audit.causality import Subject
from rollsight.backtests.chain.prepared import prepare_market
from rollsight.backtests.chain.signals import signal_table, trade_signals
from rollsight.backtests.chain.walkforward import run_folds
from rollsight.backtests.spec import RunSpec, read_spec
from rollsight.signals.folder.reading import read_folder
from rollsight.signals.prices.market import align
from tests.support.planted import planted_market

TINY = [
    "baselines=[]",
    "market.indices=['GSPC','NG','KS11']", "market.benchmark=none", "features.lookback=15",
    "label.horizon=3", "windows.train_days=100", "windows.validation_days=40",
    "windows.test_days=50", "model.blocks=1", "model.width=4", "training.epochs=2",
    "training.shrink=false", "training.seeds=1",
]  # fmt: skip


def own_index_market(folder: Path, *, n_stocks: int = 4, n_days: int = 300) -> Path:
    """Write a market whose KOSPI is the mean of its stocks and whose driver is in their prices.

    A US close dated t - 1 moves the session t that follows it, so whoever joins as known has what
    the prices have, and whoever joins by date has tomorrow's.
    """
    planted_market(folder, seed=6, strength=1.0, n_stocks=n_stocks, n_days=n_days, later=(0,))
    close = pd.read_parquet(folder / "prices.parquet").pivot_table("Close", "Date", "Code")
    mean = (1 + close.pct_change().mean(axis=1).fillna(0)).cumprod()
    indices = pd.read_parquet(folder / "indices.parquet")
    indices["KS11"] = 2000 * mean.reindex(indices.index)
    indices.to_parquet(folder / "indices.parquet")
    return folder


def declare(folder: Path, out: Path, entry: str) -> Path:
    """Write a market folder again, with one more entry in its market.toml."""
    out.mkdir()
    for file in folder.iterdir():
        (out / file.name).write_bytes(file.read_bytes())
    with (out / "market.toml").open("a", encoding="utf-8") as settings:
        settings.write(entry)
    return out


def spec_of(folder: Path, *changes: str) -> RunSpec:
    return read_spec("krx", [*TINY, *changes], str(folder))


def subject_of(spec: RunSpec) -> Subject:
    """Train a run and return it as the audit looks at it."""
    folder = read_folder(spec.market.folder)
    ready = prepare_market(spec, align(folder, spec.market, fewest_rows=spec.features.lookback + 1))
    folds = tuple(run_folds(ready, spec))
    signals = signal_table(ready, folds)
    return Subject(spec, folder, ready, folds, signals, trade_signals(ready, spec, signals))
