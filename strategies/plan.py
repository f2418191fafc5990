"""What an account is to do: which rows are buys, on what terms, by which rule."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rollsight.strategies.costs import Costs
from rollsight.strategies.feed import Bars
from rollsight.strategies.rules import NamedRule
from rollsight.strategies.spec import StrategySpec

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Buy:
    """A row at or above its window's threshold.

    Attributes
    ----------
    signal
        row of the signal table
    feed
        position of the stock among the feeds
    score
        what reached the threshold
    volatility
        of the row; None where nothing asks for it
    most
        money that it may take by the capacity, quote currency
    """

    signal: int
    feed: int
    score: float
    volatility: float | None = None
    most: float = math.inf


def ranked(buys: list[Buy]) -> list[Buy]:
    """Return buys by descending score; equal ones in the order of their codes."""
    return sorted(buys, key=lambda buy: (-buy.score, buy.feed))


@dataclass(frozen=True)
class Terms:
    """How the buys of a session are taken and held.

    Attributes
    ----------
    horizon
        sessions from entry to exit
    """

    horizon: int
    spec: StrategySpec


@dataclass(frozen=True, eq=False)
class OrderPlan:
    """What the strategy is to do.

    Attributes
    ----------
    buys
        by session of the backtest, the buys decided at its close
    bars
        of every feed, in the feeds' order
    terms
        of every session of the backtest; a holding keeps those of its buy
    costs
        of every feed on the sessions of the backtest
    scores
        (n_feeds, n_days) of every row, NaN where a stock has none
    rule
        which makes orders of the buys, and sells what is held
    """

    buys: Mapping[int, list[Buy]]
    bars: tuple[Bars, ...]
    terms: Sequence[Terms]
    costs: Costs
    scores: Floats
    rule: NamedRule

    @property
    def pays(self) -> bool:
        """The account is paid dividends, where there are any."""
        return self.bars[0].dividend is not None
