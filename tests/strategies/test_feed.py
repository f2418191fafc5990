"""Bars without gaps, and a feed that is PandasData, only faster."""

from collections.abc import Callable
from dataclasses import asdict, replace

import backtrader as bt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollsight.backtests.engine import run_cerebro
from rollsight.signals.market import Market
from rollsight.strategies.costs import Costs
from rollsight.strategies.feed import ArrayFeed, Bars, bars_of
from rollsight.strategies.rules import Buy
from rollsight.strategies.spec import StrategySpec
from rollsight.strategies.strategy import Diary, Plan
from tests.panels import markets, panel

GAPPY = panel(
    [[10, 11, 12, 13, 14, 15]],
    [[10.5, 11.5, 12.5, 13.5, 14.5, 15.5]],
    missing=[(0, 0), (0, 3)],
    halted=[(0, 4)],
)


def test_the_last_close_stands_in_for_a_missing_row_and_the_first_one_before_the_listing() -> None:
    bars = bars_of(GAPPY, 0, 0)
    assert bars.open.tolist() == [11.5, 11, 12, 12.5, 14, 15]
    assert bars.close.tolist() == [11.5, 11.5, 12.5, 12.5, 14.5, 15.5]
    assert bars.high.tolist() == [11.5, 11.5, 12.5, 12.5, 14.5, 15.5]
    assert bars.low.tolist() == [11.5, 11, 12, 12.5, 14, 15]


def test_nothing_fills_where_there_is_no_row_or_no_trade() -> None:
    bars = bars_of(GAPPY, 0, 0)
    assert bars.buyable.tolist() == [False, True, True, False, False, True]
    assert bars.sellable.tolist() == [False, True, True, False, False, True]
    assert bars.ends == -1


def test_a_delisted_share_is_sold_but_not_bought_at_its_terminal_value() -> None:
    market = panel([[10, 11, 12, 13, 14, 15]], ends={0: (4, 6.5)})
    bars = bars_of(market, 0, 0)
    assert bars.ends == 4
    for prices in (bars.open, bars.high, bars.low, bars.close):
        assert prices.tolist() == [10, 11, 12, 13, 6.5, 6.5]
    assert bars.sellable.tolist() == [True, True, True, True, True, False]
    assert bars.buyable.tolist() == [True, True, True, True, False, False]


@pytest.mark.parametrize(("first", "ends"), [(0, 4), (3, 1), (4, 0), (5, -1)])
def test_bars_are_counted_from_the_first_session_of_a_backtest(first: int, ends: int) -> None:
    market = panel([[10, 11, 12, 13, 14, 15]], ends={0: (4, 6.5)})
    bars = bars_of(market, 0, first)
    assert bars.ends == ends
    assert bars.open.tolist() == [10, 11, 12, 13, 6.5, 6.5][first:]
    assert bars.sessions.tolist() == market.sessions[first:].tolist()
    assert len(bars.buyable) == len(bars.sellable) == 6 - first


def test_locked_opens_fill_on_the_other_side_alone() -> None:
    market = panel([[10, 13, 16, 11, 8, 8]], locked_up=[(0, 1)], locked_down=[(0, 3)])
    bars = bars_of(market, 0, 1)
    assert bars.buyable.tolist() == [False, True, True, True, True]
    assert bars.sellable.tolist() == [True, True, False, True, True]
    assert bars.traded.all()


def test_a_share_of_the_volume_may_fill_and_of_a_terminal_value_all() -> None:
    volume = [[9.0, 10, 11, np.nan, np.nan, np.nan]]
    market = panel([[10, 11, 12, 13, 14, 15]], ends={0: (4, 6.5)}, missing=[(0, 3)], volume=volume)
    assert bars_of(market, 0, 1, 0.5).most.tolist() == [5, 5, 0, np.inf, 0]
    assert bars_of(market, 0, 1).most.tolist() == [np.inf] * 5


@given(markets())
def test_no_price_is_ever_missing_and_every_traded_open_is_the_markets(market: Market) -> None:
    for stock in range(len(market.codes)):
        bars = bars_of(market, stock, 0)
        for prices in (bars.open, bars.high, bars.low, bars.close):
            assert np.isfinite(prices).all()
        assert (bars.low <= bars.high).all()
        assert not bars.buyable[~market.has_bar[stock]].any()
        fills = market.traded[stock]
        assert bars.open[fills].tolist() == market.open[stock, fills].tolist()


def test_bars_leave_the_market_as_it_was() -> None:
    before = GAPPY.close.copy(), GAPPY.sellable.copy()
    bars_of(GAPPY, 0, 0)
    np.testing.assert_array_equal(GAPPY.close, before[0])
    np.testing.assert_array_equal(GAPPY.sellable, before[1])


def array_feed(bars: Bars) -> bt.feed.DataBase:
    return ArrayFeed(bars=bars)


def pandas_feed(bars: Bars) -> bt.feed.DataBase:
    frame = pd.DataFrame(
        {
            "open": bars.open,
            "high": bars.high,
            "low": bars.low,
            "close": bars.close,
            "volume": 0.0,
            "openinterest": 0.0,
        },
        index=pd.DatetimeIndex(bars.sessions.astype("datetime64[ns]")),
    )
    return bt.feeds.PandasData(dataname=frame)


class Witness(bt.Strategy):  # type: ignore[misc]  # backtrader has no types
    """Write down every line of every bar."""

    def __init__(self) -> None:
        self.seen: list[tuple[object, ...]] = []

    def next(self) -> None:
        lines = self.data.lines
        values = (getattr(lines, name)[0] for name in lines.getlinealiases())
        self.seen.append((self.data.datetime.date(0), *values))


def test_the_array_feed_shows_every_line_of_every_bar_as_pandas_data_does() -> None:
    market = panel([[10, 11, 12, 13, 14]], [[10.5, 10.75, 13, 12.5, 14]], missing=[(0, 2)])
    bars = bars_of(replace(market, high=market.high + 1, low=market.low - 1), 0, 1)

    def seen(feed: bt.feed.DataBase) -> list[tuple[object, ...]]:
        cerebro = bt.Cerebro(stdstats=False)
        cerebro.adddata(feed)
        cerebro.addstrategy(Witness)
        return list(cerebro.run()[0].seen)

    fast = seen(array_feed(bars))
    assert fast == seen(pandas_feed(bars))
    assert [bar[0] for bar in fast] == market.sessions[1:].tolist()


def diary_of(plan: Plan, feed: Callable[[Bars], bt.feed.DataBase]) -> Diary:
    cerebro = bt.Cerebro(stdstats=False)
    for bars in plan.bars:
        cerebro.adddata(feed(bars), name=bars.code)
    return run_cerebro(cerebro, plan)


def cells(rng: np.random.Generator, share: float) -> list[tuple[int, int]]:
    return [(int(s), int(d)) for s, d in np.argwhere(rng.random((4, 60)) < share)]


def random_plan(seed: int) -> Plan:
    """Return a plan over 60 sessions of four stocks, with all that keeps orders unfilled."""
    rng = np.random.default_rng(seed)
    close = 1000 * np.exp(np.cumsum(0.03 * rng.standard_normal((4, 60)), axis=1))
    opens = close * np.exp(0.01 * rng.standard_normal(close.shape))
    spots = [(int(s), int(d)) for s, d in np.argwhere(rng.random((4, 60)) < 0.1) if d != 39]
    late = [(1, day) for day in range(15)]
    market = panel(
        opens, close, halted=spots[::2], missing=[*spots[1::2], *late], ends={2: (40, 321.0)},
        locked_up=cells(rng, 0.05), locked_down=cells(rng, 0.05),
        volume=rng.integers(0, 2_000, (4, 60)).astype(float),
    )  # fmt: skip
    buys: dict[int, list[Buy]] = {}
    for signal, (day, stock) in enumerate(np.argwhere(rng.random((60, 4)) < 0.3)):
        buys.setdefault(int(day), []).append(Buy(signal, int(stock), float(rng.random())))
    slip, tax = rng.uniform(0, 0.003, (4, 60)), rng.uniform(0, 0.003, (2, 60))
    costs = Costs(0.001, slip, tax, board=np.array([0, 1, 1, 0]))
    return Plan(
        buys=buys,
        bars=tuple(bars_of(market, stock, 0, 0.25) for stock in range(4)),
        horizon=4,
        spec=StrategySpec(cash=100_000.0, max_positions=2, stop_loss=0.05, take_profit=0.08),
        costs=costs,
    )


@settings(max_examples=12)
@given(st.integers(0, 2**32 - 1))
def test_the_array_feed_trades_bit_for_bit_as_pandas_data(seed: int) -> None:
    plan = random_plan(seed)
    fast, slow = diary_of(plan, array_feed), diary_of(plan, pandas_feed)
    # repr: an unfilled order's NaN price equals itself, and a float's every bit counts.
    assert repr(asdict(fast)) == repr(asdict(slow))
    assert len(fast.equity) == 60


def test_the_random_plan_has_every_kind_of_exit_and_rejection() -> None:
    diaries = [diary_of(random_plan(seed), array_feed) for seed in range(30)]
    reasons = {trip.exit_reason for diary in diaries for trip in diary.trips}
    assert reasons == {"horizon", "stop", "target", "delisted", "end"}
    assert {o.reason for diary in diaries for o in diary.orders} >= {
        "did not trade",
        "locked at the upper limit",
        "locked at the lower limit",
        "volume cap",
    }
