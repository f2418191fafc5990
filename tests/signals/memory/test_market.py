"""A market of tables in memory is the market of a folder that holds the same."""

from datetime import time
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from rollsight import RollsightError, market
from rollsight.backtests.directory.manifest import data_digest
from rollsight.signals.folder.reading import MEMORY, market_folder, read_folder
from rollsight.signals.memory.market import MemoryMarket
from rollsight.signals.prices.market import align
from rollsight.signals.spec import MarketSpec
from tests.support.markets import Recipe, index_table, listing_table, price_table, write_market

RECIPE = Recipe(n_stocks=3, n_days=40, last_rows={1: 30}, pays=True)
LONG, INDICES, LISTED = price_table(RECIPE), index_table(RECIPE), listing_table(RECIPE)
CLOSES = LONG.pivot_table(index="Date", columns="Code", values="Close")
BY_CODE = {str(c): t.drop(columns="Code").set_index("Date") for c, t in LONG.groupby("Code")}


class Interchanged:
    """A table of a library that speaks the dataframe interchange protocol alone."""

    def __init__(self, table: pd.DataFrame) -> None:
        self.table = pa.Table.from_pandas(table, preserve_index=False)

    def __dataframe__(self, **how: bool) -> object:
        return self.table.__dataframe__(**how)


def digest(one: Any) -> str:
    return data_digest(align(one, MarketSpec(benchmark="KS11")))


def in_memory(prices: object, indices: object = INDICES, **said: Any) -> MemoryMarket:
    return market(prices, indices, calendar="XKRX", currency="KRW", **said)


@pytest.mark.parametrize(
    "prices",
    [
        LONG,
        LONG.set_index(["Date", "Code"]),
        LONG.astype({"Close": "Float64", "Code": "category"}),
        BY_CODE,
        pd.concat(BY_CODE, axis=1),
        pd.concat(BY_CODE, axis=1).swaplevel(axis=1).reset_index(),
        pd.concat(BY_CODE, axis=1).reset_index(),
        pd.concat(BY_CODE, axis=1).swaplevel(axis=1),
        pa.Table.from_pandas(LONG, preserve_index=False),
        Interchanged(LONG),
    ],
)
def test_every_shape_of_prices_has_the_digest_of_the_folder(prices: object, tmp_path: Path) -> None:
    folder = read_folder(str(write_market(tmp_path / "market", RECIPE)))
    assert digest(in_memory(prices, listings=LISTED)) == digest(folder)


@pytest.mark.parametrize("prices", [CLOSES, CLOSES.reset_index(), dict(CLOSES.items())])
def test_closes_alone_are_rows_where_they_are_not_empty(prices: object, tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market", RECIPE)
    LONG[["Date", "Code", "Close"]].to_parquet(folder / "prices.parquet", index=False)
    given = {c: s.dropna() for c, s in prices.items()} if isinstance(prices, dict) else prices
    assert digest(in_memory(given, listings=LISTED)) == digest(read_folder(str(folder)))


@pytest.mark.parametrize(
    "indices",
    [
        INDICES.set_index("Date"),
        {symbol: INDICES.set_index("Date")[symbol].dropna() for symbol in ("KS11", "GSPC")},
        {
            symbol: INDICES[["Date", symbol]].rename(columns={symbol: "Close"}).dropna()
            for symbol in ("KS11", "GSPC")
        },
        Interchanged(INDICES),
    ],
)
def test_every_shape_of_indices_has_the_digest_of_the_folder(
    indices: object, tmp_path: Path
) -> None:
    folder = read_folder(str(write_market(tmp_path / "market", RECIPE)))
    assert digest(in_memory(LONG, indices, listings=LISTED.set_index("Code"))) == digest(folder)


def test_what_is_written_is_the_same_market_whatever_was_said_of_it(tmp_path: Path) -> None:
    said: dict[str, Any] = {
        "listings": LISTED,
        "book": "krx",
        "published": {"OWN": {"timezone": "Asia/Seoul", "close": "15:00", "lag_hours": 2.5}},
        "notes": ["made by hand"],
        "open": ["2024-01-06"],
    }
    made = in_memory(LONG, INDICES.assign(OWN=INDICES["KS11"]), **said)
    folder = read_folder(str(made.write(tmp_path / "a" / "market")))
    assert folder.settings == made.settings
    assert folder.settings.indices["OWN"].close == time(15)
    assert digest(folder) == digest(made)
    assert made.write(tmp_path / "a" / "market") == tmp_path / "a" / "market"
    with pytest.raises(RollsightError, match="holds another market: name a new folder"):
        in_memory(LONG).write(tmp_path / "a" / "market")
    with pytest.raises(RollsightError, match="is no such market: name a new folder"):
        made.write(tmp_path)


def test_a_note_on_an_absent_index_is_that_of_the_folder(tmp_path: Path) -> None:
    folder = read_folder(str(write_market(tmp_path / "market", RECIPE)))
    spec = MarketSpec(indices=("KS11", "VIX"))
    made = in_memory(LONG, listings=LISTED)
    assert data_digest(align(made, spec)) == data_digest(align(folder, spec))


def test_the_tables_that_were_given_stay_as_they_were() -> None:
    prices, before = LONG.copy(), LONG.copy()
    in_memory(prices)
    pd.testing.assert_frame_equal(prices, before)


def test_what_it_is_stands_in_one_line() -> None:
    assert repr(in_memory(LONG)) == (
        f"Market in memory: 3 stocks, {len(LONG)} rows from 2024-01-02 to "
        f"{LONG['Date'].max():%Y-%m-%d}; 2 indices; XKRX, KRW"
    )


def test_a_folder_by_the_name_of_memory_is_none() -> None:
    with pytest.raises(RollsightError, match=r"market\.write\(DIR\) write it as a folder"):
        market_folder(MEMORY)


@pytest.mark.parametrize(
    ("prices", "said", "told"),
    [
        (LONG, {"calendar": None}, "on which exchange do the stocks trade? Say calendar="),
        ([1, 2], {}, "prices is a list, which is no table: give a DataFrame of pandas"),
        ({}, {}, "prices is empty: give one table a code"),
        ({5930: CLOSES["000010"]}, {}, "prices: code 5930 is not text"),
        ({"A": CLOSES[:0]}, {}, "prices['A'] has no rows"),
        (LONG.rename(columns={"Code": "Ticker"}), {},
         "prices has no column 'Code'; did you mean 'Ticker'? rename it"),
        (LONG.drop(columns="Code"), {}, "prices has no column 'Code'"),
        (CLOSES.reset_index(drop=True), {}, "prices has neither dates nor codes"),
        (CLOSES * float("nan"), {}, "prices: no column holds a value"),
        (CLOSES.assign(Volume=1.0), {}, "prices has no column 'Close' beside ['Volume']"),
        (CLOSES.tz_localize("Asia/Seoul"), {}, "Date has time zone Asia/Seoul"),
        (LONG.assign(Close=-1.0), {}, "prices: Close=-1"),
        (LONG, {"book": "nyse"}, "market: book='nyse'"),
        (LONG, {"curency": "KRW"}, "market has a key 'curency' that is not known"),
        (LONG, {"published": {"ks11": {}}}, "published: 'ks11' is no column of indices"),
        (LONG, {"published": {"KS11": {"close": "noon"}}}, "market: published.KS11.close='noon'"),
        (LONG, {"indices": INDICES.rename(columns={"KS11": "MINE"})},
         'say when its values become known, by published={"MINE": {"calendar": "XNYS"}}'),
        (LONG, {"indices": {"KS11": INDICES}}, "give a series by date, or a table with Date"),
        (LONG, {"indices": {}}, "indices is empty"),
        (LONG, {"listings": LISTED.drop(columns="Code").reset_index(drop=True)},
         "listings: Code '0' is not text"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_told_in_one_line(
    prices: object, said: dict[str, Any], told: str
) -> None:
    with pytest.raises(RollsightError) as refusal:
        market(prices, **({"indices": INDICES, "calendar": "XKRX"} | said))
    assert told in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_day_on_which_the_exchange_was_open_is_said_as_the_message_asks() -> None:
    friday = LONG["Date"][LONG["Date"].dt.day_of_week == 4].iloc[0]
    saturday = friday + pd.Timedelta(days=1)
    more = LONG[LONG["Date"] == friday].assign(Date=saturday)
    prices = pd.concat([LONG, more]).sort_values(["Code", "Date"])
    with pytest.raises(RollsightError) as refusal:
        align(in_memory(prices), MarketSpec(benchmark="KS11"))
    said = [f"{saturday:%Y-%m-%d}"]
    assert str(refusal.value).endswith(f"was open, give rollsight.market open={said}")
    found = align(in_memory(prices, open=said), MarketSpec(benchmark="KS11"))
    assert saturday.to_datetime64().astype("datetime64[D]") in found.sessions


def test_an_index_of_another_exchanges_days_is_corrected_in_the_call() -> None:
    moved = INDICES.assign(Date=INDICES["Date"] + pd.Timedelta(days=1))
    with pytest.raises(RollsightError, match=r"published\['KS11'\] of rollsight\.market"):
        align(in_memory(LONG, moved), MarketSpec(benchmark="KS11"))
