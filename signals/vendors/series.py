"""One series as it comes from a vendor: by column name, on its true dates, fingerprinted."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.tables import BAR_SLACK, PRICE_COLUMNS
from rollsight.signals.known.fingerprint import (
    MOST_WEEKENDS,
    hole,
    stranger,
    suspicion,
)
from rollsight.signals.known.indexvalues import usable_values
from rollsight.signals.known.ledger import known_at
from rollsight.signals.known.symbols import SYMBOLS, Publication, Symbol
from rollsight.signals.prices.panel import Flags
from rollsight.signals.vendors.asked import NamedVendor
from rollsight.signals.vendors.span import Span
from rollsight.signals.vendors.vendor import MissingError, Stock, UnreachableError

INDICES = Path("indices.parquet")  # where a fetch writes them
BARS = (*PRICE_COLUMNS, "Volume")
MOST_MISSING = 3  # sessions in a row that an index of the exchange may lack
MOST_BAD = 0.01  # share of a stock's rows that may be no bars


def index_series(
    vendor: NamedVendor, symbol: str, span: Span, source: str | None = None
) -> tuple[pd.DataFrame, str]:
    """Return an index's rows (Date, Close; ``attrs['dropped']``) and the source that gave them.

    Parameters
    ----------
    source
        ask this one alone; None: those that the vendor names, in order

    Raises
    ------
    MissingError, UnreachableError
        If it cannot be had, or is not what its name says.
    """
    entry, sources = SYMBOLS[symbol], vendor.sources(symbol)

    def ask(source: str) -> pd.DataFrame:
        own = published(vendor, symbol) if source == sources[0] else entry.publication
        table = _index_rows(vendor.rows(source, span), own, span)
        _refuse(_hole(table, entry, span), kind=UnreachableError)
        return table

    return _first_reachable((source,) if source else sources, ask)


def stock_series(
    vendor: NamedVendor, stock: Stock, span: Span, source: str | None = None
) -> tuple[pd.DataFrame, str]:
    """Return a stock's bars (Date, Code, prices, Volume; ``attrs['dropped']``) and their source.

    Suspended sessions are kept as the vendor writes them: no volume, and Open, High and Low of 0.

    Raises
    ------
    MissingError, UnreachableError
        If they cannot be had, or are no prices.
    """

    def ask(source: str) -> pd.DataFrame:
        return _stock_rows(vendor.rows(source, span), stock, span)

    return _first_reachable((source,) if source else vendor.sources(stock), ask)


def published(vendor: NamedVendor, symbol: str) -> Publication:
    """Return when the values of a vendor's usual source of an index become known."""
    return vendor.publications.get(symbol, SYMBOLS[symbol].publication)


def check_index(
    table: pd.DataFrame,
    symbol: str,
    span: Span,
    references: dict[str, pd.Series],
    publication: Publication,
) -> None:
    """Raise MissingError unless an index's rows are what its name says.

    Parameters
    ----------
    publication
        when its values become known
    """
    entry = SYMBOLS[symbol]
    closes = closes_of(table)
    end, lag = pd.Timestamp(span.end), publication.lag_hours
    _refuse(suspicion(closes, level=entry.level, end=end, lag_hours=lag))
    try:
        usable_values(closes.rename(symbol), _corrected(publication, span), INDICES)
    except RollsightError as error:  # as a run would the folder
        raise MissingError(f"refused: {error}") from error
    name, least = entry.reference or ("", 0.0)
    if name in references:
        _refuse(stranger(closes, references[name], name, least))


def check_stock(table: pd.DataFrame, stock: Stock, span: Span) -> None:
    """Raise MissingError unless a stock's rows can be its prices."""
    end = None if stock.delisted else pd.Timestamp(span.end)
    _refuse(suspicion(closes_of(table), level=span.venue.level, end=end))


def closes_of(table: pd.DataFrame) -> pd.Series:
    """Return a table's closes by date."""
    return table.set_index("Date")["Close"]


def _refuse(
    reason: str | None, kind: type[MissingError] | type[UnreachableError] = MissingError
) -> None:
    if reason:
        raise kind(f"refused: {reason}")


def _first_reachable(
    sources: Iterable[str], ask: Callable[[str], pd.DataFrame]
) -> tuple[pd.DataFrame, str]:
    trouble = None
    for source in sources:
        try:
            return ask(source), source
        except UnreachableError as error:
            trouble = trouble or error
        except MissingError as error:
            # That a second source lacks it says nothing of the one that could not be reached.
            raise trouble or error from error
    raise trouble or MissingError("it has no vendor")


def _index_rows(raw: pd.DataFrame, publication: Publication, span: Span) -> pd.DataFrame:
    closes = _numbers(raw, ("Close",))["Close"].dropna()
    dates = pd.DatetimeIndex(closes.index)
    published = _corrected(publication, span)
    known = known_at(dates.to_numpy().astype("datetime64[D]"), published) <= span.closed_at
    inside = known & _within(dates, span)
    table = pd.DataFrame({"Date": dates, "Close": closes.to_numpy(dtype="float64")})[inside]
    return _one_row_a_day(_without_weekends(table))


def _corrected(published: Publication, span: Span) -> Publication:
    own = published.calendar == span.venue.calendar
    return replace(published, corrections=span.corrections) if own else published


def _without_weekends(table: pd.DataFrame) -> pd.DataFrame:
    # A stray quote of a weekend is left out; many are shifted dates, for the fingerprint to refuse.
    weekend = table["Date"].dt.day_of_week >= 5
    few = weekend.sum() <= max(1, MOST_WEEKENDS * len(table))
    return table[~weekend] if few else table


def _hole(table: pd.DataFrame, entry: Symbol, span: Span) -> str | None:
    if entry.publication.calendar != span.venue.calendar:
        return None
    first = pd.Timestamp(max(span.start, entry.begins or span.start))
    sessions = span.sessions[span.sessions >= first]
    return hole(pd.DatetimeIndex(table["Date"]), sessions, MOST_MISSING)


def _stock_rows(raw: pd.DataFrame, stock: Stock, span: Span) -> pd.DataFrame:
    bars = _numbers(raw, BARS).dropna(subset=list(PRICE_COLUMNS)).fillna({"Volume": 0})
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
        "capped": raw.attrs["capped"],
    }
    return table


def _no_bar(bars: pd.DataFrame) -> "pd.Series[bool]":
    low, high = bars["Low"] * (1 - BAR_SLACK), bars["High"] * (1 + BAR_SLACK)
    inside = bars["Open"].between(low, high) & bars["Close"].between(low, high) & (bars["Low"] > 0)
    idle = (bars["Volume"] == 0) & (bars[["Open", "High", "Low"]] == 0).all(axis=1)
    return ~(inside | idle) | (bars["Close"] <= 0)


def _within(dates: pd.DatetimeIndex, span: Span) -> Flags:
    return (dates >= pd.Timestamp(span.start)) & (dates <= pd.Timestamp(span.end))


def _numbers(raw: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
    absent = [c for c in columns if c not in raw]
    if absent:
        raise MissingError(f"refused: it has no column {absent[0]!r} (have {list(raw.columns)})")
    table: pd.DataFrame = raw[list(columns)].apply(pd.to_numeric, errors="coerce")
    return table


def _one_row_a_day(table: pd.DataFrame) -> pd.DataFrame:
    # Of a day that stands twice, the later row is the day's last word.
    return table.drop_duplicates("Date", keep="last").sort_values("Date").reset_index(drop=True)
