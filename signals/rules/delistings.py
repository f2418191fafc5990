"""How many companies the Korea Exchange delisted by year and board, as it was reported.

Mergers, moves to another board and blank-cheque companies are counted as each source counts them.
Years and boards that are not here were not found in a source; none is estimated.
"""

from dataclasses import dataclass
from itertools import starmap


@dataclass(frozen=True)
class Delisted:
    """Companies delisted in a year on a board, and who reported it on which day."""

    year: int
    board: str
    companies: int
    source: str


@dataclass(frozen=True)
class Listed:
    """Companies listed on a board at the end of a year, or on the day that the source is of."""

    year: int
    board: str
    companies: int
    source: str


_2019 = "economidaily.com, 2019-12-18"
DELISTED = tuple(
    starmap(
        Delisted,
        (
            (2002, "KOSPI", 34, "hankyung.com, 2003-12-22"),
            (2003, "KOSPI", 19, "hankyung.com, 2003-12-22"),  # to that day
            (2012, "KOSDAQ", 48, "hankyung.com, 2013-01-07"),
            (2014, "KOSDAQ", 15, _2019),
            (2015, "KOSDAQ", 18, _2019),
            (2016, "KOSDAQ", 13, _2019),
            (2017, "KOSDAQ", 20, _2019),
            (2018, "KOSDAQ", 34, _2019),
            (2018, "KOSPI", 5, _2019),
            (2019, "KOSDAQ", 15, _2019),  # to 17 December
            (2019, "KOSPI", 4, _2019),
            (2025, "KOSDAQ", 38, "koreajoongangdaily.joins.com, 2025-12-29"),
        ),
    )
)
LISTED = tuple(
    starmap(
        Listed,
        (
            (2002, "KOSPI", 683, "hankyung.com, 2003-12-22"),
            (2003, "KOSPI", 684, "hankyung.com, 2003-12-22"),
            (2012, "KOSPI", 786, "jmagazine.joins.com, end of October 2012"),
            (2012, "KOSDAQ", 1004, "wowtv.co.kr, 2013-04-23"),
            (2019, "KOSDAQ", 1399, "en.yna.co.kr, 2019-12-22"),
            (2021, "KOSDAQ", 1500, "daily.hankooki.com, 2021-05-17"),
        ),
    )
)


def listed_by(year: int, board: str) -> Listed:
    """Return the last count of a board's companies that was reported by a year."""
    known = [one for one in LISTED if one.board == board and one.year <= year]
    return max(known, key=lambda one: one.year)
