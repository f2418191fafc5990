"""A date is the local date of its session; a time of day is refused, never cut off."""

from pathlib import Path

import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.tables import read_indices, read_listings, read_prices
from tests.support.markets import Recipe, index_table, price_table, write_table

READERS = {"prices": read_prices, "indices": read_indices, "listings": read_listings}
TABLES = {
    "prices": price_table(Recipe(n_stocks=1, n_days=4)),
    "indices": index_table(Recipe(n_days=4)),
    "listings": pd.DataFrame({
        "Code": ["000010", "000020"],
        "First": pd.to_datetime(["2020-01-02", None]),
        "DelistingDate": pd.to_datetime([None, "2024-03-20"]),
    }),
}  # fmt: skip
CASES = [
    ("prices", "Date"), ("indices", "Date"), ("listings", "First"), ("listings", "DelistingDate"),
]  # fmt: skip


def late(stem: str, column: str, hours: float, *, every: bool) -> pd.DataFrame:
    """Return a table with one stamp, or every stamp, of a column moved by hours."""
    table = TABLES[stem].astype({column: "datetime64[ns]"})
    at = slice(None) if every else table.index[table[column].notna()][-1:]
    table.loc[at, column] += pd.Timedelta(hours=hours)
    return table


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
@pytest.mark.parametrize("every", [False, True], ids=["one", "every"])
@pytest.mark.parametrize(("stem", "column"), CASES)
def test_a_time_of_day_is_refused(
    tmp_path: Path, stem: str, column: str, every: bool, suffix: str
) -> None:
    path = tmp_path / f"{stem}.{suffix}"
    write_table(late(stem, column, 15, every=every), path)
    with pytest.raises(RollsightError) as refused:
        READERS[stem](path)
    said = str(refused.value)
    assert said.startswith(f"{path}: {column}=20")
    assert " 15:00:00 has a time of day" in said
    assert said.endswith("write the local date of the session alone, as YYYY-MM-DD")
    assert "\n" not in said


def test_the_value_that_is_refused_is_named(tmp_path: Path) -> None:
    # 15:00 on the 20th in UTC is midnight of Seoul's 21st: cut off, it is a session early.
    (tmp_path / "indices.csv").write_text("Date,KS11\n2024-03-20 15:00:00,2750.0\n")
    with pytest.raises(RollsightError, match=r"Date=2024-03-20 15:00:00 has a time of day"):
        read_indices(tmp_path / "indices.csv")


@pytest.mark.parametrize("seconds", [1e-6, 0.5, 86_399])
def test_a_part_of_a_second_is_a_time_of_day(tmp_path: Path, seconds: float) -> None:
    write_table(late("indices", "Date", seconds / 3600, every=False), tmp_path / "indices.parquet")
    with pytest.raises(RollsightError, match="has a time of day"):
        read_indices(tmp_path / "indices.parquet")


@pytest.mark.parametrize(("stem", "column"), CASES)
@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"])
def test_midnight_is_a_date(tmp_path: Path, stem: str, column: str, form: str) -> None:
    table = TABLES[stem].copy()
    table[column] = table[column].dt.strftime(form)
    write_table(table, tmp_path / f"{stem}.csv")
    write_table(TABLES[stem], tmp_path / f"{stem}.parquet")
    found, plain = (READERS[stem](tmp_path / f"{stem}.{s}") for s in ("csv", "parquet"))
    pd.testing.assert_frame_equal(found, plain, check_dtype=False, check_freq=False)


@pytest.mark.parametrize("column", ["First", "DelistingDate"])
def test_listing_dates_with_a_time_zone_are_refused(tmp_path: Path, column: str) -> None:
    table = TABLES["listings"]
    table = table.assign(**{column: table[column].dt.tz_localize("Asia/Seoul")})
    write_table(table, tmp_path / "listings.parquet")
    with pytest.raises(RollsightError, match=f"{column} has time zone Asia/Seoul"):
        read_listings(tmp_path / "listings.parquet")


@pytest.mark.parametrize(
    "value", ["01/02/2024", "2024-W01-2", "2024-002", "24-01-02", "soon", "2024-01", "2024"]
)
def test_a_text_that_is_no_date_is_named_and_nothing_else(tmp_path: Path, value: str) -> None:
    path = tmp_path / "indices.csv"
    path.write_text(f"Date,KS11\n2024-01-02,2700.0\n{value},2750.0\n")
    with pytest.raises(RollsightError) as refused:
        read_indices(path)
    assert str(refused.value) == f"{path}: Date is not a date ({value!r}): write YYYY-MM-DD"


def test_dates_of_summer_and_winter_time_are_refused_as_zoned(tmp_path: Path) -> None:
    path = tmp_path / "indices.csv"
    path.write_text(
        "Date,GSPC\n2024-03-08 00:00:00-05:00,5123.7\n2024-03-11 00:00:00-04:00,5117.9\n"
    )
    with pytest.raises(RollsightError) as refused:
        read_indices(path)
    assert str(refused.value) == (
        f"{path}: Date has several time zones ('2024-03-11 00:00:00-04:00'): "
        "write plain local dates"
    )


NUMBERS = ["20240102", "45293", "45293.5", "0"]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("column", ["First", "DelistingDate"])
def test_a_number_is_no_date_of_listings_either(tmp_path: Path, column: str, number: str) -> None:
    (path := tmp_path / "listings.csv").write_text(f"Code,{column}\n000010,\n000020,{number}\n")
    with pytest.raises(RollsightError) as refused:
        read_listings(path)
    assert str(refused.value) == (
        f"{path}: {column}={number} is a number, not a date: write YYYY-MM-DD"
    )


@pytest.mark.parametrize("day", ["9999-12-31", "1899-12-30"])
@pytest.mark.parametrize("column", ["First", "DelistingDate"])
def test_a_day_that_stands_for_none_is_no_date_of_listings(
    tmp_path: Path, column: str, day: str
) -> None:
    (path := tmp_path / "listings.csv").write_text(f"Code,{column}\n000010,{day}\n000020,\n")
    with pytest.raises(RollsightError) as refused:
        read_listings(path)
    assert str(refused.value) == (
        f"{path}: {column}={day} lies outside 1900 to 2200: mend it, or leave it empty where "
        "nobody knows it"
    )
