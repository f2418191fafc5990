"""Simulated panels of unlike stocks, dealt anew on each date, and what a ranking is said to do.

Stocks differ in volatility and in their share of a common factor and of their sector's, volatility
comes in clusters, tails are fat, and labels overlap.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.buyers.alike import volatility_groups
from rollsight.backtests.ranks.ranked import Ranked, both_outcomes, ranked
from rollsight.reports.run.ranking.excess import Excess, excess_data
from rollsight.reports.statistics.judgement import Word
from tests.support.simulated.buyers import verdict
from tests.support.simulated.reverting import write_us_market

Float64 = npt.NDArray[np.float64]

STOCKS, HORIZON, LOOKBACK, BEST = 60, 10, 20, 10
SECTORS = 6
SESSIONS_A_YEAR = 250.0
SCORES = ("fresh", "persistent", "calm", "momentum", "reversal")


@dataclass(frozen=True, eq=False)
class Panel:
    """Daily returns and what is decided on them; labels are made from the session after the next.

    Attributes
    ----------
    daily
        (LOOKBACK + n_dates + HORIZON + 1, n_stocks) returns of each session
    made
        (n_dates, n_stocks) of the ``HORIZON`` sessions from the next open on
    volatility
        (n_dates, n_stocks) of the last ``LOOKBACK`` sessions
    """

    daily: Float64
    made: Float64
    volatility: Float64


def panel(
    rng: np.random.Generator, *, dates: int, stocks: int = STOCKS, shuffled: bool = True
) -> Panel:
    """Return a panel of unlike stocks, of which a score that does not know returns knows nothing.

    Parameters
    ----------
    shuffled
        each date's returns are dealt to its stocks anew, so that no feature says more of a stock
        than of another
    """
    n = LOOKBACK + dates + HORIZON + 1
    wild = 0.02 * np.exp(0.5 * rng.normal(size=stocks))
    storm = np.exp(0.4 * _slow(rng, n, 1, memory=0.95))
    beta, sector = 1 + 0.5 * rng.normal(size=stocks), rng.integers(SECTORS, size=stocks)
    own = wild * storm * _fat(rng, (n, stocks))
    common = 0.012 * storm * _fat(rng, (n, 1)) * beta
    daily = np.clip(common + 0.008 * _fat(rng, (n, SECTORS))[:, sector] + own, -0.5, 0.5)
    if shuffled:
        daily = rng.permuted(daily, axis=1)
    return of_returns(daily, dates)


def of_returns(daily: Float64, dates: int) -> Panel:
    """Return daily returns with the labels and trailing volatilities of their decision dates."""
    total = np.cumsum(np.log1p(daily), axis=0)
    first = LOOKBACK + np.arange(dates)  # the session whose open fills what the last one decided
    made = np.expm1(total[first + HORIZON] - total[first])
    volatility = np.stack([daily[t - LOOKBACK : t].std(axis=0) for t in first])
    return Panel(daily, made, volatility)


def score(rng: np.random.Generator, seen: Panel, kind: str) -> Float64:
    """Return (n_dates, n_stocks) scores that know nothing of what comes."""
    dates, stocks = seen.made.shape
    past = seen.daily[: LOOKBACK + dates]
    if kind == "calm":
        return -seen.volatility
    if kind in ("momentum", "reversal"):
        days, sign = (LOOKBACK, 1) if kind == "momentum" else (5, -1)
        at = LOOKBACK + np.arange(dates)
        return sign * np.stack([past[t - days : t].sum(axis=0) for t in at])
    return _slow(rng, dates, stocks, memory=0.97 if kind == "persistent" else 0.0)


def knowing(rng: np.random.Generator, seen: Panel, share: float) -> Float64:
    """Return scores whose correlation with what a stock makes, as its kind goes, is ``share``."""
    away = seen.made - seen.made.mean(axis=1, keepdims=True)
    known = away / away.std(axis=1, keepdims=True)
    return share * known + np.sqrt(1 - share**2) * _slow(rng, *seen.made.shape, memory=0.9)


def coefficients(seen: Panel, scores: Float64) -> Ranked:
    """Return both rank coefficients as a run's page has them."""
    date = np.repeat(np.arange(len(scores)), scores.shape[1])
    both = both_outcomes(seen.made.ravel(), seen.volatility.ravel(), date)
    return ranked("model", scores.ravel(), both, span=HORIZON + 1)


def excess(seen: Panel, scores: Float64) -> Excess:
    """Return the excess of the best of each date over all stocks, in tranches and without costs."""
    dates, stocks = scores.shape
    weights = best(scores) / BEST / HORIZON
    held = np.cumsum(np.vstack([np.zeros(stocks), weights]), axis=0)
    held = held[HORIZON:] - held[:-HORIZON]  # of the last choices, each a tenth of the account
    later = seen.daily[LOOKBACK + HORIZON : LOOKBACK + dates + 1]
    own, all_of_them = (held * later).sum(axis=1), later.mean(axis=1)
    start = np.zeros(1)
    equity = pd.DataFrame(
        {
            "return": np.concatenate([start, own]),
            "universe_return": np.concatenate([start, all_of_them]),
            "benchmark_return": np.nan,
        }
    )
    return excess_data(equity, SESSIONS_A_YEAR)[0]


def word(seen: Panel, scores: Float64, *, seed: int) -> Word:
    """Return the verdict on buying the best of each date."""
    date, stock = np.divmod(np.arange(scores.size), scores.shape[1])
    rows = pd.DataFrame(
        {
            "decided_at": pd.Timestamp("2020-01-01") + pd.to_timedelta(date, "D"),
            "at": date,
            "code": stock,
            "volatility": seen.volatility.ravel(),
            "plain_label": np.select([seen.made < -0.02, seen.made < 0.02], [0, 1], 2).ravel(),
            "net_label_return": seen.made.ravel(),
        }
    )
    rows = rows.assign(alike=volatility_groups(rows))
    return verdict(rows, best(scores).ravel(), seed=seed)


def ohlcv_market(folder: Path, *, seed: int, stocks: int = 40, dates: int = 900) -> Path:
    """Write a folder of such a panel, dealt anew, whose first fifth of a return is overnight."""
    rng = np.random.default_rng(seed)
    change = np.log1p(panel(rng, dates=dates, stocks=stocks).daily[:dates]).T
    close = 50 * np.exp(np.cumsum(change, axis=1))
    return write_us_market(folder, close * np.exp(-0.8 * change), close, rng)


def best(scores: Float64) -> npt.NDArray[np.bool_]:
    """Return the best of each date."""
    return np.asarray(scores.shape[1] - BEST <= scores.argsort(axis=1).argsort(axis=1))


def _slow(rng: np.random.Generator, n: int, width: int, *, memory: float) -> Float64:
    """Return (n, width) series of variance 1 that remember so much of the step before."""
    fresh = rng.normal(size=(n, width))
    for step in range(1, n if memory else 0):
        fresh[step] = memory * fresh[step - 1] + np.sqrt(1 - memory**2) * fresh[step]
    return fresh


def _fat(rng: np.random.Generator, shape: tuple[int, int]) -> Float64:
    """Return values of variance 1 with fat tails."""
    return rng.standard_t(5, size=shape) / np.sqrt(5 / 3)
