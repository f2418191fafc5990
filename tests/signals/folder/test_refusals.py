"""What cannot be right in a market folder is refused in one line that names it."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.reading import market_folder
from rollsight.signals.inputs.samples import build_samples
from rollsight.signals.prices.market import read_market
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec
from tests.support.markets import Recipe, index_table, price_table, write_market, write_table

Change = Callable[[pd.DataFrame], pd.DataFrame]

PRICES, INDICES = price_table(Recipe(n_days=20)), index_table(Recipe(n_days=20))
ROW = 25  # of 000020, on 2024-01-09


def refusal(spec: MarketSpec) -> str:
    with pytest.raises(RollsightError) as caught:
        read_market(spec)
    message = str(caught.value)
    assert "\n" not in message
    return message


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_market(tmp_path / "market", Recipe(n_days=20))


def cell(column: str, value: object) -> Change:
    """Return the change that puts a value into the table's row."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        # As text, whatever can be parsed is parsed again when the CSV is read.
        table = table.astype({column: object})
        table.loc[ROW, column] = value
        return table

    return change


def twice(table: pd.DataFrame) -> pd.DataFrame:
    return table.loc[np.sort(np.append(table.index, ROW))]


def backwards(table: pd.DataFrame) -> pd.DataFrame:
    order = table.index.to_numpy().copy()
    order[[ROW, ROW + 1]] = order[[ROW + 1, ROW]]
    return table.loc[order]


BAD_PRICES: dict[str, tuple[Change, tuple[str, ...]]] = {
    "missing column": (
        lambda t: t.rename(columns={"Close": "Closed"}),
        ("no column 'Close'", "did you mean 'Closed'?"),
    ),
    "missing code": (lambda t: t.drop(columns="Code"), ("no column 'Code'",)),
    "missing high": (lambda t: t.drop(columns="High"), ("no column 'High'",)),
    "no rows": (lambda t: t.iloc[:0], ("has no rows",)),
    "unsorted": (backwards, ("2024-01-09 of code '000020' comes after a later date", "sort")),
    "twice": (twice, ("2024-01-09 of code '000020' stands twice",)),
    "negative": (cell("Close", -5), ("Close=-5.0 of '000020' on 2024-01-09",)),
    "zero": (cell("Open", 0), ("Open=0.0 of '000020' on 2024-01-09",)),
    "infinite": (cell("High", np.inf), ("High=inf of '000020' on 2024-01-09",)),
    "empty": (cell("Low", np.nan), ("Low=nan of '000020' on 2024-01-09",)),
    "text": (cell("Close", "n/k"), ("Close='n/k' is not a number",)),
    "text of two lines": (cell("Close", "one\ntwo"), (r"Close='one\ntwo' is not a number",)),
    "offsets": (
        lambda t: t.assign(Date=t["Date"].dt.tz_localize("Asia/Seoul")),
        ("Date has time zone UTC+09:00",),
    ),
    "saturday": (
        lambda t: t.assign(Date=t["Date"].replace(pd.Timestamp("2024-01-12"), "2024-01-13")),
        ("code '000010'", "no session of XKRX: 2024-01-13;"),
    ),
    "no date": (cell("Date", None), (f"row {ROW} has no Date",)),
    "wild date": (cell("Date", "last week"), ("Date is not a date", "last week", "YYYY-MM-DD")),
    "negative volume": (cell("Volume", -7), ("Volume=-7", "'000020' on 2024-01-09")),
    "no volume": (cell("Volume", None), ("Volume=nan", "'000020' on 2024-01-09", "write 0")),
    "text volume": (cell("Volume", "many"), ("Volume='many' is not a number",)),
    "no code": (cell("Code", None), (f"row {ROW} has no Code",)),
    "short stock": (
        lambda t: t[(t["Code"] != "000020") | (t.groupby("Code").cumcount() < 3)],
        ("code '000020' (3 rows) has fewer than the 4 rows", "market.short_stocks='drop'"),
    ),
}


@pytest.mark.parametrize("case", BAD_PRICES)
def test_bad_prices_are_refused(folder: Path, case: str) -> None:
    change, fragments = BAD_PRICES[case]
    (folder / "prices.parquet").unlink()
    write_table(change(PRICES), folder / "prices.csv")
    message = refusal(MarketSpec(folder=str(folder)))
    assert message.startswith(str(folder / "prices.csv"))
    for fragment in fragments:
        assert fragment in message


BAD_PARQUET: dict[str, tuple[Change, tuple[str, ...]]] = {
    "integer codes": (
        lambda t: t.assign(Code=t["Code"].astype(int)),
        ("Code", "10", "is not text", "leading zeros"),
    ),
    "time zone": (
        lambda t: t.assign(Date=t["Date"].dt.tz_localize("Asia/Seoul")),
        ("Date has time zone Asia/Seoul",),
    ),
    "flags as prices": (lambda t: t.assign(Close=t["Close"] > 0), ("Close=", "is not a number")),
}


@pytest.mark.parametrize("case", BAD_PARQUET)
def test_bad_types_in_parquet_are_refused(folder: Path, case: str) -> None:
    change, fragments = BAD_PARQUET[case]
    write_table(change(PRICES), folder / "prices.parquet")
    message = refusal(MarketSpec(folder=str(folder)))
    for fragment in ("prices.parquet", *fragments):
        assert fragment in message


BAD_INDICES: dict[str, tuple[Change, tuple[str, ...]]] = {
    "unknown symbol": (
        lambda t: t.rename(columns={"GSPC": "GSPX"}),
        ("index 'GSPX' is unknown", "market.toml", "[indices.GSPX]"),
    ),
    "empty column": (lambda t: t.assign(GSPC=np.nan), ("column 'GSPC' is empty",)),
    "negative": (cell("GSPC", -3.5), ("GSPC=-3.5", "a finite price above 0")),
    "infinite yield": (lambda t: t.assign(US10Y=np.inf), ("US10Y=inf", "must be finite")),
    "text": (cell("KS11", "closed"), ("KS11='closed' is not a number",)),
    "twice": (twice, ("stands twice",)),
    "unsorted": (backwards, ("comes after a later date",)),
    "no column": (lambda t: t[["Date"]], ("no index column",)),
    "no rows": (lambda t: t.iloc[:0], ("has no rows",)),
    "no date": (lambda t: t.drop(columns="Date"), ("no column 'Date'",)),
}


@pytest.mark.parametrize("case", list(BAD_INDICES))
def test_bad_indices_are_refused(folder: Path, case: str) -> None:
    change, fragments = BAD_INDICES[case]
    (folder / "indices.parquet").unlink()
    write_table(change(INDICES), folder / "indices.csv")
    message = refusal(MarketSpec(folder=str(folder)))
    for fragment in fragments:
        assert fragment in message


BAD_TOML = {
    "not toml": ("calendar = XKRX", ("market.toml is not TOML", "line 1")),
    "unknown key": ('calender = "XKRX"', ("market.toml", "did you mean 'calendar'")),
    "unknown key of an index": ("[indices.KS11]\nzone = 3", ("'indices.KS11.zone'", "timezone")),
    "lag before it can be": (
        '[indices.KS11]\ncalendar = "XKRX"\nlag_hours = -100',
        ("lag_hours=-100",),
    ),
    "unknown unit": ('[indices.KS11]\ncalendar = "XKRX"\nunit = "bp"', ("unit='bp'",)),
    "no close": ('[indices.KS11]\ntimezone = "Asia/Seoul"', ("[indices.KS11] needs calendar",)),
    "no calendar": ('currency = "KRW"', ("does not say which exchange", "market.toml")),
    "unknown calendar": ('calendar = "XKRY"', ("'XKRY'", "did you mean 'XKRX'?")),
    "unknown time zone": (
        '[indices.KS11]\ntimezone = "Asia/Soul"\nclose = 15:30:00',
        ("market.toml", "Asia/Soul"),
    ),
}


@pytest.mark.parametrize(
    "case",
    list(BAD_TOML),
)
def test_a_bad_market_toml_is_refused(folder: Path, case: str) -> None:
    text, fragments = BAD_TOML[case]
    if case not in {"no calendar", "unknown calendar", "not toml"}:
        text = f'calendar = "XKRX"\n{text}'
    (folder / "market.toml").write_text(text, encoding="utf-8")
    message = refusal(MarketSpec(folder=str(folder)))
    for fragment in fragments:
        assert fragment in message


def test_a_market_toml_that_is_not_utf8_is_refused(folder: Path) -> None:
    (folder / "market.toml").write_bytes('currency = "원"'.encode("cp949"))
    assert "market.toml" in refusal(MarketSpec(folder=str(folder)))


def test_an_unknown_calendar_of_an_index_is_refused(folder: Path) -> None:
    (folder / "market.toml").write_text(
        'calendar = "XKRX"\n[indices.GSPC]\ncalendar = "XNYX"\n', encoding="utf-8"
    )
    message = refusal(MarketSpec(folder=str(folder)))
    assert "'XNYX'" in message
    assert "did you mean 'XNYS'?" in message


@pytest.mark.parametrize("stem", ["prices", "indices"])
def test_a_missing_file_is_named_beside_what_is_there(folder: Path, stem: str) -> None:
    (folder / f"{stem}.parquet").unlink()
    message = refusal(MarketSpec(folder=str(folder)))
    assert f"{folder} has no {stem}.parquet or {stem}.csv" in message
    assert "market.toml" in message


@pytest.mark.parametrize("name", ["prices.csv", "prices.parquet"])
def test_a_file_of_no_bytes_is_refused(folder: Path, name: str) -> None:
    (folder / "prices.parquet").unlink()
    (folder / name).write_bytes(b"")
    assert f"{name} cannot be read" in refusal(MarketSpec(folder=str(folder)))


def test_a_missing_folder_is_refused() -> None:
    with pytest.raises(RollsightError, match=r"market\.folder='nowhere' is no folder"):
        market_folder("nowhere")


def test_a_benchmark_that_is_not_in_use_is_refused(folder: Path) -> None:
    for benchmark in ("KS12", ("KS11", "KS12")):
        market = MarketSpec(folder=str(folder), indices=("KS11",), benchmark=benchmark)
        message = refusal(market)
        assert "market.benchmark='KS12'" in message
        assert "did you mean 'KS11'?" in message


def test_a_yield_is_no_benchmark(folder: Path) -> None:
    table = pd.read_parquet(folder / "indices.parquet")
    table.assign(US10Y=4.2).to_parquet(folder / "indices.parquet", index=False)
    message = refusal(MarketSpec(folder=str(folder), benchmark="US10Y"))
    assert "market.benchmark='US10Y' is a yield in per cent, which nobody can hold" in message


def test_an_index_that_nobody_knows_is_refused(folder: Path) -> None:
    message = refusal(MarketSpec(folder=str(folder), indices=("KS11", "GSPX")))
    assert "no column 'GSPX'" in message
    assert "did you mean 'GSPC'?" in message


def test_an_index_that_is_named_twice_is_refused(folder: Path) -> None:
    assert "twice" in refusal(MarketSpec(folder=str(folder), indices=("KS11", "KS11")))


def test_a_folder_without_any_index_in_use_is_refused(folder: Path) -> None:
    message = refusal(MarketSpec(folder=str(folder), indices=("GC",)))
    assert "has none of them (have ['KS11', 'GSPC'])" in message


def test_an_end_before_the_first_row_is_refused(folder: Path) -> None:
    message = refusal(MarketSpec(folder=str(folder), end=date(2023, 12, 28)))
    assert "market.end=2023-12-28 lies before the first row 2024-01-02" in message


BAD_LISTINGS = {
    "unclear flag": ("Code,Delisted\n000010,maybe\n", "Delisted='maybe'"),
    "code twice": ("Code,Name\n000010,A\n000010,B\n", "code '000010' is listed twice"),
    "no code": ("Kode\n000010\n", "no column 'Code'"),
    "wild date": ("Code,Delisted,DelistingDate\n000010,True,soon\n", "is not a date"),
    "no bytes": ("", "listings.csv"),
}


@pytest.mark.parametrize("case", list(BAD_LISTINGS))
def test_bad_listings_are_refused(folder: Path, case: str) -> None:
    text, fragment = BAD_LISTINGS[case]
    (folder / "listings.csv").write_text(text, encoding="utf-8")
    assert fragment in refusal(MarketSpec(folder=str(folder)))


def test_a_halted_column_that_is_neither_true_nor_false_is_refused(folder: Path) -> None:
    (folder / "prices.parquet").unlink()
    write_table(PRICES.assign(Halted="N"), folder / "prices.csv")
    assert "Halted='N'" in refusal(MarketSpec(folder=str(folder)))


def test_a_bar_whose_close_lies_outside_its_range_is_refused(folder: Path) -> None:
    table = price_table(Recipe(n_days=20))
    table.loc[ROW, "High"] = 0.9 * table.loc[ROW, "Close"]
    write_table(table, folder / "prices.parquet")
    message = refusal(MarketSpec(folder=str(folder)))
    assert "'000020' on 2024-01-09 lies outside Low=" in message


def test_listings_of_other_codes_are_refused(folder: Path) -> None:
    (folder / "listings.csv").write_text("Code,Delisted\n10,True\n", encoding="utf-8")
    message = refusal(MarketSpec(folder=str(folder)))
    assert "no code of its listings, such as '10'" in message


def test_a_change_beyond_all_belief_is_refused(folder: Path) -> None:
    table = index_table(Recipe(n_days=20))
    table.loc[table["KS11"].last_valid_index(), "KS11"] = 1e30
    write_table(table, folder / "indices.parquet")
    market = read_market(MarketSpec(folder=str(folder)))
    with pytest.raises(RollsightError, match="over the 100000 that can be right"):
        build_samples(market, MarketSpec(), FeatureSpec(lookback=5), LabelSpec(horizon=2))
