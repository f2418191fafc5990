"""Which stocks are fetched: those listed today, and those that are gone."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

import pandas as pd

from rollsight.signals.inputs.kinds import kind_of
from rollsight.signals.vendors.vendor import UnreachableError, VendorClient

MarketName = Literal["kospi", "kosdaq"]
COMMON = {"SecuGroup": "주권", "Kind": "보통주"}  # what the list of delistings calls a common stock


@dataclass(frozen=True)
class Stock:
    """A stock as the exchange lists it.

    Attributes
    ----------
    market : KOSPI or KOSDAQ; empty where no list says
    delisted : the day it left the exchange; None where it is listed
    """

    code: str
    name: str = ""
    market: str = ""
    delisted: date | None = None


def listed(client: VendorClient) -> tuple[Stock, ...]:
    """Return today's common stocks of KOSPI and KOSDAQ, the most valuable first.

    Preferred shares (their codes end in another digit than 0) and SPACs are left out.
    """
    table = _columns(client.listing("KRX"), ("Code", "Name", "Market", "Marcap"))
    table = table.assign(Marcap=pd.to_numeric(table["Marcap"], errors="coerce"))
    table = table[_is_common(table["Code"], table["Name"])]
    # Equal values keep one order by code, so that the same list gives the same stocks.
    table = table.sort_values(["Marcap", "Code"], ascending=[False, True])
    rows = zip(table["Code"], table["Name"], table["Market"], strict=True)
    stocks = (Stock(str(code), str(name), _market(str(market))) for code, name, market in rows)
    return tuple(s for s in stocks if s.market)


def delistings(client: VendorClient) -> tuple[Stock, ...]:
    """Return the common stocks that left KOSPI or KOSDAQ, the last departure of each code."""
    table = _columns(client.listing("KRX-DELISTING"), ("Symbol", "Name", "Market", "DelistingDate"))
    for column, value in COMMON.items():
        if column in table:
            table = table[table[column] == value]
    table = table[_is_common(table["Symbol"], table["Name"])].dropna(subset=["DelistingDate"])
    table = table.sort_values(["Symbol", "DelistingDate"]).drop_duplicates("Symbol", keep="last")
    days = pd.DatetimeIndex(table["DelistingDate"]).date
    rows = zip(table["Symbol"], table["Name"], table["Market"], days, strict=True)
    stocks = (Stock(str(code), str(name), _market(str(m)), day) for code, name, m, day in rows)
    return tuple(s for s in stocks if s.market)


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


def _columns(table: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    absent = [n for n in names if n not in table]
    if absent:
        raise UnreachableError(f"the list of stocks has no column {absent[0]!r}")
    return table


def _is_common(codes: pd.Series, names: pd.Series) -> "pd.Series[bool]":
    kinds = [kind_of(str(code), str(name)) for code, name in zip(codes, names, strict=True)]
    six = codes.astype("str").str.fullmatch("[0-9A-Z]{6}")
    return six & (pd.Series(kinds, codes.index) == "common")


def _market(name: str) -> str:
    # KOSDAQ GLOBAL is a segment of KOSDAQ.
    return next((m for m in ("KOSPI", "KOSDAQ") if name.upper().startswith(m)), "")
