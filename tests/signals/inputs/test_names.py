"""Codes and names that decide what a security is: what they do not tell is not guessed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.reports.page.language import speak
from rollsight.reports.page.words import word
from rollsight.signals.folder.tables import read_prices
from rollsight.signals.inputs.universe import universe
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import MarketSpec, UniverseSpec
from tests.support.markets import Recipe, market_of, price_table, write_market, write_table

FUNDS = ("069500", "114800", "122630")  # an ETF on the KOSPI 200, its inverse, its double
CODES = ("000660", "005930", "005935", *FUNDS)
KINDS = ("preferred", "spac", "etf", "etn")


def korean(names: dict[str, str]) -> Market:
    return replace(market_of(np.full((6, 4), 10.0)), codes=CODES, names=names)


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (KINDS, "etf, etn and spac"),
        (("etf", "spac"), "etf and spac"),
        (("preferred", "etn"), "etn"),
    ],
)
def test_kinds_that_are_told_by_name_and_have_none_are_said_to_stay_in(
    kinds: tuple[str, ...], said: str
) -> None:
    spec = UniverseSpec.model_validate({"exclude": kinds})
    for names in ({}, dict.fromkeys(CODES, " ")):
        assert universe(korean(names), spec).notes == (
            f"universe.exclude asks for {said}, which are told by name, and listings.csv has no "
            "Name for 6 of 6 codes, such as '000660': a code without one stays in, whatever it is",
        )


def test_preferred_shares_are_told_by_code_alone() -> None:
    found = universe(korean({}), UniverseSpec(exclude=("preferred",)))
    assert (found.excluded, found.notes) == ({"005935": "preferred"}, ())


def test_codes_without_a_name_among_others_stay_in_and_are_counted() -> None:
    names = {"000660": "SK하이닉스", "005930": "삼성전자", "069500": "KODEX 200"}
    found = universe(korean(names), UniverseSpec.model_validate({"exclude": KINDS}))
    assert found.excluded == {"005935": "preferred", "069500": "etf"}
    assert found.notes == (
        "universe.exclude asks for etf, etn and spac, which are told by name, and listings.csv has "
        "no Name for 3 of 6 codes, such as '005935': a code without one stays in, whatever it is",
    )
    said = word(found.notes[0], speak("ko"))
    assert "종목 6개 중 3개('005935' 등)" in said
    every = dict(zip(CODES, "가나다라마바", strict=True))
    assert universe(korean(every), UniverseSpec.model_validate({"exclude": KINDS})).notes == ()
    assert universe(korean({}), UniverseSpec()).notes == ()


def folder_of(folder: Path, changed: dict[str, str], toml: str = 'calendar = "XKRX"') -> Path:
    """Write a market folder whose codes, 000010 to 000030, are changed."""
    write_market(folder, Recipe(n_days=20, suffix="csv"))
    prices = price_table(Recipe(n_days=20))
    write_table(prices.assign(Code=prices["Code"].replace(changed)), folder / "prices.csv")
    (folder / "market.toml").write_text(toml + "\n", encoding="utf-8")
    return folder


def read(folder: Path) -> Market:
    return read_market(MarketSpec(folder=str(folder)))


@pytest.mark.parametrize(
    "code", ["20", "20.0", "000020.KS", "A000020", "0000 2", " 00020", "20.000"]
)
def test_a_korean_code_that_is_not_six_letters_or_digits_is_refused(
    tmp_path: Path, code: str
) -> None:
    folder = folder_of(tmp_path, {"000020": code})
    with pytest.raises(RollsightError) as refused:
        read(folder)
    assert str(refused.value) == (
        f"{folder / 'prices.csv'}: 1 of 3 codes, such as {code.strip()!r}, are not the six letters "
        "or digits of a Korean code: where leading zeros were lost ('270' for '000270'), read with "
        "dtype=str; leave out a suffix such as '.KS'"
    )


@pytest.mark.parametrize("code", ['="AAPL"', "'AAPL", '"AAPL"'])
def test_a_code_within_quotes_is_refused_under_any_calendar(tmp_path: Path, code: str) -> None:
    write_table(price_table(Recipe(n_days=5)).assign(Code=code), path := tmp_path / "prices.csv")
    with pytest.raises(RollsightError) as refused:
        read_prices(path)
    assert f"Code {code!r} holds a quote" in str(refused.value)
    assert str(refused.value).endswith("write the code alone")


def test_codes_of_six_with_letters_are_korean_codes(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"000010": "0001A0", "000020": "00104K"})
    assert read(folder).codes == ("000030", "0001A0", "00104K")


def test_a_listing_that_lost_its_zeros_is_refused_too(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {})
    listing = pd.DataFrame({"Code": ["000010", "20"], "Name": ["가", "나"]})
    listing.to_csv(folder / "listings.csv", index=False)
    with pytest.raises(RollsightError, match=r"listings\.csv: 1 of 2 codes, such as '20', are not"):
        read(folder)


def test_the_korean_rule_book_wants_korean_codes_on_any_calendar_and_others_do_not(
    tmp_path: Path,
) -> None:
    # No day of these is a holiday in Tokyo but the 2nd, 3rd and 8th of January.
    folder = folder_of(tmp_path, {"000020": "7203"}, 'calendar = "XTKS"')
    prices = pd.read_csv(folder / "prices.csv", dtype={"Code": str})
    closed = prices["Date"].isin(["2024-01-02", "2024-01-03", "2024-01-08"])
    write_table(prices[~closed], folder / "prices.csv")
    assert "7203" in read(folder).codes
    with (folder / "market.toml").open("a", encoding="utf-8") as file:
        file.write('book = "krx"\n')
    with pytest.raises(RollsightError, match="'7203', are not the six"):
        read(folder)
