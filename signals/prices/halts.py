"""Closes of sessions without trade that cannot be right, and falls behind such sessions."""

from collections.abc import Mapping

import numpy as np

from rollsight.signals.known.calendar import Days
from rollsight.signals.prices.moves import (
    CLOSE,
    PRICES,
    RESUMPTION,
    Flags,
    Move,
    Prices,
    furthest_first,
)
from rollsight.signals.rules.rulebook import ROUNDING

# To a third of a price, as `RESUMPTION` is three times it. The Korea Exchange's opening auction
# after a halt ends at half the base price or above; the band of 30 % below that is 0.35 of it.
FALLEN = 2 / 3


def held_closes(
    codes: tuple[str, ...], sessions: Days, prices: Mapping[str, Prices], traded: Flags
) -> tuple[dict[str, Prices], tuple[Move, ...]]:
    """Return prices in which no close without trade lies too far from the one before, and those.

    A row without trade is no price at which anybody dealt, but the exchange's base price, which may
    move on; beyond three times the close before, or below a third, it is another unit or counted in
    other shares. The close before stands in for such a row until trading or another row says more.

    Parameters
    ----------
    prices
        by name (`PRICES`), (n_stocks, n_days), NaN where there is no row
    traded
        (n_stocks, n_days)
    """
    held, found = dict(prices), list[Move]()
    close = prices[PRICES[CLOSE]]
    for stock, code in enumerate(codes):
        at = np.flatnonzero(np.isfinite(close[stock]))
        own, idle = close[stock, at], ~traded[stock, at]
        # Where no row lies too far from the row before, none does from one that was held.
        if not (idle[1:] & _beyond(own[1:] / own[:-1])).any():
            continue
        kept = _kept(own, idle)
        far = np.flatnonzero(kept != np.arange(len(at)))
        for name, grid in held.items():
            held[name] = grid.copy() if grid is prices[name] else grid
            held[name][stock, at[far]] = own[kept[far]]
        begins = far[np.diff(kept[far], prepend=-1) != 0]
        for i in begins:
            move = float(own[i] / own[kept[i]] - 1)
            limit = RESUMPTION if move > 0 else FALLEN
            found.append(Move(code, sessions[at[i]].item(), PRICES[CLOSE], move, limit, "halt"))
    return held, tuple(found)


def falls_behind_halts(
    codes: tuple[str, ...], sessions: Days, close: Prices, traded: Flags
) -> tuple[Move, ...]:
    """Return the closes after sessions without trade that are below a third of the one before.

    They may be right, as on the first day of trading before a delisting: see `fall_notes`.
    """
    found = []
    for stock, code in enumerate(codes):
        at = np.flatnonzero(traded[stock])
        own = close[stock, at]
        fallen = (own[1:] / own[:-1] - 1 < -FALLEN - ROUNDING) & (np.diff(at) > 1)
        for i in np.flatnonzero(fallen) + 1:
            move = float(own[i] / own[i - 1] - 1)
            day = sessions[at[i]].item()
            found.append(Move(code, day, PRICES[CLOSE], move, FALLEN, "resumption"))
    return furthest_first(found)


def _beyond(ratio: Prices) -> Flags:
    move = ratio - 1
    return np.asarray((move > RESUMPTION + ROUNDING) | (move < -FALLEN - ROUNDING))


def _kept(close: Prices, idle: Flags) -> np.ndarray:
    """Return of each row which row's close stands for it: its own, or the last that may."""
    kept, last = np.arange(len(close)), 0
    for i in range(1, len(close)):
        if idle[i] and _beyond(close[i] / close[last]):
            kept[i] = last
        else:
            last = i
    return kept
