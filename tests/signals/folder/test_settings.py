"""What an entry of market.toml leaves out is as the symbol table has it."""

from datetime import time
from pathlib import Path

import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.settings import publication, read_settings
from rollsight.signals.known.symbols import SYMBOLS, Publication
from rollsight.signals.prices.market import read_market
from rollsight.signals.spec import MarketSpec
from tests.support.markets import Recipe, write_market


def read(folder: Path, symbol: str, *lines: str) -> Publication:
    text = "\n".join([f"[indices.{symbol}]", *lines])
    (folder / "market.toml").write_text(text, encoding="utf-8")
    return publication(symbol, read_settings(folder), folder)


def test_an_entry_that_only_verifies_keeps_all_else(tmp_path: Path) -> None:
    found = read(tmp_path, "US10Y", 'verified = "fred.stlouisfed.org"')
    table = SYMBOLS["US10Y"].publication
    assert found.verified == "fred.stlouisfed.org"
    for key in ("name", "timezone", "close", "calendar", "lag_hours", "unit"):
        assert getattr(found, key) == getattr(table, key)


def test_a_lag_alone_is_counted_on_the_tables_clock(tmp_path: Path) -> None:
    found = read(tmp_path, "GSPC", "lag_hours = 2.5")
    assert (found.calendar, found.lag_hours, found.unit) == ("XNYS", 2.5, "price")


def test_a_clock_of_its_own_takes_no_lag_or_calendar_of_the_table(tmp_path: Path) -> None:
    found = read(tmp_path, "US10Y", 'timezone = "Asia/Seoul"', "close = 16:00:00")
    assert (found.timezone, found.close) == ("Asia/Seoul", time(16))
    assert (found.calendar, found.lag_hours, found.unit) == (None, 0.0, "percent")


def test_an_unknown_symbol_needs_a_clock_also_where_it_is_verified(tmp_path: Path) -> None:
    with pytest.raises(RollsightError, match=r"\[indices\.MINE\] needs calendar, or timezone"):
        read(tmp_path, "MINE", 'verified = "its prospectus"')


@pytest.mark.parametrize("text", ["", "  ", "one\\ntwo"])
def test_what_names_no_source_in_one_line_verifies_nothing(tmp_path: Path, text: str) -> None:
    with pytest.raises(RollsightError, match=r"indices\.GSPC\.verified="):
        read(tmp_path, "GSPC", f'verified = "{text}"')


def test_an_entry_under_another_case_is_not_passed_over(tmp_path: Path) -> None:
    write_market(tmp_path, Recipe(n_days=20))
    toml = 'calendar = "XKRX"\n[indices.{}]\nlag_hours = 12\n'
    (tmp_path / "market.toml").write_text(toml.format("gspc"))
    with pytest.raises(RollsightError) as refused:
        read_market(MarketSpec(folder=str(tmp_path)))
    assert str(refused.value) == (
        f"{tmp_path / 'market.toml'}: [indices.gspc] is no column of indices.parquet; did you mean "
        "'GSPC'? rename it"
    )
    for name in ("GSPC", "SOX"):
        (tmp_path / "market.toml").write_text(toml.format(name))
        lag = read_market(MarketSpec(folder=str(tmp_path))).publications["GSPC"].lag_hours
        assert lag == (12 if name == "GSPC" else 0)
