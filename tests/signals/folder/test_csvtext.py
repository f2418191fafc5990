"""A CSV file that is no table separated by commas is refused in a line that says what it is."""

import gzip
from pathlib import Path

import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.tablefiles import read_table

TABLE = "Date,Code,Close\n2024-01-02,000010,100\n2024-01-03,000010,101\n"
COMMAS = "separate them by commas, and write numbers with a decimal point"
TRAILING = "end no line with a comma, and write no comma within a number"
EMPTY = "leave a field without a value empty, between its commas"

OTHERS = {
    "semicolons": (TABLE.replace(",", ";").encode(), f"separates its columns by ';': {COMMAS}"),
    "tabs": (TABLE.replace(",", "\t").encode(), f"separates its columns by tabs: {COMMAS}"),
    "bars": (TABLE.replace(",", "|").encode(), f"separates its columns by '|': {COMMAS}"),
    "decimal commas": (
        b"Date;KS11\n2024-01-02;2700,5\n",
        f"separates its columns by ';': {COMMAS}",
    ),
    "quoted lines": (
        b'"Date,Code,Close"\n"2024-01-02,000010,100"\n',
        "the whole line 'Date,Code,Close' stands in one pair of quotes: leave them out",
    ),
    "UTF-16": (TABLE.encode("utf-16"), "is not UTF-8: save it as UTF-8"),
    "UTF-16 without a mark": (TABLE.encode("utf-16-le"), "is not UTF-8: save it as UTF-8"),
    "gzip": (gzip.compress(TABLE.encode()), "is packed by gzip: unpack it"),
    "xlsx": (b"PK\x03\x04\x14\x00\x06\x00", "is an Excel workbook or a ZIP file"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an Excel workbook, whatever its name"),
    "parquet": (b"PAR1\x15\x04\x15", "is a Parquet file: name it .parquet"),
    "HTML": (b"\n<!DOCTYPE html>\n<html>", "is a web page or XML"),
    "JSON": (b'{"Date": "2024-01-02"}', "is JSON"),
    "no bytes": (b"", "cannot be read, since it is empty: write a header, and rows below it"),
    "blank lines": (b"\n \r\n\n", "cannot be read, since it is empty"),
    "NUL": (TABLE.encode().replace(b"101", b"1\x001"), "line 3 holds a NUL byte"),
    "two of a name": (b"Date,KS11, KS11\n2024-01-02,1,2\n", "has two columns 'KS11': keep one"),
    "a field more": (
        TABLE.replace("100\n", "100,\n").encode(),
        f"line 2 has 4 fields, and the header 3: {TRAILING}",
    ),
    "a field more on every line": (
        TABLE.replace("100\n", "100,\n").replace("101\n", "101,\n").encode(),
        f"line 2 has 4 fields, and the header 3: {TRAILING}",
    ),
    "thousands": (
        TABLE.replace("101", "1,101").encode(),
        f"line 3 has 4 fields, and the header 3: {TRAILING}",
    ),
    "a field less": (
        TABLE.replace(",101", "").encode(),
        f"line 3 has 2 fields, and the header 3: {EMPTY}",
    ),
    "a field less beside quotes": (
        TABLE.replace("100", '"100"').replace(",101", "").encode(),
        f"line 3 has 2 fields, and the header 3: {EMPTY}",
    ),
    "commas alone": (f"{TABLE},,\n".encode(), "line 4 holds commas alone: delete it"),
    "a remark above": (
        f"# closes\n{TABLE}".encode(),
        "line 2 has 3 fields, and the header 1 ('# closes'): let the header be the first line",
    ),
    "an open quote": (
        TABLE.replace("000010,100", '"000010,100').encode(),
        'line 2 has a quote (") that is not closed: close or delete it',
    ),
    "a nameless column": (b"Date,,KS11\n2024-01-02,7,2700\n", "column 2 has no name"),
}


@pytest.mark.parametrize("case", list(OTHERS))
def test_what_is_no_table_of_commas_is_said_to_be_none(tmp_path: Path, case: str) -> None:
    content, expected = OTHERS[case]
    (path := tmp_path / "prices.csv").write_bytes(content)
    with pytest.raises(RollsightError) as refused:
        read_table(path)
    message = str(refused.value)
    assert message.startswith(str(path))
    assert expected in message
    assert "\n" not in message


@pytest.mark.parametrize("content", [b"", TABLE.encode()], ids=["empty", "CSV"])
def test_what_is_no_parquet_file_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (path := tmp_path / "prices.parquet").write_bytes(content)
    with pytest.raises(RollsightError) as refused:
        read_table(path)
    assert str(refused.value) == (
        f"{path} cannot be read, since it is no Parquet file: write one, or name it .csv"
    )


SAME = {
    "Windows": TABLE.replace("\n", "\r\n"),
    "old Mac": TABLE.replace("\n", "\r"),
    "mark": f"\ufeff{TABLE}",
    "blank lines": "\n" + TABLE.replace("100\n", "100\n\n \n") + "\n\n",
    "blanks": TABLE.replace(",", " , ").replace("\n", "\t\n"),
    "quotes": TABLE.replace("000010", '"000010"').replace("Code", '"Code"'),
    "numbered rows": ",Date,Code,Close\n0,2024-01-02,000010,100\n1,2024-01-03,000010,101\n",
    "a comma behind each line": TABLE.replace("\n", ",\n"),
}


@pytest.mark.parametrize("case", list(SAME))
def test_what_means_the_same_is_read_alike(tmp_path: Path, case: str) -> None:
    (tmp_path / "plain.csv").write_bytes(TABLE.encode())
    (tmp_path / "other.csv").write_bytes(SAME[case].encode())
    plain, other = read_table(tmp_path / "plain.csv"), read_table(tmp_path / "other.csv")
    assert plain["Code"].tolist() == ["000010", "000010"]
    pd.testing.assert_frame_equal(plain, other)


def test_a_quoted_text_may_hold_commas_quotes_and_line_ends(tmp_path: Path) -> None:
    text = 'Code,Name\n000010,"A, B\nand ""C"""\n000020,D\n'
    (tmp_path / "listings.csv").write_text(text)
    assert read_table(tmp_path / "listings.csv")["Name"].tolist() == ['A, B\nand "C"', "D"]
