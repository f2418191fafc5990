"""What fetched prices say against the calendar of their exchange."""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from rollsight.signals.known.calendar import Days, exchange_calendar
from rollsight.signals.known.corrections import Corrections
from rollsight.signals.known.symbols import SYMBOLS

Tables = Mapping[str, pd.DataFrame]


def closures(
    prices: Tables, indices: Tables, exchange: str, known: Corrections
) -> tuple[date, ...]:
    """Return the sessions of the calendar in which the exchange was closed, ascending.

    In these no stock has a row and no index of the exchange a value, though both have earlier and
    later ones. Without an index of the exchange, missing rows say nothing: only ``known`` ones are
    returned.

    Parameters
    ----------
    prices, indices
        of each code or symbol its rows, with a column Date
    known
        what the folder says already
    """
    own = [_days(t) for s, t in indices.items() if SYMBOLS[s].publication.calendar == exchange]
    rows = [_days(table) for table in prices.values()]
    if not own or not rows:
        return known.closed
    first = max(min(days[0] for days in some) for some in (own, rows))
    last = min(max(days[-1] for days in some) for some in (own, rows))
    seen = np.concatenate([*own, *rows])
    sessions = exchange_calendar(exchange, first, last, known).sessions
    empty = sessions[~np.isin(sessions, seen)]
    return tuple(sorted({*known.closed, *(day.item() for day in empty)}))


def _days(table: pd.DataFrame) -> Days:
    return np.sort(table["Date"].to_numpy().astype("datetime64[D]"))
