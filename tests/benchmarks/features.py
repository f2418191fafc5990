"""What daily features cost: of a market as large as the Korean one of twenty-seven years."""

import resource
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from rollsight.signals.features.blocks import DailyFeatures
from rollsight.signals.features.daily import DAILY
from rollsight.signals.prices.market import Market
from tests.support.panels import panel

STOCKS, SESSIONS = 1_000, 7_000


def features() -> dict[str, Any]:
    """Return seconds of CPU, and memory beside the market, of all daily features.

    Once made in memory, once made and kept, and once read again.
    """
    market = _market()
    change = 0.01 * np.random.default_rng(1).standard_normal(len(market.sessions))
    before = _peak_mib()
    with TemporaryDirectory() as folder:
        seconds = {
            "made": _seconds(market, change, None),
            "made_and_kept": _seconds(market, change, Path(folder)),
            "read": _seconds(market, change, Path(folder)),
        }
    return {
        **seconds,
        "nanoseconds_a_value": 1e9 * seconds["made"] / (len(DAILY) * market.has_bar.size),
        "mib_beside_the_market": _peak_mib() - before,
    }


def _seconds(market: Market, change: np.ndarray, folder: Path | None) -> float:
    began = time.process_time()
    made = DailyFeatures(market, tuple(DAILY), 10, change, folder)
    for name in DAILY:
        made(name).numbers.max()
    return time.process_time() - began


def _market() -> Market:
    rng = np.random.default_rng(0)
    shape = STOCKS, SESSIONS
    close = 10_000 * np.exp(np.cumsum(0.02 * rng.standard_normal(shape), axis=1))
    opens = close * np.exp(0.01 * rng.standard_normal(shape))
    market = panel(opens, close, volume=np.floor(np.exp(rng.normal(11, 1, shape))))
    return replace(market, sessions=np.datetime64("1999-01-04", "D") + np.arange(SESSIONS))


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
