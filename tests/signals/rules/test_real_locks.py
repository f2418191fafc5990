"""The rule book's ticks and bands against the locked sessions of real Korean prices."""

import sys

import numpy as np
import pandas as pd
import pytest

from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.rules.rulebook import BOOKS, tick_sizes, values_on
from rollsight.signals.spec import MarketSpec
from tests.support.skips import real_folder

pytestmark = pytest.mark.slow
KRX = BOOKS["krx"].boards
LEAST_VOLUME = 1_000  # shares: a single lot makes a session of one price anywhere within the band


@pytest.fixture(scope="module")
def market() -> Market:
    return read_market(
        MarketSpec(
            folder=str(real_folder("krx-wide")), calendar="XKRX", book="krx", indices=("KS11",),
            short_stocks="drop",
        )
    )  # fmt: skip


def locked_sessions(market: Market) -> pd.DataFrame:
    """Return the sessions of one price, nine tenths of the band or more from the close before."""
    assert market.volume is not None
    year = market.sessions.astype("datetime64[Y]").astype(int) + 1970
    rows = []
    for stock, board in enumerate(market.boards):
        opens, close = market.open[stock], market.close[stock]
        before = np.append(np.nan, close[:-1])
        traded = market.traded[stock] & np.append(False, market.traded[stock, :-1])
        one_price = (opens == market.high[stock]) & (opens == market.low[stock]) & (opens == close)
        move, band = opens / before - 1, values_on(KRX[board].band, market.sessions)
        slack = tick_sizes(KRX[board], market.sessions, before) / before
        jump = (np.abs(move) >= 0.9 * band) & (np.abs(move) <= band + slack)
        active = market.volume[stock] >= LEAST_VOLUME
        unadjusted = _unadjusted(market, stock, year)
        open_to = np.where(move > 0, market.buyable[stock], market.sellable[stock])
        found = np.flatnonzero(one_price & traded & jump & active)
        rows += [(board, year[day], unadjusted[day], not open_to[day]) for day in found]
    return pd.DataFrame(rows, columns=["board", "year", "unadjusted", "found"])


def _unadjusted(market: Market, stock: int, year: np.ndarray) -> np.ndarray:
    """Return the sessions of years whose closes lie on the grid, and on no coarser one.

    An adjustment takes closes off the grid, or leaves them on multiples of the ticks.
    """
    close, has = market.close[stock], market.has_bar[stock]
    tick = tick_sizes(KRX[market.boards[stock]], market.sessions, np.where(has, close, 1.0))
    count = np.where(has, close / tick, 0.0)
    off = has & (np.abs(count - np.round(count)) * tick > 1e-6 * close)
    clean = np.zeros(len(year), dtype=bool)
    for one in np.unique(year[has]):
        own = has & (year == one)
        steps = [np.round(count[own & (tick == t)]).astype(int) for t in np.unique(tick[own])]
        coarse = any(len(s) >= 20 and np.gcd.reduce(s) > 1 for s in steps)
        clean[own] = off[own].mean() <= 0.001 and not coarse
    return clean


def test_locked_sessions_of_real_prices_are_locked_by_the_book_in_every_year(
    market: Market,
) -> None:
    locked = locked_sessions(market)
    # On KONEX orders met once a day, so most of its sessions have one price.
    locked = locked[locked["board"] != "KONEX"]
    years = locked.groupby(["unadjusted", "board", "year"])["found"].agg(["size", "sum", "mean"])
    sys.stdout.write(f"{years.round(3).to_string()}\n")
    plain, adjusted = years.loc[True], years.loc[False]
    # Measured: 4 of 1,032 missed, never two of a board and year.
    assert (plain["size"] - plain["sum"]).max() <= 1
    assert plain["sum"].sum() >= 0.99 * plain["size"].sum()
    # Measured: .940, and .807 in the worst year of twenty sessions or more (KOSDAQ 2009), whose
    # prices are multiples of ticks by an adjustment.
    assert adjusted["sum"].sum() >= 0.93 * adjusted["size"].sum()
    assert (adjusted["mean"][adjusted["size"] >= 20] >= 0.8).all()


def test_the_grid_of_low_prices_is_the_one_of_the_book_on_both_sides_of_each_reform(
    market: Market,
) -> None:
    """Count the codes that close on nothing but multiples of a step, below a thousand won."""
    for board, step, first, reform, last in [
        ("KOSPI", 5, "2008-01-01", "2010-10-04", "2013-01-01"),
        ("KOSDAQ", 5, "2008-01-01", "2010-10-04", "2013-01-01"),
        ("KOSDAQ", 10, "2000-01-01", "2003-07-21", "2006-01-01"),
    ]:
        before, after = (
            _on_multiples(market, board, step, *span) for span in ((first, reform), (reform, last))
        )
        sys.stdout.write(f"{board} {step} {reform}: {before} {after}\n")
        assert before[0] > 0.1 * before[1]
        assert after[0] <= 0.03 * after[1]


def _on_multiples(market: Market, board: str, step: int, first: str, stop: str) -> tuple[int, int]:
    """Return how many codes of twenty closes or more lie on multiples, and how many there are."""
    inside = (market.sessions >= np.datetime64(first)) & (market.sessions < np.datetime64(stop))
    on = codes = 0
    for stock in np.flatnonzero([own == board for own in market.boards]):
        close = market.close[stock, inside & market.traded[stock]]
        close = close[close < 1_000]
        codes += len(close) >= 20
        on += len(close) >= 20 and bool((close % step == 0).all())
    return on, codes
