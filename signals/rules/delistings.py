"""How many companies the Korea Exchange listed and delisted by year and board, as was reported.

Mergers, moves to another board and blank-cheque companies are counted as each source counts them.
Years and boards that are not here were not found in a dated source, or in two that disagree, or in
one that counts some reasons of a delisting alone; none is estimated.
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
class NewlyListed:
    """Companies newly listed in a year on a board, and who reported it on which day."""

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


_2001 = "hankyung.com, 2001-12-12"
_2003 = "hankyung.com, 2003-12-22"
_2004 = "fnnews.com, 2004-12-29"
_2005 = "hankyung.com, 2005-12-28"
_2010 = "hankyung.com, 2010-12-27"
_2014 = "fnnews.com, 2014-05-22"  # the year's total and KOSPI's share of it
_2017 = "wowtv.co.kr (Yonhap), 2017-02-07"
_2019 = "economidaily.com, 2019-12-18"
_IPO_2019 = "en.yna.co.kr, 2019-12-22"
_2024 = "resourcehub.bakermckenzie.com, 2024-01-05"
_2025 = "koreajoongangdaily.joins.com, 2025-12-29"
DELISTED = tuple(
    starmap(
        Delisted,
        (
            (2002, "KOSPI", 34, _2003),
            (2003, "KOSDAQ", 27, _2004),
            (2003, "KOSPI", 19, _2003),  # to that day
            (2004, "KOSDAQ", 39, _2004),
            (2005, "KOSDAQ", 40, _2005),
            (2010, "KOSDAQ", 74, _2010),  # to that day
            (2010, "KOSPI", 20, _2014),  # 21.3 % of 94
            (2012, "KOSDAQ", 48, "hankyung.com, 2013-01-07"),
            (2013, "KOSDAQ", 27, _2014),
            (2013, "KOSPI", 14, _2014),  # 34.1 % of 41
            (2014, "KOSDAQ", 15, _2019),
            (2015, "KOSDAQ", 18, _2019),
            (2016, "KOSDAQ", 13, _2019),
            (2017, "KOSDAQ", 20, _2019),
            (2018, "KOSDAQ", 34, _2019),
            (2018, "KOSPI", 5, _2019),
            (2019, "KOSDAQ", 15, _2019),  # to 17 December
            (2019, "KOSPI", 4, _2019),
            (2025, "KOSDAQ", 38, _2025),
        ),
    )
)
NEW = tuple(
    starmap(
        NewlyListed,
        (
            (1999, "KOSDAQ", 164, _2001),
            (2000, "KOSDAQ", 250, _2001),
            (2001, "KOSDAQ", 158, _2001),  # to that day
            (2003, "KOSDAQ", 71, _2004),
            (2003, "KOSPI", 16, _2003),  # to that day, and four more of split companies
            (2004, "KOSDAQ", 52, _2004),
            (2005, "KOSDAQ", 70, _2005),
            (2015, "KOSDAQ", 122, _IPO_2019),
            (2017, "KOSDAQ", 99, "ilyoseoul.co.kr, 2018-12-19"),
            (2018, "KOSDAQ", 101, _IPO_2019),
            (2019, "KOSDAQ", 108, _IPO_2019),
            (2020, "KOSDAQ", 103, "wowtv.co.kr, 2020-12-28"),
            (2021, "KOSDAQ", 115, "donga.com, 2021-12-27"),
            (2022, "KOSDAQ", 129, "wowtv.co.kr, 2022-12-28"),
            (2023, "KOSDAQ", 132, "wowtv.co.kr, 2023-12-27"),
            (2024, "KOSDAQ", 128, "biz.chosun.com, 2024-12-30"),
            (2025, "KOSDAQ", 84, _2025),  # without blank-cheque companies
        ),
    )
)
LISTED = tuple(
    starmap(
        Listed,
        (
            (2001, "KOSDAQ", 704, _2001),
            (2002, "KOSPI", 683, _2003),
            (2003, "KOSPI", 684, _2003),
            (2005, "KOSDAQ", 916, _2005),
            (2007, "KOSDAQ", 1023, _2017),
            (2009, "KOSDAQ", 1027, _2010),
            (2010, "KOSDAQ", 1029, _2010),
            (2011, "KOSPI", 791, _2017),
            (2012, "KOSPI", 784, _2017),
            (2012, "KOSDAQ", 1004, "wowtv.co.kr, 2013-04-23"),
            (2013, "KOSPI", 777, _2017),
            (2013, "KOSDAQ", 1009, _2017),
            (2014, "KOSPI", 773, _2017),
            (2014, "KOSDAQ", 1061, _2017),
            (2015, "KOSPI", 770, _2017),
            (2015, "KOSDAQ", 1152, _2017),
            (2016, "KOSPI", 779, _2017),
            (2016, "KOSDAQ", 1208, _2017),
            (2018, "KOSDAQ", 1313, "wowtv.co.kr, 2018-12-19"),
            (2019, "KOSDAQ", 1399, _IPO_2019),
            (2021, "KOSDAQ", 1500, "daily.hankooki.com, 2021-05-17"),
            (2022, "KOSPI", 826, _2024),
            (2022, "KOSDAQ", 1611, _2024),
            (2023, "KOSPI", 839, _2024),
            (2023, "KOSDAQ", 1700, _2024),
        ),
    )
)


def listed_by(year: int, board: str) -> Listed:
    """Return the last count of a board's companies that was reported by a year."""
    known = [one for one in LISTED if one.board == board and one.year <= year]
    return max(known, key=lambda one: one.year)
