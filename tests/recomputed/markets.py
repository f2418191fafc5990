"""Random Korean markets, as a vendor would write them: halts, endings, locks, splits, slips."""

import csv
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from random import Random

from tests.recomputed.rules import band, limits, tick

# A span around every day on which a rule changed.
ERAS = [
    "1998-11-02", "2003-06-02", "2005-02-01", "2010-08-16", "2015-05-04", "2019-04-15",
    "2020-11-16", "2022-12-01", "2023-11-15", "2024-11-15", "2025-11-17",
]  # fmt: skip
DAYS = (60, 100)
PRICES = (150, 900, 1_900, 4_900, 19_000, 60_000, 180_000, 700_000)


@dataclass
class Row:
    """One line of prices.csv."""

    day: date
    open: float
    high: float
    low: float
    close: float
    volume: int
    dividend: float | str = ""


def write(
    folder: Path, seed: int, sessions: list[date], n: int | None = None, *, dividends: bool = False
) -> None:
    """Write a market of a few stocks, or of so many, on the given sessions."""
    rng = Random(seed)
    names = [f"{10 * (i + 1):06d}" for i in range(n or rng.randint(2, 7))]
    stocks = {code: _history(rng, sessions) for code in names}
    listed = {code: history[0] for code, history in stocks.items()}
    if dividends:
        for number, (_, rows, _) in enumerate(stocks.values()):
            _pay(Random(f"{seed} {number}"), rows)
    paid = ["Dividend"] * dividends
    with (folder / "prices.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Date", "Code", "Open", "High", "Low", "Close", "Volume", *paid])
        for code, (_, rows, _) in stocks.items():
            for r in rows:
                own = [r.dividend] * dividends
                out.writerow([r.day, code, r.open, r.high, r.low, r.close, r.volume, *own])
    with (folder / "indices.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Date", "KS11"])
        level = 2_000.0
        for day in sessions:
            level *= rng.uniform(0.98, 1.02)
            out.writerow([day, round(level, 2)])
    with (folder / "listings.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Code", "Name", "Market", "Delisted", "DelistingDate"])
        for code, (board, _, (gone, when)) in stocks.items():
            out.writerow([code, f"Stock {code}", board, gone, when or ""])
    toml = 'calendar = "XKRX"\ncurrency = "KRW"\nbook = "krx"\n'
    (folder / "market.toml").write_text(toml)
    assert listed


def _pay(rng: Random, rows: list[Row]) -> None:
    """Let some rows be ex-dates, also such without trade and several within a trade."""
    for before, row in pairwise(rows):
        if rng.random() < 0.15:
            row.dividend = rng.choice([0.0, round(before.close * rng.uniform(0.001, 0.2), 3)])


def _history(rng: Random, sessions: list[date]) -> tuple[str, list[Row], tuple[bool, date | None]]:
    board = rng.choice(["KOSPI", "KOSDAQ"])
    rows = _rows(rng, board, sessions[rng.choice([0, 0, 0, 7]) :])
    gone, when = False, None
    if rng.random() < 0.45:
        last = rng.randint(20, len(rows) - 5)
        frozen = rng.choice([0, 0, 3, 12])
        stopped = [_idle(r.day, rows[last - 1].close, rng) for r in rows[last : last + frozen]]
        rows = [*rows[:last], *stopped]
        gone = rng.random() < 0.85
        if gone and rng.random() < 0.75:
            at = sessions.index(rows[-1].day) + rng.choice([1, 1, 2, 6, 15, 30])
            when = sessions[at] if at < len(sessions) else None
    rows = _halted(rng, rows)
    if rng.random() < 0.3:
        rows = _split(rng, rows)
    _slipped(Random(f"{rows[0]} {len(rows)}"), rows)
    return board, rows, (gone, when)


def _rows(rng: Random, board: str, sessions: list[date]) -> list[Row]:
    """Return a stock's every session, on the grid and inside the band of each day."""
    price = rng.choice(PRICES) * rng.uniform(0.8, 1.3)
    before = _rounded(board, sessions[0], price)
    rows = []
    for day in sessions:
        low, high = limits(board, day, before)
        mood = rng.random()
        if mood < 0.05:  # locked all day
            opened = closed = top = bottom = rng.choice([low, high])
        else:
            opened, closed = (
                _inside(board, day, before * (1 + rng.gauss(0, 0.25 * band(board, day))), low, high)
                for _ in range(2)
            )
            if mood < 0.12:  # opens at the limit and comes back
                opened = rng.choice([low, high])
            top, bottom = max(opened, closed), min(opened, closed)
        volume = rng.choice([1, 30, 4_000, 200_000])
        rows.append(Row(day, opened, top, bottom, closed, volume))
        before = closed
    return rows


def _rounded(board: str, day: date, price: float) -> float:
    step = tick(board, day, price)
    return max(round(price / step), 2) * step


def _inside(board: str, day: date, price: float, low: float, high: float) -> float:
    return min(max(_rounded(board, day, max(price, low)), low), high)


def _idle(day: date, close: float, rng: Random) -> Row:
    rest = rng.choice([0.0, close])
    return Row(day, rest, rest, rest, close, 0)


def _halted(rng: Random, rows: list[Row]) -> list[Row]:
    """Return the rows with some sessions idle, or gone: the close stands still meanwhile."""
    out, at = [], 0
    while at < len(rows):
        if at and rng.random() < 0.03:
            length, kept = rng.choice([1, 1, 2, 5, 11]), rng.random() < 0.5
            if kept:
                out += [_idle(r.day, out[-1].close, rng) for r in rows[at : at + length]]
            at += length
        else:
            out.append(rows[at])
            at += 1
    return out


def _slipped(rng: Random, rows: list[Row]) -> None:
    """Put the idle closes of some stocks into another unit, from one on, until trade or before."""
    idle = [n for n, row in enumerate(rows) if not row.volume]
    if not idle or rng.random() < 0.3:
        return
    factor = rng.choice([0.1, 0.3, 0.5, 2.5, 4.0, 10.0])
    for row in rows[rng.choice(idle) :]:
        if row.volume or rng.random() < 0.1:
            return
        row.open, row.high, row.low, row.close = (
            round(x * factor, 4) for x in (row.open, row.high, row.low, row.close)
        )


def _split(rng: Random, rows: list[Row]) -> list[Row]:
    """Return the rows with all before one session at another scale: adjusted, or a slip."""
    at, factor = rng.randrange(5, len(rows)), rng.choice([0.1, 0.2, 0.5, 1 / 3, 3.0, 10.0])
    if rng.random() < 0.6:  # adjusted for a later split: off the grid, but a whole history
        at = len(rows)
    scaled = [
        Row(r.day, *(round(x * factor, 4) for x in (r.open, r.high, r.low, r.close)), r.volume)
        for r in rows[:at]
    ]
    return [*scaled, *rows[at:]]
