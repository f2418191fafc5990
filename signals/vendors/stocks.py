"""Which stocks are fetched: those listed today, and those that are gone."""

from datetime import date
from typing import Literal

import pandas as pd

from rollsight.signals.inputs.kinds import kind_of
from rollsight.signals.vendors.asked import NamedVendor
from rollsight.signals.vendors.vendor import Stock, UnreachableError

MarketName = Literal["kospi", "kosdaq"]
MARKETS = ("KOSPI", "KOSDAQ")


def listed(vendor: NamedVendor) -> tuple[Stock, ...]:
    """Return today's common stocks of KOSPI and KOSDAQ, the most valuable first.

    Preferred shares (their codes end in another digit than 0) and SPACs are left out.
    """
    table = vendor.listed()
    return _stocks(table[_is_common(table["Code"], table["Name"])])


def delistings(vendor: NamedVendor) -> tuple[Stock, ...]:
    """Return the common stocks that left KOSPI or KOSDAQ, the last departure of each code."""
    table = vendor.delisted()
    table = table[_is_common(table["Code"], table["Name"])].dropna(subset=["DelistingDate"])
    table = table.sort_values(["Code", "DelistingDate"]).drop_duplicates("Code", keep="last")
    return _stocks(table.assign(DelistingDate=_days(table["DelistingDate"])))


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


def _stocks(table: pd.DataFrame) -> tuple[Stock, ...]:
    table = table[table["Market"].isin(MARKETS)]
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


def _is_common(codes: pd.Series, names: pd.Series) -> "pd.Series[bool]":
    kinds = [kind_of(str(code), str(name)) for code, name in zip(codes, names, strict=True)]
    six = codes.astype("str").str.fullmatch("[0-9A-Z]{6}")
    return six & (pd.Series(kinds, codes.index) == "common")
