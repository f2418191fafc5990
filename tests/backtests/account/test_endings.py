"""A delisted holding is held until its delisting is known, and takes its place until then."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.account.backtest import trade
from rollsight.backtests.account.portfolio import universe_returns
from rollsight.backtests.account.standing import account_at
from rollsight.backtests.audit.causality import Subject, truncated, warmed_up
from rollsight.backtests.chain.signals import trade_signals
from rollsight.reports.statistics.plausibility import delayed_money, fills
from rollsight.signals.inputs.samples import build_samples
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import FeatureSpec, LabelSpec, MarketSpec
from rollsight.strategies.spec import StrategySpec
from tests.support.audits import spec_of, subject_of
from tests.support.markets import Recipe, sessions, write_market
from tests.support.panels import ALL_IN, costs_of, filled_on, flat, panel, signals_of, traded
from tests.support.planted import planted_market

A, B = "000010", "000020"
LAST = {1: 190, 2: 205, 3: 217}  # session of the last row of each delisted stock
SILENT = {1: 12, 2: 12, 3: 2}  # sessions from it to the delisting; a horizon has 3


def ending(worth: float = 50.0) -> Market:
    """Return two stocks at 100, of which the first trades last in session 3 and ends in session 8.

    Parameters
    ----------
    worth
        its terminal value
    """
    return panel(flat(2, 12), missing=[(0, day) for day in range(4, 8)], ends={0: (8, worth)})


@pytest.mark.parametrize("worth", [50.0, 100.0])
@pytest.mark.parametrize("horizon", [2, 5, 9], ids=["sale waits", "due while silent", "not due"])
def test_cash_and_slot_become_free_when_the_delisting_is_known(horizon: int, worth: float) -> None:
    market = ending(worth)
    buys = [(0, 1, 0.9), *((1, day, 0.8) for day in range(3, 10))]
    done = traded(market, buys, horizon=horizon)
    # 100 shares at 100 from session 2 on. The one place is taken until session 8 has come, and the
    # first buy that is decided with its money fills in session 9, though that would pay for one
    # in session 8 too where no value is lost.
    assert filled_on(done, market)[:3] == [
        (A, "buy", 2, 100.0), (A, "sell", 8, worth), (B, "buy", 9, 100.0)
    ]  # fmt: skip
    assert done.equity["cash"].tolist()[2:9] == [0.0] * 6 + [100 * worth]
    assert done.equity["equity"].tolist()[2:9] == [10_000.0] * 6 + [100 * worth]
    assert done.trades["exit_reason"].tolist()[0] == "delisted"
    assert "bought" not in set(done.action[1:6])
    assert done.action[6] == "bought"


def test_a_stock_that_trades_up_to_its_delisting_frees_its_slot_no_earlier() -> None:
    market = panel(flat(2, 12), ends={0: (8, 100.0)})
    done = traded(market, [(0, 1, 0.9), *((1, day, 0.8) for day in range(3, 10))], horizon=9)
    assert filled_on(done, market)[:3] == [
        (A, "buy", 2, 100.0), (A, "sell", 8, 100.0), (B, "buy", 9, 100.0)
    ]  # fmt: skip


@pytest.mark.parametrize("silent", [0, 4])
def test_no_order_is_written_down_before_its_delisting_is_known(silent: int) -> None:
    away = [(0, day) for day in range(8 - silent, 8)]
    market = panel(flat(2, 12), missing=away, ends={0: (8, 50.0)})
    # Sold by its end alone, as its horizon is not over by then.
    signals = signals_of(market, [(0, 1, 0.9), *((1, day, 0.8) for day in range(3, 10))], horizon=9)
    asked = {"first": 0, "horizon": 9, "spec": ALL_IN, "costs": costs_of(market)}
    whole = trade(market, signals, **asked).orders
    sale = whole[whole["side"] == "sell"].iloc[0]
    assert sale["submitted_at"] == sale["filled_at"] == pd.Timestamp(market.sessions[8])
    columns = ["submitted_at", "code", "side", "shares"]
    for day in range(2, 11):
        own = account_at(market, signals, last=day, **asked)
        until = whole["submitted_at"] <= pd.Timestamp(market.sessions[day])
        known = whole.loc[until, columns].reset_index(drop=True)
        pd.testing.assert_frame_equal(own.orders[columns], known)
        # What is sold already waits for no open.
        assert own.planned["side"].tolist() == ["buy"] * len(own.planned)


def test_a_holding_that_never_comes_due_makes_what_its_label_says() -> None:
    done = traded(ending(), [(0, 1, 0.9)], horizon=9)
    assert done.trades["gross_return"].tolist() == done.trades["label_return"].tolist() == [-0.5]


def vendor(folder: Path, *, rows: bool) -> Market:
    """Return a market of which three stocks are suspended, and two of them delisted.

    One is suspended for longer than the gap, one for less, and one trades again.

    Parameters
    ----------
    rows
        the vendor keeps their rows, without volume
    """
    write_market(folder, Recipe(n_stocks=5, n_days=60))
    days = sessions(60)
    prices = pd.read_parquet(folder / "prices.parquet").set_index("Code")
    for code, first, stop in (("000020", 25, 40), ("000030", 30, 35), ("000040", 28, 33)):
        own = prices.index == code
        idle = own & prices["Date"].between(days[first], days[stop - 1]).to_numpy()
        last = prices.loc[own & (prices["Date"] == days[first - 1]).to_numpy(), "Close"].iloc[0]
        prices.loc[idle, ["Open", "High", "Low", "Volume"]] = 0
        prices.loc[idle, "Close"] = last
        gone = own & (prices["Date"] >= days[stop]).to_numpy() & (code != "000040")
        prices = prices[~(gone | idle & (not rows))]
    prices.reset_index().to_parquet(folder / "prices.parquet", index=False)
    (folder / "listings.csv").write_text(
        f"Code,Delisted,DelistingDate\n000020,True,{days[40]}\n000030,True,{days[35]}\n"
    )
    return read_market(MarketSpec(folder=str(folder), delisting_gap=10))


def test_a_vendor_that_keeps_frozen_rows_and_one_that_drops_them_give_the_same(
    tmp_path: Path,
) -> None:
    kept, bare = vendor(tmp_path / "kept", rows=True), vendor(tmp_path / "bare", rows=False)
    assert kept.has_bar.sum() == bare.has_bar.sum() + 15 + 5 + 5
    rng = np.random.default_rng(0)
    decided = map(tuple, np.argwhere((rng.random(kept.close.shape) < 0.3) & bare.has_bar).tolist())
    suspended = [(1, 22), (2, 27), (3, 25)]
    buys = [(s, d, 0.9) for s, d in decided if (s, d) not in suspended]
    buys = sorted([*buys, *((s, d, 0.95) for s, d in suspended)], key=lambda buy: buy[1])
    spec = StrategySpec(cash=1e6, max_positions=5, stop_loss=0.05)
    one, two = (traded(market, buys, horizon=4, spec=spec) for market in (kept, bare))
    assert {"delisted", "stop", "horizon"} <= set(one.trades["exit_reason"])
    for name in ("trades", "orders", "equity"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name), check_exact=True)
    for market in (kept, bare):
        assert market.endings.value[1] == 0.0
        assert market.endings.value[2] == market.close[2, 29]
    labels = [
        build_samples(market, MarketSpec(), FeatureSpec(lookback=5), LabelSpec(horizon=4))[0].labels
        for market in (kept, bare)
    ]
    for name in ("label", "label_return", "settled_at"):
        own, other = (getattr(label, name)[bare.has_bar] for label in labels)
        np.testing.assert_array_equal(own, other)
    held = [universe_returns(m, m.has_bar, first=20).tolist() for m in (kept, bare)]
    assert held[0] == held[1]


@pytest.fixture(scope="module")
def subject(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """Return a run over three stocks that are delisted some sessions after their last rows."""
    folder = planted_market(
        tmp_path_factory.mktemp("market"), seed=6, strength=1.0, n_stocks=4, n_days=300, later=(0,)
    )
    prices = pd.read_parquet(folder / "prices.parquet")
    days = np.sort(prices["Date"].unique())
    lines = []
    for stock, last in LAST.items():
        code = f"{10 * stock:06d}"
        prices = prices[(prices["Code"] != code) | (prices["Date"] <= days[last])]
        lines.append(f"{code},True,{pd.Timestamp(days[last + SILENT[stock]]):%Y-%m-%d}\n")
    prices.to_parquet(folder / "prices.parquet", index=False)
    (folder / "listings.csv").write_text("Code,Delisted,DelistingDate\n" + "".join(lines))
    many = ("threshold.objective=f_beta", "threshold.beta=9", "strategy.max_positions=4")
    return subject_of(spec_of(folder, *many))


def test_an_ending_that_is_acted_on_when_it_is_known_passes_the_truncation(
    subject: Subject,
) -> None:
    assert (subject.traded.trades["exit_reason"] == "delisted").any()
    for stock, last in LAST.items():
        for day in (last + 1, last + SILENT[stock] - 1, last + SILENT[stock]):
            assert truncated(subject, day) == []
    orders = subject.traded.orders
    assert (orders["submitted_at"] == orders["filled_at"]).any()  # sold by its end alone
    assert fills(subject) == []


def test_an_ending_that_is_acted_on_before_it_is_known_is_found_by_the_truncation(
    subject: Subject,
) -> None:
    market, ready = subject.ready.market, subject.ready
    early = replace(market.endings, session=market.endings.session.copy())
    for stock, silent in SILENT.items():
        early.session[stock] -= silent - 1
    rash = replace(ready, market=replace(market, endings=early))
    traded_rashly = trade_signals(rash, subject.spec, subject.signals)
    found = [
        fault
        for last in LAST.values()
        for fault in truncated(replace(subject, traded=traded_rashly), last + 5)
    ]
    assert found
    assert {fault.series for fault in found} <= {"the equity", *market.codes}


@pytest.fixture(scope="module")
def undated(tmp_path_factory: pytest.TempPathFactory) -> Subject:
    """Return a run over two stocks that are delisted without a date, and worth nothing then.

    The vendor keeps their last closes, of sessions 19 and 190, up to the end.
    """
    folder = planted_market(
        tmp_path_factory.mktemp("market"), seed=6, strength=1.0, n_stocks=4, n_days=300, later=(0,)
    )
    prices = pd.read_parquet(folder / "prices.parquet")
    days = np.sort(prices["Date"].unique())
    for code, last in (("000010", 19), ("000020", 190)):
        own = prices["Code"] == code
        frozen = prices.loc[own & (prices["Date"] == days[last]), "Close"].iloc[0]
        prices.loc[own & (prices["Date"] > days[last]), ["Open", "High", "Low", "Close"]] = frozen
        prices.loc[own & (prices["Date"] > days[last]), "Volume"] = 0
    prices.to_parquet(folder / "prices.parquet", index=False)
    listings = "Code,Delisted,DelistingDate\n000010,True,\n000020,True,\n"
    (folder / "listings.csv").write_text(listings)
    many = ("threshold.objective=f_beta", "threshold.beta=9", "strategy.max_positions=4")
    gone = ("market.delisting_gap=10", "market.delisting_haircut=1.0")
    return subject_of(spec_of(folder, *many, *gone))


def test_who_ended_before_a_history_begins_is_no_fault_of_a_later_beginning(
    undated: Subject,
) -> None:
    market = undated.ready.market
    assert market.endings.session.tolist() == [-1, 30, 201, -1]
    assert market.has_bar[1].all()
    assert warmed_up(undated, 30) == []


def test_a_buy_that_comes_late_for_a_stock_that_is_worth_nothing_is_no_buy(
    undated: Subject,
) -> None:
    signals = undated.signals
    assert (signals["buy"] & (signals["stock"] == 2) & (signals["day"] == 200)).any()
    made = delayed_money(undated)
    assert made[0] == pytest.approx(undated.traded.equity["equity"].iloc[-1] / 1e8 - 1)
    assert np.isfinite(made).all()
