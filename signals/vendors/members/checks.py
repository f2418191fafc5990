"""What every vendor keeps to, shown on the sessions of one year."""

from collections.abc import Callable
from datetime import date

import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.vendors.asked import NamedVendor
from rollsight.signals.vendors.series import (
    check_index,
    check_stock,
    index_series,
    published,
    stock_series,
)
from rollsight.signals.vendors.span import Span, span_of
from rollsight.signals.vendors.stocks import delistings, listed
from rollsight.signals.vendors.vendor import (
    DEFAULT_POLICY,
    MissingError,
    RequestPolicy,
    Stock,
    Vendor,
)

Made = Callable[[RequestPolicy], Vendor]
POLICY = DEFAULT_POLICY
FIRST, LATER, LAST = date(2023, 1, 2), date(2023, 7, 3), date(2023, 12, 28)
NOBODY = Stock("999990", "nobody's", "KOSPI")


def _asked(made: Made) -> NamedVendor:
    return NamedVendor(getattr(made, "__name__", repr(made)), made(POLICY))


def _span(vendor: NamedVendor) -> Span:
    return span_of(FIRST, LAST, venue=vendor.venue)


def _first_stock(vendor: NamedVendor) -> Stock:
    stocks = listed(vendor)
    if not stocks:
        codes, markets = vendor.venue.codes[1], " or ".join(vendor.venue.markets)
        raise RollsightError(f"its list has no common stock of {codes} whose Market is {markets}")
    return stocks[0]


def _lists_stocks(made: Made) -> None:
    vendor = _asked(made)
    _first_stock(vendor)
    codes = vendor.listed()["Code"]
    if codes.duplicated().any():
        raise RollsightError(f"{codes[codes.duplicated()].iloc[0]!r} is listed twice")


def _lists_delistings(made: Made) -> None:
    delistings(_asked(made))


def _has_bars(made: Made) -> None:
    vendor = _asked(made)
    stock = _first_stock(vendor)
    table, _ = stock_series(vendor, stock, _span(vendor))
    check_stock(table, stock, _span(vendor))
    dropped = table.attrs["dropped"]
    if dropped:
        raise RollsightError(
            f"{len(dropped)} of {len(dropped) + len(table)} rows of {stock.code!r} are on no "
            f"session of the exchange, or no bars, such as that of {dropped[0]}"
        )


def _has_index(made: Made) -> None:
    vendor = _asked(made)
    index, span = vendor.venue.indices[0], _span(vendor)
    table, _ = index_series(vendor, index, span)
    check_index(table, index, span, {}, published(vendor, index))


def _says_what_is_missing(made: Made) -> None:
    vendor = _asked(made)
    try:
        found = vendor.rows(vendor.sources(NOBODY)[0], _span(vendor))
    except MissingError:
        return
    raise RollsightError(f"of {NOBODY.code!r}, which there is not, it has {len(found)} rows")


def _answers_alike(made: Made) -> None:
    vendor = _asked(made)
    source = vendor.sources(_first_stock(vendor))[0]
    span = _span(vendor)
    _require_same(vendor.rows(source, span), vendor.rows(source, span), "asked again")


def _gives_parts_of_the_whole(made: Made) -> None:
    vendor = _asked(made)
    span = _span(vendor)
    source, part = vendor.sources(_first_stock(vendor))[0], span.since(LATER)
    whole = vendor.rows(source, span)
    _require_same(_within(whole, part), _within(vendor.rows(source, part), part), "asked for less")


def _within(table: pd.DataFrame, span: Span) -> pd.DataFrame:
    return table[(table.index >= pd.Timestamp(span.start)) & (table.index <= pd.Timestamp(LAST))]


def _require_same(table: pd.DataFrame, other: pd.DataFrame, how: str) -> None:
    if list(table.index) != list(other.index):
        raise RollsightError(f"{how}, it gives {len(other)} rows in place of {len(table)}")
    unlike = table["Close"].to_numpy() != other["Close"].to_numpy()
    if unlike.any():
        at = int(unlike.argmax())
        raise RollsightError(
            f"{how}, its close of {table.index[at].date()} is {other['Close'].iloc[at]} and was "
            f"{table['Close'].iloc[at]}"
        )


VENDOR_CHECKS: dict[str, Callable[[Made], None]] = {
    "Its list of stocks has common stocks of its exchanges, each code once.": _lists_stocks,
    "Its list of what is gone has days.": _lists_delistings,
    "A stock's rows are bars on sessions of the exchange.": _has_bars,
    "An index is what its name says, on its sessions.": _has_index,
    "What it does not have raises MissingError.": _says_what_is_missing,
    "The same question has the same answer.": _answers_alike,
    "Asked for less, it gives the same rows: an update compares them.": _gives_parts_of_the_whole,
}
