"""Simulated markets of contributions and outcomes: no network, no training, the truth is known."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.chain.attributed import summarise
from tests.support.simulated.overlaps import SPAN, label_returns

WINDOW, LOOKBACK = 60, 60  # sessions
STOCKS = 30


@dataclass(frozen=True)
class Plant:
    """What is hidden in a market.

    Attributes
    ----------
    effect
        standard deviations of return a standard deviation of the last channel's contribution;
        negative: the channel drives losers
    memory
        sessions over which the last channel's contribution is alike
    stop
        session at which the effect ends
    """

    effect: float = 0.0
    memory: int = 3
    stop: int = 10**6


def market(
    seed: int, *, sessions: int, channels: int, plant: Plant = Plant()
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.Series]:
    """Return attribution, trades, windows and dates of some four trades a session.

    Each window has its own model: contributions are inputs smoothed over the lookback, so that
    they hardly change from day to day, times a slope and plus a level of the window. The first
    channel is the stock's own, all others are shared by the stocks of a date. Outcomes are
    returns of overlapping labels with a common part.
    """
    rng = np.random.default_rng(seed)
    taken = rng.random((sessions, STOCKS)) < 4 / STOCKS * (rng.random((sessions, 1)) < 0.6) / 0.6
    day, stock = np.nonzero(taken)
    window = day // WINDOW
    shared = _smooth(rng, sessions, channels)[day]  # (n_trades, channels)
    shared[:, 0] = _smooth(rng, sessions, STOCKS)[day, stock]
    if plant.effect:
        shared[:, -1] = _smooth(rng, sessions, 1, over=plant.memory)[day, 0]
    shape = (window.max() + 1, channels)
    slope, level = rng.uniform(0.5, 1.5, shape) * rng.choice([-1, 1], shape), rng.normal(size=shape)
    contribution = slope[window] * shared + 2 * level[window]
    contribution += 0.3 * rng.normal(size=contribution.shape)
    returned = label_returns(rng, dates=sessions, stocks=STOCKS)[day, stock]
    moved = (contribution - 2 * level[window])[:, -1] * (day < plant.stop)
    returned = returned + plant.effect * returned.std() * moved
    return _tables(day, window, contribution, returned, sessions)


def summary(seed: int, *, sessions: int, channels: int, plant: Plant = Plant()) -> pd.DataFrame:
    """Return the summary of a simulated market, every window believed."""
    attribution, trades, windows, dates = market(
        seed, sessions=sessions, channels=channels, plant=plant
    )
    return summarise(attribution, trades, windows, dates, span=SPAN)


def discoveries(table: pd.DataFrame, outcome: str) -> dict[str, list[str]]:
    """Return by tested period the channels whose q-value is below 5 %."""
    tested = table[(table["outcome"] == outcome) & table["q_value"].notna()]
    return {
        str(period): list(group.loc[group["q_value"] < 0.05, "channel"])
        for period, group in tested.groupby("period")
    }


def _smooth(
    rng: np.random.Generator, sessions: int, k: int, *, over: int = LOOKBACK
) -> npt.NDArray[np.float64]:
    """Return (sessions, k) of standard deviation 1, alike over so many sessions."""
    total = np.cumsum(rng.normal(size=(sessions + over, k)), axis=0)
    return np.asarray((total[over:] - total[:-over]) / np.sqrt(over))


def _tables(
    day: npt.NDArray[np.intp],
    window: npt.NDArray[np.intp],
    contribution: npt.NDArray[np.float64],
    returned: npt.NDArray[np.float64],
    sessions: int,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.Series]:
    dates = pd.Series(pd.bdate_range("2010-01-01", periods=sessions))
    n, channels = contribution.shape
    names = ["close", *(f"index{i}" for i in range(1, channels))]
    codes = np.tile(np.arange(channels), n)
    attribution = pd.DataFrame(
        {
            "trade": np.repeat(np.arange(n), channels),
            "channel": pd.Categorical.from_codes(codes, categories=pd.Index(names)),
            "lag": np.zeros(n * channels, dtype=np.int16),
            "gradient": np.ones(n * channels, dtype=np.float32),
            "contribution": contribution.ravel().astype(np.float32),
        }
    )
    third = np.quantile(returned, [1 / 3, 2 / 3])
    outcome = np.array(["crucial", "soso", "success"])[np.searchsorted(third, returned)]
    trades = pd.DataFrame(
        {"trade": np.arange(n), "window": window, "decided_at": dates.to_numpy()[day],
         "net_return": returned, "outcome": outcome}
    )  # fmt: skip
    windows = pd.DataFrame({"number": np.unique(window), "gate_passed": True, "gate_reason": ""})
    return attribution, trades, windows, dates
