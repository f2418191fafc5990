"""The rules of each exchange by date, as data: what trading costs, ticks, and the daily band."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import numpy.typing as npt

from rollsight.base.errors import RollsightError, did_you_mean
from rollsight.signals.known.calendar import Days

Prices = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

T = TypeVar("T")
Dated = tuple[tuple[str, T], ...]  # (first day, value), ascending
Ladder = tuple[tuple[float, float], ...]  # (lowest price, tick), ascending
BookName = Literal["krx", "us", "none"]

ROUNDING = 1e-6  # share of a price: what float32 leaves of a whole won is well below
# How far from the band an adjusted open at the limit may lie, share of the close before: limits
# were cut to ticks of levels that the adjustment hides.
ADJUSTED = 0.008


@dataclass(frozen=True)
class Board:
    """Rules of one market segment.

    Attributes
    ----------
    sell_tax
        fraction of a sale's value, by its settlement date
    ticks
        smallest step of a price by its level, by trade date; empty where there is none
    band
        largest move from the previous close, fraction, by trade date; empty where there is none
    """

    sell_tax: Dated[float] = (("1900-01-01", 0.0),)
    ticks: Dated[Ladder] = ()
    band: Dated[float] = ()


@dataclass(frozen=True)
class RuleBook:
    """Rules of an exchange.

    Attributes
    ----------
    commission
        fraction of a fill's value, each side
    boards
        by name, the first being that of a stock whose board is not given
    settlement
        sessions from a trade to its settlement, by which the tax is dated
    dividend_tax
        fraction of a cash dividend that is withheld
    """

    commission: float
    boards: Mapping[str, Board]
    settlement: int = 2
    dividend_tax: float = 0.0


_TAX = (
    ("1900-01-01", 0.0030),
    ("2019-06-03", 0.0025),
    ("2021-01-01", 0.0023),
    ("2023-01-01", 0.0020),
    ("2024-01-01", 0.0018),
    ("2025-01-01", 0.0015),
    ("2026-01-01", 0.0020),
)
_SEVEN_STEPS = (
    (0, 1), (1_000, 5), (5_000, 10), (10_000, 50), (50_000, 100), (100_000, 500), (500_000, 1_000),
)  # fmt: skip
_SINCE_2023 = (
    "2023-01-25",
    ((0, 1), (2_000, 5), (5_000, 10), (20_000, 50), (50_000, 100), (200_000, 500),
     (500_000, 1_000)),
)  # fmt: skip
# Below 1,000 won a tick was five won until then (hankyung.com/article/2010073099481).
_ONE_WON = "2010-10-04"
_SEVEN = (("1900-01-01", ((0, 5), *_SEVEN_STEPS[2:])), (_ONE_WON, _SEVEN_STEPS), _SINCE_2023)
# KOSDAQ's own five steps from ten won up (donga.com/news/Economy/article/all/20030529/7949025/1).
_TEN_WON = ((0, 10), (10_000, 50), (50_000, 100), (100_000, 500), (500_000, 1_000))
_FIVE = (
    ("1900-01-01", _TEN_WON),
    ("2003-07-21", ((0, 5), *_SEVEN_STEPS[2:5])),
    (_ONE_WON, _SEVEN_STEPS[:5]),
    _SINCE_2023,
)

BOOKS: dict[str, RuleBook] = {
    "krx": RuleBook(
        commission=0.00015,
        boards={
            # From 12 % on 1998-12-07 (hankyung.com/article/1998120700911).
            "KOSPI": Board(
                _TAX, _SEVEN, (("1900-01-01", 0.12), ("1998-12-07", 0.15), ("2015-06-15", 0.30))
            ),
            "KOSDAQ": Board(
                _TAX, _FIVE, (("1900-01-01", 0.12), ("2005-03-28", 0.15), ("2015-06-15", 0.30))
            ),
            "KONEX": Board(
                (("1900-01-01", 0.0030), ("2019-06-03", 0.0010)), _FIVE, (("1900-01-01", 0.15),)
            ),
        },
        # Of residents, since 2005: 14 % of income tax and a tenth of that as local income tax.
        dividend_tax=0.154,
    ),
    # A retail broker's half basis point or so; fees of the regulator are below that.
    "us": RuleBook(0.00005, {"US": Board(ticks=(("1900-01-01", ((0, 0.01),)),))}),
    "none": RuleBook(0.0, {"ANY": Board()}),
}


def in_force(dated: Dated[T], days: Days) -> npt.NDArray[np.int64]:
    """Return which entry holds on each day."""
    starts = np.array([start for start, _ in dated], dtype="datetime64[D]")
    return np.asarray(np.searchsorted(starts, days, side="right") - 1, dtype=np.int64)


def values_on(dated: Dated[float], days: Days) -> Prices:
    """Return (n_days,) values in force."""
    return np.array([value for _, value in dated], dtype=np.float64)[in_force(dated, days)]


def tick_sizes(board: Board, days: Days, price: Prices) -> Prices:
    """Return the tick of each price on its day, both (n_days,).

    >>> tick_sizes(BOOKS["krx"].boards["KOSPI"], np.array(["2023-01-20"], "M8[D]"), np.array([999]))
    array([1.])
    """
    tick, period = np.ones(price.shape), in_force(board.ticks, days)
    for number, (_, ladder) in enumerate(board.ticks):
        levels, steps = np.array(ladder, dtype=np.float64).T
        own = period == number
        tick[own] = steps[np.searchsorted(levels, price[own], side="right") - 1]
    return tick


def band_limits(board: Board, days: Days, before: Prices) -> tuple[Prices, Prices]:
    """Return the lowest and the highest price of each day, given the previous close, (n_days,).

    The width is the band's share of the previous close, cut to its tick; each limit then lies on
    the grid of its own level.
    """
    tick = tick_sizes(board, days, before)
    width = np.floor(values_on(board.band, days) * before / tick + ROUNDING) * tick
    low, high = (before + side * np.maximum(width, tick) for side in (-1, 1))
    low_tick, high_tick = (tick_sizes(board, days, limit) for limit in (low, high))
    return (
        np.ceil(low / low_tick - ROUNDING) * low_tick,
        np.floor(high / high_tick + ROUNDING) * high_tick,
    )


def locked_opens(board: Board, days: Days, opens: Prices, before: Prices) -> tuple[Flags, Flags]:
    """Return the days whose open stands at the upper and those at the lower limit, (n_days,).

    Where open and close before lie on the grid of their days, the open is compared with the limit;
    from a tick of its level beyond the band on, it was not counted from the close before: a first
    day, a resumption, an unadjusted corporate action. Adjusted prices are off the grid: their move
    is compared with the band itself, and locked within 0.8 % of the close before on either side.

    Parameters
    ----------
    opens
        prices at which an order would fill; NaN where there is no row
    before
        last close before each day, NaN where there is none
    """
    if not board.band:
        return np.zeros(opens.shape, dtype=bool), np.zeros(opens.shape, dtype=bool)
    low, high = band_limits(board, days, before)
    tick = tick_sizes(board, days, opens)
    gridded = on_grid(opens, tick) & on_grid(before, tick_sizes(board, days, before))
    slack, widest = ROUNDING * opens, values_on(board.band, days) * before
    near, far = np.where(gridded, 0, ADJUSTED * before), np.where(gridded, tick, ADJUSTED * before)
    top, bottom = np.where(gridded, (high, low), (before + widest, before - widest))
    upper = (opens >= top - near - slack) & (opens <= before + widest + far + slack)
    lower = (opens <= bottom + near + slack) & (opens >= before - widest - far - slack)
    return upper, lower


def locks(
    book: RuleBook, boards: tuple[str, ...], days: Days, opens: Prices, closes: Prices
) -> tuple[Flags, Flags]:
    """Return (n_stocks, n_days): opens locked at the upper and at the lower limit.

    Only the open and the closes before it are looked at, never the session's own high, low or
    close.
    """
    upper, lower = np.zeros(opens.shape, dtype=bool), np.zeros(opens.shape, dtype=bool)
    for stock, name in enumerate(boards):
        before = _previous(closes[stock])
        upper[stock], lower[stock] = locked_opens(book.boards[name], days, opens[stock], before)
    return upper, lower


def boards_of(
    name: str, listed: Mapping[Hashable, object], codes: tuple[str, ...]
) -> tuple[tuple[str, ...], int]:
    """Return the board of each stock, and how many were put on the first for want of one.

    Parameters
    ----------
    name
        of the book; one with a single board puts every stock on it
    listed
        what the listings call the market of a code; its first word counts

    Raises
    ------
    RollsightError
        If a stock's market is no board of the book.
    """
    have = list(BOOKS[name].boards)
    if len(have) == 1:
        return (have[0],) * len(codes), 0
    words = [str(listed.get(code) or "").upper().split()[:1] for code in codes]
    found = [word[0] if word and word[0] != "NAN" else "" for word in words]
    for code, board in zip(codes, found, strict=True):
        if board and board not in have:
            raise RollsightError(
                f"listings: Market={listed[code]!r} of code {code!r} is no board of the {name} "
                f"book {did_you_mean(board, have)}: write one of them, or set market.book"
            )
    return tuple(board or have[0] for board in found), found.count("")


def _previous(closes: Prices) -> Prices:
    """Return the last close before each day, NaN before the first."""
    at = np.where(np.isfinite(closes), np.arange(len(closes)), -1)
    last = np.maximum.accumulate(at)[:-1]
    return np.append(np.nan, np.where(last >= 0, closes[last], np.nan))


def on_grid(price: Prices, tick: Prices) -> Flags:
    """Return which prices are whole numbers of ticks."""
    return np.asarray(np.abs(price - np.round(price / tick) * tick) <= ROUNDING * price)
