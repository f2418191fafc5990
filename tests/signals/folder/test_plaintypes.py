"""What a Parquet file holds is read as numbers where it is numbers, and else named."""

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.tablefiles import read_table
from rollsight.signals.folder.tables import read_indices, read_prices
from tests.support.markets import Recipe, price_table, write_table

PRICES = price_table(Recipe(n_stocks=1, n_days=3))


def refused(path: Path) -> str:
    with pytest.raises(RollsightError) as refusal:
        read_prices(path)
    return str(refusal.value).removeprefix(str(path))


def test_decimals_as_databases_write_them_are_numbers(tmp_path: Path) -> None:
    closes = [Decimal("2700.50"), None, Decimal("2750.25")]
    table = pd.DataFrame({"Date": PRICES["Date"], "KS11": closes})
    write_table(table, path := tmp_path / "indices.parquet")
    found = read_indices(path)["KS11"]
    assert found.dtype == "float64"
    assert found.dropna().tolist() == [2700.5, 2750.25]
    table = PRICES.assign(Close=PRICES["Close"].astype(int).map(Decimal))
    write_table(table, path := tmp_path / "prices.parquet")
    assert read_prices(path)["Close"].tolist() == PRICES["Close"].tolist()


@pytest.mark.parametrize("column", ["Close", "Volume"])
def test_numbers_as_text_are_said_to_be_text(tmp_path: Path, column: str) -> None:
    table = PRICES.assign(**{column: ["9990", "9991", "9992"]})
    write_table(table, path := tmp_path / "prices.parquet")
    assert refused(path) == f": {column}='9990' is text throughout: write the column as numbers"


def test_a_flag_is_named_as_it_is_written(tmp_path: Path) -> None:
    write_table(PRICES.assign(Halted=2.5), path := tmp_path / "prices.parquet")
    assert refused(path) == ": Halted=2.5 is neither True nor False: write either"


def test_a_parquet_file_without_its_end_is_said_to_lack_it(tmp_path: Path) -> None:
    write_table(PRICES, path := tmp_path / "prices.parquet")
    path.write_bytes(path.read_bytes()[:-100])
    assert refused(path).startswith(" cannot be read, since its end is missing: copy or write it")


def test_two_columns_of_one_name_are_refused_in_parquet_too(tmp_path: Path) -> None:
    arrays = [pa.array(["2024-01-02"]), pa.array([1.0]), pa.array([2.0])]
    table = pa.table(arrays, names=["Date", "KS11", "KS11"])
    pq.write_table(table, path := tmp_path / "indices.parquet")
    with pytest.raises(RollsightError, match="has two columns 'KS11': keep one of them"):
        read_table(path)
