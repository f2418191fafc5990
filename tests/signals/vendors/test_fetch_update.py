"""New sessions are appended; a history that the vendor rewrote is fetched anew."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from rollsight.base.errors import RollsightError
from rollsight.signals.folder.settings import read_settings
from rollsight.signals.vendors.fetch import Fetched, fetch, update
from rollsight.signals.vendors.plan import Request
from tests.support.vendors.fetches import split
from tests.support.vendors.wire import QUICK, Vendors, replayed, small_vendors

START, MIDDLE, END = date(2023, 1, 2), date(2023, 11, 30), date(2023, 12, 28)
INDICES = ("KS11", "USDKRW", "US1MT")


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with replayed(small_vendors(3)) as found:
        yield found


@pytest.fixture(scope="module")
def middle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("fetched") / "krx"
    with replayed(small_vendors(3)):
        fetched(out, MIDDLE)
    return out


@pytest.fixture
def out(middle: Path, vendors: Vendors, tmp_path: Path) -> Path:
    return shutil.copytree(middle, tmp_path / "krx")


def fetched(out: Path, end: date) -> Fetched:
    asked = Request(out, date(2024, 1, 11), start=START, end=end, top=3, indices=INDICES)
    return fetch(asked, QUICK)


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in sorted(folder.iterdir()) if p.is_file()}


def closes(out: Path, code: str) -> pd.Series:
    table = pd.read_parquet(out / "prices.parquet")
    return table[table["Code"] == code].set_index("Date")["Close"]


def test_an_update_gives_the_bytes_of_a_fetch_of_the_whole(
    vendors: Vendors, out: Path, tmp_path: Path
) -> None:
    done = update(out, END, QUICK)
    assert (done.missing, done.remarks) == ((), ())
    assert not (out / ".parts").exists()
    fetched(tmp_path / "whole", END)
    assert contents(out) == contents(tmp_path / "whole")


def test_an_update_without_news_changes_no_byte(vendors: Vendors, out: Path) -> None:
    before = contents(out)
    update(out, MIDDLE, QUICK)
    assert contents(out) == before


def test_a_folder_saved_by_a_windows_editor_is_updated(
    middle: Path, vendors: Vendors, out: Path, tmp_path: Path
) -> None:
    plain = shutil.copytree(middle, tmp_path / "plain")
    for name in ("market.toml", "listings.csv"):
        text = (out / name).read_bytes().replace(b"\n", b"\r\n")
        (out / name).write_bytes(b"\xef\xbb\xbf" + text)
    update(out, END, QUICK)
    update(plain, END, QUICK)
    assert contents(out) == contents(plain)


def test_an_update_keeps_where_a_time_is_documented(vendors: Vendors, out: Path) -> None:
    settings = out / "market.toml"
    stated = f'\n[indices.{INDICES[0]}]\nverified = "the exchange\'s rule"\n'
    settings.write_text(settings.read_text(encoding="utf-8") + stated, encoding="utf-8")
    update(out, END, QUICK)
    assert read_settings(out).indices[INDICES[0]].verified == "the exchange's rule"


def test_delisted_stocks_are_final(vendors: Vendors, out: Path) -> None:
    update(out, END, QUICK)
    assert not {"900010", "900020"} & set(vendors.asked)


def test_a_delisted_stock_that_no_vendor_answered_for_is_asked_for_again(
    vendors: Vendors, tmp_path: Path
) -> None:
    vendors.faults["900010"] = ["500"] * 3
    done = fetched(tmp_path / "krx", MIDDLE)
    assert [line.split(":")[0] for line in done.missing] == ["900010"]
    assert update(tmp_path / "krx", END, QUICK).missing == ()
    fetched(tmp_path / "whole", END)
    assert contents(tmp_path / "krx") == contents(tmp_path / "whole")


def test_a_split_is_noticed_and_the_whole_history_fetched_anew(
    vendors: Vendors, out: Path, tmp_path: Path
) -> None:
    vendors.bars["000020"] = split(vendors.bars["000020"], 5)
    done = update(out, END, QUICK)
    assert done.remarks == (
        "000020: the vendor rewrote its history by a factor of 0.2: fetched anew",
    )
    fetched(tmp_path / "whole", END)
    assert contents(out) == contents(tmp_path / "whole")


def test_a_single_row_that_changed_is_noticed_too(vendors: Vendors, out: Path) -> None:
    bars = vendors.bars["KS11"].copy()
    bars.loc["2023-11-28", "Close"] += 3
    vendors.bars["KS11"] = bars
    done = update(out, END, QUICK)
    assert done.remarks == (
        "KS11: the vendor rewrote its history by no single factor: fetched anew",
    )
    assert (
        pd.read_parquet(out / "indices.parquet").set_index("Date")["KS11"]["2023-11-28"]
        == (bars.loc["2023-11-28", "Close"])
    )


def test_rows_that_went_are_noticed(vendors: Vendors, out: Path) -> None:
    vendors.bars["000010"] = vendors.bars["000010"].drop(pd.Timestamp("2023-11-28"))
    assert "by rows that came or went" in update(out, END, QUICK).remarks[0]


def test_a_history_that_cannot_be_fetched_anew_stays_as_it_was(vendors: Vendors, out: Path) -> None:
    before = closes(out, "000020")
    vendors.bars["000020"] = split(vendors.bars["000020"], 5)
    vendors.faults["000020"] = ["", *["500"] * 9]  # the overlap comes, the whole does not
    done = update(out, END, QUICK)
    assert done.missing[0].startswith("000020: Naver gave no usable answer (status 500)")
    assert closes(out, "000020").equals(before)
    assert closes(out, "000010").index[-1] == pd.Timestamp(END)


def test_a_series_of_the_second_vendor_is_never_mixed_with_the_first(
    vendors: Vendors, tmp_path: Path
) -> None:
    vendors.bars["000010.KS"] = vendors.bars["000010"]
    vendors.bars["^KS11"] = vendors.bars["KS11"]
    vendors.faults |= {"000010": ["500"] * 3, "ks11/2023": ["500"] * 3}
    fetched(tmp_path / "krx", MIDDLE)
    vendors.asked.clear()
    done = update(tmp_path / "krx", END, QUICK)
    assert {"000010.KS", "^KS11"} <= set(vendors.asked)
    assert not {"000010", "ks11/2023"} & set(vendors.asked)
    assert any("000010 (YAHOO:000010.KS)" in note for note in done.notes)


def test_a_series_is_not_updated_from_the_second_vendor(vendors: Vendors, out: Path) -> None:
    vendors.bars["000010.KS"] = vendors.bars["000010"]
    vendors.faults["000010"] = ["500"] * 9
    done = update(out, END, QUICK)
    assert done.missing[0].startswith("000010: Naver gave no usable answer")
    assert closes(out, "000010").index[-1] == pd.Timestamp(MIDDLE)


def test_what_was_missing_is_asked_for_again(vendors: Vendors, tmp_path: Path) -> None:
    vendors.faults |= {"000020": ["500"] * 3, "DGS1MO": ["500"] * 3}
    done = fetched(tmp_path / "krx", MIDDLE)
    assert [line.split(":")[0] for line in done.missing] == ["US1MT", "000020"]
    assert update(tmp_path / "krx", END, QUICK).missing == ()
    fetched(tmp_path / "whole", END)
    assert contents(tmp_path / "krx") == contents(tmp_path / "whole")


def test_a_stock_that_left_the_exchange_since_is_marked(vendors: Vendors, out: Path) -> None:
    vendors.bars["000030"] = vendors.bars["000030"][:"2023-12-06"]
    gone = vendors.delisting.iloc[:1].assign(Symbol="000030", DelistingDate="2023-12-08")
    vendors.delisting = pd.concat([vendors.delisting, gone], ignore_index=True)
    vendors.listing = vendors.listing[vendors.listing["Code"] != "000030"]
    assert update(out, END, QUICK).missing == ()
    table = pd.read_csv(out / "listings.csv", dtype=str).set_index("Code")
    assert table.loc["000030", ["Last", "Delisted", "DelistingDate"]].tolist() == [
        "2023-12-06", "True", "2023-12-08",
    ]  # fmt: skip


def test_a_stock_that_left_and_that_the_vendor_forgot_keeps_its_rows(
    vendors: Vendors, out: Path
) -> None:
    before = closes(out, "000030")
    gone = vendors.delisting.iloc[:1].assign(Symbol="000030", DelistingDate="2023-12-08")
    vendors.delisting = pd.concat([vendors.delisting, gone], ignore_index=True)
    vendors.listing = vendors.listing[vendors.listing["Code"] != "000030"]
    del vendors.bars["000030"]
    assert update(out, END, QUICK).missing == ()
    assert closes(out, "000030").equals(before)


def test_an_update_interrupted_at_any_request_goes_on_to_the_same_bytes(tmp_path: Path) -> None:
    with replayed(small_vendors(1)) as vendors:
        fetched(tmp_path / "whole", END)
        fetched(tmp_path / "middle", MIDDLE)
        for k in range(1, 11):  # five requests for the lists, four for the indices, one stock
            out = tmp_path / str(k)
            shutil.copytree(tmp_path / "middle", out)
            vendors.asked.clear()
            vendors.interrupt_at = k
            with pytest.raises(KeyboardInterrupt):
                update(out, END, QUICK)
            update(out, END, QUICK)
            assert contents(out) == contents(tmp_path / "whole"), k


def test_only_a_fetched_folder_is_updated(vendors: Vendors, tmp_path: Path) -> None:
    with pytest.raises(RollsightError, match="was not written by rollsight fetch: call rollsight"):
        update(tmp_path, END, QUICK)
    vendors.interrupt_at = 8
    with pytest.raises(KeyboardInterrupt):
        fetched(tmp_path / "krx", MIDDLE)
    with pytest.raises(RollsightError, match="holds an unfinished fetch: call rollsight"):
        update(tmp_path / "krx", END, QUICK)


def test_an_unfinished_update_is_finished_as_one(vendors: Vendors, out: Path) -> None:
    vendors.interrupt_at = 8
    with pytest.raises(KeyboardInterrupt):
        update(out, END, QUICK)
    with pytest.raises(RollsightError, match="holds an unfinished update: call with --update"):
        fetched(out, MIDDLE)


def test_a_folder_that_was_changed_by_hand_is_not_updated(vendors: Vendors, out: Path) -> None:
    text = (out / "market.toml").read_text(encoding="utf-8").split("\n")
    (out / "market.toml").write_text("\n".join([text[0], *text[2:]]), encoding="utf-8")
    with pytest.raises(RollsightError, match="was changed after it was fetched"):
        update(out, END, QUICK)


def test_dividends_that_no_vendor_gives_are_not_lost_in_an_update(
    vendors: Vendors, out: Path
) -> None:
    prices = pd.read_parquet(out / "prices.parquet")
    attrs = prices.attrs
    prices = prices.assign(Dividend=0.0)
    prices.attrs = attrs
    prices.to_parquet(out / "prices.parquet", index=False)
    before = (out / "prices.parquet").read_bytes()
    with pytest.raises(RollsightError, match="has a column 'Dividend', which no vendor gives"):
        update(out, END, QUICK)
    assert (out / "prices.parquet").read_bytes() == before
