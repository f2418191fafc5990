"""What a run says of prices that cannot be right: which there are, and which trades met one."""

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from rollsight.signals.inputs.labels import Labels
from rollsight.signals.prices.market import Market
from rollsight.signals.prices.moves import Move

NAMED = 200  # furthest off, that the manifest and the page name


def impossible_facts(market: Market, labels: Labels) -> dict[str, Any]:
    """Return how many such prices there are, by kind and year, and those that are furthest off.

    ``labels`` counts those that there are not, since their trade meets such a price.
    """
    found = market.moves.found
    return {
        "prices": len(found),
        "stocks": len({move.code for move in found}),
        "labels": labels.barred,
        "years": _by_year(found),
        "named": [_named(move) for move in found[:NAMED]],
    }


def _by_year(found: tuple[Move, ...]) -> list[dict[str, int]]:
    return [
        {"year": year, **Counter(m.kind for m in found if m.day.year == year)}
        for year in sorted({m.day.year for m in found})
    ]


def _named(move: Move) -> dict[str, Any]:
    return {
        "code": move.code,
        "day": str(move.day),
        "price": move.price,
        "move": move.move,
        "allowed": move.allowed,
        "kind": move.kind,
    }


def impossible_days(market: Market, trades: pd.DataFrame) -> pd.Series:
    """Return, of each trade, the first day on which it met such a price, NaT where on none.

    Like a label, a trade meets what the sessions of its entry and its exit show, and those between.
    """
    sessions = market.sessions.astype("datetime64[ms]")
    place = {code: i for i, code in enumerate(market.codes)}
    first = np.searchsorted(sessions, trades["entry_at"].to_numpy("datetime64[ms]"))
    last = np.searchsorted(sessions, trades["exit_at"].to_numpy("datetime64[ms]"))
    days = np.full(len(trades), np.datetime64("NaT", "ms"))
    for n, (code, start, stop) in enumerate(zip(trades["code"], first, last, strict=True)):
        met = np.flatnonzero(market.moves.broken[place[code], start : stop + 1])
        if len(met):
            days[n] = sessions[start + met[0]]
    return pd.Series(days, trades.index, dtype="datetime64[ms]")
