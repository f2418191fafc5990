"""One series as it comes from a vendor: by column name, on its true dates, fingerprinted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.tables import BAR_SLACK, PRICE_COLUMNS
from rollsight.signals.known.calendar import exchange_calendar
from rollsight.signals.known.corrections import NO_CORRECTIONS, Corrections
from rollsight.signals.known.fingerprint import (
    MOST_WEEKENDS,
    STOCK_LEVEL,
    hole,
    stranger,
    suspicion,
)
from rollsight.signals.known.indexvalues import usable_values
from rollsight.signals.known.ledger import known_at
from rollsight.signals.known.symbols import SYMBOLS, Publication, Symbol
from rollsight.signals.prices.panel import Flags
from rollsight.signals.vendors.stocks import Stock
from rollsight.signals.vendors.vendor import MissingError, UnreachableError, VendorClient

CALENDAR = "XKRX"
INDICES = Path("indices.parquet")  # where a fetch writes them
BARS = (*PRICE_COLUMNS, "Volume")
MOST_MISSING = 3  # sessions in a row that an index of the exchange may lack
MOST_BAD = 0.01  # share of a stock's rows that may be no bars
SUFFIXES = {"KOSPI": "KS", "KOSDAQ": "KQ"}
NAVER_ROWS = 6000  # at most, the newest


@dataclass(frozen=True, eq=False)
class Span:
    """The sessions that are asked for.

    Attributes
    ----------
    sessions : of the stocks' exchange, from ``start`` to ``end``
    closed_at : UTC instant at which the newest of them closed; what was not known then is left out
    corrections : of the exchange's calendar, already in ``sessions``
    """

    start: date
    end: date
    sessions: pd.DatetimeIndex
    closed_at: np.datetime64
    corrections: Corrections = NO_CORRECTIONS

    def since(self, start: date) -> "Span":
        """Return the part of the span from a later start on."""
        first = max(start, self.start)
        later = self.sessions[self.sessions >= pd.Timestamp(first)]
        return replace(self, start=first, sessions=later)


def span_of(start: date, end: date, corrections: Corrections = NO_CORRECTIONS) -> Span:
    """Return the sessions of the Korea Exchange from ``start`` to ``end``.

    Raises
    ------
    RollsightError
        If there is none.
    """
    calendar = exchange_calendar(CALENDAR, np.datetime64(start), np.datetime64(end), corrections)
    if not len(calendar.sessions):
        raise RollsightError(
            f"no session of {CALENDAR} lies from {start} to {end}: widen the dates"
        )
    sessions = pd.DatetimeIndex(calendar.sessions).as_unit("ns")
    return Span(start, end, sessions, calendar.closes[-1], corrections)


def index_series(
    client: VendorClient, symbol: str, span: Span, vendor: str | None = None
) -> tuple[pd.DataFrame, str]:
    """Return an index's rows (Date, Close; ``attrs['dropped']``) and the vendor that gave them.

    Parameters
    ----------
    vendor : ask this one alone; None: the symbol's own, then its fallback

    Raises
    ------
    MissingError, UnreachableError
        If it cannot be had, or is not what its name says.
    """
    entry = SYMBOLS[symbol]
    if entry.vendor is None:
        raise MissingError(f"it is not freely to be had: {entry.note}")
    vendors = (vendor,) if vendor else (entry.vendor, entry.fallback)

    def ask(vendor: str) -> pd.DataFrame:
        table = _index_rows(_ask(client, vendor, entry, span), entry, vendor, span)
        _refuse(_hole(table, entry, span), kind=UnreachableError)
        return table

    return _first_reachable(vendors, ask)


def stock_series(
    client: VendorClient, stock: Stock, span: Span, vendor: str | None = None
) -> tuple[pd.DataFrame, str]:
    """Return a stock's bars (Date, Code, prices, Volume; ``attrs['dropped']``) and their vendor.

    Suspended sessions are kept as the vendor writes them: no volume, and Open, High and Low of 0.

    Raises
    ------
    MissingError, UnreachableError
        If they cannot be had, or are no prices in won.
    """
    suffix = SUFFIXES.get(stock.market)
    fallback = f"YAHOO:{stock.code}.{suffix}" if suffix else None
    vendors = (vendor,) if vendor else (f"NAVER:{stock.code}", fallback)

    def ask(vendor: str) -> pd.DataFrame:
        raw = client.series(vendor, span.start - timedelta(days=3), span.end + timedelta(days=2))
        return _stock_rows(raw, stock, span)

    return _first_reachable(vendors, ask)


def check_index(
    table: pd.DataFrame, symbol: str, span: Span, references: dict[str, pd.Series]
) -> None:
    """Raise MissingError unless an index's rows are what its name says."""
    entry = SYMBOLS[symbol]
    closes = closes_of(table)
    end, lag = pd.Timestamp(span.end), entry.published.lag_hours
    _refuse(suspicion(closes, level=entry.level, end=end, lag_hours=lag))
    try:
        usable_values(closes.rename(symbol), _corrected(entry.published, span), INDICES)
    except RollsightError as error:  # as a run would the folder
        raise MissingError(f"refused: {error}") from error
    name, least = entry.reference or ("", 0.0)
    if name in references:
        _refuse(stranger(closes, references[name], name, least))


def check_stock(table: pd.DataFrame, stock: Stock, span: Span) -> None:
    """Raise MissingError unless a stock's rows can be its prices."""
    end = None if stock.delisted else pd.Timestamp(span.end)
    _refuse(suspicion(closes_of(table), level=STOCK_LEVEL, end=end))


def closes_of(table: pd.DataFrame) -> pd.Series:
    """Return a table's closes by date."""
    return table.set_index("Date")["Close"]


def true_dates(dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the days of currency bars that FinanceDataReader dated in UTC.

    A bar is stamped at midnight in London, which in summer is 23:00 UTC of the day before.

    >>> list(true_dates(pd.DatetimeIndex(["2024-01-08", "2024-07-07"])).astype(str))
    ['2024-01-08', '2024-07-08']
    """
    late = (dates + pd.Timedelta(hours=23)).tz_localize("UTC").tz_convert("Europe/London")
    summer = np.array([bool(instant.utcoffset()) for instant in late], dtype=int)
    return dates + pd.to_timedelta(summer, unit="D")


def _refuse(
    reason: str | None, kind: type[MissingError] | type[UnreachableError] = MissingError
) -> None:
    if reason:
        raise kind(f"refused: {reason}")


def _first_reachable(
    vendors: Iterable[str | None], ask: Callable[[str], pd.DataFrame]
) -> tuple[pd.DataFrame, str]:
    trouble = None
    for vendor in vendors:
        if vendor is None:
            continue
        try:
            return ask(vendor), vendor
        except UnreachableError as error:
            trouble = trouble or error
        except MissingError as error:
            # That a fallback lacks it says nothing of the vendor that could not be reached.
            raise trouble or error from error
    raise trouble or MissingError("it has no vendor")


def _ask(client: VendorClient, vendor: str, entry: Symbol, span: Span) -> pd.DataFrame:
    if ":" in vendor:
        # A vendor cuts by instants in its own time zone: ask for more and cut by date here.
        return client.series(vendor, span.start - timedelta(days=4), span.end + timedelta(days=2))
    # Asked for at once, a year that failed would be a hole without a word.
    begins = entry.begins or span.start
    years = sorted({s.year for s in span.sessions if s.date() >= begins})
    parts = [
        client.series(vendor, max(span.start, date(y, 1, 1)), min(span.end, date(y, 12, 31)))
        for y in years
    ]
    if not parts:
        raise MissingError(f"it begins in {begins.year} only")
    return pd.concat(parts)


def _index_rows(raw: pd.DataFrame, entry: Symbol, vendor: str, span: Span) -> pd.DataFrame:
    column = vendor.split(":")[1] if vendor.startswith("FRED:") else "Close"
    closes = _by_date(raw, (column,))[column].dropna()
    dates = pd.DatetimeIndex(closes.index)
    if vendor.endswith("=X"):
        dates = true_dates(dates)
    published = entry.publication if vendor == entry.fallback else entry.published
    published = _corrected(published, span)
    known = known_at(dates.to_numpy().astype("datetime64[D]"), published) <= span.closed_at
    inside = known & _within(dates, span)
    table = pd.DataFrame({"Date": dates, "Close": closes.to_numpy(dtype="float64")})[inside]
    return _one_row_a_day(_without_weekends(table))


def _corrected(published: Publication, span: Span) -> Publication:
    own = published.calendar == CALENDAR
    return replace(published, corrections=span.corrections) if own else published


def _without_weekends(table: pd.DataFrame) -> pd.DataFrame:
    # A stray quote of a weekend is left out; many are shifted dates, for the fingerprint to refuse.
    weekend = table["Date"].dt.day_of_week >= 5
    few = weekend.sum() <= max(1, MOST_WEEKENDS * len(table))
    return table[~weekend] if few else table


def _hole(table: pd.DataFrame, entry: Symbol, span: Span) -> str | None:
    if entry.publication.calendar != CALENDAR:
        return None
    first = pd.Timestamp(max(span.start, entry.begins or span.start))
    sessions = span.sessions[span.sessions >= first]
    return hole(pd.DatetimeIndex(table["Date"]), sessions, MOST_MISSING)


def _stock_rows(raw: pd.DataFrame, stock: Stock, span: Span) -> pd.DataFrame:
    bars = _by_date(raw, BARS).dropna(subset=list(PRICE_COLUMNS)).fillna({"Volume": 0})
    bars = bars[_within(pd.DatetimeIndex(bars.index), span)]
    off_session = ~bars.index.isin(span.sessions)
    bad = _no_bar(bars)
    if bad.sum() > max(MOST_BAD * len(bars), 1):
        raise MissingError(f"refused: {bad.sum()} of its {len(bars)} rows are no bars")
    dropped = bars.index[off_session | bad]
    kept = bars[~(off_session | bad)]
    table = kept.rename_axis("Date").reset_index()
    table.insert(1, "Code", stock.code)
    table = table.astype(dict.fromkeys(PRICE_COLUMNS, "float64") | {"Volume": "int64"})
    table = _one_row_a_day(table)
    table.attrs = {
        "dropped": [str(d.date()) for d in dropped],
        "capped": len(raw) >= NAVER_ROWS and raw.index[0] > pd.Timestamp(span.start),
    }
    return table


def _no_bar(bars: pd.DataFrame) -> "pd.Series[bool]":
    low, high = bars["Low"] * (1 - BAR_SLACK), bars["High"] * (1 + BAR_SLACK)
    inside = bars["Open"].between(low, high) & bars["Close"].between(low, high) & (bars["Low"] > 0)
    idle = (bars["Volume"] == 0) & (bars[["Open", "High", "Low"]] == 0).all(axis=1)
    return ~(inside | idle) | (bars["Close"] <= 0)


def _within(dates: pd.DatetimeIndex, span: Span) -> Flags:
    return (dates >= pd.Timestamp(span.start)) & (dates <= pd.Timestamp(span.end))


def _by_date(raw: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    absent = [c for c in columns if c not in raw]
    if absent:
        raise MissingError(f"refused: it has no column {absent[0]!r} (have {list(raw.columns)})")
    table: pd.DataFrame = raw[list(columns)].apply(pd.to_numeric, errors="coerce")
    table.index = pd.DatetimeIndex(pd.to_datetime(raw.index)).normalize().as_unit("ns")
    return table


def _one_row_a_day(table: pd.DataFrame) -> pd.DataFrame:
    # Of a day that stands twice, the later row is the day's last word.
    return table.drop_duplicates("Date", keep="last").sort_values("Date").reset_index(drop=True)
