"""Teachers of planted samples, who know how labels were drawn."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.signals.inputs.samples import SampleSet
from rollsight.signals.prices.market import Market
from rollsight.signals.teacher.softlabels import SoftLabels, Targets
from rollsight.signals.teacher.table import CLASSES
from tests.support.markets import random_samples

Float64 = npt.NDArray[np.float64]


def planted_samples(stocks: int, days: int, *, lookback: int = 12) -> tuple[SampleSet, Float64]:
    """Return samples whose labels are drawn by the newest day, and their probabilities."""
    plain = random_samples(stocks, days, lookback=lookback, k=2, c=2)
    x = plain.stocks.astype(np.float64) / 0.02
    score = np.stack([-1.5 * x[..., 0], np.zeros(x.shape[:2]), 1.5 * x[..., 1]], axis=-1)
    p = np.exp(score)
    p /= p.sum(axis=-1, keepdims=True)
    draw = np.random.default_rng(7).random(x.shape[:2])
    label = (draw[..., None] > p.cumsum(axis=-1)[..., :2]).sum(axis=-1)
    known = plain.labels.label >= 0
    label = np.where(known, label, -1).astype(np.int8)
    return replace(plain, labels=replace(plain.labels, label=label)), p


def soft(
    probability: Float64 | None,
    *,
    targets: Targets = "teacher",
    alpha: float = 0.5,
    temperature: float = 2.0,
    entropy: float = 0.9,
    seed: int = 0,
) -> SoftLabels:
    """Return soft labels without a table that they were read from."""
    own = None if probability is None else probability.astype(np.float32)
    return SoftLabels(own, None, targets, entropy, alpha, temperature, seed)


def table_of(market: Market, probability: Float64) -> pd.DataFrame:
    """Return a table of all stocks and sessions of a market, each known at its decision."""
    stocks, days = probability.shape[:2]
    dates = np.tile(market.sessions[:days].astype("datetime64[ns]"), stocks)
    found = pd.DataFrame(
        {"decided_at": dates, "code": np.repeat(market.codes[:stocks], days), "known_at": dates}
    )
    values = dict(zip(CLASSES, probability.reshape(-1, 3).T, strict=True))
    return found.astype({"code": "str"}).assign(**values)
