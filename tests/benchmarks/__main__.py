"""Measure on this machine, in one process tree, and write bench.json and a table.

Ratios within one run are what counts; absolute times belong to the machine that is named.
"""

import json
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from rollsight.reports.run import load, run
from rollsight.training.attribution import explain
from rollsight.training.fit import fit, one_thread
from rollsight.training.gate import judge
from rollsight.training.inference import Rows, rows_of
from rollsight.training.network import build_network
from rollsight.training.spec import ModelSpec, TrainingSpec
from rollsight.training.windows import Span, Window
from tests.benchmarks.feeds import feeds
from tests.markets import random_samples

CHANNELS, LOOKBACK, STRETCH = 12, 60, 32
N_DAYS = 2_500


def timed(work: Callable[[], object], repeats: int = 5) -> float:
    """Return the median seconds of a piece of work, after one run to warm up."""
    work()
    seconds = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return float(np.median(seconds))


def training_step(name: str, width: int, stretch: int) -> float:
    """Return microseconds a sample of forward, backward and step, on one thread."""
    network = build_network(CHANNELS, LOOKBACK, ModelSpec(name=name, width=width))
    network.train()
    optimiser = torch.optim.AdamW(network.parameters())
    samples = 512
    x = torch.randn(samples // stretch, CHANNELS, LOOKBACK + stretch - 1)
    y = torch.randint(3, (samples // stretch, stretch))

    def step() -> None:
        optimiser.zero_grad()
        nn.functional.cross_entropy(network(x), y).backward()
        optimiser.step()

    with one_thread():
        return 1e6 * timed(step) / samples


def training() -> dict[str, float]:
    """Return microseconds a sample: dense, window by window, and the padded ResNet-18."""
    dense, single = training_step("resnet", 16, STRETCH), training_step("resnet", 16, 1)
    classic = training_step("resnet18", 16, 1)
    return {
        "dense_us": dense,
        "per_window_us": single,
        "resnet18_us": classic,
        "per_window_to_dense": single / dense,
        "resnet18_to_dense": classic / dense,
    }


def attribution(trades: int = 10_000) -> dict[str, float]:
    """Return seconds of the gradient maps of 10,000 trades, and microseconds a trade."""
    days = 480
    stocks = trades // (days - LOOKBACK) + 1
    samples = random_samples(stocks, days, lookback=LOOKBACK, k=CHANNELS - 1)
    rows = rows_of(samples.usable, 0)
    rows = Rows(rows.stock[:trades], rows.day[:trades])
    window = Window(0, Span(LOOKBACK, 300), Span(300, 360), Span(360, 470))
    training = TrainingSpec(epochs=1)
    model = fit(samples, window, model=ModelSpec(), training=training, clip=5.0)
    seconds = timed(lambda: explain(model, samples, rows), repeats=1)
    judging = timed(
        lambda: judge(model, samples, window, skilled=True, target="log_odds"), repeats=3
    )
    return {"seconds": seconds, "us_a_trade": 1e6 * seconds / trades, "gate_seconds": judging}


def sample_run() -> dict[str, float]:
    """Return seconds of the sample preset's stages, one job."""
    marks: dict[str, list[float]] = {}

    def note(stage: str, _done: int, _total: int) -> None:
        marks.setdefault(stage, []).append(time.perf_counter())

    began = time.perf_counter()
    run("sample", progress=note)
    stages = {stage: times[-1] - times[0] for stage, times in marks.items()}
    return {**stages, "all": time.perf_counter() - began}


def reports(folders: list[str]) -> dict[str, float]:
    """Return seconds of the whole report of finished runs, from their tables to the page."""
    return {folder: timed(partial(load, folder), repeats=1) for folder in folders}


def main() -> None:
    """Measure everything and write it down."""
    results: dict[str, Any] = {
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "torch": torch.__version__,
        },
        "training": training(),
        "attribution_10000_trades": attribution(),
        "backtrader": feeds(),
        "sample_seconds": sample_run(),
        "report_seconds": reports(sys.argv[1:]),
    }
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    results["peak_mib"] = peak / 1024
    Path("bench.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(_rows(results)) + "\n")


def _rows(value: Any, path: str = "") -> list[str]:  # any JSON
    if isinstance(value, dict):
        return [row for k, v in value.items() for row in _rows(v, f"{path} {k}".strip())]
    return [f"{path:<44}{value:,.2f}" if isinstance(value, float) else f"{path:<44}{value}"]


main()
