"""Markets with a known answer: one index drives every stock, all else is noise."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.signals.known.calendar import exchange_calendar

DRIVER = "GSPC"  # a US close, known in Seoul a day late
DECOYS = ("KS11", "IXIC", "NG", "USDKRW")
FIRST, LAST = np.datetime64("2015-01-02"), np.datetime64("2024-12-30")


def planted_market(
    folder: Path,
    *,
    seed: int,
    strength: float,
    n_stocks: int = 12,
    n_days: int = 800,
    later: tuple[int, ...] = (1, 2, 3),
    effect: Callable[[np.ndarray], np.ndarray] = np.ones_like,
) -> Path:
    """Write a KRX market whose stocks move with the US close known at t, and return its folder.

    The driver's change known at the close of session t, which is dated a day earlier, moves every
    stock in each session ``t + later`` by ``strength`` standard deviations a standard deviation.
    Opens equal the close before, so what is moved after t comes after the fill. With ``later=(0,)``
    it is all in the price by then: only a ledger that is wrong by a day could profit from it.
    ``effect`` gives, for the numbers 0 to 1 along the sessions, what the strength is multiplied by.
    """
    rng = np.random.default_rng(seed)
    seoul = exchange_calendar("XKRX", FIRST, LAST).sessions[:n_days]
    new_york = exchange_calendar("XNYS", FIRST, LAST).sessions
    new_york = new_york[new_york <= seoul[-1]]
    indices = pd.DataFrame(index=pd.DatetimeIndex(np.union1d(seoul, new_york), name="Date"))
    for symbol in (DRIVER, *DECOYS):
        dates = seoul if symbol == "KS11" else new_york
        level = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, len(dates))))
        indices.loc[dates, symbol] = level
    level = indices[DRIVER].dropna()
    dates = level.index.to_numpy().astype("datetime64[D]")
    newest = np.searchsorted(dates, seoul, side="left") - 1
    known = np.where(newest >= 0, level.to_numpy()[np.maximum(newest, 0)], 100.0)
    news = np.diff(np.log(known), prepend=np.log(known[0])) / 0.01
    drift = sum(np.concatenate([np.zeros(k), news])[:n_days] for k in later)
    drift = drift * effect(np.linspace(0.0, 1.0, n_days))
    change = 0.015 * (strength * drift + rng.normal(0, 1, (n_stocks, n_days)))
    close = 10_000 * np.exp(np.cumsum(change, axis=1))
    opened = np.concatenate([np.full((n_stocks, 1), 10_000.0), close[:, :-1]], axis=1)
    prices = pd.DataFrame(
        {
            "Date": np.tile(seoul.astype("datetime64[ns]"), n_stocks),
            "Code": np.repeat([f"{10 * i:06d}" for i in range(n_stocks)], n_days),
            "Open": opened.ravel(),
            "High": np.maximum(opened, close).ravel(),
            "Low": np.minimum(opened, close).ravel(),
            "Close": close.ravel(),
            "Volume": 1_000,
        }
    )
    folder.mkdir(parents=True, exist_ok=True)
    prices.to_parquet(folder / "prices.parquet", index=False)
    indices.to_parquet(folder / "indices.parquet")
    # The preset leaves out kinds that are told by name.
    names = "".join(f"{10 * i:06d},Company {i}\n" for i in range(n_stocks))
    (folder / "listings.csv").write_text(f"Code,Name\n{names}", encoding="utf-8")
    (folder / "market.toml").write_text('calendar = "XKRX"\ncurrency = "KRW"\n')
    return folder
