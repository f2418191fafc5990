"""Tables with what people and programs leave around the numbers."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from rollsight.signals.folder.reading import read_folder
from tests.support.commands import invoke
from tests.support.tables.bars import KOREAN, bars, one, wide

AAPL = one(bars(), "AAPL")
CSV = AAPL.to_csv(index=False)
LINES = CSV.splitlines()


def imported(path: Path, *options: str) -> tuple[pd.DataFrame, str]:
    out = path.parent / "market"
    if "--calendar" not in options:
        options = (*options, "--calendar", "XNYS")
    said = invoke("import", str(path), "--out", str(out), *options)
    return read_folder(str(out)).prices.drop(columns="Halted"), said


def same(found: pd.DataFrame, want: pd.DataFrame = AAPL) -> None:
    columns = list(want.columns)
    pd.testing.assert_frame_equal(found[columns], want, check_dtype=False)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("\ufeff" + CSV, "nothing"),
        (CSV.replace("\n", ",\n"), "nothing"),
        (CSV.replace("\n", "\r\n"), "nothing"),
        (CSV + "\nSource: somebody\n", "'Source: somebody'"),
        (CSV + "Total,,,,,123456789\n", "'Total 123456789'"),
        (CSV + "Made 2024-03-16 by somebody\n", "'Made 2024-03-16 by somebody'"),
        (CSV + ",,,,,\n", "nothing"),
        ("Apple, Inc.\n\n" + CSV, "nothing"),
        (CSV.upper(), "nothing"),
        (CSV.replace("Date,Open", " date , OPEN "), "nothing"),
        (CSV.replace("Date,", '"Date",'), "nothing"),
        ("\n".join([LINES[0], *reversed(LINES[1:])]), "nothing"),
        (AAPL.to_csv(), "nothing"),
        (AAPL.to_csv().replace(",Date", "Unnamed: 0,Date", 1), "nothing"),
        (AAPL.assign(Sector="Technology").to_csv(index=False), "Sector"),
        (AAPL.set_index("Date").rename_axis(None).to_csv(), "nothing"),
    ],
    ids=[
        "byte order mark", "trailing commas", "Windows", "footer", "totals", "dated", "commas",
        "title", "capitals", "blanks", "quotes", "newest first", "row numbers", "Unnamed: 0",
        "another column", "nameless dates",
    ],
)  # fmt: skip
def test_what_stands_around_the_numbers_is_left_out(
    content: str, told: str, tmp_path: Path
) -> None:
    path = tmp_path / "AAPL.csv"
    path.write_text(content, encoding="utf-8", newline="")
    found, said = imported(path)
    same(found)
    assert told in next(line for line in said.splitlines() if "Left out" in line)


def test_korean_names_with_blanks_are_known(tmp_path: Path) -> None:
    stock = one(bars(KOREAN, "XKRX", level=70_000.0, digits=0), "005930")
    table = stock.set_axis([" 날 짜", "시가 ", "고 가", "저가", "종가(원)", "거래량"], axis=1)
    table = table.rename(columns={"종가(원)": "종 가"})
    table.to_csv(tmp_path / "삼성전자 (005930).csv", index=False, encoding="cp949")
    found, said = imported(tmp_path / "삼성전자 (005930).csv", "--calendar", "XKRX")
    same(found, stock)
    assert set(found["Code"]) == {"005930"}
    assert "cp949" in said


@pytest.mark.parametrize("code", ["005930", "5930", "005930.KS", "A005930"])
def test_korean_codes_keep_their_zeros(code: str, tmp_path: Path) -> None:
    stock = one(bars(KOREAN, "XKRX", level=70_000.0, digits=0), "005930").assign(종목코드=code)
    stock.to_csv(tmp_path / "all.csv", index=False)
    assert set(imported(tmp_path / "all.csv", "--calendar", "XKRX")[0]["Code"]) == {"005930"}


def test_codes_that_excel_made_numbers_get_their_zeros_back(tmp_path: Path) -> None:
    stock = one(bars(KOREAN, "XKRX", level=70_000.0, digits=0), "005930").assign(Ticker=5930)
    stock.to_excel(tmp_path / "all.xlsx", index=False)
    assert set(imported(tmp_path / "all.xlsx", "--calendar", "XKRX")[0]["Code"]) == {"005930"}


def test_the_board_that_yahoo_names_is_kept(tmp_path: Path) -> None:
    names = {"000660": "000660.KS", "005930": "005930.KS", "035720": "035720.KQ"}
    prices = bars(KOREAN, "XKRX", level=70_000.0, digits=0)
    wide(prices).rename(columns=names, level="Ticker").to_csv(tmp_path / "all.csv")
    imported(tmp_path / "all.csv", "--calendar", "XKRX")
    listings = read_folder(str(tmp_path / "market")).listings
    assert listings["Market"].to_dict() == {
        "000660": "KOSPI",
        "005930": "KOSPI",
        "035720": "KOSDAQ",
    }


def test_a_stock_that_is_not_listed_yet_has_no_row(tmp_path: Path) -> None:
    prices = bars()
    young = prices[(prices["Code"] != "MSFT") | (prices["Date"] >= "2024-02-01")]
    wide(young).to_csv(tmp_path / "all.csv")
    same(imported(tmp_path / "all.csv")[0], young.reset_index(drop=True))


def test_a_stock_called_as_a_field_is_a_stock(tmp_path: Path) -> None:
    closes = bars().pivot(index="Date", columns="Code", values="Close")
    closes.to_csv(tmp_path / "closes.csv")
    assert set(imported(tmp_path / "closes.csv")[0]["Code"]) == {"AAPL", "LOW", "MSFT"}


@pytest.mark.parametrize("name", ["Date", ""], ids=["Date", "nameless dates"])
def test_stocks_called_as_several_fields_or_a_date_are_stocks(name: str, tmp_path: Path) -> None:
    codes = ("AAPL", "DAY", "LOW", "OPEN")
    closes = bars(codes).pivot(index="Date", columns="Code", values="Close")
    closes.rename_axis(name).to_csv(tmp_path / "closes.csv")
    assert set(imported(tmp_path / "closes.csv")[0]["Code"]) == set(codes)


def test_a_turnover_is_no_traded_value(tmp_path: Path) -> None:
    AAPL.assign(Turnover=0.02).to_csv(tmp_path / "AAPL.csv", index=False)
    found, said = imported(tmp_path / "AAPL.csv")
    assert "Amount" not in found
    assert "Turnover" in next(line for line in said.splitlines() if "Left out" in line)


@pytest.mark.parametrize("nothing", ["", "NaN", "-"])
def test_first_days_without_a_close_are_rows(nothing: str, tmp_path: Path) -> None:
    closes = bars().pivot(index="Date", columns="Code", values="Close").astype("object")
    closes.iloc[:50] = nothing  # more rows than a header is looked for in
    closes.to_csv(tmp_path / "closes.csv")
    assert len(imported(tmp_path / "closes.csv")[0]) == 3 * (len(closes) - 50) > 0


def test_a_month_beside_a_korean_code_is_no_code(tmp_path: Path) -> None:
    stock = one(bars(KOREAN, "XKRX", level=70_000.0, digits=0), "005930")
    for name in ("삼성전자 005930 202401", "200710.KS", "A200710"):
        stock.to_csv(tmp_path / f"{name}.csv", index=False)
        found, _ = imported(tmp_path / f"{name}.csv", "--calendar", "XKRX")
        assert set(found["Code"]) == {"005930" if "삼성" in name else "200710"}
        shutil.rmtree(tmp_path / "market")


def test_a_korean_code_like_a_month_is_one_among_others(tmp_path: Path) -> None:
    (tmp_path / "have").mkdir()
    stock = one(bars(KOREAN, "XKRX", level=70_000.0, digits=0), "005930")
    for name in ("005930", "200710"):
        stock.to_csv(tmp_path / "have" / f"{name}.csv", index=False)
    found, _ = imported(tmp_path / "have", "--calendar", "XKRX")
    assert set(found["Code"]) == {"005930", "200710"}


def test_a_code_that_a_field_begins_or_ends_is_a_stock(tmp_path: Path) -> None:
    names = ["BRK.B", "LOW US Equity", "NYSE:OPEN", "OPEN", "LOW"]
    bars(tuple(names)).pivot(index="Date", columns="Code", values="Close").to_csv(
        tmp_path / "closes.csv"
    )
    assert set(imported(tmp_path / "closes.csv")[0]["Code"]) == set(names)


@pytest.mark.parametrize("fields", [["Close"], ["Close", "Volume"]])
def test_a_stock_without_any_value_is_told(fields: list[str], tmp_path: Path) -> None:
    table = wide(bars())[fields]
    table.loc[:, (slice(None), "LOW")] = float("nan")
    (table["Close"] if len(fields) == 1 else table).to_csv(tmp_path / "all.csv")
    found, said = imported(tmp_path / "all.csv")
    assert set(found["Code"]) == {"AAPL", "MSFT"}
    assert "no value of LOW, which is left out" in said
    notes = read_folder(str(tmp_path / "market")).settings.notes
    assert notes[0].endswith("; no value of LOW, which is left out.")


def test_a_stock_without_a_value_in_one_of_two_files_is_in_no_note(tmp_path: Path) -> None:
    closes = bars().pivot(index="Date", columns="Code", values="Close")
    (tmp_path / "have").mkdir()
    closes[20:].to_csv(tmp_path / "have" / "new.csv")
    closes[:20].assign(LOW=float("nan")).to_csv(tmp_path / "have" / "old.csv")
    assert "no value of LOW" in imported(tmp_path / "have")[1]
    assert "LOW" not in read_folder(str(tmp_path / "market")).settings.notes[0]


def test_a_ticker_such_as_na_is_a_stock(tmp_path: Path) -> None:
    bars(("NA", "NULL")).to_csv(tmp_path / "all.csv", index=False)
    assert set(imported(tmp_path / "all.csv")[0]["Code"]) == {"NA", "NULL"}


def test_two_levels_that_were_written_as_one_are_understood(tmp_path: Path) -> None:
    table = wide(bars())
    table.columns = [str(pair) for pair in table.columns]
    table.to_csv(tmp_path / "all.csv")
    same(imported(tmp_path / "all.csv")[0], bars())


def test_two_levels_of_parquet_are_understood(tmp_path: Path) -> None:
    wide(bars()).to_parquet(tmp_path / "all.parquet")
    same(imported(tmp_path / "all.parquet")[0], bars())


def test_sheets_without_dates_are_named(tmp_path: Path) -> None:
    with pd.ExcelWriter(tmp_path / "book.xlsx") as book:
        pd.DataFrame({"Notes": ["of mine"]}).to_excel(book, sheet_name="Notes", index=False)
        AAPL.to_excel(book, sheet_name="AAPL", index=False)
    found, said = imported(tmp_path / "book.xlsx")
    same(found)
    assert "'sheet Notes'" in next(line for line in said.splitlines() if "Left out" in line)
