"""Sessions and stocks without volume while their prices move, and columns of nullable types."""

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from rollsight.base.errors import RollsightError
from rollsight.reports.page.language import speak
from rollsight.reports.page.words import word
from rollsight.signals.folder.tables import read_indices, read_listings, read_prices
from rollsight.signals.folder.volumes import check_volumes, volume_notes
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import MarketSpec
from tests.support.markets import (
    Recipe,
    index_table,
    listing_table,
    price_table,
    sessions,
    write_market,
    write_table,
)

DAYS = [str(day) for day in sessions(40)]
PRICES = price_table(Recipe(n_days=40)).assign(Halted=False)


def silent(days: list[str], column: str = "Volume", code: str | None = None) -> pd.DataFrame:
    """Return prices of three stocks whose column is 0 on some days, of one code or of all."""
    table = PRICES.assign(Amount=1e6)
    on = table["Date"].isin(pd.DatetimeIndex(days))
    on &= True if code is None else table["Code"] == code
    return table.assign(**{column: table[column].mask(on, 0)})


def read(folder: Path) -> Market:
    return read_market(MarketSpec(folder=str(folder)))


def test_a_session_without_any_volume_while_prices_move_is_named() -> None:
    # Two of forty sessions are one in twenty: a slip still.
    table = silent([DAYS[7], DAYS[20]])
    check_volumes(table, Path("prices.csv"))
    assert volume_notes(table) == [
        f"In 2 sessions Volume is 0 in every row while prices move: {DAYS[7]}, {DAYS[20]}; nothing "
        "is filled then: leave the Volume column out, or mend it"
    ]
    assert "Volume 값이 0입니다: " + DAYS[7] in word(volume_notes(table)[0], speak("ko"))


@pytest.mark.parametrize("column", ["Volume", "Amount"])
def test_a_vendor_without_volumes_is_refused(column: str) -> None:
    for days, n in ((DAYS, 40), (DAYS[:20], 20), (DAYS[:3], 3)):
        with pytest.raises(RollsightError) as refused:
            check_volumes(silent(days, column), Path("prices.csv"))
        assert str(refused.value).startswith(
            f"prices.csv: {column} is 0 in every row of {n} of 40 sessions while prices move, "
            f"{DAYS[0]}, "
        )
        assert str(refused.value).endswith(f": leave the {column} column out, or mend it")


def test_a_run_of_sessions_without_amount_is_named_too() -> None:
    (note,) = volume_notes(silent([DAYS[7]], "Amount"))
    assert (
        f"In 1 session Amount is 0 in every row while prices move: {DAYS[7]}; that counts" in note
    )
    assert "순위를 매길 때" in word(note, speak("ko"))


def test_a_halt_of_the_whole_market_is_none_of_these() -> None:
    flat = silent([DAYS[7]])
    on = flat["Date"] == DAYS[7]
    before = flat.groupby("Code")["Close"].shift()
    for column in ("Open", "High", "Low", "Close"):
        flat[column] = flat[column].mask(on, before)
    assert volume_notes(flat) == []
    # A close moves in a halt where the exchange sets another base price: it is flagged as one.
    assert volume_notes(silent([DAYS[7]]).assign(Halted=on)) == []


def test_rows_without_volume_that_have_a_range_are_counted_and_a_halt_is_not() -> None:
    table = silent([DAYS[7], DAYS[8], DAYS[9]], code="000020")
    (row,) = table.index[(table["Code"] == "000020") & (table["Date"] == DAYS[9])]
    table.loc[row, ["Open", "High", "Low"]] = table.loc[row, "Close"]
    assert volume_notes(table) == [
        "2 rows of 1 stock, such as '000020', without volume while the price moves: counted as "
        "not traded"
    ]
    assert "2개 행은" in word(volume_notes(table)[0], speak("ko"))


def test_a_stock_that_never_has_volume_is_counted_by_its_closes() -> None:
    table = silent(DAYS, code="000020")
    for column in ("Open", "High", "Low"):
        table[column] = table["Close"]
    moves = table.loc[table["Code"] == "000020", "Close"].diff().fillna(0).ne(0).sum()
    assert moves > 30
    assert volume_notes(table)[0].startswith(f"{moves} rows of 1 stock, such as '000020',")


def test_a_market_says_so_and_a_folder_without_volumes_is_refused(tmp_path: Path) -> None:
    folder = write_market(tmp_path, Recipe(n_days=40))
    write_table(silent([DAYS[7]]).drop(columns="Amount"), folder / "prices.parquet")
    market = read(folder)
    assert any(note.startswith("In 1 session Volume is 0") for note in market.notes)
    write_table(PRICES.assign(Volume=0), folder / "prices.parquet")
    with pytest.raises(RollsightError, match="Volume is 0 in every row of 40 of 40 sessions"):
        read(folder)
    write_table(PRICES.assign(Volume=float("nan")), folder / "prices.parquet")
    with pytest.raises(RollsightError, match="leave the column out where nobody counted"):
        read(folder)


ARROW = {"Int64": pa.int64(), "Float64": pa.float64(), "boolean": pa.bool_()}
NUMBERS = ("Open", "High", "Low", "Close", "Volume", "Amount")


def typed(values: pd.Series, dtype: str, *, arrow: bool, missing: bool) -> pd.Series:
    """Return values in a nullable type, the sixth missing where asked for."""
    kind: Any = pd.ArrowDtype(ARROW[dtype]) if arrow else dtype
    out = values.astype(kind)
    if missing:
        out.iloc[5] = pd.NA
    return out


@pytest.mark.parametrize("arrow", [False, True], ids=["pandas", "arrow"])
@pytest.mark.parametrize("dtype", ["Int64", "Float64"])
@pytest.mark.parametrize("column", NUMBERS)
def test_a_missing_number_of_a_nullable_type_is_refused(
    tmp_path: Path, column: str, dtype: str, arrow: bool
) -> None:
    table, path = PRICES.assign(Amount=1e6), tmp_path / "prices.parquet"
    write_table(table.assign(**{column: typed(table[column], dtype, arrow=arrow, missing=True)}),
                path)  # fmt: skip
    with pytest.raises(RollsightError, match=f"{column}=nan of .*'000010' on {DAYS[5]} must be"):
        read_prices(path)
    whole = typed(table[column], dtype, arrow=arrow, missing=False)
    write_table(table.assign(**{column: whole}), path)
    found = read_prices(path)
    assert found[column].tolist() == table[column].tolist()
    assert all(isinstance(t, type(found["Close"].dtype)) or t.kind in "bM" or str(t) == "str"
               for t in found.drop(columns=["Volume", "Amount"]).dtypes)  # fmt: skip


@pytest.mark.parametrize("arrow", [False, True], ids=["pandas", "arrow"])
def test_a_missing_flag_is_no_halt_and_no_delisting(tmp_path: Path, arrow: bool) -> None:
    flags = pd.Series([True] + [False] * (len(PRICES) - 1))
    flags = typed(flags, "boolean", arrow=arrow, missing=True)
    write_table(PRICES.assign(Halted=flags), path := tmp_path / "prices.parquet")
    assert read_prices(path)["Halted"].tolist() == [True] + [False] * (len(PRICES) - 1)
    listed = listing_table(Recipe(n_stocks=6, last_rows={0: 20}))
    listed["Delisted"] = typed(listed["Delisted"], "boolean", arrow=arrow, missing=True)
    listed["DelistingDate"] = pd.to_datetime(listed["DelistingDate"].replace("", None))
    listed["Name"] = listed["Name"].where(listed.index != 1).astype("string[pyarrow]")
    write_table(listed, path := tmp_path / "listings.parquet")
    found = read_listings(path)
    assert found["Delisted"].tolist() == [True] + [False] * 5
    assert found["Name"].dropna().index.tolist() == ["000010", *found.index[2:]]


@pytest.mark.parametrize("dtype", ["string", "string[pyarrow]", pd.ArrowDtype(pa.string()),
                                   "category"], ids=str)  # fmt: skip
def test_codes_of_any_text_type_are_text(tmp_path: Path, dtype: Any) -> None:
    path = tmp_path / "prices.parquet"
    codes = PRICES["Code"].astype(dtype)
    write_table(PRICES.assign(Code=codes), path)
    assert read_prices(path)["Code"].tolist() == PRICES["Code"].tolist()
    codes.iloc[5] = None
    write_table(PRICES.assign(Code=codes), path)
    with pytest.raises(RollsightError, match="row 5 has no Code"):
        read_prices(path)


@pytest.mark.parametrize("kind", [pa.timestamp("us"), pa.date32()], ids=str)
def test_dates_of_arrows_types_are_dates(tmp_path: Path, kind: pa.DataType) -> None:
    path, dates = tmp_path / "prices.parquet", PRICES["Date"].dt.date.astype(pd.ArrowDtype(kind))
    write_table(PRICES.assign(Date=dates), path)
    assert read_prices(path)["Date"].tolist() == PRICES["Date"].tolist()
    dates.iloc[5] = None
    write_table(PRICES.assign(Date=dates), path)
    with pytest.raises(RollsightError, match="row 5 has no Date"):
        read_prices(path)


@pytest.mark.parametrize("arrow", [False, True], ids=["pandas", "arrow"])
def test_an_index_of_a_nullable_type_is_empty_where_its_market_was_closed(
    tmp_path: Path, arrow: bool
) -> None:
    table = index_table(Recipe(n_days=40))
    own = typed(table["KS11"], "Float64", arrow=arrow, missing=True)
    write_table(table.assign(KS11=own), path := tmp_path / "indices.parquet")
    found = read_indices(path)["KS11"]
    assert (found.dtype, found.isna().iloc[5]) == ("float64", True)
    assert found.drop(found.index[5]).tolist() == pytest.approx(
        table["KS11"].drop(5).tolist(), nan_ok=True
    )
