"""Who may be decided on: by kind, by listing and by what was traded, known at the close."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from rollsight.backtests.spec import read_spec
from rollsight.base.errors import RollsightError
from rollsight.signals.inputs.universe import by_year, kind_of, universe
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import MarketSpec, UniverseSpec
from tests.support.markets import Recipe, market_of, sessions, small_market, write_market

Float64 = npt.NDArray[np.float64]

SPLIT, HALT = 53, 3  # the first session after the split, and the sessions without trade before it


def with_volumes(
    volume: list[list[float]] | Float64, close: Float64 | None = None, amount: Float64 | None = None
) -> Market:
    """Return a market at 10 won a share by default, in which a row without volume did not trade."""
    shares = np.array(volume, dtype="float64")
    prices = np.full(shares.shape, 10.0) if close is None else close
    return replace(market_of(prices, traded=shares > 0), volume=shares, amount=amount)


def members(market: Market, **spec: object) -> list[list[str]]:
    """Return the codes that are members at each session's close."""
    found = universe(market, UniverseSpec.model_validate(spec))
    return [[c for c, m in zip(market.codes, day, strict=True) if m] for day in found.member.T]


def split_market(*, adjusted: bool = False, halted: bool = True) -> Market:
    """Return two stocks at 100 won, of which the first is split 5:1 before session 53.

    Its price before was 500 won, which is adjusted to 100: 1,000 of the old shares a day are 5,000
    of the new. It trades 500,000 won a day, before and after, and the other 200,000.
    """
    own = np.full(110, 5000.0)
    if not adjusted:
        own[:SPLIT] = 1000
    if halted:
        own[SPLIT - HALT : SPLIT] = 0
    return with_volumes(np.stack([own, np.full(110, 2000.0)]), np.full((2, 110), 100.0))


@pytest.mark.parametrize(
    ("code", "name", "kind"),
    [
        ("005930", "삼성전자", "common"),
        ("005935", "삼성전자우", "preferred"),
        ("005387", "현대차2우B", "preferred"),
        ("00104K", "CJ4우(전환)", "preferred"),
        ("0009K0", "에임드바이오", "common"),  # codes have had letters since 2024
        ("115960", "연우", "common"),  # its name, not its class, ends in 우
        ("439410", "하나26호스팩", "spac"),
        ("069500", "KODEX 200", "etf"),
        ("360200", "ACE 미국S&P500", "etf"),
        ("0000D0", "TIGER 엔비디아미국채커버드콜밸런스(합성)", "etf"),
        ("530031", "삼성 레버리지 WTI원유 선물 ETN", "etn"),
        ("500019", "신한 레버리지 WTI원유 선물 ETN(H)", "etn"),
        ("088130", "ACE", "common"),
        ("035620", "SOLID", "common"),
        ("123450", "", "common"),
    ],
)
def test_a_korean_security_is_told_by_its_code_and_name(code: str, name: str, kind: str) -> None:
    assert kind_of(code, name) == kind


def test_excluded_kinds_are_never_members_and_the_others_always() -> None:
    names = {"005930": "삼성전자", "005935": "삼성전자우", "069500": "KODEX 200", "439410": "A스팩",
             "530030": "삼성 레버리지 ETN"}  # fmt: skip
    market = replace(market_of(np.full((5, 4), 10.0)), codes=tuple(names), names=names)
    assert members(market) == [list(names)] * 4
    assert members(market, exclude=("preferred", "etf")) == [["005930", "439410", "530030"]] * 4
    found = universe(market, UniverseSpec(exclude=("spac", "etn")))
    assert found.excluded == {"439410": "spac", "530030": "etn"}
    assert found.member.sum(axis=1).tolist() == [4, 4, 4, 0, 0]


def test_kinds_are_not_told_on_another_exchange() -> None:
    market = replace(market_of(np.full((1, 4), 10.0)), exchange="XNYS")
    with pytest.raises(RollsightError, match=r"universe\.exclude=\['etf'\].*XNYS: leave it empty"):
        universe(market, UniverseSpec(exclude=("etf",)))
    assert members(market) == [["000010"]] * 4


def test_an_exclusion_that_leaves_nobody_is_refused() -> None:
    market = replace(market_of(np.full((1, 4), 10.0)), codes=("005935",))
    with pytest.raises(RollsightError, match="leaves no stock of 1: exclude fewer kinds"):
        universe(market, UniverseSpec(exclude=("preferred",)))


def test_a_member_has_a_row_and_lies_within_its_listing(tmp_path: Path) -> None:
    # Rows run through all 30 sessions, but for one of the third stock.
    folder = write_market(tmp_path, Recipe(n_days=30, missing=((2, 7),)))
    day = sessions(30).astype(str)
    (folder / "listings.csv").write_text(
        "Code,First,Delisted,DelistingDate\n"
        f"000010,{day[5]},False,{day[9]}\n"  # a date without a delisting bounds nothing
        f"000020,,True,{day[20]}\n",
        encoding="utf-8",
    )
    found = universe(read_market(MarketSpec(folder=str(folder))), UniverseSpec())
    listed = found.member
    assert np.flatnonzero(listed[0]).tolist() == list(range(5, 30))
    assert np.flatnonzero(listed[1]).tolist() == list(range(20))
    assert np.flatnonzero(~listed[2]).tolist() == [7]


def test_a_delisting_without_a_date_ends_a_membership_when_it_is_known(tmp_path: Path) -> None:
    # The vendor keeps the last close of a stock that trades last in session 9.
    folder = write_market(tmp_path, Recipe(n_days=30))
    prices = pd.read_parquet(folder / "prices.parquet")
    silent = (prices["Code"] == "000020") & (prices["Date"] > pd.Timestamp(sessions(30)[9]))
    prices.loc[silent, "Volume"] = 0
    prices.to_parquet(folder / "prices.parquet", index=False)
    (folder / "listings.csv").write_text("Code,Delisted,DelistingDate\n000020,True,\n")
    market = read_market(MarketSpec(folder=str(folder), delisting_gap=5, delisting_haircut=1.0))
    assert market.has_bar[1].all()
    member = universe(market, UniverseSpec()).member
    assert np.flatnonzero(member[1]).tolist() == list(range(15))
    assert member[0].all()


def test_members_are_the_largest_by_what_was_traded_over_the_last_days() -> None:
    market = with_volumes([[1, 1, 1, 5, 0], [2, 2, 2, 2, 2], [3, 0, 1, 1, 9]])
    # Shares of the last two sessions: 1 2 2 6 5, 2 4 4 4 4 and 3 3 1 2 10.
    assert members(market, top=1, value_days=2) == [
        ["000030"], ["000020"], ["000020"], ["000010"], ["000030"]
    ]  # fmt: skip
    assert members(market, top=2, value_days=2) == [
        ["000020", "000030"], ["000020", "000030"], ["000010", "000020"], ["000010", "000020"],
        ["000010", "000030"],
    ]  # fmt: skip
    # A single session: the first stock, which did not trade in the last, is none of its members.
    assert members(market, top=3, value_days=1)[-1] == ["000020", "000030"]


def test_traded_value_is_volume_by_price() -> None:
    close = np.array([[100.0, 100.0], [10.0, 10.0]])
    # 300 and 200 won in the first session, 300 and 400 in the second.
    market = with_volumes([[3, 3], [20, 40]], close)
    assert members(market, top=1, value_days=1) == [["000010"], ["000020"]]


def test_of_equal_values_the_first_code_is_a_member() -> None:
    market = with_volumes([[1, 2], [2, 2], [2, 2]])
    assert members(market, top=1, value_days=1) == [["000020"], ["000010"]]
    assert members(market, top=2, value_days=1) == [["000020", "000030"], ["000010", "000020"]]


def test_a_stock_without_any_trade_is_no_member_however_many_are_asked_for() -> None:
    market = with_volumes([[0, 0, 0], [1, 1, 1]])
    assert members(market, top=5) == [["000020"]] * 3


def test_a_place_that_an_excluded_stock_would_take_goes_to_the_next() -> None:
    market = replace(with_volumes([[1, 1], [9, 9], [2, 2]]), codes=("000010", "000015", "000030"))
    assert members(market, top=1) == [["000015"]] * 2
    assert members(market, top=1, exclude=("preferred",)) == [["000030"]] * 2


def test_the_exchanges_own_amount_is_ranked_where_there_is_one() -> None:
    market = with_volumes([[9, 9], [1, 1]], amount=np.array([[100.0, 100.0], [50.0, 500.0]]))
    assert members(market, top=1, value_days=1) == [["000010"], ["000020"]]
    without_volume = replace(market, volume=None)
    assert members(without_volume, top=1, value_days=1) == [["000010"], ["000020"]]


def test_a_ranking_without_volume_and_amount_is_refused(tmp_path: Path) -> None:
    market = small_market(tmp_path, Recipe(volume=False))
    assert universe(market, UniverseSpec()).value is None
    with pytest.raises(RollsightError, match=r"universe\.top=2.*neither Volume nor Amount"):
        universe(market, UniverseSpec(top=2))


@settings(max_examples=50, deadline=None)
@given(data=st.data(), day=st.integers(0, 18), top=st.integers(1, 4), days=st.integers(1, 8))
def test_a_rank_knows_nothing_of_later_volumes_and_closes(
    data: st.DataObject, day: int, top: int, days: int
) -> None:
    shape = (4, 20)
    shares = arrays.arrays("int64", shape, elements=st.integers(0, 9))
    won = arrays.arrays("int64", shape, elements=st.integers(8, 12))
    before, later = (data.draw(shares).astype("float64") for _ in range(2))
    close, other = (data.draw(won).astype("float64") for _ in range(2))
    later[:, : day + 1], other[:, : day + 1] = before[:, : day + 1], close[:, : day + 1]
    spec = UniverseSpec(top=top, value_days=days)
    one, two = (universe(with_volumes(v, c), spec) for v, c in ((before, close), (later, other)))
    assert (one.member[:, : day + 1] == two.member[:, : day + 1]).all()
    assert (one.member.sum(axis=0) <= top).all()


def test_volumes_that_ignore_a_split_are_refused_by_name_and_date() -> None:
    market = split_market()
    date = sessions(110)[SPLIT]
    with pytest.raises(RollsightError) as refused:
        universe(market, UniverseSpec(top=1))
    assert "the volumes of 1 stock jump after a halt" in str(refused.value)
    assert f"'000010' (x5 on {date})" in str(refused.value)
    assert "universe.splits='repair'" in str(refused.value)
    assert "\n" not in str(refused.value)
    # Who does not rank has nothing to fear from volumes.
    assert universe(market, UniverseSpec()).member.all()


def test_a_repaired_split_ranks_rightly_before_it() -> None:
    found = universe(split_market(), UniverseSpec(top=1, value_days=5, splits="repair"))
    assert found.repaired == {"000010": SPLIT}
    assert found.value is not None
    traded = np.r_[0 : SPLIT - HALT, SPLIT:110]
    assert (found.value[0, traded] == 500_000).all()
    assert (found.value[1] == 200_000).all()
    # In the halt's third session two of five days still count: 200,000 a day, as the other has, and
    # of equal values the first code is taken.
    assert found.member[0].all()


@pytest.mark.parametrize(
    "market",
    [split_market(adjusted=True), split_market(halted=False)],
    ids=["volumes adjusted too", "no halt"],
)
def test_what_is_no_split_is_not_repaired(market: Market) -> None:
    refusing = universe(market, UniverseSpec(top=1))
    assert refusing.repaired == {}
    assert market.volume is not None
    assert refusing.value is not None
    assert (refusing.value == market.volume * 100).all()


def test_a_price_that_jumps_with_its_volume_is_no_adjusted_split() -> None:
    market = split_market()
    moved = market.close.copy()
    moved[0, SPLIT:] = 20.0  # the price is unadjusted as the volumes are: their product is right
    found = universe(replace(market, open=moved, close=moved), UniverseSpec(top=1))
    assert found.repaired == {}


def test_two_splits_of_a_stock_multiply() -> None:
    # 500 shares, 5:1, 2,500 shares, 4:1, 10,000 shares: all at 1,000,000 won of today's shares.
    own = np.r_[np.full(40, 500.0), np.zeros(2), np.full(60, 2500.0), np.zeros(2), np.full(40, 1e4)]
    market = with_volumes(own[None], np.full((1, len(own)), 100.0))
    found = universe(market, UniverseSpec(top=1, splits="repair"))
    assert found.repaired == {"000010": 42}
    assert found.value is not None
    assert set(found.value[0]) == {0.0, 1_000_000.0}


def test_a_year_counts_who_was_there_and_who_was_left_out() -> None:
    # Six sessions of 2023 from 20 December, six of 2024 to 9 January.
    days = sessions(12, first="2023-12-20").astype(str).tolist()
    assert (days[5], days[6], days[-1]) == ("2023-12-28", "2024-01-02", "2024-01-09")
    has_bar = np.ones((5, 12), dtype=bool)
    has_bar[3, :6] = False  # listed in 2024
    has_bar[4, 9:] = False  # delisted on 5 January
    own = market_of(np.full((5, 12), 10.0), has_bar=has_bar, traded=has_bar, first="2023-12-20")
    gone = own.delisted_on.copy()
    gone[4] = np.datetime64("2024-01-05")
    volume = np.where(has_bar, np.array([[5.0], [9.0], [1.0], [4.0], [2.0]]), np.nan)
    market = replace(
        own, codes=("000010", "000015", "000030", "000040", "000050"), delisted_on=gone,
        volume=volume,
    )  # fmt: skip
    found = universe(market, UniverseSpec(top=2, value_days=1, exclude=("preferred",)))
    # 2023: 000010 and 000050 are the largest, 000030 is below, 000015 is left out for its kind.
    # 2024: 000010 and 000040 are, 000030 and 000050 below.
    assert by_year(market, found) == [
        {"year": 2023, "alive": 4, "members": 2, "excluded_by_kind": 1, "below_top": 1,
         "delisted": 0},
        {"year": 2024, "alive": 5, "members": 2, "excluded_by_kind": 1, "below_top": 2,
         "delisted": 1},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("universe.top=0", "universe.top=0 is not allowed"),
        ("universe.value_days=0", "universe.value_days=0 is not allowed"),
        ("universe.exclude=['reit']", "universe.exclude='reit' is not allowed"),
        ("universe.splits=mend", "universe.splits='mend' is not allowed"),
    ],
)
def test_a_universe_that_cannot_be_is_refused_in_one_line(change: str, said: str) -> None:
    with pytest.raises(RollsightError, match=said.replace("[", r"\[")) as refused:
        read_spec("krx", [change])
    assert "\n" not in str(refused.value)
    assert read_spec("krx", ["universe.top=20", "universe.top=none"]).universe.top is None
