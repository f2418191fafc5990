"""What the columns of tables are called by vendors and spreadsheets, and what they mean here."""

import re
from collections.abc import Sequence
from pathlib import Path

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.columns import OTHER_NAMES, PRICES, check_columns

ADJUSTED = "Adj Close"
BARS = ("Open", "High", "Low", "Close")
FIELDS = (*BARS, ADJUSTED, "Volume", "Amount", "Dividend", "Halted")
# Without case, blanks and marks; beside those that a market folder's own reader knows.
NAMES = {
    "date": "Date", "datetime": "Date", "timestamp": "Date", "tradedate": "Date",
    "tradingday": "Date", "observationdate": "Date", "기준일": "Date", "기준일자": "Date",
    "일시": "Date",
    "code": "Code", "stockcode": "Code", "티커": "Code", "종목": "Code", "stocksymbol": "Code",
    "open": "Open", "openprice": "Open", "high": "High", "highprice": "High",
    "low": "Low", "lowprice": "Low",
    "close": "Close", "closeprice": "Close", "closelast": "Close", "closing": "Close",
    "adjclose": ADJUSTED, "adjustedclose": ADJUSTED, "adjcloseprice": ADJUSTED,
    "수정종가": ADJUSTED, "수정주가": ADJUSTED,
    "volume": "Volume", "amount": "Amount", "tradedvalue": "Amount", "tradingvalue": "Amount",
    "dividend": "Dividend", "dividends": "Dividend", "halted": "Halted",
    "name": "Name", "stockname": "Name", "companyname": "Name", "company": "Name",
    "market": "Market",
}  # fmt: skip
# Where no other column has that meaning; DAY is a stock, too.
SECOND = {
    "price": "Close", "last": "Close", "현재가": "Close", "day": "Date", "time": "Date",
    "index": "Date",
}  # fmt: skip
# Turnover is no Amount here: with some vendors it is a traded value, with others a share.
# Beside fields of the second header row; no prices, and no codes either.
ALSO = ("stocksplits", "capitalgains", "change", "changes", "변동", "등락률", "openint", "per")
NAMELESS = re.compile(r"(Unnamed: ?\d+(_level_\d+)?)?")


def plain_name(name: str) -> str:
    """Return a name without case, blanks and marks.

    >>> plain_name("<TICKER>"), plain_name("Adj Close**"), plain_name("종 가")
    ('ticker', 'adjclose', '종가')
    """
    return re.sub(r"[\W_]", "", name.lower())


def meaning(name: str) -> str | None:
    """Return the column of a market folder that a name stands for, or None.

    >>> meaning("Adj Close"), meaning("종가"), meaning("<DATE>"), meaning("AAPL")
    ('Adj Close', 'Close', 'Date', None)
    """
    plain = plain_name(name)
    return NAMES.get(plain) or OTHER_NAMES.get(plain)


def is_field(name: str) -> bool:
    """Return whether a name is that of a price, a volume or what vendors give beside them."""
    return meaning(name) in FIELDS or plain_name(name) in ALSO


def mapped(names: Sequence[str], path: Path) -> dict[str, int]:
    """Return where each column of a market folder stands among names.

    Raises
    ------
    RollsightError
        If two columns have one meaning, or one is called almost as a column is that is not there.
    """
    found: dict[str, int] = {}
    for at, name in enumerate(names):
        meant = meaning(name)
        if meant in found:
            raise RollsightError(
                f"{path} has two columns for {meant}, {names[found[meant]]!r} and {name!r}: delete "
                "or rename one"
            )
        if meant is not None:
            found[meant] = at
    for at, name in enumerate(names):
        second = SECOND.get(plain_name(name))
        if second is not None and second not in found:
            found[second] = at
    return found


def check_names(names: Sequence[str], found: dict[str, int], path: Path) -> None:
    """Raise where a column that is left out is called almost as one that is not there."""
    other = [name for at, name in enumerate(names) if at not in found.values()]
    check_columns([*found, *other], PRICES, (), path)
