"""Sessions of an exchange and the instants at which they close."""

import warnings
from dataclasses import dataclass
from functools import lru_cache

import exchange_calendars
import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.signals.errors import RollsightError, did_you_mean

Days = npt.NDArray[np.datetime64]
Instants = npt.NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Calendar:
    """Sessions of one exchange.

    Attributes
    ----------
    name : exchange code, such as ``XKRX``
    sessions : (n_days,) datetime64[D], local dates, ascending
    closes : (n_days,) datetime64[ns], UTC instants
    """

    name: str
    sessions: Days
    closes: Instants


@lru_cache(maxsize=32)
def exchange_calendar(name: str, first: np.datetime64, last: np.datetime64) -> Calendar:
    """Return the sessions of an exchange from ``first`` to ``last``, both inclusive.

    Raises
    ------
    RollsightError
        If no exchange has that code, or the range lies outside what is recorded of it.
    """
    if name not in exchange_calendars.get_calendar_names():
        have = [n for n in exchange_calendars.get_calendar_names() if n.startswith("X")]
        raise RollsightError(
            f"calendar={name!r} is no exchange calendar {did_you_mean(name, have)}"
        )
    try:
        with warnings.catch_warnings():
            # The library still uses what pandas 3 deprecates; nothing in that is for our users.
            warnings.simplefilter("ignore", DeprecationWarning)
            found = exchange_calendars.get_calendar(
                name, start=pd.Timestamp(first), end=pd.Timestamp(last)
            )
    except ValueError as error:
        line = str(error).splitlines()[0]
        raise RollsightError(
            f"calendar {name} has no sessions from {first} to {last}: {line}; "
            "change the dates of the data or market.calendar"
        ) from error
    return Calendar(
        name=name,
        sessions=found.sessions.to_numpy().astype("datetime64[D]"),
        closes=found.closes.dt.tz_convert(None).to_numpy().astype("datetime64[ns]"),
    )
