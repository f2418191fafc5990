"""Where lists of stocks and series come from, and what goes wrong there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import pandas as pd

from rollsight.base.errors import RollsightError
from rollsight.signals.vendors.span import Span


class FetchError(RollsightError):
    """Something that was asked for rightly did not come."""


class MissingError(FetchError):
    """The vendor answers that it has no such series, or gives one that is refused."""


class UnreachableError(FetchError):
    """The vendor gives no usable answer now; it may later."""


@dataclass(frozen=True)
class RequestPolicy:
    """How a vendor is asked.

    Attributes
    ----------
    rate
        requests a second at most
    tries
        of one request, before it is given up
    backoff
        seconds before the second try; each further wait is twice as long
    timeout
        seconds without an answer
    give_up
        failures on end after which a vendor is asked no more
    """

    rate: float = 3.0
    tries: int = 4
    backoff: float = 1.0
    timeout: float = 30.0
    give_up: int = 6


DEFAULT_POLICY = RequestPolicy()
USUAL = "finance-datareader"


@dataclass(frozen=True)
class Stock:
    """A stock as the exchange lists it.

    Attributes
    ----------
    market
        KOSPI or KOSDAQ, S&P500 or NASDAQ; empty where no list says
    delisted
        the day it left the exchange; None where it is listed
    """

    code: str
    name: str = ""
    market: str = ""
    delisted: date | None = None


class Vendor(Protocol):
    """A vendor of stocks and of indices; it is made of a `RequestPolicy`.

    What it does not have raises MissingError, what it cannot give now UnreachableError. Its rows
    are held to sessions, bars, levels and references afterwards, whoever it is.

    It may have ``publications``: of indices whose values its usual source dates, or publishes,
    otherwise than the symbol table, when they become known. It may have ``venue``: "us" where its
    stocks are those of the United States; without it they are Korean.
    """

    def listed(self) -> pd.DataFrame:
        """Return today's stocks, the most valuable first: Code, Name, Market."""
        ...

    def delisted(self) -> pd.DataFrame:
        """Return the stocks that are gone, if any are known: Code, Name, Market, DelistingDate."""
        ...

    def sources(self, of: Stock | str, /) -> Sequence[str]:
        """Return by which names it has a stock's prices or an index's values, the usual one first.

        The others are asked only where those before cannot be reached. An update asks the one that
        the rows are from.
        """
        ...

    def rows(self, source: str, span: Span, /) -> pd.DataFrame:
        """Return the rows of a source, by date: Open, High, Low, Close, Volume, or Close alone.

        Rows before and after the span are cut off.
        """
        ...
