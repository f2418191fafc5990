"""The client to FinanceDataReader: what each kind of answer becomes."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest
import requests

from rollsight.signals.vendors.members.client import VendorClient
from rollsight.signals.vendors.vendor import MissingError, UnreachableError
from tests.support.vendors.wire import QUICK, Vendors, replayed, small_vendors

START, END = date(2023, 3, 2), date(2023, 12, 28)
ONE_OF_EACH = {  # what FinanceDataReader is asked for: the key of the request
    "NAVER:000010": "000010", "YAHOO:^GSPC": "^GSPC", "HOSE:VCB": "VCB.VN",
    "FRED:DGS1MO": "DGS1MO", "KS11": "ks11/2023",
}  # fmt: skip


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with replayed(small_vendors(2)) as found:
        yield found


def ask(vendor: str, **policy: Any) -> pd.DataFrame:
    return VendorClient(replace(QUICK, **policy)).series(vendor, START, END)


@pytest.mark.parametrize("vendor", list(ONE_OF_EACH))
def test_the_rows_that_a_vendor_holds_come_through(
    vendor: str, vendors: Vendors, capsys: pytest.CaptureFixture[str]
) -> None:
    table = ask(vendor)
    held = vendors.bars[{"HOSE:VCB": "VCB.VN"}.get(vendor, vendor.split(":")[-1])]
    column = "DGS1MO" if vendor.startswith("FRED") else "Close"
    days = pd.DatetimeIndex(table.index)
    assert days[0] >= pd.Timestamp("2023-03-01")
    assert table[column].tolist() == held["Close"][days].tolist()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("fault", ["429", "500", "truncated"])
@pytest.mark.parametrize("vendor", list(ONE_OF_EACH))
def test_a_passing_failure_is_tried_again(vendor: str, fault: str, vendors: Vendors) -> None:
    vendors.faults[ONE_OF_EACH[vendor]] = [fault]
    assert len(ask(vendor)) > 100
    assert vendors.asked.count(ONE_OF_EACH[vendor]) in {2, 3}  # FRED is asked twice for an answer


@pytest.mark.parametrize("fault", ["429", "500", "truncated", "empty"])
def test_a_lasting_failure_is_given_up(fault: str, vendors: Vendors) -> None:
    vendors.faults["^GSPC"] = [fault] * 9
    with pytest.raises(UnreachableError, match=r"Yahoo gave no usable answer .*: try again later"):
        ask("YAHOO:^GSPC")
    assert vendors.asked == ["^GSPC"] * QUICK.tries


def test_the_reason_names_the_status(vendors: Vendors) -> None:
    vendors.faults["000010"] = ["429"] * 9
    with pytest.raises(UnreachableError, match=r"Naver gave no usable answer \(status 429\): try"):
        ask("NAVER:000010")


@pytest.mark.parametrize("vendor", ["NAVER:123450", "YAHOO:^GSPX", "FRED:DGS1MX"])
def test_a_name_that_the_vendor_lacks_is_missing_at_once(vendor: str, vendors: Vendors) -> None:
    name = {"NAVER": "Naver", "YAHOO": "Yahoo", "FRED": "FRED"}[vendor.split(":")[0]]
    with pytest.raises(MissingError, match=rf"^{name} has no {vendor.replace('^', '.')}$"):
        ask(vendor)
    assert len(vendors.asked) == 1


def test_a_symbol_without_bars_is_missing(vendors: Vendors) -> None:
    vendors.bars["^GSPC"] = vendors.bars["^GSPC"][:"2023-01-31"]
    with pytest.raises(MissingError, match=r"Yahoo has nothing usable under YAHOO:\^GSPC"):
        ask("YAHOO:^GSPC")


@pytest.mark.parametrize("vendor", list(ONE_OF_EACH))
def test_a_vendor_that_hangs_is_left_in_time(vendor: str, vendors: Vendors) -> None:
    vendors.faults[ONE_OF_EACH[vendor]] = ["hang"] * 9
    began = time.monotonic()
    with pytest.raises(UnreachableError):
        ask(vendor, timeout=0.1, tries=2)
    assert time.monotonic() - began < 2


def test_a_vendor_that_refuses_the_connection_is_soon_asked_no_more(vendors: Vendors) -> None:
    vendors.down.add("query2.finance.yahoo.com")
    client = VendorClient(QUICK)
    for _ in range(20):
        with pytest.raises(UnreachableError):
            client.series("YAHOO:^GSPC", START, END)
    assert len(vendors.asked) == QUICK.give_up
    assert len(client.series("NAVER:000010", START, END)) > 100


def test_an_answer_restores_the_patience_with_a_vendor(vendors: Vendors) -> None:
    client = VendorClient(replace(QUICK, tries=2, give_up=3))
    for _ in range(5):
        vendors.faults["^GSPC"] = ["500"]
        assert len(client.series("YAHOO:^GSPC", START, END)) > 100


@pytest.mark.parametrize("name", ["KRX", "KRX-DELISTING"])
def test_an_exchange_offline_gives_no_list(name: str, vendors: Vendors) -> None:
    vendors.down.add("*")
    with pytest.raises(UnreachableError, match="Korea Exchange gave no usable answer"):
        VendorClient(QUICK).listing(name)


@pytest.mark.parametrize(("name", "key"), [("KRX", "krx"), ("KRX-DELISTING", "delisting")])
def test_a_list_whose_file_is_missing_is_no_empty_list(
    name: str, key: str, vendors: Vendors
) -> None:
    vendors.faults[key] = ["404"] * 9
    with pytest.raises((MissingError, UnreachableError)):
        VendorClient(QUICK).listing(name)


def test_tries_wait_twice_as_long_each_and_requests_keep_their_distance(vendors: Vendors) -> None:
    vendors.faults["^GSPC"] = ["500", "500"]
    began = time.monotonic()
    ask("YAHOO:^GSPC", backoff=0.05)
    assert 0.15 <= time.monotonic() - began < 1
    client, began = VendorClient(replace(QUICK, rate=50)), time.monotonic()
    for _ in range(6):
        client.series("NAVER:000010", START, END)
    assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize("name", ["KRX", "KRX-DELISTING"])
def test_ctrl_c_is_not_taken_for_a_failure_of_the_vendor(name: str, vendors: Vendors) -> None:
    vendors.interrupt_at = 1
    with pytest.raises(KeyboardInterrupt):
        VendorClient(QUICK).listing(name)


def test_requests_are_left_as_they_were_found(vendors: Vendors) -> None:
    before = requests.Session.request
    vendors.faults["^GSPC"] = ["500"]
    ask("YAHOO:^GSPC")
    assert requests.Session.request is before
