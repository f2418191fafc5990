"""The embedded market ``planted``: made up, one of its five indices drives most of its stocks.

``python -m tests.support.tables.madeup`` writes it anew.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.signals.known.calendar import exchange_calendar

DRIVER = "OIL"
DECOYS = ("GOLD", "RATES", "DOLLAR", "GRAIN")
STOCKS, DRIVEN = 16, 12
SESSIONS = 1_040
LATER = (1, 2, 3)  # sessions over which what the driver did reaches the stocks
STRENGTH, VOLATILITY = 0.45, 0.015
FIRST, LAST = np.datetime64("2018-01-02"), np.datetime64("2022-12-30")
HOME = Path(__file__).parents[2] / "signals" / "planted_market"


def made_up(seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return prices and indices.

    Each session's change of the driver moves the driven stocks in each of the next three sessions
    by ``STRENGTH`` standard deviations a standard deviation; opens equal the close before, so that
    what is decided at a close is filled before it moves. All else is noise. MARKET is the mean of
    all stocks, a benchmark and no input.
    """
    rng = np.random.default_rng(seed)
    sessions = exchange_calendar("XNYS", FIRST, LAST).sessions[:SESSIONS]
    changes = {name: rng.normal(0, 1, SESSIONS) for name in (DRIVER, *DECOYS)}
    drift = sum(np.concatenate([np.zeros(k), changes[DRIVER][:-k]]) for k in LATER)
    driven = np.arange(STOCKS)[:, None] < DRIVEN
    noise = rng.normal(0, 1, (STOCKS, SESSIONS))
    moved = VOLATILITY * (noise + STRENGTH * np.where(driven, drift, 0.0))
    close = np.round(100 * np.exp(np.cumsum(moved - moved.mean(axis=1, keepdims=True), axis=1)), 2)
    opened = np.concatenate([np.full((STOCKS, 1), 100.0), close[:, :-1]], axis=1)
    prices = pd.DataFrame(
        {
            "Date": np.tile(sessions.astype("datetime64[ns]"), STOCKS),
            "Code": np.repeat(codes(), SESSIONS),
            "Open": opened.ravel(),
            "High": np.maximum(opened, close).ravel(),
            "Low": np.minimum(opened, close).ravel(),
            "Close": close.ravel(),
            "Volume": rng.integers(900_000, 1_100_000, STOCKS * SESSIONS),
        }
    )
    levels = {
        name: np.round(100 * np.exp(np.cumsum(0.01 * change)), 2)
        for name, change in changes.items()
    }
    levels["MARKET"] = np.round(100 * np.cumprod((close / opened).mean(axis=0)), 2)
    dates = pd.DatetimeIndex(sessions.astype("datetime64[ns]"), name="Date")
    return prices, pd.DataFrame(levels, index=dates)


def codes() -> list[str]:
    """Return the codes of the stocks, the driven ones first."""
    return [f"MADE{n:02d}" for n in range(1, STOCKS + 1)]


if __name__ == "__main__":
    stocks, indices = made_up()
    stocks.to_parquet(HOME / "prices.parquet", index=False, compression="zstd")
    indices.to_parquet(HOME / "indices.parquet", compression="zstd")
    names = (
        f"{code},Made-up {'driven' if n <= DRIVEN else 'free'} {n}\n"
        for n, code in enumerate(codes(), 1)
    )
    (HOME / "listings.csv").write_text("Code,Name\n" + "".join(names), encoding="utf-8")
