"""When each index value became known, and which one a decision could use."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rollsight.signals.known.calendar import Days, Instants, exchange_calendar
from rollsight.signals.known.symbols import Publication


@dataclass(frozen=True, eq=False)
class Ledger:
    """For every decision and index, the newest value known by then.

    Attributes
    ----------
    symbols
        (k,) names
    value
        (n_days, k) in the index's own unit; NaN before the first value is known
    dated
        (n_days, k) datetime64[D], the value's own date; NaT where there is none
    known_at
        (n_days, k) datetime64[ns], UTC; never after the decision, but for `same_date`
    age
        (n_days, k) sessions of the stocks' exchange since the value was first usable; -1 if none
    """

    symbols: tuple[str, ...]
    value: npt.NDArray[np.float64]
    dated: Days
    known_at: Instants
    age: npt.NDArray[np.int64]


def known_at(dates: Days, publication: Publication) -> Instants:
    """Return the UTC instants at which values dated ``dates`` become known.

    >>> from rollsight.signals.known.symbols import SYMBOLS
    >>> friday = np.array(["2024-07-05"], dtype="datetime64[D]")
    >>> str(known_at(friday, SYMBOLS["IXIC"].publication)[0])
    '2024-07-05T20:00:00.000000000'
    """
    close = publication.close
    local = pd.DatetimeIndex(dates.astype("datetime64[ns]")) + pd.Timedelta(
        hours=close.hour, minutes=close.minute, seconds=close.second
    )
    zoned = local.tz_localize(publication.timezone, ambiguous=False, nonexistent="shift_forward")
    instants = zoned.tz_convert("UTC").tz_localize(None).to_numpy(copy=True)
    instants = instants.astype("datetime64[ns]")
    if publication.calendar is not None and len(dates):
        calendar = exchange_calendar(
            publication.calendar, dates[0], dates[-1], publication.corrections
        )
        # A date that is no session of its own exchange keeps the regular closing time.
        on_session = np.isin(dates, calendar.sessions)
        at = np.searchsorted(calendar.sessions, dates[on_session])
        instants[on_session] = calendar.closes[at]
    late = np.timedelta64(round(publication.lag_hours * 3600), "s")
    return np.asarray(instants + late, dtype="datetime64[ns]")


def as_of(
    indices: pd.DataFrame, publications: Mapping[str, Publication], decisions: Instants
) -> Ledger:
    """Join every index to the decisions by the instant at which its values became known.

    Parameters
    ----------
    indices
        one column a symbol, by own date, NaN where that market was closed
    publications
        of each column
    decisions
        (n_days,) UTC instants, ascending
    """
    return _join(indices, publications, decisions, None)


def same_date(
    indices: pd.DataFrame,
    publications: Mapping[str, Publication],
    decisions: Instants,
    sessions: Days,
) -> Ledger:
    """Join every index to the decisions by its date, known by then or not: a leak, to be measured.

    Parameters
    ----------
    sessions
        (n_days,) local dates of the decisions
    """
    return _join(indices, publications, decisions, sessions)


def _join(
    indices: pd.DataFrame,
    publications: Mapping[str, Publication],
    decisions: Instants,
    by_date: Days | None,
) -> Ledger:
    symbols = tuple(str(s) for s in indices)
    columns = []
    for symbol in symbols:
        values = indices[symbol].dropna()
        dates = values.index.to_numpy().astype("datetime64[D]")
        known = np.maximum.accumulate(known_at(dates, publications[symbol]))
        if by_date is None:
            newest = np.searchsorted(known, decisions, side="right") - 1
        else:
            newest = np.searchsorted(dates, by_date, side="right") - 1
        columns.append(_taken(values, dates, known, newest, decisions))
    if not columns:
        return _without_indices(len(decisions))
    value, dated, at, age = (np.stack(part, axis=1) for part in zip(*columns, strict=True))
    return Ledger(symbols, value, dated, at, age)


def _without_indices(n_days: int) -> Ledger:
    none = (n_days, 0)
    days, instants = np.empty(none, "datetime64[D]"), np.empty(none, "datetime64[ns]")
    return Ledger((), np.empty(none), days, instants, np.empty(none, np.int64))


def _taken(
    values: pd.Series,
    dates: Days,
    known: Instants,
    newest: npt.NDArray[np.int64],
    decisions: Instants,
) -> tuple[npt.NDArray[np.float64], Days, Instants, npt.NDArray[np.int64]]:
    none = newest < 0
    newest = np.maximum(newest, 0)
    first_usable = np.searchsorted(decisions, known[newest])
    age = np.maximum(np.arange(len(decisions)) - first_usable, 0)
    return (
        np.where(none, np.nan, values.to_numpy()[newest]),
        np.where(none, np.datetime64("NaT", "D"), dates[newest]),
        np.where(none, np.datetime64("NaT", "ns"), known[newest]),
        np.where(none, -1, age),
    )


def entries(
    ledger: Ledger,
    indices: pd.DataFrame,
    publications: Mapping[str, Publication],
    day: int,
    timezone: str,
) -> pd.DataFrame:
    """Return what a decision uses of each index, one row a symbol.

    Columns: symbol, name, value (the index's own unit), dated, known_at (wall-clock time in
    ``timezone``), age (sessions), and of the next value dated and known_at: what was not used yet.

    Parameters
    ----------
    day
        session of the decision, a row of the ledger
    """
    rows = []
    for k, symbol in enumerate(ledger.symbols):
        dates = indices[symbol].dropna().index.to_numpy().astype("datetime64[D]")
        later = dates[np.searchsorted(dates, ledger.dated[day, k], side="right") :][:1]
        if np.isnat(ledger.dated[day, k]):
            later = dates[:1]
        known = np.append(ledger.known_at[day, k : k + 1], known_at(later, publications[symbol]))
        local = pd.DatetimeIndex(known).tz_localize("UTC").tz_convert(timezone).tz_localize(None)
        rows.append(
            {
                "symbol": symbol,
                "name": publications[symbol].name,
                "value": ledger.value[day, k],
                "dated": ledger.dated[day, k],
                "known_at": local[0],
                "age": ledger.age[day, k],
                "next_dated": later[0] if len(later) else np.datetime64("NaT", "D"),
                "next_known_at": local[1] if len(later) else pd.NaT,
            }
        )
    return pd.DataFrame(rows)
