"""What an account is to do: which rows are buys, on what terms, by which rule."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rollsight.strategies.costs import Costs
from rollsight.strategies.feed import Bars
from rollsight.strategies.rules import NamedRule, Signal
from rollsight.strategies.shares import MOST_SHARES
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

    def most_shares(self, close: float) -> int:
        """Return how many whole shares of its stock the capacity leaves.

        >>> [Buy(0, 0, 0.9, most=0.29 * 1_000).most_shares(c) for c in (10.0, 150.0, 300.0)]
        [29, 1, 0]
        """
        if math.isinf(self.most):
            return MOST_SHARES
        # 0.29 * 100 is a hair below 29: shares are counted to six decimals.
        return math.floor(min(round(self.most / close, 6), MOST_SHARES))


def ranked(buys: Iterable[Buy]) -> list[Buy]:
    """Return buys by descending score; equal ones in the order of their codes."""
    return sorted(buys, key=lambda buy: (-buy.score, buy.feed))


class Offer:
    """The buys of a session as an account and its rule ask for them, each made when it is.

    Attributes
    ----------
    rows
        of the signal table, the highest score first, equal ones in the order of their codes
    by_feed
        each buy
    """

    def __init__(self, buys: Sequence[Buy], now: int, bars: Sequence[Bars]) -> None:
        self._now, self._bars = now, bars
        self.rows = [buy.signal for buy in buys]
        self.by_feed = {buy.feed: buy for buy in buys}

    @cached_property
    def by_code(self) -> dict[str, Buy]:
        """Each buy, by the code of its stock."""
        return {self._bars[feed].code: buy for feed, buy in self.by_feed.items()}

    @cached_property
    def signals(self) -> dict[int, Signal]:
        """What a rule sees, by feed: the buys of which the capacity leaves a share."""
        found = {}
        for feed, buy in self.by_feed.items():
            own = self._bars[feed]
            close, traded = own.close.item(self._now), own.traded.item(self._now)
            if buy.most_shares(close):
                found[feed] = Signal(own.code, buy.score, close, traded, buy.volatility)
        return found

    @cached_property
    def thin(self) -> list[int]:
        """Rows of the others."""
        return [buy.signal for feed, buy in self.by_feed.items() if feed not in self.signals]


class Buys:
    """Buys by session, of which each session's is laid out once for all accounts on them.

    Parameters
    ----------
    by_session
        the buys decided at its close, in any order; sessions count from the backtest's first
    """

    def __init__(self, by_session: Mapping[int, Sequence[Buy]]) -> None:
        self._by_session = by_session
        self._offers: dict[int, Offer] = {}

    def on(self, now: int, bars: Sequence[Bars]) -> Offer:
        """Return a session's, of the feeds with these bars."""
        if now not in self._offers:
            self._offers[now] = Offer(ranked(self._by_session.get(now, ())), now, bars)
        return self._offers[now]

    def until(self, now: int) -> "Buys":
        """Return those decided in a session or before it."""
        return Buys({day: buys for day, buys in self._by_session.items() if day <= now})


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
        by session of the backtest
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

    buys: Buys
    bars: tuple[Bars, ...]
    terms: Sequence[Terms]
    costs: Costs
    scores: Floats
    rule: NamedRule

    @cached_property
    def opens(self) -> list[Any]:
        """Views of each feed's opens, which hand out plain floats."""
        return [bars.views.open for bars in self.bars]

    @cached_property
    def closes(self) -> list[Any]:
        """Views of each feed's closes."""
        return [bars.views.close for bars in self.bars]

    def offer(self, now: int) -> Offer:
        """Return the buys decided at the close of a session."""
        return self.buys.on(now, self.bars)

    @property
    def pays(self) -> bool:
        """The account is paid dividends, where there are any."""
        return self.bars[0].dividend is not None
