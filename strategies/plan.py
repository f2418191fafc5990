"""What an account is to do: which rows are buys, on what terms, by which rule."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rollsight.strategies.costs import Costs
from rollsight.strategies.feed import Bars
from rollsight.strategies.rules import NamedRule
from rollsight.strategies.spec import StrategySpec

Floats = npt.NDArray[np.float64]


class Buy(NamedTuple):
    """A row at or above its window's threshold; a tuple, since there are ten thousands of them.

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


def asleep(rule: NamedRule, terms: Sequence[Terms]) -> list[bool]:
    """Return for each session whether a rule sleeps in it: in none where terms change."""
    own = terms[0]
    if any(other is not own and other != own for other in terms):
        return [False] * len(terms)
    return [rule.sleeps(number, own.spec, own.horizon) for number in range(len(terms))]


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

    @cached_property
    def closes(self) -> list[Any]:
        """Views of each feed's closes, which hand out plain floats."""
        return [bars.close.data for bars in self.bars]

    @cached_property
    def traded(self) -> list[Any]:
        """Views of whether each feed traded, which hand out plain bools."""
        return [bars.traded.data for bars in self.bars]

    @cached_property
    def scored(self) -> list[Any]:
        """Views of each feed's scores."""
        return [row.data for row in self.scores]

    @property
    def pays(self) -> bool:
        """The account is paid dividends, where there are any."""
        return self.bars[0].dividend is not None
