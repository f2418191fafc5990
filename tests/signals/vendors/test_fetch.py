"""A market folder from the vendors' own wire formats, whole and in part."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import rollsight
from rollsight.backtests.spec import read_spec
from rollsight.signals.inputs.samples import build_samples
from rollsight.signals.known.symbols import KRX_INDICES
from rollsight.signals.prices.market import read_market
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec
from rollsight.signals.vendors.vendor import FetchError
from tests.support.vendors.fetches import END, FEW, FILES, contents, fetched, indices, prices
from tests.support.vendors.wire import QUICK, Vendors, replayed, small_vendors


@pytest.fixture
def vendors() -> Iterator[Vendors]:
    with replayed(small_vendors()) as found:
        yield found


def test_thirty_stocks_and_eleven_indices_give_a_folder_that_is_accepted(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with replayed(small_vendors(30)):
            done = fetched(tmp_path / name, top=None, indices=KRX_INDICES)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert sorted(p.name for p in (tmp_path / "one").iterdir()) == FILES
    assert (done.n_stocks, done.n_indices, done.missing) == (31, 11, ())
    spec = MarketSpec(folder=str(tmp_path / "one"), indices=KRX_INDICES, benchmark="KS11")
    market = read_market(spec)
    assert len(market.codes) == 31
    assert list(market.indices) == list(KRX_INDICES)
    assert market.publications["USDKRW"].timezone == "Europe/London"
    assert market.publications["US1MT"].lag_hours == 96
    # The last note counts the delisted stock that no vendor has.
    assert market.notes[:-1] == done.notes
    assert market.notes[-1].startswith("1 of 32 listed codes, 1 of them delisted")
    assert market.endings.labelled.sum() == 1
    samples, _ = build_samples(market, spec, FeatureSpec(lookback=20), LabelSpec())
    assert samples.usable.sum() > 30 * 200


@pytest.mark.slow
def test_a_fetched_folder_runs_through_the_preset(tmp_path: Path) -> None:
    with replayed(small_vendors(6)):
        fetched(tmp_path / "krx", top=6, indices=KRX_INDICES)
    tiny = [
        "baselines=[]",
        "features.lookback=20", "model.blocks=1", "model.width=4", "training.epochs=2",
        "training.shrink=false", "training.seeds=1",
        "windows.train_days=80", "windows.validation_days=40", "windows.test_days=40",
        "label.horizon=3",
    ]  # fmt: skip
    spec = read_spec("krx", tiny, str(tmp_path / "krx"))
    rollsight.run(spec, out=tmp_path / "run")
    assert "survivorship bias" in (tmp_path / "run" / "report.html").read_text(encoding="utf-8")


def test_the_rows_are_those_of_the_vendors(vendors: Vendors, tmp_path: Path) -> None:
    fetched(tmp_path / "krx")
    rows = prices(tmp_path / "krx")["000010"]
    held = vendors.bars["000010"][: str(END)]
    assert rows["Close"].tolist() == held["Close"].tolist()
    assert list(rows.index) == list(held.index)
    assert (rows["Volume"] == 0).sum() == 5  # suspended sessions are kept
    assert indices(tmp_path / "krx")["KS11"].dropna().tolist() == (
        vendors.bars["KS11"]["Close"][: str(END)].tolist()
    )


def test_currencies_are_dated_by_their_own_day_all_year(vendors: Vendors, tmp_path: Path) -> None:
    fetched(tmp_path / "krx")
    won = indices(tmp_path / "krx")["USDKRW"].dropna()
    # The day of the newest session is not over in London when the Korea Exchange closes.
    held = vendors.bars["KRW=X"]["Close"][:"2023-12-27"]
    assert list(won.items()) == list(held.items())


def test_a_stray_quote_of_a_weekend_is_left_out(vendors: Vendors, tmp_path: Path) -> None:
    bars = vendors.bars["KRW=X"].copy()
    bars.loc[pd.Timestamp("2023-09-09")] = bars.iloc[90]  # a Saturday
    vendors.bars["KRW=X"] = bars.sort_index()
    assert fetched(tmp_path / "krx").missing == ()
    assert pd.Timestamp("2023-09-09") not in indices(tmp_path / "krx").index


def test_the_most_valuable_common_stocks_are_taken(vendors: Vendors, tmp_path: Path) -> None:
    done = fetched(tmp_path / "krx", top=2)
    assert list(prices(tmp_path / "krx")) == ["000010", "000020", "900010"]
    assert "The 2 largest listed stocks" in done.notes[0]


@pytest.mark.parametrize(
    ("market", "codes"),
    [("kospi", ["000010", "000040", "900010"]), ("kosdaq", ["000020", "000030"])],
)
def test_a_market_can_be_taken_alone(
    market: str, codes: list[str], vendors: Vendors, tmp_path: Path
) -> None:
    fetched(tmp_path / "krx", market=market)
    assert list(prices(tmp_path / "krx")) == codes


def test_delisted_stocks_are_listed_with_their_day_and_those_not_had_are_counted(
    vendors: Vendors, tmp_path: Path
) -> None:
    done = fetched(tmp_path / "krx")
    table = pd.read_csv(tmp_path / "krx" / "listings.csv", dtype=str, keep_default_na=False)
    assert list(table) == ["Code", "Name", "Market", "First", "Last", "Delisted", "DelistingDate"]
    rows = {row[0]: row[1:] for row in table.to_numpy().tolist()}
    assert rows["900010"] == ["떠난회사", "KOSPI", "2023-01-02", "2023-09-15", "True", "2023-09-18"]
    assert rows["900020"] == ["사라진회사", "KOSDAQ", "", "", "True", "2023-05-02"]
    assert rows["000030"][3:] == ["2023-12-28", "False", ""]
    assert done.missing == ()
    assert "Of 2 common stocks delisted since 2023-01-02, 1 could not be had" in done.notes[1]


def test_without_the_list_of_delistings_their_number_is_unknown(
    vendors: Vendors, tmp_path: Path
) -> None:
    vendors.faults["delisting"] = ["404"] * QUICK.tries
    done = fetched(tmp_path / "krx")
    assert "how many are missing is unknown" in done.notes[1]
    assert done.missing[0].startswith("the list of delisted stocks: ")
    again = fetched(tmp_path / "krx")
    assert again.missing == ()
    assert again.n_stocks == 4
    assert vendors.asked.count("000010") == 1


def test_named_codes_are_taken_and_nothing_else(vendors: Vendors, tmp_path: Path) -> None:
    vendors.down.add("data.krx.co.kr")
    done = fetched(tmp_path / "krx", codes=("000040", "000010"), top=None)
    assert list(prices(tmp_path / "krx")) == ["000010", "000040"]
    assert [line.split(":")[0] for line in done.missing] == [
        "the list of stocks", "the list of delisted stocks",
    ]  # fmt: skip


def test_without_the_list_of_stocks_codes_are_the_way_out(vendors: Vendors, tmp_path: Path) -> None:
    vendors.down.add("data.krx.co.kr")
    with pytest.raises(
        FetchError, match=r"^the list of stocks: the Korea Exchange gave .* by --codes$"
    ):
        fetched(tmp_path / "krx")
    assert not (tmp_path / "krx").exists()


def test_what_is_missing_is_named_and_what_came_is_kept(vendors: Vendors, tmp_path: Path) -> None:
    del vendors.bars["000020"]
    vendors.faults["DGS1MO"] = ["500"] * 20
    done = fetched(tmp_path / "krx", indices=(*FEW, "KS50"))
    assert [line.split(":")[0] for line in done.missing] == ["US1MT", "KS50", "000020"]
    assert "not freely to be had" in done.missing[1]
    assert "Naver has no NAVER:000020" in done.missing[2]
    assert list(indices(tmp_path / "krx")) == ["KS11", "USDKRW"]
    assert "Asked for and not had: US1MT, KS50, 000020." in done.notes
    before = len(vendors.asked)
    vendors.faults.clear()
    again = fetched(tmp_path / "krx", indices=(*FEW, "KS50"))
    assert set(vendors.asked[before:]) == {"DGS1MO", "000020"}
    assert [line.split(":")[0] for line in again.missing] == ["KS50", "000020"]


def test_offline_is_one_line_and_leaves_nothing(vendors: Vendors, tmp_path: Path) -> None:
    vendors.down.add("*")
    codes = tuple(f"{i:05d}0" for i in range(1, 300))
    with pytest.raises(FetchError, match=r"no stock came of .*krx") as error:
        fetched(tmp_path / "krx", codes=codes, top=None)
    assert "\n" not in str(error.value)
    assert len(vendors.asked) < 20


@pytest.mark.parametrize(
    ("symbol", "key", "answers", "reason"),
    [
        ("NG", "NG=F", lambda v: 15 * v.bars["NG=F"], "lies outside 0.8 to 20: another instrument"),
        ("VCB", "VCB.VN", lambda v: v.bars["NG=F"], "lies outside 2000 to 1e+06"),
        ("KQ11", "KQ11", lambda v: v.bars["KQ11"][::-1].set_axis(v.bars["KQ11"].index),
         "with KS11, not at least 0.15"),
        ("IXIC", "^IXIC", lambda v: v.bars["^IXIC"][:"2023-11-30"], "too old for 2023-12-28"),
        ("GSPC", "^GSPC", lambda v: v.bars["^GSPC"].shift(1, freq="D"), "its dates are shifted"),
    ],
)  # fmt: skip
def test_an_instrument_that_is_not_what_its_name_says_is_refused(
    symbol: str, key: str, answers: Any, reason: str, vendors: Vendors, tmp_path: Path
) -> None:
    vendors.bars[key] = answers(vendors)
    done = fetched(tmp_path / "krx", indices=("KS11", symbol))
    assert [line.split(":")[0] for line in done.missing] == [symbol]
    assert f"{symbol}: refused: " in done.missing[0]
    assert reason in done.missing[0]
    assert list(indices(tmp_path / "krx")) == ["KS11"]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        (lambda bars: bars[:"2023-11-30"], "its newest row is of 2023-11-30, too old for"),
        (lambda bars: bars.assign(High=1), "245 of its 245 rows are no bars"),
        (lambda bars: bars * 10_000, "lies outside 1 to 5e+07"),
    ],
)
def test_a_stock_whose_rows_cannot_be_its_prices_is_refused(
    answers: Any, reason: str, vendors: Vendors, tmp_path: Path
) -> None:
    vendors.bars["000020"] = answers(vendors.bars["000020"])
    done = fetched(tmp_path / "krx")
    assert done.missing[0].startswith("000020: refused: ")
    assert reason in done.missing[0]
    assert list(prices(tmp_path / "krx")) == ["000010", "000030", "900010"]


def test_an_alias_of_the_original_work_is_its_symbol_here(vendors: Vendors, tmp_path: Path) -> None:
    done = fetched(tmp_path / "krx", indices=("ZG", "USD/KRW", "GC"))
    assert list(indices(tmp_path / "krx")) == ["GC", "USDKRW"]
    assert done.remarks[0].startswith("ZG is GC here: ZG is Zillow's share at Yahoo now")
    assert done.remarks[1] == "USD/KRW is USDKRW here"


def test_a_year_that_fails_for_good_is_taken_from_the_fallback_and_said(
    vendors: Vendors, tmp_path: Path
) -> None:
    vendors.faults["ks11/2023"] = ["404"] * 9
    vendors.bars["^KS11"] = vendors.bars["KS11"]
    done = fetched(tmp_path / "krx")
    assert done.missing == ()
    assert any("second vendor" in n and "KS11 (YAHOO:^KS11)" in n for n in done.notes)


def test_a_hole_in_an_index_of_the_exchange_is_no_silent_hole(
    vendors: Vendors, tmp_path: Path
) -> None:
    days = vendors.bars["KS11"].index
    vendors.bars["KS11"] = vendors.bars["KS11"].drop(days[50:60])
    done = fetched(tmp_path / "krx")
    assert "KS11: refused: 10 sessions in a row are missing, from 2023-03-" in done.missing[0]


def test_a_stock_is_taken_from_yahoo_only_while_naver_cannot_be_reached(
    vendors: Vendors, tmp_path: Path
) -> None:
    vendors.down.add("fchart.stock.naver.com")
    for code, suffix in (("000010", "KS"), ("000020", "KQ")):
        vendors.bars[f"{code}.{suffix}"] = vendors.bars[code]
    done = fetched(tmp_path / "krx", codes=("000010", "000020", "000030"), top=None)
    assert [line.split(":")[0] for line in done.missing] == ["000030"]
    assert "Naver gave no usable answer" in done.missing[0] or "Naver could not" in done.missing[0]
    assert any("000010 (YAHOO:000010.KS), 000020 (YAHOO:000020.KQ)" in n for n in done.notes)


def test_rows_that_are_no_session_or_no_bar_are_dropped_and_counted(
    vendors: Vendors, tmp_path: Path
) -> None:
    bars = vendors.bars["000010"].copy()
    bars.loc[bars.index[100], "High"] = 1
    bars.loc[pd.Timestamp("2023-05-06")] = bars.iloc[80]  # a Saturday
    vendors.bars["000010"] = bars.sort_index()
    done = fetched(tmp_path / "krx")
    assert any("2 rows of 1 stock lay on dates that are no session" in n for n in done.notes)
    read_market(MarketSpec(folder=str(tmp_path / "krx")))
