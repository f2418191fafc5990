"""A market's files read line by line, and what each stock's label would be."""

import csv
import math
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from tests.recomputed.moves import broken, standing
from tests.recomputed.rules import locked


@dataclass
class Bar:
    """A row of a stock; a halted one stands at its close."""

    open: float
    high: float
    low: float
    close: float
    volume: int
    dividend: float = 0.0


@dataclass
class Stock:
    """One stock: bars by session number, and its end.

    Attributes
    ----------
    ends, worth
        session in which it becomes money, and the money a share; None where it does not
    labelled
        its end settles labels
    locks
        of each session with a row, the limit at which it opens, or nothing
    broken
        sessions with a price that cannot be right
    """

    code: str
    board: str
    bars: dict[int, Bar]
    ends: int | None = None
    worth: float = math.nan
    labelled: bool = False
    locks: dict[int, str] = field(default_factory=dict)
    broken: set[int] = field(default_factory=set)

    def traded(self, session: int) -> bool:
        """Return whether shares changed hands."""
        return session in self.bars and self.bars[session].volume > 0

    def can_buy(self, session: int) -> bool:
        """Return whether a buy fills at the open."""
        return self.traded(session) and self.locks[session] != "upper"

    def can_sell(self, session: int) -> bool:
        """Return whether a sale fills at the open."""
        return self.traded(session) and self.locks[session] != "lower"


@dataclass(frozen=True)
class Terms:
    """What of the specification decides labels and endings."""

    horizon: int
    delisting_gap: int
    delisting_haircut: float
    suspension_haircut: float


def read(folder: Path, calendar: list[date], n: int, terms: Terms) -> list[Stock]:
    """Return every stock of a market, by code.

    Parameters
    ----------
    calendar
        sessions, from the first row of the folder until after every delisting
    n
        how many of them the data reach
    """
    number = {day: at for at, day in enumerate(calendar)}
    stocks: dict[str, Stock] = {}
    listed = _lines(folder / "listings.csv")
    for line in listed:
        stocks[line["Code"]] = Stock(line["Code"], line["Market"], {})
    for line in _lines(folder / "prices.csv"):
        o, h, low, c = (float(line[k]) for k in ("Open", "High", "Low", "Close"))
        volume = int(line["Volume"])
        if volume == 0:
            o, h, low = (x or c for x in (o, h, low))
        bar = Bar(o, h, low, c, volume, float(line.get("Dividend") or 0))
        stocks[line["Code"]].bars[number[date.fromisoformat(line["Date"])]] = bar
    for line in listed:
        stock = stocks[line["Code"]]
        _stand(stock)
        _lock(stock, calendar)
        whole = {s: stock.bars[s] for s in stock.bars if stock.traded(s)}
        shown = {s: (b.open, b.high, b.low, b.close) for s, b in whole.items()}
        stock.broken = broken(stock.board, calendar, shown)
        if line["Delisted"] == "True":
            _end(stock, line["DelistingDate"], calendar, n, terms)
    return sorted(stocks.values(), key=lambda s: s.code)


def _lines(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _stand(stock: Stock) -> None:
    """Let the close before stand for one without trade that cannot be right."""
    rows = [stock.bars[session] for session in sorted(stock.bars)]
    for bar, close in zip(rows, standing([(b.close, b.volume) for b in rows]), strict=True):
        if close != bar.close:
            bar.open = bar.high = bar.low = bar.close = close


def _lock(stock: Stock, sessions: list[date]) -> None:
    before = None
    for session in sorted(stock.bars):
        bar = stock.bars[session]
        stock.locks[session] = locked(stock.board, sessions[session], bar.open, before)
        before = bar.close


def _end(stock: Stock, dated: str, calendar: list[date], n: int, terms: Terms) -> None:
    """Note when a delisting is known, and what a share is then worth."""
    last = max((s for s in stock.bars if stock.traded(s)), default=None)
    if last is None:
        return
    known = last + 1 + terms.delisting_gap
    if dated:
        on = date.fromisoformat(dated)
        known = max(last + 1, sum(day < on for day in calendar))
    if known >= n:
        return
    stock.labelled = not dated or known - last <= terms.delisting_gap
    lost = terms.delisting_haircut if stock.labelled else terms.suspension_haircut
    stock.ends, stock.worth = known, stock.bars[last].close * (1 - lost)


@dataclass(frozen=True)
class Label:
    """The trade that a buy decided in a session would be."""

    entry: float
    change: float
    settled: int


def label(stock: Stock, decided: int, n: int, terms: Terms) -> Label | None:
    """Return it, or None where there is no such trade, or none yet."""
    entry = decided + 1
    if entry >= n or not stock.can_buy(entry):
        return None
    paid = stock.bars[entry].open
    for session in range(entry + terms.horizon, n):
        if stock.can_sell(session):
            settled, got = session, stock.bars[session].open
            break
    else:
        if not stock.labelled or stock.ends is None or stock.ends <= entry:
            return None
        settled, got = stock.ends, stock.worth
    if any(session in stock.broken for session in range(entry, settled + 1)):
        return None
    # Bought ex dividend on the day of the entry, sold with it on the day of the exit.
    cash = sum(bar.dividend for s, bar in stock.bars.items() if entry < s <= settled)
    return Label(paid, (got + cash) / paid - 1, settled)
