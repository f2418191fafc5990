"""Blanks around codes, names and symbols mean nothing; what else cannot be seen is refused."""

from pathlib import Path

import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.settings import read_settings
from rollsight.signals.folder.tables import read_indices, read_listings, read_prices
from rollsight.signals.spec import MarketSpec
from tests.support.markets import write_table

SUFFIXES = pytest.mark.parametrize("suffix", ["csv", "parquet"])


@SUFFIXES
def test_codes_and_columns_of_prices_lose_blanks(tmp_path: Path, suffix: str) -> None:
    rows = {
        "Date": ["2024-01-02 ", "2024-01-03", "2024-01-02"],
        "Code": ["AAPL\t", "AAPL", " BRK B"],
    }
    table = pd.DataFrame(rows | {" Close": [1.0, 2.0, 3.0], "Volume ": [4, 5, 6]})
    write_table(table, path := tmp_path / f"prices.{suffix}")
    prices = read_prices(path)
    assert prices["Code"].tolist() == ["AAPL", "AAPL", "BRK B"]
    assert prices["Volume"].tolist() == [4, 5, 6]


@SUFFIXES
def test_symbols_of_indices_lose_blanks(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame({"Date": ["2024-01-02"], " KS11": [2700.0], "GSPC\xa0": [4700.0]})
    write_table(table, path := tmp_path / f"indices.{suffix}")
    assert read_indices(path).columns.tolist() == ["KS11", "GSPC"]


@SUFFIXES
def test_every_text_of_listings_loses_blanks(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame(
        {
            "Code": [" 000010", "000020 "],
            "Name": [" A B ", "  "],
            " Market": ["KOSPI ", " "],
            "Delisted ": [" True", " "],
            " DelistingDate": [" 2024-03-20", " "],
        }
    )
    write_table(table, path := tmp_path / f"listings.{suffix}")
    listings = read_listings(path)
    assert listings.index.tolist() == ["000010", "000020"]
    assert listings["Name"].tolist()[0] == "A B"
    assert listings["Market"].tolist()[0] == "KOSPI"
    assert listings["Delisted"].tolist() == [True, False]
    assert listings.iloc[1][["Name", "Market", "DelistingDate"]].isna().all()


def test_columns_that_differ_by_blanks_alone_are_two_of_a_name(tmp_path: Path) -> None:
    table = pd.DataFrame({"Date": ["2024-01-02"], "KS11": [1.0], "KS11 ": [2.0]})
    write_table(table, path := tmp_path / "indices.parquet")
    with pytest.raises(RollsightError, match="has two columns 'KS11': keep one of them"):
        read_indices(path)


def test_a_specs_symbols_and_words_lose_blanks(tmp_path: Path) -> None:
    spec = MarketSpec(indices=(" KS11", "GSPC\t"), benchmark=" KS11 ", calendar="XKRX ")
    assert (spec.indices, spec.benchmark, spec.calendar) == (("KS11", "GSPC"), "KS11", "XKRX")
    text = 'calendar = " XNYS"\n[indices." MINE "]\ncalendar = "XNYS "\n'
    (tmp_path / "market.toml").write_text(text)
    settings = read_settings(tmp_path)
    assert (settings.calendar, settings.indices["MINE"].calendar) == ("XNYS", "XNYS")


def test_a_sign_that_cannot_be_seen_is_named(tmp_path: Path) -> None:
    unseen = "A\u200bB"
    rows = {"Date": ["2024-01-02"], "Code": [unseen], "Close": [1.0]}
    for read, table in (
        (read_prices, pd.DataFrame(rows)),
        (read_listings, pd.DataFrame({"Code": [unseen]})),
        (read_indices, pd.DataFrame({"Date": ["2024-01-02"], unseen: [1.0]})),
    ):
        write_table(table, path := tmp_path / f"{read.__name__}.csv")
        with pytest.raises(RollsightError) as refused:
            read(path)
        assert r"'A\u200bB' holds a sign that cannot be seen: write it anew" in str(refused.value)


def test_rows_of_nothing_are_to_be_deleted(tmp_path: Path) -> None:
    # A wide table made long has a row of every code on every date, listed yet or not.
    rows = [("2024-01-02", "AA", None, None), ("2024-01-03", "AA", None, None)]
    table = pd.DataFrame(
        [*rows, ("2024-01-04", "AA", 7.0, 5), ("2024-01-02", "BB", 9.0, 0)],
        columns=["Date", "Code", "Close", "Volume"],
    )
    write_table(table, path := tmp_path / "prices.csv")
    with pytest.raises(RollsightError, match=r"2 in all, .* 'AA' on 2024-01-02: delete them"):
        read_prices(path)
