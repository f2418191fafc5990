"""Opens that are locked at the daily limit: not filled, listed, and no win."""

from pathlib import Path

import numpy as np
import pandas as pd

from rollsight.backtests.account.backtest import trade
from rollsight.backtests.chain.prepared import prepare
from rollsight.backtests.chain.walkforward import walk_forward
from rollsight.backtests.spec import read_spec
from rollsight.base.records import plain
from rollsight.reports.run.metrics import build_metrics
from rollsight.signals.prices.market import Market, read_market
from rollsight.signals.spec import MarketSpec
from tests.support.markets import Recipe, price_table, write_market, write_table
from tests.support.panels import (
    ALL_IN,
    costs_of,
    filled_on,
    flat,
    panel,
    signals_of,
    traded,
)
from tests.support.planted import planted_market

A, B = "000010", "000020"
CAPPED = ALL_IN.model_copy(update={"participation": 0.25})
UPPER, LOWER = "locked at the upper limit", "locked at the lower limit"


def folder_of(
    tmp_path: Path, bars: dict[int, float], opens: dict[int, float] | None = None
) -> Market:
    """Return a KRX market whose first stock stands at 10,000, but at ``bars`` in its sessions."""
    recipe = Recipe(n_stocks=1, n_days=12)
    table = price_table(recipe)
    table[["Open", "High", "Low", "Close"]] = 10_000
    for session, price in bars.items():
        table.loc[session, ["Open", "High", "Low", "Close"]] = price
    for session, price in (opens or {}).items():
        table.loc[session, ["Open", "Low"]] = price
    folder = write_market(tmp_path / "market", recipe)
    write_table(table, folder / "prices.parquet")
    return read_market(MarketSpec(folder=str(folder), book="krx"))


def rising(first: int) -> dict[int, float]:
    """Return 13,000 in a session, the upper limit after 10,000, and 16,900 from the next on."""
    return {first: 13_000.0, **dict.fromkeys(range(first + 1, 12), 16_900.0)}


def test_a_buy_before_a_session_locked_at_its_upper_limit_is_listed_and_no_win(
    tmp_path: Path,
) -> None:
    market = folder_of(tmp_path, rising(5))
    signals = signals_of(market, [(0, 4, 0.9)], horizon=3)
    # Sold at 16,900 it would have been an UP of thirty per cent, had anybody sold it at 13,000.
    assert signals["label"].isna().all()
    done = trade(market, signals, first=0, horizon=3, spec=ALL_IN, costs=costs_of(market))
    (order,) = done.orders.itertuples()
    assert (order.code, order.side, order.status) == (A, "buy", "canceled")
    assert (order.reason, order.filled) == (UPPER, 0)
    assert done.action.tolist() == [UPPER]
    assert len(done.trades) == 0
    assert done.equity["equity"].tolist() == [10_000.0] * 12


def test_a_tick_below_the_limit_is_bought(tmp_path: Path) -> None:
    # From 12,990 the next limit is 16,880.
    market = folder_of(tmp_path, {5: 12_990.0, **dict.fromkeys(range(6, 12), 16_880.0)})
    done = traded(market, [(0, 4, 0.9)], horizon=3, spec=ALL_IN.model_copy(update={"cash": 1e6}))
    assert done.action.tolist() == ["not enough cash at the open"]  # a gap beyond all buffers
    spec = ALL_IN.model_copy(update={"cash": 1e6, "cash_buffer": 0.5})
    done = traded(market, [(0, 4, 0.9)], horizon=3, spec=spec)
    assert filled_on(done, market)[0] == (A, "buy", 5, 12_990.0)
    assert done.trades["label"].tolist() == [2]


def test_an_open_may_be_bought_where_only_the_close_is_at_the_limit(tmp_path: Path) -> None:
    market = folder_of(tmp_path, rising(5), opens={5: 10_050.0})
    assert market.close[0, 5] == market.high[0, 5] == 13_000
    spec = ALL_IN.model_copy(update={"cash": 1e6, "cash_buffer": 0.1})
    done = traded(market, [(0, 4, 0.9)], horizon=3, spec=spec)
    assert filled_on(done, market)[0] == (A, "buy", 5, 10_050.0)


def plant_locks(folder: Path) -> int:
    """Open a session in seven since the band is 30 % at its limit, and return how many.

    They come at random: what comes every seventh session a network knows in advance.
    """
    prices, rng = pd.read_parquet(folder / "prices.parquet"), np.random.default_rng(0)
    parts, planted = [], 0
    for _, own in prices.groupby("Code"):
        close, opened = own["Close"].to_numpy().copy(), own["Open"].to_numpy().copy()
        wide = int((own["Date"] < "2015-06-15").sum())
        locked = wide + np.cumsum(rng.integers(4, 11, size=len(own) // 4))
        locked = locked[locked < len(own) - 1]
        planted += len(locked)
        for day in locked:
            close[day] = opened[day] = 1.3 * close[day - 1]
            opened[day + 1] = close[day]
        parts.append(own.assign(Open=opened, Close=close))
    table = pd.concat(parts, ignore_index=True)
    bars = table[["Open", "Close"]]
    write_table(
        table.assign(High=bars.max(axis=1), Low=bars.min(axis=1)), folder / "prices.parquet"
    )
    return planted


SMALL = [
    "baselines=[]",
    "market.indices=all", "market.benchmark=none", "features.lookback=20", "model.blocks=1",
    "model.width=4", "training.epochs=2",
    "training.shrink=false", "training.averaging=0.5",
    "training.seeds=1", "threshold.min_buys=150", "windows.train_days=150",
    "windows.validation_days=60", "windows.test_days=60", "label.horizon=3",
]  # fmt: skip


def test_locked_sessions_of_a_whole_run_give_no_fill_and_no_win(tmp_path: Path) -> None:
    folder = planted_market(tmp_path, seed=5, strength=0.4, n_stocks=6, n_days=330)
    planted = plant_locks(folder)
    spec = read_spec("krx", SMALL, str(folder))
    result = walk_forward(spec)
    market = prepare(spec).market
    upper = market.traded & ~market.buyable
    assert upper.sum() == planted > 100
    signals = result.signals
    next_day = 1 + market.sessions.astype("datetime64[ms]").searchsorted(signals["decided_at"])
    stock = np.searchsorted(market.codes, signals["code"])
    inside = next_day < len(market.sessions)
    eve = np.zeros(len(signals), dtype=bool)
    eve[inside] = upper[stock[inside], next_day[inside]]
    bought = signals["buy"] & eve
    assert bought.sum() > 10
    assert signals.loc[eve, "label"].isna().all()
    assert "bought" not in set(signals.loc[eve, "action"])
    metrics = plain(build_metrics(result))
    listed = result.orders[result.orders["reason"] == UPPER]
    assert metrics["unfilled"][UPPER] == len(listed) > 0
    assert listed["filled_at"].isna().all()
    counted = metrics["overall"]["figures"]["buys"]
    assert counted == (signals["buy"] & signals["label"].notna()).sum()
    assert counted <= (signals["buy"] & ~eve).sum()
    assert metrics["headline"]["label_is_trade"] == 1.0


def test_a_sale_at_a_locked_lower_limit_waits_for_the_first_open_that_is_not() -> None:
    market = panel([[100, 100, 100, 70, 49, 50, 50]], locked_down=[(0, 3), (0, 4)])
    done = traded(market, [(0, 0, 0.9)])
    assert filled_on(done, market) == [(A, "buy", 1, 100.0), (A, "sell", 5, 50.0)]
    (trip,) = done.trades.itertuples()
    assert (trip.exit_reason, trip.gross_return, trip.label_return) == ("horizon", -0.5, -0.5)


def test_a_sale_that_is_locked_to_the_end_is_listed_as_waiting() -> None:
    market = panel([[100, 100, 100, 70, 49]], locked_down=[(0, 3), (0, 4)])
    done = traded(market, [(0, 0, 0.9)])
    sale = done.orders.iloc[-1]
    assert (sale["side"], sale["status"], sale["reason"]) == ("sell", "waiting", LOWER)
    assert done.trades["exit_reason"].tolist() == ["end"]


def test_a_lower_limit_can_be_bought_and_an_upper_one_sold() -> None:
    market = panel(flat(1, 5), locked_down=[(0, 1)], locked_up=[(0, 3)])
    done = traded(market, [(0, 0, 0.9)])
    assert [o[1:3] for o in filled_on(done, market)] == [("buy", 1), ("sell", 3)]


def test_a_halt_is_no_lock() -> None:
    market = panel(flat(2, 5), halted=[(0, 1), (0, 2)], locked_up=[(0, 1), (1, 2)])
    done = traded(market, [(0, 0, 0.9), (1, 1, 0.9)])
    assert done.action.tolist() == ["did not trade", UPPER]
