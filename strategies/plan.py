"""What an account is to do: which rows are buys, on what terms, by which rule."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
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
Ints = npt.NDArray[np.int64]


class Buy(NamedTuple):
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


def most_shares(most: float, close: float) -> int:
    """Return how many whole shares the money buys that a buy may take by the capacity.

    >>> [most_shares(0.29 * 1_000, close) for close in (10.0, 150.0, 300.0)]
    [29, 1, 0]
    """
    if math.isinf(most):
        return MOST_SHARES
    # 0.29 * 100 is a hair below 29: shares are counted to six decimals.
    return math.floor(min(round(most / close, 6), MOST_SHARES))


class Offer:
    """The buys of a session as an account and its rule ask for them, each made when it is.

    Attributes
    ----------
    rows
        of the signal table, the highest score first, equal ones in the order of their codes
    row
        of the signal table, by feed
    """

    def __init__(self, columns: Sequence[Sequence[Any]], now: int, bars: Sequence[Bars]) -> None:
        self._columns, self._now, self._bars = columns, now, bars
        self.rows, self._feeds, self._scores, self._volatilities, self._most = columns
        self.row: dict[int, int] = dict(zip(self._feeds, self.rows, strict=True))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {self._bars[feed].code: at for at, feed in enumerate(self._feeds)}

    def buy(self, code: str) -> Buy:
        """Return the buy of a stock."""
        at = self._places[code]
        return Buy(*(column[at] for column in self._columns))

    @cached_property
    def signals(self) -> dict[int, Signal]:
        """What a rule sees, by feed: the buys of which the capacity leaves a share."""
        now, bars, found = self._now, self._bars, {}
        rows = zip(self._feeds, self._scores, self._volatilities, self._most, strict=True)
        for feed, score, volatility, most in rows:
            own = bars[feed].views
            close = own.close[now]
            if most_shares(most, close):
                found[feed] = Signal(bars[feed].code, score, close, own.traded[now], volatility)
        return found

    @cached_property
    def thin(self) -> list[int]:
        """Rows of the others."""
        return [row for feed, row in self.row.items() if feed not in self.signals]


@dataclass(frozen=True, eq=False)
class Buys:
    """Buys in columns, of which each session's is laid out once for all accounts on them.

    Attributes
    ----------
    day
        (n_buys,) session at whose close each is decided; they count from the backtest's first
    signal, feed, score, volatility, most
        (n_buys,) those of each `Buy`
    """

    day: Ints
    signal: Ints
    feed: Ints
    score: Floats
    volatility: npt.NDArray[np.object_]
    most: Floats
    _offers: dict[int, Offer] = field(default_factory=dict, init=False)

    @classmethod
    def none(cls) -> "Buys":
        """Return no buys at all."""
        no = np.zeros(0, dtype=np.int64)
        return cls(no, no, no, np.zeros(0), np.zeros(0, dtype=object), np.zeros(0))

    def on(self, now: int, bars: Sequence[Bars]) -> Offer:
        """Return a session's, of the feeds with these bars."""
        if now not in self._offers:
            span = self._spans.get(now, slice(0))
            self._offers[now] = Offer([column[span] for column in self._columns], now, bars)
        return self._offers[now]

    @cached_property
    def _order(self) -> Ints:
        # The highest score first, equal ones in the order of their codes.
        return np.lexsort((self.feed, -self.score, self.day))

    @cached_property
    def _columns(self) -> list[list[Any]]:
        columns = (self.signal, self.feed, self.score, self.volatility, self.most)
        return [column[self._order].tolist() for column in columns]

    @cached_property
    def _spans(self) -> dict[int, slice]:
        days, starts = np.unique(self.day[self._order], return_index=True)
        ends = [*starts[1:].tolist(), len(self.day)]
        return dict(zip(days.tolist(), map(slice, starts.tolist(), ends), strict=True))

    def until(self, now: int) -> "Buys":
        """Return those decided in a session or before it."""
        own = self.day <= now
        return Buys(
            self.day[own], self.signal[own], self.feed[own], self.score[own],
            self.volatility[own], self.most[own],
        )  # fmt: skip


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
