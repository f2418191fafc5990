"""The classes of each session's trades, worked out again one session at a time."""

import math
from fractions import Fraction

from tests.recomputed.stocks import Label, Stock, Terms

DOWN, HOLD, UP = 0, 1, 2
NAMES, ALIKE, GROUPS = 30, 15, 10
Sorted = dict[tuple[int, int], tuple[int, int]]  # stock and session to class and known since


def classes(
    stocks: list[Stock],
    trades: dict[tuple[int, int], Label],
    n: int,
    terms: Terms,
    shares: tuple[Fraction, Fraction],
    volatility: list[list[float]] | None,
) -> Sorted:
    """Return the class of every trade that has one, and the session from which it is known.

    Parameters
    ----------
    trades
        by stock and session of the decision
    n
        how many sessions there are
    shares
        of DOWN and of UP
    volatility
        of each stock and session, where classes are those of names of like volatility
    """
    found: Sorted = {}
    for session in range(n):
        due = session + 1 + terms.horizon
        if due >= n:
            break
        today = {s: own for (s, day), own in trades.items() if day == session}
        if volatility is not None:
            today = {s: t for s, t in today.items() if not math.isnan(volatility[s][session])}
        in_time = [s for s, t in today.items() if t.settled <= due and session in stocks[s].bars]
        if len(in_time) < NAMES:
            continue
        wild = {s: 0.0 if volatility is None else volatility[s][session] for s in today}
        group = _groups(in_time, wild, one=volatility is None)
        for s, trade in today.items():
            alike = [round(today[o].change, 12) for o in in_time if group[o] == group[s]]
            got = _class(round(trade.change, 12), sorted(alike), shares)
            found[s, session] = got, max(trade.settled, due)
    return found


def _groups(in_time: list[int], wild: dict[int, float], *, one: bool) -> dict[int, int]:
    """Return the group of each stock: how many starts of groups are not above its volatility."""
    if one:
        return dict.fromkeys(wild, 0)
    calmest = sorted(wild[s] for s in in_time)
    n = min(len(calmest) // ALIKE, GROUPS)
    starts = [calmest[len(calmest) * g // n] for g in range(1, n)]
    return {s: sum(start <= wild[s] for start in starts) for s in wild}


def _class(change: float, alike: list[float], shares: tuple[Fraction, Fraction]) -> int:
    n = len(alike)
    down, rest = (math.floor(n * share + Fraction(1, 2)) for share in (shares[0], 1 - shares[1]))
    if down == n or change < alike[down]:
        return DOWN
    return UP if rest == 0 or change > alike[rest - 1] else HOLD
