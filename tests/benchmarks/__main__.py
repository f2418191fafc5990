"""Measure on this machine, in one process tree, and write bench.json and a table.

Ratios within one run are what counts; absolute times belong to the machine that is named.
"""

import json
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

import torch

from rollsight.backtests.spec import read_spec
from rollsight.workflows.reading.report import load
from tests.benchmarks.attribution import attribution
from tests.benchmarks.chain import chain, seconds_by_stage
from tests.benchmarks.families import families
from tests.benchmarks.features import features
from tests.benchmarks.feeds import engines, feeds
from tests.benchmarks.learner import learner
from tests.benchmarks.live import live
from tests.benchmarks.sweeps import rules, sweeps
from tests.benchmarks.training import training


def main() -> None:
    """Measure everything and write it down."""
    results = {
        "machine": machine(),
        "training": training(),
        "families": families(),
        "learner": learner(),
        "attribution_10000_trades": attribution(),
        "daily_features": features(),
        "backtrader": feeds(),
        "engines": {
            f"{stocks}x{days}": engines(stocks, days)
            for stocks, days in ((200, 2_500), (1_000, 5_000))
        },
        "chain": chain(),
        "sample": seconds_by_stage(read_spec("sample"), None, 1),
        "sweeps": sweeps(),
        "live": live(),
        "runs": {folder: finished(Path(folder)) for folder in sys.argv[1:]},
    }
    Path("bench.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    sys.stdout.write("\n".join(_rows(results)) + "\n")


def machine() -> dict[str, Any]:
    """Return what the figures belong to."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def finished(folder: Path) -> dict[str, Any]:
    """Return the timings of a finished run, of its report made again, and of 200 rules on it."""
    timings = json.loads((folder / "timings.json").read_text(encoding="utf-8"))
    began = time.perf_counter()
    load(folder)
    again = time.perf_counter() - began
    return {**timings, "report_again": again, "rules": rules(folder)}


def _rows(value: Any, path: str = "") -> list[str]:  # any JSON
    if isinstance(value, dict):
        return [row for k, v in value.items() for row in _rows(v, f"{path} {k}".strip())]
    if isinstance(value, list):
        value = ", ".join(f"{v:,.2f}" for v in value)
    return [f"{path:<52}{value:,.2f}" if isinstance(value, float) else f"{path:<52}{value}"]


main()
