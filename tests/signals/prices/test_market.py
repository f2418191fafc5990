"""What a market folder becomes when it is read."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.prices.endings import Endings
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.prices.moves import Moves
from rollsight.signals.spec import MarketSpec
from tests.support.markets import (
    Recipe,
    codes,
    index_table,
    price_table,
    sessions,
    small_market,
    write_market,
    write_table,
)


def read(folder: Path, *, indices: tuple[str, ...] | None = None) -> Market:
    return read_market(MarketSpec(folder=str(folder), indices=indices or "all"))


def assert_same(one: Market, other: Market) -> None:
    assert_fields_same(one, other)


def assert_fields_same(one: Market | Endings | Moves, other: Market | Endings | Moves) -> None:
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, np.ndarray):
            np.testing.assert_array_equal(a, b, err_msg=field.name)
        elif isinstance(a, pd.DataFrame):
            pd.testing.assert_frame_equal(a, b, check_exact=True)
        elif isinstance(a, Endings | Moves):
            assert_fields_same(a, b)
        else:
            assert a == b, field.name


def test_csv_and_parquet_give_the_same_market(tmp_path: Path) -> None:
    full = Recipe(halts=((0, 7),), missing=((1, 9),), last_rows={2: 50})
    as_csv = Recipe(halts=((0, 7),), missing=((1, 9),), last_rows={2: 50}, suffix="csv")
    parquet = small_market(tmp_path / "parquet", full)
    assert_same(parquet, small_market(tmp_path / "csv", as_csv))
    assert parquet.endings.session.tolist() == [-1, -1, 51]


def test_every_bit_of_a_price_survives_csv(tmp_path: Path) -> None:
    prices = price_table(Recipe())
    share = np.random.default_rng(0).uniform(0, 1, len(prices))
    prices["Close"] = prices["Low"] + share * (prices["High"] - prices["Low"])
    for suffix in ("csv", "parquet"):
        folder = write_market(tmp_path / suffix, Recipe(suffix=suffix))
        write_table(prices, folder / f"prices.{suffix}")
    assert_same(read(tmp_path / "csv"), read(tmp_path / "parquet"))


def test_prices_stand_on_their_session_and_code(tmp_path: Path) -> None:
    recipe = Recipe(missing=((1, 9),))
    market, table = small_market(tmp_path / "market", recipe), price_table(recipe)
    assert market.exchange == "XKRX"
    assert market.currency == "KRW"
    assert np.array_equal(market.sessions, sessions(60))
    assert str(market.closes[0]) == "2024-01-02T06:30:00.000000000"
    assert np.argwhere(~market.has_bar).tolist() == [[1, 9]]
    for name in ("Open", "High", "Low", "Close"):
        grid = getattr(market, name.lower())
        assert grid[market.has_bar].tolist() == table[name].tolist()
        assert np.isnan(grid[1, 9])
    assert not market.closes_only


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_codes_keep_their_leading_zeros(tmp_path: Path, suffix: str) -> None:
    market = small_market(tmp_path / "market", Recipe(suffix=suffix))
    assert market.codes == ("000010", "000020", "000030") == tuple(codes(3))


def test_names_come_from_the_listings_of_the_codes_at_hand(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market")
    (folder / "listings.csv").write_text(
        "Code,Name,Delisted\n000020,Beta,\n000030,,False\n999999,Elsewhere,\n", encoding="utf-8"
    )
    assert read(folder).names == {"000020": "Beta"}


def test_a_halted_row_of_zeros_becomes_its_close(tmp_path: Path) -> None:
    for volume in (True, False):
        recipe = Recipe(volume=volume, halts=((1, 8),))
        market = small_market(tmp_path / str(volume), recipe)
        row = market.open[1, 8], market.high[1, 8], market.low[1, 8]
        assert row == (market.close[1, 8],) * 3
        assert row[0] > 0


def test_a_file_of_closes_alone_has_them_as_opens(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market")
    table = price_table(Recipe()).drop(columns=["Open", "High", "Low"])
    write_table(table, folder / "prices.parquet")
    market = read(folder)
    assert market.closes_only
    assert np.array_equal(market.open, market.close)


def test_parquet_is_read_before_csv_and_dates_may_be_the_index(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market")
    (folder / "prices.csv").write_text("nonsense\n", encoding="utf-8")
    index_table(Recipe()).set_index("Date").to_parquet(folder / "indices.parquet")
    assert_same(read(folder), small_market(tmp_path / "plain"))


def test_dates_of_the_arrow_type_date_are_dates(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market")
    table = price_table(Recipe())
    write_table(table.assign(Date=table["Date"].dt.date), folder / "prices.parquet")
    assert_same(read(folder), small_market(tmp_path / "plain"))


def test_a_yield_may_be_zero_or_negative(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market")
    values = np.tile([0.5, 0.0, -0.5], 40)
    table = index_table(Recipe())
    write_table(table.assign(US10Y=values[: len(table)]), folder / "indices.parquet")
    assert read(folder).indices["US10Y"].min() == -0.5


def test_columns_that_are_not_in_use_are_not_validated(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market")
    table = index_table(Recipe()).assign(Junk="text", GC=-1.0, CL=np.nan)
    write_table(table, folder / "indices.parquet")
    market = read(folder, indices=("KS11", "GSPC"))
    assert list(market.indices) == ["KS11", "GSPC"]
    assert market.publications == {s: SYMBOLS[s].publication for s in ("KS11", "GSPC")}
    assert market.notes == ()


def test_a_known_index_that_the_folder_lacks_is_left_out_and_named(tmp_path: Path) -> None:
    market = read(write_market(tmp_path / "market"), indices=("KS11", "GC"))
    assert list(market.indices) == ["KS11"]
    assert market.notes == ("indices.parquet has no GC: left out",)


def test_market_toml_says_when_an_unknown_index_becomes_known(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market")
    table = index_table(Recipe()).rename(columns={"GSPC": "DAX"})
    write_table(table, folder / "indices.parquet")
    (folder / "market.toml").write_text(
        'calendar = "XKRX"\n[indices.DAX]\ntimezone = "Europe/Berlin"\nclose = 17:35:00\n'
        'lag_hours = 2\nunit = "percent"\n',
        encoding="utf-8",
    )
    dax = read(folder).publications["DAX"]
    assert (dax.name, dax.timezone, str(dax.close)) == ("DAX", "Europe/Berlin", "17:35:00")
    assert (dax.lag_hours, dax.unit, dax.calendar) == (2, "percent", None)


def test_the_spec_may_name_calendar_and_currency_itself(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market")
    (folder / "market.toml").unlink()
    market = read_market(MarketSpec(folder=str(folder), calendar="XKRX", currency="USD"))
    assert (market.exchange, market.currency) == ("XKRX", "USD")


def test_short_stocks_are_dropped_and_named_where_asked(tmp_path: Path) -> None:
    folder = write_market(tmp_path / "market")
    table = price_table(Recipe())
    short = table["Code"].ne("000020") | (table.groupby("Code").cumcount() < 3)
    write_table(table[short], folder / "prices.parquet")
    market = read_market(MarketSpec(folder=str(folder), short_stocks="drop"))
    assert market.codes == ("000010", "000030")
    assert market.notes == ("1 stock of fewer than 4 rows left out: '000020' (3 rows)",)
