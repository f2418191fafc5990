"""Samples of 66 features ranked within the date, alike within their group, and what drives them.

A session stands for a label's ten: as many train dates as two thousand sessions leave, of which
one in ten is learnt. Features of a group are a factor of the stock, which lasts, and noise that
lasts as long; volatility, range and liquidity have a factor in common. The sign of a feature is
drawn. Returns follow each group's factor with a slope that is drawn anew each date.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

from rollsight.signals.features.channels import Channel
from rollsight.signals.inputs.labels import Labels
from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.windows import Span, Window

Kind = Literal["planted", "noise", "shuffled"]
Float64 = npt.NDArray[np.float64]

WINDOW = Window(0, Span(0, 196), Span(196, 208), Span(208, 232))
DAYS, HORIZON = WINDOW.test.stop + 2, 1
SIZES = {"reversal": 9, "momentum": 10, "volatility": 11, "range": 9, "volume": 9, "liquidity": 4,
         "overnight": 12, "market": 1, "season": 1}  # fmt: skip
MEMORY = {"reversal": 2, "momentum": 10, "volatility": 12, "range": 2, "volume": 4,
          "liquidity": 20, "overnight": 4, "market": 12, "season": 1}  # fmt: skip
WILD = ("volatility", "range", "liquidity")  # share a factor
PLANTED = {"reversal": -1.0, "volatility": -1.0, "overnight": -0.7, "volume": 0.7,
           "liquidity": 0.7}  # fmt: skip
CHANNELS = tuple(
    Channel(f"{group}{n}", "fraction", f"{group}{n}", group=group)
    for group, size in SIZES.items()
    for n in range(size)
)


def samples(
    kind: Kind, seed: int, *, stocks: int = 500, effect: float = 0.05, alike: float = 0.6
) -> tuple[SampleSet, Float64]:
    """Return samples of one day of features, and each label's return in standard deviations.

    Classes are the thirds of a date.

    Parameters
    ----------
    kind
        planted: five groups' factors drive returns; noise: none does, on average over the dates;
        shuffled: planted, and the returns of each date dealt anew to its stocks
    effect
        of a standard deviation of a factor, times its weight in ``PLANTED``: by it the order of
        the planted returns correlates some .08 with the best forecast
    alike
        share of a feature's variance that is its group's factor
    """
    rng = np.random.default_rng(seed)
    wild, raw, score = _lasting(rng, (stocks, 1), 12), [], np.zeros((stocks, DAYS))
    for group, size in SIZES.items():
        factor = _lasting(rng, (stocks, 1), MEMORY[group])
        if group in WILD:
            factor = 0.7 * wild + np.sqrt(1 - 0.49) * factor
        sign, own = rng.choice([-1, 1], size=size), _lasting(rng, (stocks, size), MEMORY[group])
        raw.append(sign * np.sqrt(alike) * factor + np.sqrt(1 - alike) * own)
        mean = 0.0 if kind == "noise" else effect * PLANTED.get(group, 0.0)
        score += (mean + 0.05 * rng.standard_normal(DAYS)) * factor[..., 0]
    returned = score + rng.standard_normal((stocks, DAYS))
    if kind == "shuffled":
        returned = rng.permuted(returned, axis=0)
    return _of_dates(np.concatenate(raw, axis=2), returned), returned


def _lasting(rng: np.random.Generator, shape: tuple[int, int], memory: int) -> Float64:
    """Return (stocks, DAYS, k) of variance 1 that forget a factor e in so many sessions."""
    kept, each = np.exp(-1 / memory), np.empty((shape[0], DAYS, shape[1]))
    now = rng.standard_normal(shape)
    for day in range(DAYS):
        now = kept * now + np.sqrt(1 - kept**2) * rng.standard_normal(shape)
        each[:, day] = now
    return each


def _of_dates(raw: Float64, returned: Float64) -> SampleSet:
    stocks = len(raw)
    place = returned.argsort(axis=0).argsort(axis=0)
    settled = np.tile(np.arange(DAYS) + HORIZON + 1, (stocks, 1))
    settled[:, -HORIZON - 1 :] = -1
    label = np.where(settled >= 0, place * 3 // stocks, -1).astype(np.int8)
    rank = (raw.argsort(axis=0).argsort(axis=0) + 0.5) / stocks - 0.5
    return SampleSet(
        rank.astype(np.float32),
        np.zeros((DAYS, 0), dtype=np.float32),
        np.ones((stocks, DAYS), dtype=np.bool_),
        Labels(label, np.where(settled >= 0, returned, np.nan), settled),
        1,
        CHANNELS,
        (),
    )
