"""Twelve shapes in which people have prices, written as files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from tests.support.tables.bars import AMERICAN, KOREAN, bars, one, wide

KOREAN_NAMES = {
    "Date": "날짜", "Open": "시가", "High": "고가", "Low": "저가", "Close": "종가",
    "Volume": "거래량",
}  # fmt: skip
US, KRX = ("--calendar", "XNYS"), ("--calendar", "XKRX")


@dataclass(frozen=True, eq=False)
class Shape:
    """How prices are written.

    Attributes
    ----------
    write
        fills a folder with the files of prices
    prices
        that it writes
    options
        of the import
    """

    write: Callable[[Path, pd.DataFrame], object]
    prices: pd.DataFrame
    options: tuple[str, ...] = US


def american(codes: tuple[str, ...] = AMERICAN, **span: str) -> pd.DataFrame:
    return bars(codes, **span)


def korean(codes: tuple[str, ...] = KOREAN, **span: str) -> pd.DataFrame:
    return bars(codes, "XKRX", level=70_000.0, digits=0, **span)


def yfinance(folder: Path, prices: pd.DataFrame) -> None:
    wide(prices).to_csv(folder / "download.csv")


def yfinance_by_ticker(folder: Path, prices: pd.DataFrame) -> None:
    # Two header rows alone, as of a table that was saved without the names of its levels.
    table = wide(prices, ("Ticker", "Price"))
    lines = table.to_csv(header=False).splitlines()
    names = [",".join(["", *table.columns.get_level_values(i)]) for i in (0, 1)]
    (folder / "download.csv").write_text("\n".join([*names, *lines]) + "\n")


def a_file_a_code(folder: Path, prices: pd.DataFrame) -> None:
    for code in prices["Code"].unique():
        one(prices, code).to_csv(folder / f"{code}.csv", index=False)


def long_of_other_names(folder: Path, prices: pd.DataFrame) -> None:
    table = prices.rename(columns=str.lower).rename(columns={"date": "datetime", "code": "Symbol"})
    table.to_csv(folder / "all.csv")


def pykrx(folder: Path, prices: pd.DataFrame) -> None:
    for code in prices["Code"].unique():
        table = one(prices, code).rename(columns=KOREAN_NAMES)
        table.assign(등락률=0.5).to_csv(folder / f"{code}.csv", index=False, encoding="utf-8-sig")


def finance_data_reader(folder: Path, prices: pd.DataFrame) -> None:
    for code in prices["Code"].unique():
        table = one(prices, code).assign(Change=lambda t: t["Close"].pct_change())
        table.to_csv(folder / f"{code}_삼성.csv", index=False)


def stooq(folder: Path, prices: pd.DataFrame) -> None:
    for code in prices["Code"].unique():
        table = one(prices, code)
        table.insert(0, "<TICKER>", f"{code}.US")
        table.insert(1, "<PER>", "D")
        table.insert(3, "<TIME>", "000000")
        names = {"Open": "<OPEN>", "High": "<HIGH>", "Low": "<LOW>", "Close": "<CLOSE>"}
        table = table.rename(columns=names | {"Date": "<DATE>", "Volume": "<VOL>"})
        path = folder / f"{code.lower()}.us.txt"
        table.assign(OPENINT=0).to_csv(path, index=False, date_format="%Y%m%d")


def workbook(folder: Path, prices: pd.DataFrame) -> None:
    with pd.ExcelWriter(folder / "book.xlsx") as book:
        for code in prices["Code"].unique():
            one(prices, code).to_excel(book, sheet_name=code, index=False)


def korean_windows(folder: Path, prices: pd.DataFrame) -> None:
    table = prices.rename(columns=KOREAN_NAMES | {"Code": "종목코드"})
    table["날짜"] = table["날짜"].map(lambda d: f"{d.year}년 {d.month}월 {d.day}일")
    for name in list(KOREAN_NAMES.values())[1:]:
        table[name] = table[name].map("{:,.0f}".format)
    table.to_csv(folder / "시세.csv", index=False, encoding="cp949")


def utf16(folder: Path, prices: pd.DataFrame) -> None:
    prices.to_csv(folder / "prices.txt", index=False, sep="\t", encoding="utf-16")


def german(folder: Path, prices: pd.DataFrame) -> None:
    table = prices.assign(Volume=prices["Volume"].map("{:,.0f}".format).str.replace(",", "."))
    path = folder / "kurse.csv"
    table.to_csv(path, index=False, sep=";", decimal=",", date_format="%d.%m.%Y")


def wide_parquet(folder: Path, prices: pd.DataFrame) -> None:
    prices.pivot(index="Date", columns="Code", values="Close").to_parquet(folder / "c.parquet")


def arrow(folder: Path, prices: pd.DataFrame) -> None:
    prices.rename(columns={"Code": "Ticker"}).to_feather(folder / "all.feather")


def closes(prices: pd.DataFrame) -> pd.DataFrame:
    """Return prices as a folder of closes alone has them."""
    close = prices["Close"]
    return prices.assign(Open=close, High=close, Low=close).drop(columns="Volume")


SHAPES = {
    "yfinance, three header rows": Shape(yfinance, american()),
    "yfinance, two header rows by ticker": Shape(yfinance_by_ticker, american()),
    "a file a code": Shape(a_file_a_code, american()),
    "long, other names": Shape(long_of_other_names, american()),
    "pykrx": Shape(pykrx, korean(), KRX),
    "FinanceDataReader": Shape(finance_data_reader, korean(), KRX),
    "Stooq": Shape(stooq, american()),
    "Excel, a sheet a code": Shape(workbook, american()),
    "cp949, thousands": Shape(korean_windows, korean(), KRX),
    "UTF-16, tabs": Shape(utf16, korean(), KRX),
    "semicolons, decimal commas": Shape(german, american()),
    "Parquet, a column a code": Shape(wide_parquet, american()),
    "Feather": Shape(arrow, korean(), KRX),
}
CLOSES_ALONE = {"Parquet, a column a code"}
STOCKS = {"XNYS": AMERICAN, "XKRX": KOREAN}


def written(name: str, folder: Path) -> tuple[list[str], pd.DataFrame]:
    """Write a shape's files, and return the arguments that import them and what must come."""
    shape = SHAPES[name]
    folder.mkdir(parents=True, exist_ok=True)
    shape.write(folder, shape.prices)
    prices = closes(shape.prices) if name in CLOSES_ALONE else shape.prices
    return [str(folder), *shape.options], prices
