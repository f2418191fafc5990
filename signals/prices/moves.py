"""Prices that cannot be right beside the close before them, or within their own bar."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
import numpy.typing as npt

from rollsight.signals.known.calendar import Days
from rollsight.signals.rules.rulebook import (
    ADJUSTED,
    ROUNDING,
    Board,
    RuleBook,
    band_limits,
    on_grid,
    tick_sizes,
    values_on,
)

Prices = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]
Kind = Literal["step", "spike", "resumption", "halt", "bar"]

# Without a daily band. The smallest usual splits, 2:1 and 1:2, halve and double a price: both are
# seen on days on which the stock itself moves by up to 20 and 25 % against them.
RISE, FALL = 0.5, 0.4
# After sessions without trade a price may fall by anything. The Korea Exchange's opening auctions
# end at twice the base price at most: a rise by this and more was counted in other shares.
RESUMPTION = 2.0
# Of 7,015 Korean closes a fifth off the one before, two were followed by that very price again.
RETURNING = 0.2
BAR_ROUNDING = 1e-3  # share of a price by which a bar may miss its own where there are no ticks
PRICES = ("Close", "Open", "High", "Low")  # of prices as far off, the first is named
CLOSE, LOW = 0, 3


@dataclass(frozen=True)
class Move:
    """A price that cannot be right.

    Attributes
    ----------
    code, day
        stock and session
    price
        which price of the session; of several the one that is furthest off
    move
        from the close before, fraction; of a bar, from the bound that it breaks
    allowed
        the largest move that could be right, fraction; None for a bar
    kind
        ``step`` stays, ``spike`` is back by the next close, ``resumption`` comes after sessions
        without trade, ``halt`` in one, and ``bar`` contradicts the other prices of its own session
    """

    code: str
    day: date
    price: str
    move: float
    allowed: float | None
    kind: Kind


@dataclass(frozen=True, eq=False)
class Moves:
    """What cannot be right in a market's prices.

    Attributes
    ----------
    broken
        (n_stocks, n_days) the session shows such a price, by what is known at its close
    leaps
        (n_stocks, n_days) the session's close is one of them, beside the close before
    found
        furthest off first
    """

    broken: Flags
    leaps: Flags
    found: tuple[Move, ...]

    def met(self, stock: int, first: Ints, last: Ints) -> Flags:
        """Return whether any session from first to last, both inclusive, is broken."""
        count = np.concatenate([[0], np.cumsum(self.broken[stock])])
        stop = np.minimum(last + 1, len(count) - 1)
        return np.asarray(count[stop] > count[np.minimum(first, stop)])


def impossible_moves(
    book: RuleBook,
    boards: tuple[str, ...],
    codes: tuple[str, ...],
    sessions: Days,
    prices: Mapping[str, Prices],
    traded: Flags,
) -> Moves:
    """Return the prices that cannot be right.

    In a session after one in which the stock traded too, no price lies beyond the daily band of the
    close before, and a tick more (adjusted prices: 0.8 % of that close); without a band, not more
    than `RISE` above or `FALL` below it.
    After sessions without trade none is `RESUMPTION` above it. A close that is `RETURNING` off
    comes not back to the very price before, and a bar holds its open and close. A first session is
    beside no close.

    Parameters
    ----------
    prices
        by name (`PRICES`), (n_stocks, n_days)
    traded
        (n_stocks, n_days)
    """
    broken, leaps = np.zeros(traded.shape, dtype=bool), np.zeros(traded.shape, dtype=bool)
    found: list[Move] = []
    for stock, (code, name) in enumerate(zip(codes, boards, strict=True)):
        at = np.flatnonzero(traded[stock])
        if not len(at):
            continue
        own = _stock(
            book.boards[name], sessions, at, np.stack([prices[p][stock, at] for p in PRICES])
        )
        bars, beyond = own.bars(), own.beyond(own.prices, own.before)
        returned = own.returned(beyond)
        broken[stock, at] = (bars != 0).any(axis=0) | beyond.any(axis=0) | returned
        leaps[stock, at] = beyond[CLOSE]
        found += own.named(code, bars, beyond, returned)
    return Moves(broken, leaps, furthest_first(found))


@dataclass(frozen=True, eq=False)
class _Stock:
    """The traded sessions of one stock.

    Attributes
    ----------
    days
        (n,) dates
    prices
        (4, n) as in `PRICES`
    before
        (n,) close of the traded session before, NaN for the first
    resumed
        (n,) sessions without trade lie before
    fall, rise
        (n,) the largest moves from the close before that can be right, fractions
    """

    board: Board
    days: Days
    prices: Prices
    before: Prices
    resumed: Flags
    fall: Prices
    rise: Prices

    def beyond(self, prices: Prices, before: Prices) -> Flags:
        """Return which prices, (..., n), lie beyond what a close before allows."""
        move = prices / before - 1
        outside = np.asarray((move < -self.fall - ROUNDING) | (move > self.rise + ROUNDING))
        near = outside.reshape(-1, len(self.days)).any(axis=0) & ~self.resumed
        if self.board.band and near.any():
            days, close, some = self.days[near], before[near], prices[..., near]
            low, high = band_limits(self.board, days, close)
            width, slack = self.rise[near] * close, self._slack(days, some, close)
            outside[..., near] = some < np.minimum(low, close - width) - slack
            outside[..., near] |= some > np.maximum(high, close + width) + slack
        return outside

    def gone_back(self, beyond: Flags) -> Flags:
        """Return (n,): the close is beyond, and the next one is not beside the close before."""
        close, back = self.prices[CLOSE], np.zeros(len(self.days), dtype=bool)
        if not beyond[CLOSE].any():
            return back
        two_ago = np.concatenate([[np.nan] * 2, close])[: len(close)]
        next_fine = ~self.beyond(close, two_ago) & ~self.resumed
        back[:-1] = beyond[CLOSE, :-1] & next_fine[1:]
        return back

    def returned(self, beyond: Flags) -> Flags:
        """Return (n,): the close is the very one of two sessions ago, that between far off."""
        close, back = self.prices[CLOSE], np.zeros(len(self.days), dtype=bool)
        off = np.abs(close[1:-1] / close[:-2] - 1) > RETURNING
        same = np.abs(close[2:] / close[:-2] - 1) <= ROUNDING
        back[2:] = off & same & ~(self.resumed | beyond[CLOSE])[1:-1] & ~self.resumed[2:]
        return back

    def bars(self) -> Prices:
        """Return (4, n): by how much a price breaks its own bar's high or low, fraction; else 0."""
        close, opened, high, low = self.prices
        off = np.zeros(self.prices.shape)
        if not ((np.maximum(close, opened) > high) | (np.minimum(close, opened) < low)).any():
            return off
        slack = self._ticks(self.days, close) if self.board.ticks else BAR_ROUNDING * close
        for row, price in enumerate((close, opened)):
            off[row] = np.where(price > high + slack, price / high - 1, off[row])
            off[row] = np.where(price < low - slack, price / low - 1, off[row])
        off[LOW] = np.where(low > high + slack, low / high - 1, 0.0)
        return off

    def named(self, code: str, bars: Prices, beyond: Flags, returned: Flags) -> Iterator[Move]:
        """Yield one move a session; the way back from a spike is no second one."""
        move = self.prices / self.before - 1
        back = self.gone_back(beyond)
        for i in np.flatnonzero(beyond.any(axis=0)):
            if i and back[i - 1]:
                continue
            price, size = _furthest(np.where(beyond[:, i], move[:, i], 0.0))
            limit = float(self.rise[i] if size > 0 else self.fall[i])
            kind: Kind = "spike" if back[i] or not beyond[CLOSE, i] else "step"
            kind = "resumption" if self.resumed[i] else kind
            yield Move(code, self.days[i].item(), price, size, limit, kind)
        for i in np.flatnonzero(returned) - 1:
            yield Move(
                code, self.days[i].item(), "Close", float(move[CLOSE, i]), RETURNING, "spike"
            )
        for i in np.flatnonzero((bars != 0).any(axis=0) & ~beyond.any(axis=0)):
            yield Move(code, self.days[i].item(), *_furthest(bars[:, i]), None, "bar")

    def _slack(self, days: Days, prices: Prices, before: Prices) -> Prices:
        """Return a tick; for adjusted prices, which are off the grid, what a limit may lie off."""
        tick = self._ticks(days, prices)
        gridded = on_grid(prices, tick) & on_grid(before, self._ticks(days, before))
        return np.where(gridded, tick, np.maximum(tick, ADJUSTED * before)) + ROUNDING * prices

    def _ticks(self, days: Days, prices: Prices) -> Prices:
        rows = [tick_sizes(self.board, days, row) for row in prices.reshape(-1, len(days))]
        return np.reshape(rows, prices.shape)


def _stock(board: Board, sessions: Days, at: Ints, prices: Prices) -> _Stock:
    before = np.concatenate([[np.nan], prices[CLOSE]])[: len(at)]
    resumed = np.diff(at, prepend=at[:1] - 1) > 1
    if board.band:
        fall = rise = values_on(board.band, sessions[at])
    else:
        fall, rise = (np.full(len(at), size) for size in (FALL, RISE))
    fall, rise = np.where(resumed, 1.0, fall), np.where(resumed, RESUMPTION, rise)
    return _Stock(board, sessions[at], prices, before, resumed, fall, rise)


def _furthest(moves: Prices) -> tuple[str, float]:
    at = int(np.abs(np.log1p(moves)).argmax())
    return PRICES[at], float(moves[at])


def furthest_first(found: Iterable[Move]) -> tuple[Move, ...]:
    """Return moves by their size, up or down."""
    return tuple(sorted(found, key=lambda m: (-abs(np.log1p(m.move)), m.day, m.code)))
