"""A column under another name is named, not passed over."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.tables import read_indices, read_listings, read_prices

Read = Callable[[Path], pd.DataFrame]
VALUES = {"Date": "2024-01-02", "Code": "000010", "Name": "Alpha", "Market": "KOSPI"}
MEANT: list[tuple[Read, str, str, str]] = [
    (read_prices, "date,Code,Close", "Date", "date"),
    (read_prices, "날짜,종목코드,시가,고가,저가,종가,거래량", "Date", "날짜"),
    (read_prices, "Date,Code,Close,volume", "Volume", "volume"),
    (read_prices, "Date,Code,Close,Volumes", "Volume", "Volumes"),
    (read_prices, "Date,Code,Close,거래량", "Volume", "거래량"),
    (read_prices, "Date,Code,Close,HALTED", "Halted", "HALTED"),
    (read_prices, "Date,Code,종가", "Close", "종가"),
    (read_prices, "Date,Ticker,Close", "Code", "Ticker"),
    (read_indices, "날짜,KS11", "Date", "날짜"),
    (read_indices, "DATE,KS11", "Date", "DATE"),
    (read_listings, "Code,delisted", "Delisted", "delisted"),
    (read_listings, "Code,Delisting Date", "DelistingDate", "Delisting Date"),
    (read_listings, "Code,delisting_date", "DelistingDate", "delisting_date"),
    (read_listings, "Code,상장폐지일", "DelistingDate", "상장폐지일"),
    (read_listings, "Code,종목명", "Name", "종목명"),
]


def write(folder: Path, header: str) -> Path:
    names = header.split(",")
    values = [VALUES.get(name, "1") for name in names]
    (path := folder / "table.csv").write_text(f"{header}\n{','.join(values)}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("read", "header", "column", "name"), MEANT)
def test_a_column_that_is_meant_for_another_is_named(
    tmp_path: Path, read: Read, header: str, column: str, name: str
) -> None:
    path = write(tmp_path, header)
    with pytest.raises(RollsightError) as refused:
        read(path)
    assert (
        str(refused.value) == f"{path} has no column {column!r}; did you mean {name!r}? rename it"
    )


def test_a_part_of_the_bars_is_none(tmp_path: Path) -> None:
    with pytest.raises(RollsightError, match="no column 'High' beside 'Open': give Open, High and"):
        read_prices(write(tmp_path, "Date,Code,Open,Low,Close,Volume"))


@pytest.mark.parametrize(
    ("read", "header"),
    [
        (read_prices, "Date,Code,Close,Adj Close,Change,MarketCap,close,Ticker"),
        (read_indices, "Date,KS11,close,volume,종가"),
        (read_listings, "Code,Name,MarketId,ISU_CD,Symbol,Sector,Industry,Listed"),
    ],
)
def test_columns_of_something_else_are_passed_over(tmp_path: Path, read: Read, header: str) -> None:
    read(write(tmp_path, header))
