"""Text is what was written: tickers such as NA, names in any script, files of any editor."""

from pathlib import Path

import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.tables import read_indices, read_listings, read_prices
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import MarketSpec
from tests.support.markets import Recipe, index_table, price_table, write_market, write_table

TICKERS = ("NA", "NULL", "None", "nan", "NaN", "N/A", "n/a", "null", "#N/A", "<NA>", "-nan")
PRICES = price_table(Recipe(n_stocks=1, n_days=2))
SUFFIXES = pytest.mark.parametrize("suffix", ["csv", "parquet"])


def read(folder: Path) -> Market:
    return read_market(MarketSpec(folder=str(folder)))


@SUFFIXES
def test_a_ticker_that_reads_like_a_missing_value_is_a_ticker(tmp_path: Path, suffix: str) -> None:
    table = pd.concat([PRICES.assign(Code=ticker) for ticker in TICKERS])
    write_table(table, path := tmp_path / f"prices.{suffix}")
    assert read_prices(path)["Code"].tolist() == [t for t in TICKERS for _ in range(2)]


@SUFFIXES
def test_listings_keep_such_codes_and_names(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame({"Code": TICKERS, "Name": TICKERS, "Market": "KOSPI", "Delisted": "NA"})
    write_table(table.assign(Delisted=None), path := tmp_path / f"listings.{suffix}")
    listings = read_listings(path)
    assert listings["Name"].to_dict() == {t: t for t in TICKERS}
    assert not listings["Delisted"].any()


@SUFFIXES
def test_an_index_may_be_called_like_a_missing_value(tmp_path: Path, suffix: str) -> None:
    table = pd.DataFrame({"Date": ["2024-01-02", "2024-01-03"], "NA": [1.0, None], "nan": 2.0})
    write_table(table, path := tmp_path / f"indices.{suffix}")
    found = read_indices(path)
    assert found.columns.tolist() == ["NA", "nan"]
    assert found["NA"].isna().tolist() == [False, True]


def test_words_for_nothing_are_still_missing_where_numbers_stand(tmp_path: Path) -> None:
    (tmp_path / "indices.csv").write_text(
        "Date,KS11\n2024-01-02,NA\n2024-01-03,NULL\n2024-01-04,\n2024-01-05,2500\n"
    )
    assert read_indices(tmp_path / "indices.csv")["KS11"].isna().tolist() == [True] * 3 + [False]


@SUFFIXES
def test_a_row_without_a_code_is_refused(tmp_path: Path, suffix: str) -> None:
    codes = pd.Series(["000010", None], dtype=object)
    write_table(PRICES.assign(Code=codes), path := tmp_path / f"prices.{suffix}")
    with pytest.raises(RollsightError, match="row 1 has no Code"):
        read_prices(path)


def test_a_market_of_such_tickers_keeps_codes_and_names(tmp_path: Path) -> None:
    folder = write_market(tmp_path, Recipe(n_stocks=2, n_days=20, suffix="csv"))
    (folder / "market.toml").write_text('calendar = "XNYS"\n')  # no Korean code is a word
    codes = {"000010": "NA", "000020": "nan"}
    prices = price_table(Recipe(n_stocks=2, n_days=20))
    prices = prices[prices["Date"] != "2024-01-15"]  # a holiday in New York
    write_table(prices.assign(Code=prices["Code"].map(codes)), folder / "prices.csv")
    (folder / "listings.csv").write_text("Code,Name\nNA,NULL\nnan,\n")
    market = read(folder)
    assert market.codes == ("NA", "nan")
    assert market.names == {"NA": "NULL"}


@pytest.mark.parametrize("keys", [["Date"], ["Date", "Code"], ["Code"]], ids=str)
def test_dates_and_codes_of_prices_may_be_the_index(tmp_path: Path, keys: list[str]) -> None:
    PRICES.to_parquet(tmp_path / "plain.parquet")
    PRICES.set_index(keys).to_parquet(tmp_path / "prices.parquet")
    found = read_prices(tmp_path / "prices.parquet")
    pd.testing.assert_frame_equal(found, read_prices(tmp_path / "plain.parquet"))


def test_codes_of_listings_may_be_the_index(tmp_path: Path) -> None:
    table = pd.DataFrame({"Code": ["000010"], "Name": ["Alpha"]}).set_index("Code")
    table.to_parquet(tmp_path / "listings.parquet")
    assert read_listings(tmp_path / "listings.parquet")["Name"].to_dict() == {"000010": "Alpha"}


def test_an_index_of_dates_without_a_name_is_the_date(tmp_path: Path) -> None:
    PRICES.set_index("Date").rename_axis(None).to_parquet(tmp_path / "prices.parquet")
    assert read_prices(tmp_path / "prices.parquet")["Date"].tolist() == PRICES["Date"].tolist()


def test_a_date_that_is_column_and_index_is_the_column(tmp_path: Path) -> None:
    table = index_table(Recipe(n_days=5))
    table.set_index("Date", drop=False).to_parquet(tmp_path / "indices.parquet")
    assert read_indices(tmp_path / "indices.parquet").index.tolist() == table["Date"].tolist()


@pytest.mark.parametrize("encoding", ["cp949", "utf-16", "utf-16-le"])
@pytest.mark.parametrize("name", ["prices.csv", "listings.csv", "indices.csv", "market.toml"])
def test_a_file_that_is_not_utf8_is_said_to_be_none(
    tmp_path: Path, name: str, encoding: str
) -> None:
    folder = write_market(tmp_path, Recipe(n_days=5, suffix="csv"))
    (folder / "listings.csv").write_text("Code,Name\n000010,삼성전자\n", encoding="utf-8")
    text = (folder / name).read_text(encoding="utf-8")
    note = "# 한국\n" if name == "market.toml" else text.splitlines()[0].replace("Date", "날짜")
    (folder / name).write_bytes((note + "\n" + text).encode(encoding))
    with pytest.raises(RollsightError) as refused:
        read(folder)
    assert str(refused.value).startswith(f"{folder / name} is not UTF-8: save it as UTF-8")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["prices.csv", "listings.csv", "indices.csv", "market.toml"])
def test_a_byte_order_mark_is_no_content(tmp_path: Path, name: str) -> None:
    folder = write_market(tmp_path, Recipe(n_days=20, suffix="csv"))
    (folder / "listings.csv").write_text("Code,Name\n000010,삼성전자\n", encoding="utf-8")
    plain = read(folder)
    (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes())
    assert read(folder).names == plain.names == {"000010": "삼성전자"}
