"""How many of the exchange's listed and new companies the data hold, by year and board."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from rollsight.backtests.account.deaths import deaths_held
from rollsight.reports.page.language import speak
from rollsight.reports.run.data.deaths import deaths_data, worst_return
from rollsight.reports.run.data.listings import Reported, listings_section
from rollsight.signals.prices.market import Market
from rollsight.signals.rules.delistings import DELISTED, LISTED, NEW
from tests.support.markets import market_of


def row(year: int, board: str, new: int, listed: int) -> dict[str, int | str]:
    return {"year": year, "board": board, "held": 0, "reached": 0, "new": new, "listed": listed}


def market(**changes: object) -> Market:
    """Return five stocks of KOSPI from November 2023 to the end of February 2025."""
    has_bar = np.ones((5, 330), dtype=bool)
    has_bar[0, 150:] = False  # gone in 2024
    has_bar[1, :100] = False  # its first row is in 2024
    has_bar[2, 250:300] = False  # no row around the last session of 2024
    opens = np.where(has_bar, 100.0, np.nan)
    made = market_of(opens, has_bar=has_bar, first="2023-11-01")
    return replace(made, codes=("000010", "000020", "000030", "000040", "000055"), **changes)


def test_a_company_is_new_in_its_year_and_there_at_the_end_of_each() -> None:
    # The last code is that of a preferred share, which the exchange counts as no company.
    assert [(r["year"], r["new"], r["listed"]) for r in deaths_held(market())] == [
        (2023, 0, 3), (2024, 1, 3),
    ]  # fmt: skip


def test_a_date_of_listing_comes_before_the_first_row() -> None:
    listed_on = market().listed_on.copy()
    listed_on[:] = np.datetime64("2001-02-03")
    listed_on[3] = np.datetime64("2023-12-01")
    found = deaths_held(market(listed_on=listed_on))
    # The second began with its first row only where nothing else is known.
    assert [(r["year"], r["new"]) for r in found] == [(2023, 1), (2024, 0)]


def test_a_year_and_board_has_what_a_source_reported_and_no_more() -> None:
    held = [row(2003, "KOSPI", 4, 342), row(2011, "KOSPI", 1, 400), row(2017, "KOSDAQ", 33, 9)]
    kospi, later, kosdaq = deaths_data([*held, row(2021, "KOSPI", 5, 6)], first="2011-01-04")
    source = "hankyung.com, 2003-12-22"
    assert kospi.listings is not None
    assert kospi.listings.new == Reported(16, 4, source)
    assert kospi.listings.listed == Reported(684, 342, source)
    # Of 2011 no source has KOSPI's delistings: there is no rate of the missing, and no worst case.
    assert (later.exchange, later.missing_rate, later.source) == (None, None, None)
    assert later.listings is not None
    assert (later.listings.new, later.tested) == (None, True)
    assert worst_return([later], 0.5, 1.0) is None
    assert kosdaq.listings is not None
    assert (kosdaq.listings.listed, kosdaq.listings.new) == (
        None, Reported(99, 33, "ilyoseoul.co.kr, 2018-12-19"),
    )  # fmt: skip


def test_the_page_compares_them_and_names_its_sources() -> None:
    held = [row(2003, "KOSPI", 4, 342), row(2017, "KOSDAQ", 33, 9)]
    found = [(d.year, d.board, d.listings) for d in deaths_data(held, first="2003-01-02")]
    rows = [(year, board, own) for year, board, own in found if own is not None]
    page = "".join(listings_section(rows, speak("en"))).replace("\xa0", " ")
    # 37 of 16 + 99.
    assert "Of 115 new listings of these years and boards the data hold 37 (32.2 %)." in page
    assert "684</td><td>342</td><td>50.0 %</td><td>16</td><td>4</td><td>25.0 %" in page
    assert page.count("hankyung.com, 2003-12-22") == 1
    assert listings_section([], speak("en")) == []
    assert "115건 가운데 데이터에는 37건" in "".join(listings_section(rows, speak("ko")))


def test_counts_of_a_board_agree_with_the_listings_and_delistings_between_them() -> None:
    """Sources differ by some companies in what they count; a slip of a digit would show."""
    at, new, gone = (
        {(o.year, o.board): o.companies for o in table} for table in (LISTED, NEW, DELISTED)
    )
    kospi, kosdaq = (2003, "KOSPI"), (2015, "KOSDAQ")
    # Four parts of split companies were listed besides.
    assert at[2002, "KOSPI"] + new[kospi] + 4 - gone[kospi] == at[kospi]
    assert abs(at[2014, "KOSDAQ"] + new[kosdaq] - gone[kosdaq] - at[kosdaq]) <= 15
    for board in ("KOSPI", "KOSDAQ"):
        counts = sorted((year, n) for (year, own), n in at.items() if own == board)
        growth = [(b / a - 1) / (y - x) for (x, a), (y, b) in pairwise(counts)]
        assert min(growth) > -0.03
        assert max(growth) < 0.09
