"""Bars for Backtrader: aligned on the exchange's sessions, loaded from arrays at once."""

import array
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import backtrader as bt
import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.known.calendar import Days
from rollsight.signals.prices.market import Market
from rollsight.strategies.shares import MOST_SHARES, shares_for
from rollsight.strategies.spec import StrategySpec

Prices = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

UNIX_EPOCH = 719_163  # Backtrader counts days from the year 1


class Views(NamedTuple):
    """What an account asks of single sessions: views of `Bars`, which hand out plain numbers."""

    open: Any
    close: Any
    traded: Any
    buyable: Any
    sellable: Any
    most: Any


@dataclass(frozen=True, eq=False)
class Bars:
    """One stock on every session of a backtest; no price is missing, but not every one can trade.

    Where the folder has no row, the last close stands in (before the first row, the first close):
    it values a holding, and `buyable` and `sellable` keep any order from filling on it.

    Attributes
    ----------
    open, high, low, close
        (n_days,) quote currency
    traded, buyable, sellable
        (n_days,) the market's, but that what ends can be sold
    most
        (n_days,) shares that may fill at this session's open; infinite where nothing caps them
    ends
        session in which a delisted share is turned into its terminal value, -1 if none
    last
        last session in which it traded, -1 if that lies before the backtest
    dividend
        (n_days,) cash a share by ex-date, quote currency; None where the market has none
    """

    code: str
    sessions: Days
    open: Prices
    high: Prices
    low: Prices
    close: Prices
    traded: Flags
    buyable: Flags
    sellable: Flags
    most: Prices
    ends: int
    last: int
    dividend: Prices | None = None

    @cached_property
    def views(self) -> Views:
        """Views of the fields of these names."""
        return Views(*(getattr(self, name).data for name in Views._fields))

    def bought_by(self, money: float, now: int) -> int:
        """Return how many whole shares some money buys at the close of a session.

        Raises
        ------
        RollsightError
            If they are more than can be counted.
        """
        shares = shares_for(money, self.views.close[now])
        if shares == MOST_SHARES:
            raise RollsightError(
                f"{self.code!r} closes at {self.close[now]:g} on {self.sessions[now]}, of which "
                f"{money:g} buy more shares than the {MOST_SHARES:,} that can be counted: mend "
                "that price, or lower strategy.cash"
            )
        return shares


def has_volume(market: Market) -> bool:
    """Return whether there are volumes."""
    return market.volume is not None


def require_volume(spec: StrategySpec, *, there: bool) -> None:
    """Raise if a share of the volume is asked for where there are no volumes."""
    if spec.participation is not None and not there:
        raise RollsightError(
            f"strategy.participation={spec.participation} is a share of the volume, and the prices "
            "have no column 'Volume': add it, or leave strategy.participation unset"
        )


def bars_of(market: Market, stock: int, first: int, participation: float | None = None) -> Bars:
    """Return the bars of a stock from session ``first`` of the market on.

    Parameters
    ----------
    participation
        largest share of a session's volume that may fill, or None for no cap
    """
    close = pd.Series(market.close[stock]).ffill().bfill().to_numpy().copy()
    missing = ~market.has_bar[stock]
    parts = {}
    for name in ("open", "high", "low"):
        parts[name] = np.where(missing, close, getattr(market, name)[stock])
    end = int(market.endings.session[stock])
    sellable = market.sellable[stock].copy()
    if end >= 0:
        close[end:] = market.endings.value[stock]
        for values in parts.values():
            values[end:] = market.endings.value[stock]
        sellable[end] = True
    return Bars(
        code=market.codes[stock],
        sessions=market.sessions[first:],
        open=parts["open"][first:],
        high=parts["high"][first:],
        low=parts["low"][first:],
        close=close[first:],
        traded=market.traded[stock, first:],
        buyable=market.buyable[stock, first:],
        sellable=sellable[first:],
        most=_most(market, stock, participation)[first:],
        ends=max(end - first, -1),
        last=max(int(np.flatnonzero(market.traded[stock]).max(initial=-1)) - first, -1),
        dividend=None if market.dividend is None else market.dividend[stock, first:],
    )


def _most(market: Market, stock: int, participation: float | None) -> Prices:
    if participation is None or market.volume is None:
        return np.broadcast_to(np.inf, len(market.sessions))  # one number for all stocks and days
    # 0.29 * 100 is a hair below 29: shares are counted to six decimals.
    most = np.floor(np.round(participation * np.nan_to_num(market.volume[stock]), 6))
    if market.endings.session[stock] >= 0:
        most[market.endings.session[stock]] = np.inf
    return np.asarray(most)


class Clock(bt.feed.DataBase):  # type: ignore[misc]  # backtrader has no types
    """The one feed that Backtrader walks through: sessions, without a price of their own."""

    params = (("sessions", None),)

    def preload(self) -> None:
        """Fill every line with the sessions, as Backtrader counts days."""
        days = (UNIX_EPOCH + self.p.sessions.astype("int64")).astype("float64")
        for line in self.lines:
            line.array = array.array("d", days.tobytes())
        self.home()


class Line:
    """Prices of one stock, read where the clock stands."""

    def __init__(self, values: Prices, clock: Clock) -> None:
        # A view of doubles hands out plain floats and copies nothing.
        self.values: Any = np.ascontiguousarray(values).data
        self.time = clock.datetime

    def __getitem__(self, ago: int) -> float:
        price: float = self.values[self.time.idx + ago]
        return price


class Stock:
    """All that orders and the broker ask of a feed, bar for bar what PandasData would answer.

    Backtrader moves every feed that it knows in every session. This one it does not know: it is
    read only in a session in which its stock has an order or a position.
    """

    _compensate = None  # its trades close no other feed's position

    def __init__(self, bars: Bars, clock: Clock) -> None:
        self._name = bars.code
        self.clock, self.p, self.date2num = clock, clock.p, clock.date2num
        self.datetime = clock.datetime
        self.open, self.high = Line(bars.open, clock), Line(bars.high, clock)
        self.low, self.close = Line(bars.low, clock), Line(bars.close, clock)

    def __len__(self) -> int:
        return len(self.clock)
