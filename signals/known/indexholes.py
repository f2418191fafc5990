"""Days on which an index should have a value and has none, or has the one before again."""

import numpy as np
import pandas as pd

from rollsight.signals.known.calendar import Days, named_days
from rollsight.signals.known.fingerprint import FEWEST
from rollsight.signals.known.symbols import Publication

# Of 21 real indices since 1995, those with a calendar lack 0.1 % of its sessions and 3 % of any 60,
# the others, for holidays, 4 % of weekdays and 22 % of any 60.
MOST_SESSIONS, MOST_WEEKDAYS = (0.02, 0.1), (0.1, 1 / 3)  # share of all, share of FEWEST in a row
# Of the prices among them, spot gas was the same for 11 days once, all others for 7 at most. A
# yield, such as a policy rate, may stay for months.
FROZEN = 15  # values in a row
DAILY = 0.5  # share of weekdays below which an index is none of every day


def hole_notes(values: pd.Series, sessions: Days | None, calendar: str | None) -> list[str]:
    """Return a note where an index lacks too many days between its first value and its last.

    Fewer than `FEWEST` days tell nothing. A series of weeks or months without a calendar has none.

    Parameters
    ----------
    sessions
        of its calendar; None without one, where weekdays stand in for them
    """
    days = pd.DatetimeIndex(values.index).to_numpy().astype("datetime64[D]")
    weekdays = np.arange(days[0], days[-1] + np.timedelta64(1, "D"))
    every = weekdays[np.is_busday(weekdays)] if sessions is None else sessions
    every = every[(every >= days[0]) & (every <= days[-1])]
    missing = ~np.isin(every, days)
    if len(every) < FEWEST or (sessions is None and missing.mean() > 1 - DAILY):
        return []
    of_all, of_some = MOST_WEEKDAYS if sessions is None else MOST_SESSIONS
    if missing.mean() <= of_all and pd.Series(missing).rolling(FEWEST).mean().max() <= of_some:
        return []
    of = f"sessions of {calendar}" if calendar else "weekdays"
    return [
        f"Index {values.name} has {len(every) - missing.sum()} of {len(every)} {of} from "
        f"{days[0]} to {days[-1]}, and none on {named_days(every[missing])}: inputs carry the "
        "value before, and a benchmark has no return there"
    ]


def frozen_notes(values: pd.Series, publication: Publication) -> list[str]:
    """Return a note where a price is the same for `FROZEN` values in a row, or more."""
    run = values.ne(values.shift()).cumsum()
    count = run.groupby(run).transform("size")
    if publication.unit == "percent" or count.max() < FROZEN:
        return []
    days = values.index[(run == run.iloc[int(count.to_numpy().argmax())]).to_numpy()]
    return [
        f"Index {values.name} has the same value on {len(days)} days in a row, {days[0]:%Y-%m-%d} "
        f"to {days[-1]:%Y-%m-%d}: filled forward, or no longer published; its input and a "
        "benchmark's return are 0 there"
    ]
