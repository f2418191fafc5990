"""FinanceDataReader: Naver, Yahoo, FRED, and its own cache of the Korea Exchange."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.vendors.members.client import VendorClient
from rollsight.signals.vendors.span import Span
from rollsight.signals.vendors.vendor import (
    DEFAULT_POLICY,
    MissingError,
    RequestPolicy,
    Stock,
    UnreachableError,
)

COMMON = {"SecuGroup": "주권", "Kind": "보통주"}  # what the list of delistings calls a common stock
SUFFIXES = {"KOSPI": "KS", "KOSDAQ": "KQ"}
NAVER_ROWS = 6000  # at most, the newest


class FinanceDataReader:
    """The vendors behind FinanceDataReader: a second one where the first cannot be reached."""

    def __init__(self, policy: RequestPolicy = DEFAULT_POLICY) -> None:
        self.client = VendorClient(policy)
        self.publications = {
            symbol: entry.vendor_publication
            for symbol, entry in SYMBOLS.items()
            if entry.vendor_publication is not None
        }

    def listed(self) -> pd.DataFrame:
        """Return today's stocks, the most valuable first."""
        table = _columns(self.client.listing("KRX"), ("Code", "Name", "Market", "Marcap"))
        table = table.assign(Marcap=pd.to_numeric(table["Marcap"], errors="coerce"))
        # Equal values keep one order by code, so that the same list gives the same stocks.
        return _plain(table.sort_values(["Marcap", "Code"], ascending=[False, True]))

    def delisted(self) -> pd.DataFrame:
        """Return the common stocks that are gone."""
        names = ("Symbol", "Name", "Market", "DelistingDate")
        table = _columns(self.client.listing("KRX-DELISTING"), names)
        for column, value in COMMON.items():
            if column in table:
                table = table[table[column] == value]
        return _plain(table.rename(columns={"Symbol": "Code"}))

    def sources(self, of: Stock | str, /) -> tuple[str, ...]:
        """Return the names that FinanceDataReader has for a stock or an index."""
        if isinstance(of, Stock):
            suffix = SUFFIXES.get(of.market)
            return (f"NAVER:{of.code}", *([f"YAHOO:{of.code}.{suffix}"] if suffix else []))
        entry = SYMBOLS[of]
        if entry.vendor is None:
            raise MissingError(f"it is not freely to be had: {entry.note}")
        return (entry.vendor, *([entry.fallback] if entry.fallback else []))

    def rows(self, source: str, span: Span, /) -> pd.DataFrame:
        """Return the rows of a source, with some before and after the span."""
        if ":" not in source:
            return self._by_years(source, span)
        # A vendor cuts by instants in its own time zone: more is asked for, and cut by date later.
        first, last = span.start - timedelta(days=4), span.end + timedelta(days=2)
        table = self.client.series(source, first, last)
        name = source.split(":")[1]
        if source.startswith("FRED:"):
            table = table.rename(columns={name: "Close"})
        if source.endswith("=X"):
            table = table.set_axis(true_dates(pd.DatetimeIndex(table.index).normalize()))
        late = table.index[0] > pd.Timestamp(span.start)
        table.attrs["capped"] = bool(len(table) >= NAVER_ROWS and late)
        return table

    def _by_years(self, source: str, span: Span) -> pd.DataFrame:
        # Asked for at once, a year that failed would be a hole without a word.
        begins = next(e.begins for e in SYMBOLS.values() if e.vendor == source) or span.start
        years = sorted({s.year for s in span.sessions if s.date() >= begins})
        parts = [
            self.client.series(
                source, max(span.start, date(y, 1, 1)), min(span.end, date(y, 12, 31))
            )
            for y in years
        ]
        if not parts:
            raise MissingError(f"it begins in {begins.year} only")
        return pd.concat(parts)


def true_dates(dates: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """Return the days of currency bars that FinanceDataReader dated in UTC.

    A bar is stamped at midnight in London, which in summer is 23:00 UTC of the day before.

    >>> list(true_dates(pd.DatetimeIndex(["2024-01-08", "2024-07-07"])).astype(str))
    ['2024-01-08', '2024-07-08']
    """
    late = (dates + pd.Timedelta(hours=23)).tz_localize("UTC").tz_convert("Europe/London")
    summer = np.array([bool(instant.utcoffset()) for instant in late], dtype=int)
    return dates + pd.to_timedelta(summer, unit="D")


def _columns(table: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    absent = [n for n in names if n not in table]
    if absent:
        raise UnreachableError(f"the list of stocks has no column {absent[0]!r}")
    return table


def _plain(table: pd.DataFrame) -> pd.DataFrame:
    # KOSDAQ GLOBAL is a segment of KOSDAQ.
    market = table["Market"].astype("str").str.upper().str.extract("^(KOSPI|KOSDAQ)")[0]
    return table.assign(Market=market.fillna(""))
