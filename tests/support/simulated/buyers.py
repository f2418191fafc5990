"""Simulated buyers of whom it is known what they know, and the verdicts on them."""

from collections import Counter

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.backtests.buyers.alike import volatility_groups
from rollsight.reports.run.scores.leads import days_lead, stocks_lead
from rollsight.reports.statistics.judgement import Word, judge
from rollsight.reports.statistics.randombuys import beside_random, random_buys
from tests.support.simulated.overlaps import SPAN, label_returns, persistent

Float64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

STOCKS = 30
# What a buyer knows: nothing, and how he holds on to stocks; or the correlation of his scores
# with what stocks will earn, or with what the mean of all will.
BLIND = ("persistent", "daily", "wild only", "smooth scores", "a buy in a hundred")
STOCKS_KNOWN = {"stocks .2": 0.2, "stocks .3": 0.3}
DAYS_KNOWN = {"days .5": 0.5}


def market(rng: np.random.Generator, *, dates: int, stocks: int = STOCKS) -> pd.DataFrame:
    """Return labelled rows of stocks some of which are wild; labels overlap."""
    wild = np.exp(0.5 * rng.normal(size=stocks) + 0.05 * rng.normal(size=(dates, stocks)))
    made = 0.02 * wild * label_returns(rng, dates=dates, stocks=stocks)
    date, stock = np.divmod(np.arange(dates * stocks), stocks)
    rows = pd.DataFrame(
        {
            "decided_at": pd.Timestamp("2020-01-01") + pd.to_timedelta(date, "D"),
            "at": date,
            "code": stock,
            "volatility": wild.ravel(),
            "plain_label": np.select([made < -0.02, made < 0.02], [0, 1], 2).ravel(),
            "net_label_return": made.ravel(),
        }
    )
    return rows.assign(alike=volatility_groups(rows))


def verdicts(buyer: str, *, dates: int, runs: int, seed: int = 0) -> Counter[Word]:
    """Return how often each word is said of a buyer, each time on another market."""
    rng, said = np.random.default_rng(seed), Counter[Word]()
    for run in range(runs):
        rows = market(rng, dates=dates)
        said[verdict(rows, _bought(rng, rows, dates, buyer).ravel(), seed=run)] += 1
    return said


def verdict(rows: pd.DataFrame, bought: Bools, *, seed: int) -> Word:
    """Return the word for buys, beside 199 random buyers."""
    found = random_buys(rows, pd.Series(bought), span=SPAN, draws=199, seed=seed)
    beside = beside_random(found, np.ones(len(found.dates), dtype=np.bool_))
    drawn = None if beside is None else beside.net_return
    stocks, _ = stocks_lead(rows, bought, drawn, span=SPAN)
    return judge([stocks, days_lead(rows, bought, span=SPAN)])


def _bought(rng: np.random.Generator, rows: pd.DataFrame, dates: int, buyer: str) -> Bools:
    shape = (dates, STOCKS)
    if buyer in DAYS_KNOWN:
        days = _known(rng, _grid(rows, dates).mean(axis=1)[:, None], DAYS_KNOWN[buyer], common=0)
        return np.asarray((days >= 0.8) & (rng.random(shape) < 0.5))
    if buyer == "smooth scores" or buyer in STOCKS_KNOWN:
        made = _grid(rows, dates) / rows["volatility"].to_numpy().reshape(shape)
        score = _known(rng, made, STOCKS_KNOWN.get(buyer, 0.0), common=0.6)
        return np.asarray(score >= np.quantile(score, 0.9))
    share = 0.01 if buyer == "a buy in a hundred" else 0.25
    buys = persistent(rng, shape, share=share, renewed=1.0 if buyer == "daily" else 0.1)
    if buyer == "wild only":
        buys &= rows["alike"].to_numpy().reshape(shape) >= 3
    return buys


def _known(rng: np.random.Generator, made: Float64, share: float, *, common: float) -> Float64:
    """Return scores of variance 1 that correlate so much with what was made, else alike noise."""
    noise = label_returns(rng, dates=len(made), stocks=made.shape[1], common=common)
    return np.asarray(share * made / made.std() + np.sqrt(1 - share**2) * noise / noise.std())


def _grid(rows: pd.DataFrame, dates: int) -> Float64:
    return rows["net_label_return"].to_numpy(np.float64).reshape(dates, -1)
