"""Days on which an exchange was closed, or open, against what its calendar says."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.base.errors import RollsightError

Days = npt.NDArray[np.datetime64]
Instants = npt.NDArray[np.datetime64]

NEAR = 10  # sessions on either side whose usual closing time an added session has


@dataclass(frozen=True)
class Corrections:
    """What a market folder knows better than the calendar of its stocks' exchange.

    Attributes
    ----------
    closed
        sessions of the calendar in which the exchange was closed; other days change nothing
    opened
        days on which it was open though the calendar has no session. They close at the time of
        day at which most of the twenty sessions around them do
    """

    closed: tuple[date, ...] = ()
    opened: tuple[date, ...] = ()


NO_CORRECTIONS = Corrections()


def corrected(
    name: str, timezone: str, sessions: Days, closes: Instants, corrections: Corrections
) -> tuple[Days, Instants]:
    """Return an exchange's sessions and closes (UTC) with its corrections.

    Raises
    ------
    RollsightError
        If a day that is to be added is a session already.
    """
    if corrections == NO_CORRECTIONS:
        return sessions, closes
    opened = np.unique(np.array(corrections.opened, dtype="datetime64[D]"))
    # What lies outside the recorded calendar has no usual close, and nobody asks for it.
    opened = opened[(opened >= sessions[0]) & (opened <= sessions[-1])]
    already = np.isin(opened, sessions)
    if already.any():
        raise RollsightError(
            f"a correction says open = [{opened[already][0]}], and {name} has a session on that "
            "day already: delete it there"
        )
    added = [_usual_close(day, timezone, sessions, closes) for day in opened]
    days = np.concatenate([sessions, opened])
    instants = np.concatenate([closes, np.array(added, dtype=closes.dtype)])
    kept = np.argsort(days, kind="stable")
    kept = kept[~np.isin(days[kept], np.array(corrections.closed, dtype="datetime64[D]"))]
    return days[kept], instants[kept]


def _usual_close(day: np.datetime64, timezone: str, sessions: Days, closes: Instants) -> Instants:
    at = int(np.searchsorted(sessions, day))
    near = slice(max(at - NEAR, 0), at + NEAR)
    local = pd.DatetimeIndex(closes[near]).tz_localize("UTC").tz_convert(timezone)
    since = [t.to_datetime64() for t in local.tz_localize(None)] - sessions[near]
    usual = Counter(timedelta(microseconds=int(s / np.timedelta64(1, "us"))) for s in since)
    wall = pd.Timestamp(day) + usual.most_common(1)[0][0]
    return np.asarray(wall.tz_localize(timezone).tz_convert(None).to_datetime64())
