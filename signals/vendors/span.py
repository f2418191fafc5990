"""The sessions that are asked for."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.known.calendar import exchange_calendar
from rollsight.signals.known.corrections import NO_CORRECTIONS, Corrections
from rollsight.signals.rules.venue import KRX, Venue


@dataclass(frozen=True, eq=False)
class Span:
    """The sessions that are asked for.

    Attributes
    ----------
    sessions
        of the stocks' exchange, from ``start`` to ``end``
    closed_at
        UTC instant at which the newest of them closed; what was not known then is left out
    corrections
        of the exchange's calendar, already in ``sessions``
    """

    start: date
    end: date
    sessions: pd.DatetimeIndex
    closed_at: np.datetime64
    corrections: Corrections = NO_CORRECTIONS
    venue: Venue = KRX

    def since(self, start: date) -> "Span":
        """Return the part of the span from a later start on."""
        first = max(start, self.start)
        later = self.sessions[self.sessions >= pd.Timestamp(first)]
        return replace(self, start=first, sessions=later)


def span_of(
    start: date, end: date, corrections: Corrections = NO_CORRECTIONS, venue: Venue = KRX
) -> Span:
    """Return the sessions of a venue from ``start`` to ``end``.

    Raises
    ------
    RollsightError
        If there is none.
    """
    calendar = exchange_calendar(
        venue.calendar, np.datetime64(start), np.datetime64(end), corrections
    )
    if not len(calendar.sessions):
        raise RollsightError(
            f"no session of {venue.calendar} lies from {start} to {end}: widen the dates"
        )
    sessions = pd.DatetimeIndex(calendar.sessions).as_unit("ns")
    return Span(start, end, sessions, calendar.closes[-1], corrections, venue)
