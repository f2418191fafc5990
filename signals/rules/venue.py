"""The exchanges whose stocks a fetch knows: Korea's, and those of the United States."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

from rollsight.signals.folder.settings import read_settings
from rollsight.signals.inputs.kinds import kind_of
from rollsight.signals.known.symbols import KRX_INDICES, US_INDICES


@dataclass(frozen=True)
class Venue:
    """What a fetch must know of the exchanges of a country.

    Attributes
    ----------
    calendar, currency, book
        as they stand in market.toml
    timezone, city
        where a day must be over
    markets
        by which a vendor's list calls its stocks
    codes
        what a code looks like, a regular expression and words
    level
        lowest and highest close that can be right, quote currency
    indices
        those of its preset, which is ``preset``
    vendor
        whom it is asked of where none is named
    chosen
        what is to be known of stocks that ``--top`` chose; {n} is how many
    survivors
        what is to be known where no list has those that are gone; empty: such a list is to be had
    """

    name: str
    calendar: str
    currency: str
    book: str
    timezone: str
    city: str
    markets: tuple[str, ...]
    codes: tuple[str, str]
    level: tuple[float, float]
    indices: tuple[str, ...]
    preset: str
    vendor: str
    chosen: str
    survivors: str = ""

    def yesterday(self, now: datetime) -> date:
        """Return the last day that is over where the exchange is."""
        return now.astimezone(ZoneInfo(self.timezone)).date() - timedelta(days=1)

    def common(self, codes: pd.Series, names: pd.Series) -> "pd.Series[bool]":
        """Return which of a list are common stocks; Korean codes and names tell other kinds."""
        fine = codes.astype("str").str.fullmatch(self.codes[0])
        if self is not KRX:
            return fine
        kinds = [kind_of(str(code), str(name)) for code, name in zip(codes, names, strict=True)]
        return fine & (pd.Series(kinds, codes.index) == "common")


KRX = Venue(
    "krx", "XKRX", "KRW", "krx", "Asia/Seoul", "Seoul",
    markets=("KOSPI", "KOSDAQ"),
    codes=("[0-9A-Z]{6}", "six digits"),
    level=(1.0, 50_000_000.0),
    indices=KRX_INDICES,
    preset="krx",
    vendor="finance-datareader",
    chosen="The {n} largest listed stocks were chosen by today's market value (--top): they are "
    "known to have survived and to have grown, which flatters every result.",
)  # fmt: skip
US = Venue(
    "us", "XNYS", "USD", "us", "America/New_York", "New York",
    markets=("S&P500", "NASDAQ"),
    codes=("[A-Z]{1,5}(-[A-Z])?", "capital letters"),
    level=(0.01, 5_000_000.0),
    indices=US_INDICES,
    preset="us-rank",
    vendor="finance-datareader-us",
    chosen="The {n} stocks are of today's S&P 500, spread evenly over its list, and beyond its "
    "members the largest of NASDAQ (--top): they are known to have survived and to have grown, "
    "which flatters every result.",
    survivors="No list of the US stocks that are gone is freely to be had: all are today's "
    "survivors, how many are missing is unknown, and every result suffers from survivorship bias.",
)  # fmt: skip
VENUES = {venue.name: venue for venue in (KRX, US)}


def venue_at(folder: Path) -> Venue:
    """Return the venue whose calendar a market folder names; Korea's where it names none of them.

    Raises
    ------
    RollsightError
        If its market.toml cannot be read.
    """
    calendar = read_settings(folder).calendar
    return next((venue for venue in VENUES.values() if venue.calendar == calendar), KRX)
