"""A folder fetched from a vendor of the user's own is held to what any other is."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from rollsight.base.errors import RollsightError
from rollsight.commands import main
from rollsight.signals.known.symbols import SYMBOLS
from rollsight.signals.prices.market import read_market
from rollsight.signals.spec import MarketSpec
from rollsight.signals.vendors.asked import NamedVendor
from rollsight.signals.vendors.fetch import update
from rollsight.signals.vendors.series import index_series
from rollsight.signals.vendors.span import Span, span_of
from rollsight.signals.vendors.vendor import FetchError, Stock, UnreachableError
from tests.support.toys.vendors import FOLDER, LocalFiles, write_files
from tests.support.vendors.fetches import END, START, contents, fetched
from tests.support.vendors.wire import QUICK, Vendors, replayed, small_vendors

OWN = "tests.support.toys.vendors:LocalFiles"
LATER = date(2024, 1, 11)


@pytest.fixture
def vendors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendors]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    with replayed(small_vendors(4)) as found:
        write_files(found)
        yield found


def called(*arguments: str) -> Result:
    dates = ["--start", str(START), "--end", str(END)]
    call = ["fetch", "krx", "--out", "mine", "--top", "3", "--indices", "KS11", *dates, *arguments]
    return CliRunner().invoke(main, call, catch_exceptions=False)


def test_the_same_rows_give_the_same_tables_whoever_the_vendor_is(vendors: Vendors) -> None:
    fetched(Path("usual"), indices=("KS11",))
    asked = len(vendors.asked)
    assert called("--vendor", OWN).exit_code == 0
    assert len(vendors.asked) == asked
    usual, mine = contents(Path("usual")), contents(Path("mine"))
    for name in ("prices.parquet", "indices.parquet", "listings.csv"):
        assert mine[name] == usual[name]
    told = json.loads(mine["market.toml"].decode().split("\n")[1].removeprefix("# Asked for: "))
    assert told["vendor"] == OWN
    assert b"vendor" not in usual["market.toml"]
    assert len(read_market(MarketSpec(folder="mine")).codes) == 4


def test_an_update_asks_the_vendor_of_the_folder(vendors: Vendors) -> None:
    called("--vendor", OWN)
    refused = CliRunner().invoke(
        main, ["fetch", "krx", "--out", "mine", "--update", "--vendor", OWN]
    )
    assert refused.exit_code == 2
    assert "--update takes what the folder has: leave --vendor out" in refused.stderr
    done = update(Path("mine"), LATER, QUICK)
    assert done.missing == ()
    assert vendors.asked == []
    rows = pd.read_parquet("mine/prices.parquet")
    assert rows["Date"].max() == pd.Timestamp(LATER)


def test_a_series_that_the_vendor_does_not_have_is_named_and_asked_for_again(
    vendors: Vendors,
) -> None:
    (FOLDER / "000020.csv").rename("aside.csv")
    first = called("--vendor", OWN)
    assert first.exit_code == 1
    assert f"Missing: 000020: {FOLDER / '000020.csv'} was not bought" in first.stderr
    Path("aside.csv").rename(FOLDER / "000020.csv")
    assert called("--vendor", OWN).exit_code == 0
    assert "000020" in set(pd.read_parquet("mine/prices.parquet")["Code"])


def test_a_fetch_that_was_begun_with_another_vendor_is_refused(vendors: Vendors) -> None:
    vendors.interrupt_at = 6
    with pytest.raises(KeyboardInterrupt):
        fetched(Path("mine"), indices=("KS11",))
    with pytest.raises(RollsightError, match=r"holds an unfinished fetch with vendor=None, not 't"):
        fetched(Path("mine"), indices=("KS11",), vendor=OWN)


def test_a_vendor_that_nobody_knows_is_refused() -> None:
    refused = called("--vendor", "finance-datareder")
    assert refused.exit_code == 2
    assert refused.stderr.startswith(
        "Error: no vendor is called 'finance-datareder' (have ['finance-datareader', "
        "'finance-datareader-us']); did you mean 'finance-datareader'?"
    )
    assert "is no vendor" not in called("--vendor", "json:dumps").stderr
    assert called("--vendor", "json:dumps").stderr.startswith(
        "Error: vendor 'json:dumps' has no 'listed': it is <function dumps"
    )


class TwoSources(LocalFiles):
    """A vendor whose usual source gives an index a day later than the symbol table says."""

    publications = MappingProxyType({"KS11": replace(SYMBOLS["KS11"].publication, lag_hours=24)})
    down = False

    def sources(self, of: Stock | str) -> list[str]:
        return [str(of), f"{of} of another"]

    def rows(self, source: str, span: Span) -> pd.DataFrame:
        if self.down and not source.endswith("of another"):
            raise UnreachableError("it is down")
        return super().rows(source.removesuffix(" of another"), span)


@pytest.mark.parametrize(("down", "last"), [(False, "2023-12-27"), (True, "2023-12-28")])
def test_a_vendors_own_publication_is_that_of_its_usual_source(
    vendors: Vendors, monkeypatch: pytest.MonkeyPatch, down: bool, last: str
) -> None:
    assert vendors.asked == []
    monkeypatch.setattr(TwoSources, "down", down)
    vendor = NamedVendor("two", TwoSources(QUICK))
    table, source = index_series(vendor, "KS11", span_of(START, END))
    # What the usual source has of the last session is published after its close.
    assert str(table["Date"].iloc[-1].date()) == last
    assert source == ("KS11 of another" if down else "KS11")


class Answering:
    """A vendor that answers the same always."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def listed(self) -> Any:
        return self.answer

    delisted = listed

    def sources(self, _: object) -> Any:
        return self.answer

    def rows(self, *_: object) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


CLOSE = np.arange(3.0)


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        ([1, 2], "vendor 'mine' answers a list, and no DataFrame"),
        (None, "vendor 'mine' answers a NoneType, and no DataFrame"),
        (pd.DataFrame(), "vendor 'mine' answers 'KS11' without a row"),
        (pd.DataFrame({"Close": CLOSE}),
         "refused: the rows of vendor 'mine' begin with 0, which is no date"),
        (pd.DataFrame({"Close": CLOSE}, index=["a", "b", "c"]),
         "refused: the rows of vendor 'mine' begin with 'a', which is no date"),
        (KeyError("Close\nof"), "vendor 'mine' failed with KeyError: 'Close\\nof'"),
        (OSError(28, "full"), "vendor 'mine' failed with OSError: [Errno 28] full"),
    ],
)  # fmt: skip
def test_rows_that_are_none_are_refused_in_one_line(answer: Any, line: str) -> None:
    with pytest.raises(FetchError) as caught:
        NamedVendor("mine", Answering(answer)).rows("KS11", span_of(START, END))
    assert str(caught.value) == line


@pytest.mark.parametrize("answer", ["KS11", (), [1], None])
def test_sources_that_are_none_are_refused(answer: Any) -> None:
    vendor = NamedVendor("mine", Answering(answer))
    with pytest.raises(FetchError, match="vendor 'mine'"):
        vendor.sources(Stock("000010"))


def test_a_list_without_a_column_is_refused() -> None:
    table = pd.DataFrame({"Code": ["000010"], "Name": ["x"]})
    with pytest.raises(FetchError, match="the list of stocks has no column 'Market'"):
        NamedVendor("mine", Answering(table)).listed()
