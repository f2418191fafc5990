"""What listings.csv says of an ending, and what it means where it says only a part of it."""

from pathlib import Path

import pytest

from rollsight.signals.errors import RollsightError
from rollsight.signals.tables import read_indices, read_listings, read_prices

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
