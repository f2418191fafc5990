"""What KRX allows and charges, written down once more: plain numbers, one price at a time."""

import math
from datetime import date

# First day, lowest price and step, newest first.
TICKS = {
    "KOSPI": [
        (date(2023, 1, 25), {0: 1, 2_000: 5, 5_000: 10, 20_000: 50, 50_000: 100, 200_000: 500,
                             500_000: 1_000}),
        (date(2010, 10, 4), {0: 1, 1_000: 5, 5_000: 10, 10_000: 50, 50_000: 100, 100_000: 500,
                             500_000: 1_000}),
        (date.min, {0: 5, 5_000: 10, 10_000: 50, 50_000: 100, 100_000: 500, 500_000: 1_000}),
    ],
    "KOSDAQ": [
        (date(2023, 1, 25), {0: 1, 2_000: 5, 5_000: 10, 20_000: 50, 50_000: 100, 200_000: 500,
                             500_000: 1_000}),
        (date(2010, 10, 4), {0: 1, 1_000: 5, 5_000: 10, 10_000: 50, 50_000: 100}),
        (date(2003, 7, 21), {0: 5, 5_000: 10, 10_000: 50, 50_000: 100}),
        (date.min, {0: 10, 10_000: 50, 50_000: 100, 100_000: 500, 500_000: 1_000}),
    ],
}  # fmt: skip
BANDS = {
    "KOSPI": [(date(2015, 6, 15), 0.30), (date(1998, 12, 7), 0.15), (date.min, 0.12)],
    "KOSDAQ": [(date(2015, 6, 15), 0.30), (date(2005, 3, 28), 0.15), (date.min, 0.12)],
}
TAXES = [  # by the day on which a sale settles
    (date(2026, 1, 1), 0.0020), (date(2025, 1, 1), 0.0015), (date(2024, 1, 1), 0.0018),
    (date(2023, 1, 1), 0.0020), (date(2021, 1, 1), 0.0023), (date(2019, 6, 3), 0.0025),
    (date.min, 0.0030),
]  # fmt: skip
COMMISSION = 0.00015
DIVIDEND_TAX = 0.154
SETTLES_AFTER = 2  # sessions
HAIR = 1e-6  # of a price: what float32 may leave of a whole won
ADJUSTED = 0.008  # of the close before: an adjusted open so near the band was at the limit


def tick(board: str, day: date, price: float) -> float:
    """Return the smallest step of a price."""
    steps = next(s for first, s in TICKS[board] if day >= first)
    return [step for lowest, step in steps.items() if price >= lowest][-1]


def tax(settled: date) -> float:
    """Return the share of a sale that the state takes."""
    return next(rate for first, rate in TAXES if settled >= first)


def band(board: str, day: date) -> float:
    """Return how far a price may move in a session, share of the close before."""
    return next(share for first, share in BANDS[board] if day >= first)


def limits(board: str, day: date, before: float) -> tuple[float, float]:
    """Return the lowest and the highest price of a session."""
    step = tick(board, day, before)
    width = max(math.floor(band(board, day) * before / step + HAIR) * step, step)
    low, high = before - width, before + width
    up, down = tick(board, day, high), tick(board, day, low)
    return math.ceil(low / down - HAIR) * down, math.floor(high / up + HAIR) * up


def on_grid(board: str, day: date, price: float) -> bool:
    """Return whether a price is a multiple of its tick."""
    step = tick(board, day, price)
    return abs(price - round(price / step) * step) <= HAIR * price


def locked(board: str, day: date, opened: float, before: float | None) -> str:
    """Return ``upper`` or ``lower`` where a session opens at its limit, else nothing."""
    if before is None:
        return ""
    widest, hair = band(board, day) * before, HAIR * opened
    if on_grid(board, day, opened) and on_grid(board, day, before):
        low, high = limits(board, day, before)
        step = tick(board, day, opened)
        if high - hair <= opened <= before + widest + step + hair:
            return "upper"
        return "lower" if before - widest - step - hair <= opened <= low + hair else ""
    if abs(opened - before - widest) <= ADJUSTED * before + hair:
        return "upper"
    return "lower" if abs(opened - before + widest) <= ADJUSTED * before + hair else ""
