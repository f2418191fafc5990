"""A US market folder from the wire formats of Wikipedia, Naver and Yahoo."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from rollsight.base.errors import RollsightError
from rollsight.commands import main
from rollsight.signals.known.symbols import US_INDICES
from rollsight.signals.prices.market import read_market
from rollsight.signals.rules.venue import US, venue_at
from rollsight.signals.spec import MarketSpec
from rollsight.signals.vendors.fetch import update
from rollsight.signals.vendors.members import vendor_of
from rollsight.signals.vendors.vendor import FetchError
from tests.support.vendors.fetches import FILES, contents, fetched, prices
from tests.support.vendors.us import NAVER, SP500, with_us
from tests.support.vendors.wire import QUICK, Vendors, replayed, small_vendors

# Six members in the order k = 1, 2, ... of .618 k without its whole part (.62 .24 .85 .47 .09 .71):
# the fourth of the list, the second, the last, the third, the first, the fifth.
ORDER = ["JPM", "BRK-B", "XOM", "GE", "AAPL", "KO"]
FEW = ("GSPC", "VIX", "US10Y")
ASKED = {"vendor": US.vendor, "indices": FEW}


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with replayed(with_us(small_vendors(1))) as found:
        yield found


def called(*arguments: str) -> Result:
    command = ["fetch", "us", "--rate", "1000000", *arguments]
    return CliRunner().invoke(main, command, catch_exceptions=False)


def test_members_are_spread_over_their_list_and_the_others_come_by_value(vendors: Vendors) -> None:
    table = vendor_of(US.vendor, QUICK).listed()
    assert table["Code"].tolist() == [*ORDER, "NVDA", "ZION"]
    assert table["Market"].tolist() == ["S&P500"] * 6 + ["NASDAQ"] * 2
    assert table.set_index("Code")["Name"]["BRK-B"] == "BRK.B Inc."
    assert vendors.asked.count(NAVER) == 3  # how many there are, the first page, and an empty one


def test_a_folder_says_its_exchange_currency_book_and_whom_it_lacks(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with replayed(with_us(small_vendors(1))):
            done = fetched(tmp_path / name, top=7, vendor=US.vendor, indices=US_INDICES)
    out = tmp_path / "one"
    assert contents(out) == contents(tmp_path / "two")
    assert sorted(p.name for p in out.iterdir()) == FILES
    assert (done.n_stocks, done.n_indices, done.missing) == (7, 6, ())
    chosen, survivors = done.notes
    assert chosen.startswith("The 7 stocks are of today's S&P 500, spread evenly over its list")
    assert "today's survivors, how many are missing is unknown" in survivors
    listings = pd.read_csv(out / "listings.csv")
    assert listings["Code"].tolist() == sorted([*ORDER, "NVDA"])
    assert not listings["Delisted"].any()
    market = read_market(MarketSpec(folder=str(out), indices=US_INDICES, benchmark="GSPC"))
    assert (market.exchange, market.currency, market.book) == ("XNYS", "USD", "us")
    assert market.notes == done.notes
    assert market.volume is not None
    assert market.traded.all()
    # New Year's Monday was no session there, and the last one is.
    assert (str(market.sessions[0]), str(market.sessions[-1])) == ("2023-01-03", "2023-12-28")
    assert venue_at(out) is US


def test_the_command_names_its_preset_and_draws_nothing_of_its_own(
    vendors: Vendors, tmp_path: Path
) -> None:
    out = str(tmp_path / "us")
    result = called("--out", out, "--top", "2", "--start", "2023-03-01", "--end", "2023-12-28",
                    "--indices", "GSPC")  # fmt: skip
    assert result.exit_code == 0
    assert result.stdout == (
        f"{out}: 2 stocks, 1 indices\nTry: rollsight run us-rank --market {out} --out runs/us\n"
    )
    # FinanceDataReader's own bar of NASDAQ's pages is kept away.
    assert "it/s" not in result.stderr
    assert set(prices(tmp_path / "us")) == {"JPM", "BRK-B"}


def test_an_update_appends_sessions_and_asks_for_no_list_of_delistings(
    vendors: Vendors, tmp_path: Path
) -> None:
    out = tmp_path / "us"
    fetched(out, **ASKED)
    done = update(out, date(2024, 1, 10), QUICK)
    assert done.missing == ()
    assert prices(out)["JPM"].index[-1] == pd.Timestamp("2024-01-10")
    told = json.loads(
        (out / "market.toml").read_text("utf-8").split("\n")[1][len("# Asked for: ") :]
    )
    assert (told["vendor"], told["delistings_known"]) == (US.vendor, True)
    assert "survivors" in done.notes[1]


@pytest.mark.parametrize(("page", "host"), [(SP500, "Wikipedia"), (NAVER, "Naver")])
@pytest.mark.parametrize("fault", ["500", "empty", "truncated"])
def test_a_list_that_does_not_come_is_one_line(
    vendors: Vendors, tmp_path: Path, page: str, host: str, fault: str
) -> None:
    vendors.faults[page] = [fault] * 3
    if fault == "truncated" and page == SP500:
        vendors.pages[page] = lambda _: b"<html><body><p>moved</p></body></html>"
    with pytest.raises(FetchError, match=f"^the list of stocks: {host} ") as caught:
        fetched(tmp_path / "us", **ASKED)
    assert "name the stocks by --codes" in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_named_stocks_need_no_list_and_an_unknown_one_is_missing(
    vendors: Vendors, tmp_path: Path
) -> None:
    done = fetched(tmp_path / "us", top=None, codes=("BRK-B", "GONE"), **ASKED)
    assert done.missing == ("GONE: Yahoo has no YAHOO:GONE",)
    assert set(prices(tmp_path / "us")) == {"BRK-B"}


def test_a_market_of_another_country_is_refused(vendors: Vendors, tmp_path: Path) -> None:
    out = str(tmp_path / "us")
    refused = called("--out", out, "--vendor", "finance-datareader")
    assert refused.exit_code == 2
    assert (
        "vendor 'finance-datareader' has stocks of krx: call rollsight fetch krx" in refused.stderr
    )
    assert "none of S&P500, NASDAQ" in called("--out", out, "--market", "kospi").stderr
    with pytest.raises(RollsightError, match=r"\(yesterday in New York\) at the latest"):
        fetched(tmp_path / "us", **ASKED, end=date(2999, 1, 4))
    assert vendors.asked == []
    fetched(tmp_path / "us", **ASKED)
    other = CliRunner().invoke(main, ["fetch", "krx", "--out", out, "--update"])
    assert other.exit_code == 2
    assert "holds stocks of us: call rollsight fetch us" in other.stderr
