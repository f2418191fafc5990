"""What daily features cost: of a market as large as the Korean one of twenty-seven years."""

import resource
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from rollsight.signals.features.blocks import DailyFeatures
from rollsight.signals.features.daily import DAILY
from rollsight.signals.prices.market import Market
from tests.support.markets import no_moves
from tests.support.panels import panel

STOCKS, SESSIONS = 1_000, 7_000


def features() -> dict[str, Any]:
    """Return seconds of CPU, and memory beside the market, of all daily features.

    Once made in memory, once made and kept, and once read again; beside plain rolling windows of
    pandas over the same closes, and beside one array of the market.
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
    memory = _peak_mib() - before
    windows = _pandas_seconds(market)
    return {
        **seconds,
        "nanoseconds_a_value": 1e9 * seconds["made"] / (len(DAILY) * market.has_bar.size),
        "pandas_window": windows,
        "pandas_window_by_feature": float(np.mean(list(windows.values())))
        / (seconds["made"] / len(DAILY)),
        "mib_beside_the_market": memory,
        "arrays_beside_the_market": memory / (market.close.nbytes / 2**20),
    }


def _pandas_seconds(market: Market) -> dict[str, float]:
    """Return seconds of CPU of one feature each, as pandas has it."""
    close, volume = (pd.DataFrame(of.T) for of in (market.close, market.volume))
    change = close.pct_change(fill_method=None)
    return {
        name: _cpu(made)
        for name, made in (
            ("change over 20", lambda: close.pct_change(20, fill_method=None)),
            ("deviation of 20", lambda: change.rolling(20).std()),
            ("maximum of 20", lambda: change.rolling(20).max()),
            ("skewness of 60", lambda: change.rolling(60).skew()),
            ("correlation of 20", lambda: change.rolling(20).corr(volume)),
        )
    }


def _cpu(made: Callable[[], object]) -> float:
    began = time.process_time()
    made()
    return time.process_time() - began


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
    volume = np.floor(np.exp(rng.normal(11, 1, shape)))
    # The calendar of tests ends earlier: of it there is one session, and then all are put in.
    every = np.ones(shape, dtype=bool)
    return replace(
        panel(opens[:, :1], close[:, :1], volume=volume[:, :1]),
        sessions=np.datetime64("1999-01-04", "D") + np.arange(SESSIONS),
        open=opens,
        high=np.maximum(opens, close),
        low=np.minimum(opens, close),
        close=close,
        volume=volume,
        has_bar=every,
        traded=every,
        moves=no_moves(shape),
    )


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
