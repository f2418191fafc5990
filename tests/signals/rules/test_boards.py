"""Which book and board a stock follows, and what that makes of a market folder."""

import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.rules.rulebook import BOOKS, BookName, boards_of
from rollsight.signals.spec import MarketSpec
from tests.support.markets import Recipe, price_table, write_market, write_table


def test_a_board_is_the_first_word_of_the_listings_market() -> None:
    listed = {"A": "KOSPI", "B": "KOSDAQ GLOBAL", "C": "konex", "D": float("nan"), "E": ""}
    found = boards_of("krx", listed, ("A", "B", "C", "D", "E", "F"))
    assert found == (("KOSPI", "KOSDAQ", "KONEX", "KOSPI", "KOSPI", "KOSPI"), 3)


def test_a_book_of_one_board_does_not_ask_for_the_market() -> None:
    assert boards_of("us", {"A": "NASDAQ"}, ("A", "B")) == (("US", "US"), 0)


def test_a_market_that_is_no_board_of_the_book_is_refused() -> None:
    words = "Market='NYSE' of code 'A' is no board of the krx book (have ['KONEX', 'KOSDAQ',"
    with pytest.raises(RollsightError, match=re.escape(words)) as refusal:
        boards_of("krx", {"A": "NYSE"}, ("A",))
    assert "\n" not in str(refusal.value)


def read(folder: Path, book: str | None = None, *, toml: str = "") -> Market:
    (folder / "market.toml").write_text(f'calendar = "XKRX"\n{toml}', encoding="utf-8")
    return read_market(MarketSpec.model_validate({"folder": str(folder), "book": book}))


def test_the_specs_book_comes_before_the_folders_and_without_either_there_is_none(
    tmp_path: Path,
) -> None:
    folder = write_market(tmp_path / "market")
    assert read(folder).book == "none"
    assert read(folder, toml='book = "us"').book == "us"
    assert read(folder, "krx", toml='book = "us"').book == "krx"
    assert read(folder, "none", toml='book = "us"').book == "none"


def test_a_book_that_there_is_not_is_refused_in_one_line(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market")
    with pytest.raises(RollsightError, match=r"market.toml: book='krw': .*'krx', 'us' or 'none'"):
        read(folder, toml='book = "krw"')


def test_the_listings_give_each_stock_its_board_and_a_note_says_who_has_none(
    tmp_path: Path,
) -> None:
    folder = write_market(tmp_path / "market")
    (folder / "listings.csv").write_text("Code,Market\n000020,KOSDAQ\n", encoding="utf-8")
    market = read(folder, "krx")
    assert market.boards == ("KOSPI", "KOSDAQ", "KOSPI")
    assert market.notes == ("2 stocks without a Market in listings.csv: KOSPI's rules are used",)


@pytest.mark.parametrize(("board", "locked_at"), [("KOSPI", [8]), ("KOSDAQ", [])])
def test_a_locked_open_can_be_sold_but_not_bought(
    tmp_path: Path, board: str, locked_at: list[int]
) -> None:
    folder = write_market(tmp_path / "market", Recipe(first="2020-01-02"))
    table = price_table(Recipe(first="2020-01-02"))
    # KOSPI, tick 500: 30 % of 101,000 is 30,000. KOSDAQ, tick 100: 30,300.
    table.loc[7, ["Open", "High", "Low", "Close"]] = 101_000
    table.loc[8, ["Open", "High", "Low", "Close"]] = 131_000
    write_table(table, folder / "prices.parquet")
    (folder / "listings.csv").write_text(f"Code,Market\n000010,{board}\n", encoding="utf-8")
    market = read(folder, "krx")
    assert np.flatnonzero(~market.buyable[0]).tolist() == locked_at
    assert market.sellable.all()
    assert market.traded.all()


def test_a_close_that_is_the_fill_price_is_tested_where_there_are_closes_alone(
    tmp_path: Path,
) -> None:
    folder = write_market(tmp_path / "market")
    table = price_table(Recipe()).drop(columns=["Open", "High", "Low"])
    table.loc[:7, "Close"] = 10_000
    table.loc[8, "Close"] = 13_000
    table.loc[9, "Close"] = 9_100
    write_table(table, folder / "prices.parquet")
    market = read(folder, "krx")
    assert market.closes_only
    assert np.flatnonzero(~market.buyable[0, :10]).tolist() == [8]
    assert np.flatnonzero(~market.sellable[0, :10]).tolist() == [9]


def test_every_book_can_be_named() -> None:
    assert get_args(BookName) == tuple(BOOKS)


def test_volumes_stand_on_their_session_where_the_folder_has_them(tmp_path: Path) -> None:
    recipe = Recipe(missing=((1, 9),))
    market = read(write_market(tmp_path / "market", recipe))
    assert market.volume is not None
    volumes = price_table(recipe)["Volume"].tolist()
    assert market.volume[market.has_bar].tolist() == volumes
    assert np.isnan(market.volume[1, 9])
    assert read(write_market(tmp_path / "bare", Recipe(volume=False))).volume is None
