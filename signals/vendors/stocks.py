"""Which stocks are fetched: those listed today, and those that are gone."""

from datetime import date
from typing import Literal

import pandas as pd

from rollsight.signals.rules.venue import Venue
from rollsight.signals.vendors.asked import NamedVendor
from rollsight.signals.vendors.vendor import Stock, UnreachableError

MarketName = Literal["kospi", "kosdaq"]


def listed(vendor: NamedVendor) -> tuple[Stock, ...]:
    """Return today's common stocks of the vendor's exchanges, in its order.

    Korean preferred shares (their codes end in another digit than 0) and SPACs are left out.
    """
    table, venue = vendor.listed(), vendor.venue
    return _stocks(table[venue.common(table["Code"], table["Name"])], venue)


def delistings(vendor: NamedVendor) -> tuple[Stock, ...]:
    """Return the common stocks that left its exchanges, the last departure of each code."""
    table, venue = vendor.delisted(), vendor.venue
    table = table[venue.common(table["Code"], table["Name"])].dropna(subset=["DelistingDate"])
    table = table.sort_values(["Code", "DelistingDate"]).drop_duplicates("Code", keep="last")
    return _stocks(table.assign(DelistingDate=_days(table["DelistingDate"])), venue)


def top(stocks: tuple[Stock, ...], n: int, market: MarketName | None) -> tuple[Stock, ...]:
    """Return the first ``n`` stocks of a market, or of both."""
    return tuple(s for s in stocks if market in {None, s.market.lower()})[:n]


def gone(
    delisted: tuple[Stock, ...],
    today: tuple[Stock, ...],
    since: date,
    until: date,
    market: MarketName | None,
) -> tuple[Stock, ...]:
    """Return the stocks that left a market within a span; one that only changed markets did not."""
    still = {s.code for s in today}
    return tuple(
        s
        for s in delisted
        if s.delisted and since <= s.delisted <= until
        and s.code not in still
        and market in {None, s.market.lower()}
    )  # fmt: skip


def _stocks(table: pd.DataFrame, venue: Venue) -> tuple[Stock, ...]:
    table = table[table["Market"].isin(venue.markets)]
    days = table["DelistingDate"] if "DelistingDate" in table else [None] * len(table)
    rows = zip(table["Code"], table["Name"], table["Market"], days, strict=True)
    return tuple(Stock(str(code), str(name), str(m), day) for code, name, m, day in rows)


def _days(dates: pd.Series) -> list[date]:
    try:
        return list(pd.DatetimeIndex(dates).date)
    except (ValueError, TypeError) as error:
        raise UnreachableError(
            f"the list of delisted stocks has the DelistingDate {dates.iloc[0]!r}, which is no date"
        ) from error
