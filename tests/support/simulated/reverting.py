"""A US market with a known answer: what opens above its last close falls over the next week."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from tests.support.markets import sessions_between

Float64 = npt.NDArray[np.float64]

LATER = 5  # sessions over which a gap is given back, and more


def reverting_market(
    folder: Path, *, n_stocks: int = 40, n_days: int = 560, strength: float = 0.3, seed: int = 3
) -> Path:
    """Write a folder of open, high, low, close and volume, with one index that knows nothing.

    Each gap at the open, of one per cent at random, takes ``strength`` of itself off each of the
    next five sessions, whose own noise is two per cent.
    """
    rng = np.random.default_rng(seed)
    gap = 0.01 * rng.standard_normal((n_stocks, n_days))
    change = 0.02 * rng.standard_normal((n_stocks, n_days))
    for late in range(1, LATER + 1):
        change[:, late:] -= strength * gap[:, :-late]
    close = 50 * np.exp(np.cumsum(change, axis=1))
    before = np.concatenate([np.full((n_stocks, 1), 50.0), close[:, :-1]], axis=1)
    opened = before * np.exp(gap)
    return write_us_market(folder, opened, close, rng)


def write_us_market(
    folder: Path, opened: Float64, close: Float64, rng: np.random.Generator
) -> Path:
    """Write a folder of US sessions from 2019 on, with volumes and an index that know nothing.

    Parameters
    ----------
    opened, close
        (n_stocks, n_days)
    """
    n_stocks, n_days = close.shape
    days = sessions_between(
        np.datetime64("2019-01-02"), np.datetime64("2024-12-30"), calendar="XNYS"
    )[:n_days]
    prices = pd.DataFrame(
        {
            "Date": np.tile(days.astype("datetime64[ns]"), n_stocks),
            "Code": np.repeat([f"A{chr(65 + i // 26)}{chr(65 + i % 26)}" for i in range(n_stocks)],
                              n_days),
            "Open": opened.ravel(),
            "High": 1.01 * np.maximum(opened, close).ravel(),
            "Low": 0.99 * np.minimum(opened, close).ravel(),
            "Close": close.ravel(),
            "Volume": rng.integers(1_000, 100_000, n_stocks * n_days),
        }
    )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    prices.to_parquet(folder / "prices.parquet", index=False)
    index = 4_000 * np.exp(np.cumsum(0.01 * rng.standard_normal(n_days)))
    pd.DataFrame({"GSPC": index}, index=pd.DatetimeIndex(days, name="Date")).to_parquet(
        folder / "indices.parquet"
    )
    (folder / "market.toml").write_text(
        'calendar = "XNYS"\ncurrency = "USD"\nbook = "us"\n', encoding="utf-8"
    )
    return folder
