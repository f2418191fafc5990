"""What cannot be read, or is read in two ways, is refused in one line that names the way out."""

import pickle
import socket
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from rollsight.commands import main
from rollsight.signals.folder.reading import read_folder
from tests.support.commands import invoke, refused
from tests.support.tables.bars import bars, one, wide

PRICES = bars()
AAPL = one(PRICES, "AAPL")
HEAD = "Date,Open,High,Low,Close,Volume\n"


def fault(path: Path, *options: str) -> str:
    out = path.parent / "out"
    arguments = ("import", str(path), "--out", str(out))
    if "--calendar" not in options:
        options = (*options, "--calendar", "XNYS")
    line = refused(*arguments, *options)
    assert not out.exists()
    return line


def text(path: Path, content: str, **kinds: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, **{"encoding": "utf-8", **kinds})  # type: ignore[arg-type]
    return path


def test_a_pickle_is_never_read_whatever_its_name(tmp_path: Path) -> None:
    for name in ("a.pkl", "a.csv"):
        (tmp_path / name).write_bytes(pickle.dumps(AAPL))
        assert "is a pickle, which may run code" in fault(tmp_path / name)


def test_a_pickle_within_a_folder_is_refused_too(tmp_path: Path) -> None:
    (tmp_path / "have").mkdir()
    AAPL.to_csv(tmp_path / "have" / "AAPL.csv", index=False)
    (tmp_path / "have" / "MSFT.pkl").write_bytes(pickle.dumps(AAPL))
    assert "MSFT.pkl is a pickle" in fault(tmp_path / "have")


def test_a_packed_file_is_refused_whatever_its_name(tmp_path: Path) -> None:
    for name in ("a.zip", "a.csv"):
        with zipfile.ZipFile(tmp_path / name, "w") as packed:
            packed.writestr("AAPL.csv", AAPL.to_csv())
        assert "is packed: unpack it" in fault(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty: delete it"),
        ("\n\n", "is empty: delete it"),
        (HEAD, "has no row with a date and a number"),
        ("2024-01-02,1,1,1,1,5\n", "has no header: name its columns"),
        ("<!DOCTYPE html><html></html>", "is a web page, XML or JSON"),
        ('{"Date": ["2024-01-02"]}', "is a web page, XML or JSON"),
        ("Date,Open,High,Low\n2024-01-02,1,1,1\n", "has no column 'Close' beside"),
        ("When,Close\n2024-01-02,1\n", "has no column of dates (have ['When', 'Close'])"),
        (HEAD.replace("Volume", "Volumes") + "2024-01-02,1,1,1,1,5\n", "did you mean 'Volumes'"),
        ("Date,Close,Close\n2024-01-02,1,2\n", "two columns for Close, 'Close' and 'Close'"),
        (HEAD + "2024-01-02,1,1,1,1,5,\n2024-01-03,1,1,1,1,234,7\n", "no name"),
        (HEAD + "2024-01-02,1,1,1,1,5\n2124-01-03,1,1,1,1,5\n", "Date=2124-01-03 has not come yet"),
        (HEAD + "2024-01-02,1,1,1,-1,5\n", "AAPL.csv: Close=-1.0 of 'AAPL' on 2024-01-02 must be"),
        (HEAD + "2024-01-02,1,1,1,x,5\n", "AAPL.csv: Close='x' is not a number"),
        (HEAD + "2024-01-02,1,1,1,1,5\n" * 2, "2024-01-02 of code 'AAPL' stands twice"),
        (HEAD + "2024-01-02 09:30,1,1,1,1,5\n", "has a time of day"),
        (HEAD + "2024-01-06,1,1,1,1,5\n" + "2024-01-08,1,1,1,1,5\n", "2024-01-06"),
        ("Date,Volume\n2024-01-02,5\n", "has no column 'Close' beside ['Volume']"),
        ("Date,Open,Low\n2024-01-02,1,1\n", "has no column 'Close' beside ['Open', 'Low']"),
        ("Date,Close\n2024-01-02,\n2024-01-03,5\n", "'AAPL' on 2024-01-02: delete them"),
        ("Date,AAPL_Close,MSFT_Close\n2024-01-02,1,2\n", "joins a stock and a field"),
        ("Date,VIX,AAPL_Close,AAPL_Volume\n2024-01-02,9,1,2\n", "'AAPL_Close' joins a stock"),
        ("Date,AAPL,AAPL Change\n2024-01-02,1,2\n", "'AAPL Change' joins a stock and a field"),
        ("Date,Adj Close (AAPL),X\n2024-01-02,1,2\n", "'Adj Close (AAPL)' joins a stock"),
        ("Date,AAPL,Volume\n2024-01-02,1,2\n", "has no column 'Close' beside ['Volume']"),
        ("DATE,OPEN,HIGH,LOW\n2024-01-02,1,1,1\n", "no column 'Close' beside ['OPEN', 'HIGH'"),
        ("Date,Close\n08-01-24,1\n2024-01-05,1\n2024-01-04,1\n", "'08-01-24' in the header"),
        ("Date,Price,Price\n,AAPL,MSFT\n2024-01-02,1,2\n", "header rows, of which one is to name"),
    ],
)
def test_a_text_that_cannot_be_right_is_named(content: str, said: str, tmp_path: Path) -> None:
    assert said in fault(text(tmp_path / "AAPL.csv", content))


@pytest.mark.parametrize(
    ("name", "calendar"),
    [
        ("2023", "XNYS"), ("2023", "XKRX"), ("2023-01", "XNYS"), ("2023-01-05", "XTKS"),
        ("AAPL-2023", "XNYS"), ("202401", "XKRX"), ("kospi_202401", "XKRX"),
    ],
)  # fmt: skip
def test_a_name_that_is_a_date_is_no_code(name: str, calendar: str, tmp_path: Path) -> None:
    path = text(tmp_path / f"{name}.csv", "Date,Close\n2024-01-05,70000\n")
    line = fault(path, "--calendar", calendar)
    assert "its name does not tell which: say it, as in --code" in line


def test_names_that_are_all_dates_are_no_codes(tmp_path: Path) -> None:
    for name in ("202401", "202402"):
        text(tmp_path / "have" / f"{name}.csv", "Date,Close\n2024-01-05,70000\n")
    line = fault(tmp_path / "have", "--calendar", "XKRX")
    assert "202401.csv holds one stock, and its name is a date, as are all names" in line
    text(tmp_path / "have" / "AAPL.csv", "Date,Close\n2024-01-05,70000\n")
    assert "202401.csv holds one stock, and its name does not" in fault(tmp_path / "have")


def test_a_sheet_whose_dates_are_not_known_is_not_passed_over(tmp_path: Path) -> None:
    odd = AAPL.assign(Date=AAPL["Date"].dt.strftime("%d/%m/%y"))
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        AAPL.to_excel(book, sheet_name="AAPL", index=False)
        odd.to_excel(book, sheet_name="MSFT", index=False)
    assert "MSFT: Date='02/01/24' is no date in a notation that" in fault(tmp_path / "book.xlsx")
    odd.to_csv(tmp_path / "MSFT.csv", index=False)
    assert "MSFT.csv: Date='02/01/24' is no date in a" in fault(tmp_path / "MSFT.csv")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as ours:
        ours.bind(str(tmp_path / "a.csv"))
        assert "a.csv cannot be read (" in fault(tmp_path / "a.csv")


def test_a_row_without_its_code_is_named(tmp_path: Path) -> None:
    table = AAPL.assign(Code=5930.0)
    table.loc[3, "Code"] = float("nan")
    table.to_parquet(tmp_path / "all.parquet")
    line = fault(tmp_path / "all.parquet", "--calendar", "XKRX")
    assert f"a row of Date={table.loc[3, 'Date']:%Y-%m-%d} has no Code: write" in line


def test_quiet_says_nothing_of_other_files(tmp_path: Path) -> None:
    text(tmp_path / "have" / "AAPL.csv", AAPL.to_csv(index=False))
    text(tmp_path / "have" / "notes.md", "mine")
    call = ["import", str(tmp_path / "have"), "--calendar", "XNYS", "--dry-run", "--out", "market"]
    assert "notes.md is no table" in CliRunner().invoke(main, call).stderr
    assert CliRunner().invoke(main, [*call, "--quiet"]).stderr == ""


def test_intraday_stamps_are_several_rows_a_day(tmp_path: Path) -> None:
    rows = "".join(f"2024-01-02 {h}:00:00-05:00,1,1,1,1,5\n" for h in (10, 11))
    path = text(tmp_path / "AAPL.csv", HEAD.replace("Date", "Datetime") + rows)
    assert "2024-01-02 of code 'AAPL' stands twice: keep one row a day" in fault(path)


def test_last_rows_whose_dates_are_in_no_notation_are_no_footer(tmp_path: Path) -> None:
    rows = "2024-01-05,1,1,1,1,5\n" + "08-01-24,1,1,1,1,5\n09-01-24,1,1,1,1,5\n"
    line = fault(text(tmp_path / "AAPL.csv", HEAD + rows))
    assert "Date='08-01-24' is not written as '2024-01-05' is" in line


@pytest.mark.parametrize("day", ["2024-01-06", "2024-01-13"])
def test_a_row_on_no_session_is_named_by_its_file_before_holes_are_told(
    day: str, tmp_path: Path
) -> None:
    (tmp_path / "have").mkdir()
    rows = [f"{d},1,1,1,1,5\n" for d in ("2024-01-05", day, "2024-01-09")]
    text(tmp_path / "have" / "MSFT.csv", HEAD + "".join(sorted(rows)))
    AAPL.to_csv(tmp_path / "have" / "AAPL.csv", index=False)
    line = fault(tmp_path / "have", "--dry-run")
    assert "MSFT.csv: there are rows, such as those of code 'MSFT', on days that are" in line
    assert line.endswith(f"if the exchange was open, use rollsight.market with open=['{day}']")


def test_what_the_reader_of_folders_refuses_is_told_of_the_file(tmp_path: Path) -> None:
    AAPL.assign(Volume=0).to_csv(tmp_path / "AAPL.csv", index=False)
    assert "Error: AAPL.csv: Volume is 0 in every row" in fault(tmp_path / "AAPL.csv")


def test_a_code_is_told_of_a_table_without_codes_alone(tmp_path: Path) -> None:
    PRICES.rename(columns={"Code": "Ticker"}).to_csv(tmp_path / "long.csv", index=False)
    wide(PRICES).to_csv(tmp_path / "wide.csv")
    assert "has them in its column Ticker: leave it" in fault(
        tmp_path / "long.csv", "--code", "MSFT"
    )
    assert "has them in its header: leave it" in fault(tmp_path / "wide.csv", "--code", "MSFT")


def test_a_table_without_any_value_is_refused(tmp_path: Path) -> None:
    closes = PRICES.pivot(index="Date", columns="Code", values="Close") * float("nan")
    closes.to_parquet(tmp_path / "all.parquet")
    assert "all.parquet: no column holds a value" in fault(tmp_path / "all.parquet")


def test_two_files_of_one_stock_are_both_named(tmp_path: Path) -> None:
    for folder in ("a", "new", "old"):
        (tmp_path / "have" / folder).mkdir(parents=True)
        rows = AAPL if folder != "a" else AAPL.assign(Date=AAPL["Date"] - pd.DateOffset(years=1))
        rows[-3:].to_csv(tmp_path / "have" / folder / "AAPL.csv", index=False)
    line = fault(tmp_path / "have")
    assert "/a/AAPL.csv" not in line
    assert "new/AAPL.csv and " in line
    assert "old/AAPL.csv: 2024-03-13 of code 'AAPL' stands twice" in line


def test_files_of_one_stock_whose_dates_follow_are_joined(tmp_path: Path) -> None:
    for name, rows in (("2024a", AAPL[:20]), ("2024b", AAPL[20:])):
        (tmp_path / "have" / name).mkdir(parents=True)
        rows.to_csv(tmp_path / "have" / name / "AAPL.csv", index=False)
    invoke("import", str(tmp_path / "have"), "--calendar", "XNYS", "--out", str(tmp_path / "m"))
    assert len(read_folder(str(tmp_path / "m")).prices) == len(AAPL)


def test_files_of_other_columns_are_named(tmp_path: Path) -> None:
    (tmp_path / "have").mkdir()
    AAPL.to_csv(tmp_path / "have" / "AAPL.csv", index=False)
    AAPL.drop(columns="Volume").to_csv(tmp_path / "have" / "MSFT.csv", index=False)
    assert "MSFT.csv has no column 'Volume', which" in fault(tmp_path / "have")


def test_what_no_table_says_is_asked_for_by_its_option(tmp_path: Path) -> None:
    path = tmp_path / "AAPL.csv"
    AAPL.to_csv(path, index=False)
    assert "--calendar XKRX or --calendar XNYS" in refused(
        "import", str(path), "--out", str(tmp_path / "out")
    )
    assert "--currency EUR" in fault(path, "--calendar", "XETR")
    assert "'XYNS' is no exchange calendar" in fault(path, "--calendar", "XYNS")
    path = path.rename(tmp_path / "prices.csv")
    assert "say it, as in --code AAPL" in fault(path)


def test_an_unknown_index_needs_its_clock_and_a_code_like_one_its_name(tmp_path: Path) -> None:
    path = tmp_path / "all.csv"
    wide(PRICES).rename(columns={"LOW": "^GSPC"}, level="Ticker").to_csv(path)
    assert "make it an index with --index NAME=^GSPC" in fault(path)
    assert "as in --index COPPER:XNYS=AAPL" in fault(path, "--index", "COPPER=AAPL")
    assert "'XYNS' is no exchange calendar" in fault(path, "--index", "COPPER:XYNS=AAPL")
    later = text(tmp_path / "copper.csv", "Date,Close\n2024-01-02,1\n2124-01-03,2\n")
    assert "copper.csv: Date=2124-01-03 has not come" in fault(
        path, "--index", f"COPPER:XNYS={later}"
    )
    assert "'IBM' is neither a file nor a code" in fault(path, "--index", "GSPC=IBM")
    assert "is not NAME=FILE" in fault(path, "--index", "GSPC")
    timed = text(tmp_path / "copper.csv", "Date,Close\n2024-01-02 16:00,1\n")
    line = fault(path, "--index", f"COPPER:XNYS={timed}")
    assert "copper.csv: Date=2024-01-02 16:00:00 has a time of day" in line


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "AAPL.csv"
    AAPL.to_csv(path, index=False)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    line = refused("import", str(path), "--calendar", "XNYS", "--out", str(tmp_path / "out"))
    assert "holds 'mine.txt': name a new folder, or an empty one" in line
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["mine.txt"]
