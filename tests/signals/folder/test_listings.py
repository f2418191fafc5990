"""What listings.csv says of an ending, and what it means where it says only a part of it."""

from pathlib import Path

import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.listings import listing_notes
from rollsight.signals.folder.tables import read_indices, read_listings, read_prices
from rollsight.signals.prices.market import read_market
from rollsight.signals.spec import MarketSpec
from tests.support.markets import Recipe, sessions, write_market

DATED = {
    "no column": "Code,DelistingDate\n000010,2024-03-20\n000020,\n",
    "an empty cell": "Code,Delisted,DelistingDate\n000010,,2024-03-20\n000020,,\n",
    "true": "Code,Delisted,DelistingDate\n000010,True,2024-03-20\n000020,False,\n",
}


@pytest.mark.parametrize("case", list(DATED))
def test_who_has_a_delisting_date_and_no_other_word_is_delisted(tmp_path: Path, case: str) -> None:
    (tmp_path / "listings.csv").write_text(DATED[case], encoding="utf-8")
    assert read_listings(tmp_path / "listings.csv")["Delisted"].tolist() == [True, False]


def test_who_is_said_not_to_be_delisted_is_not(tmp_path: Path) -> None:
    # As of a code that moved from one board to another.
    (tmp_path / "listings.csv").write_text(DATED["true"].replace("True", "False"))
    assert not read_listings(tmp_path / "listings.csv")["Delisted"].any()


def test_a_header_alone_is_told_what_belongs_below_it(tmp_path: Path) -> None:
    told = {}
    for read, header in (
        (read_prices, "Date,Code,Close"),
        (read_indices, "Date,KS11"),
        (read_listings, "Code,Name"),
    ):
        (path := tmp_path / f"{read.__name__}.csv").write_text(f"{header}\n")
        with pytest.raises(RollsightError) as refused:
            read(path)
        told[read] = str(refused.value).partition(" has no rows: ")[2]
    assert told[read_prices] == told[read_indices] == "write at least one row a session"
    assert told[read_listings] == "write one row a code, or delete the file"


LAST, N_DAYS = 9, 20  # 000020 trades last in session 9 of 20


def notes(folder: Path, first: str, delisted: str, date: str) -> tuple[str, ...]:
    """Return the notes on a market whose 000020 has these words in its listings."""
    write_market(folder, Recipe(n_days=N_DAYS, last_rows={1: LAST}))
    lines = f"Code,First,Delisted,DelistingDate\n000010,,,\n000020,{first},{delisted},{date}\n"
    (folder / "listings.csv").write_text(lines)
    return read_market(MarketSpec(folder=str(folder))).notes


@pytest.mark.parametrize("session", [LAST, LAST + 1, N_DAYS - 2])
def test_who_ends_by_its_delisting_date_and_is_not_delisted_is_refused(
    tmp_path: Path, session: int
) -> None:
    day = str(sessions(N_DAYS)[session])
    with pytest.raises(RollsightError) as refused:
        notes(tmp_path, "", "False", day)
    assert str(refused.value) == (
        f"{tmp_path / 'listings.csv'}: 1 codes, such as '000020', have Delisted=False, and no row "
        f"after their DelistingDate ({day}), though the prices go on: write Delisted=True, or "
        "leave the date empty"
    )


@pytest.mark.parametrize("session", [N_DAYS - 1, N_DAYS])
def test_a_delisting_that_is_yet_to_come_is_no_contradiction(tmp_path: Path, session: int) -> None:
    assert notes(tmp_path, "", "False", str(sessions(N_DAYS + 1)[session])) == ()


def test_who_trades_on_after_a_delisting_date_and_is_not_delisted_is_named(tmp_path: Path) -> None:
    day = str(sessions(N_DAYS)[LAST - 1])
    assert notes(tmp_path, "", "False", day) == (
        "1 stock, such as '000020', with Delisted=False and rows after a DelistingDate: listed "
        "throughout",
    )


def test_who_has_rows_before_it_was_listed_is_named(tmp_path: Path) -> None:
    days = sessions(N_DAYS)
    assert notes(tmp_path / "on", str(days[0]), "False", "") == ()
    assert notes(tmp_path / "late", str(days[1]), "False", "") == (
        "1 stock, such as '000020', with rows before its First: not decided on until that day",
    )


def test_stocks_whose_rows_end_early_are_named_unless_a_delisting_explains_them(
    tmp_path: Path,
) -> None:
    days = pd.Series(sessions(40).astype("datetime64[ns]"))
    rows = {"000010": 19, "000020": 18, "000030": 20, "000040": 40, "000050": 5}
    prices = pd.concat([pd.DataFrame({"Date": days[:n], "Code": code}) for code, n in rows.items()])
    (tmp_path / "listings.csv").write_text("Code,Delisted\n000050,True\n000020,\n")
    # The last twenty of forty sessions are rows 21 to 40: who has 20 rows has none of them.
    said = "3 stocks, such as '000020' after {:%Y-%m-%d}, without a row in the last 20 sessions"
    listings = read_listings(tmp_path / "listings.csv")
    (found,) = listing_notes(listings, prices, tuple(rows))
    assert found.startswith(said.format(days[17]))
    alone = listing_notes(read_listings(None), prices[prices["Code"] != "000030"], tuple(rows))
    assert alone[0].startswith("3 stocks, such as '000050' after ")
    early = prices[prices["Date"] < days[20]]
    assert listing_notes(read_listings(None), early, tuple(rows)) == []
