"""Which sessions show a price that cannot be right, price by price."""

from datetime import date

from tests.recomputed.rules import HAIR, band, limits, tick

RESUMED = 2.0  # rise after sessions without trade, share of the close before
RETURNED = 0.2  # a close so far off comes not back to the very price before


def beyond(board: str, day: date, price: float, before: float | None, *, resumed: bool) -> bool:
    """Return whether a price is too far from the close before."""
    if before is None:
        return False
    if resumed:
        return price / before - 1 > RESUMED + HAIR
    low, high = limits(board, day, before)
    width, slack = band(board, day) * before, tick(board, day, price) + HAIR * price
    return price < min(low, before - width) - slack or price > max(high, before + width) + slack


def standing(closes: list[tuple[float, int]]) -> list[float]:
    """Return the closes that count, of rows of close and volume.

    Without trade a close beyond three times the one that counted before, or below a third of it,
    does not: that one stands.
    """
    counted: list[float] = []
    for close, volume in closes:
        far = counted and (close / counted[-1] > 3 + HAIR or close / counted[-1] < 1 / 3 - HAIR)
        counted.append(counted[-1] if far and not volume else close)
    return counted


def broken_bar(board: str, day: date, bar: tuple[float, float, float, float]) -> bool:
    """Return whether open or close lie outside high and low, by more than a tick."""
    opened, high, low, close = bar
    slack = tick(board, day, close) + HAIR * close
    inside = all(low - slack <= price <= high + slack for price in (opened, close))
    return not inside or low > high + slack


def broken(
    board: str, sessions: list[date], bars: dict[int, tuple[float, float, float, float]]
) -> set[int]:
    """Return such sessions of a stock, of those in which it traded."""
    found: set[int] = set()
    at = sorted(bars)
    for i, session in enumerate(at):
        before = bars[at[i - 1]][3] if i else None
        resumed = i > 0 and session - at[i - 1] > 1
        day, bar = sessions[session], bars[session]
        if any(beyond(board, day, price, before, resumed=resumed) for price in bar):
            found.add(session)
        if broken_bar(board, day, bar):
            found.add(session)
        if i > 1 and at[i] - at[i - 2] == 2:
            two, one = bars[at[i - 2]][3], bars[at[i - 1]][3]
            far = abs(one / two - 1) > RETURNED and abs(bar[3] / two - 1) <= HAIR
            if far and not beyond(board, sessions[at[i - 1]], one, two, resumed=False):
                found.add(session)
    return found
