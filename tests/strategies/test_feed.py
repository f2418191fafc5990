"""Bars without gaps, and stocks that trade as PandasData does, only faster."""

from dataclasses import replace
from typing import Any

import backtrader as bt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.signals.prices.market import Market
from rollsight.strategies.costs import Costs
from rollsight.strategies.diary import Diary
from rollsight.strategies.engines.backtrader import run_backtrader, run_cerebro
from rollsight.strategies.feed import Bars, Clock, Stock, bars_of
from rollsight.strategies.plan import Buy, OrderPlan, Terms
from rollsight.strategies.rules import rule_of
from rollsight.strategies.spec import StrategySpec
from tests.support.examples import examples
from tests.support.panels import columns_of, markets, panel

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


def pandas_feed(bars: Bars) -> bt.feed.DataBase:
    prices = {name: getattr(bars, name) for name in ("open", "high", "low", "close")}
    index = pd.DatetimeIndex(bars.sessions.astype("datetime64[ns]"))
    return bt.feeds.PandasData(dataname=pd.DataFrame(prices, index).assign(volume=0.0))


class Witness(bt.Strategy):  # type: ignore[misc]  # backtrader has no types
    """Write down every bar of a stock, and the one before."""

    params = (("stock", None),)

    def __init__(self) -> None:
        self.seen: list[tuple[object, ...]] = []

    def next(self) -> None:
        stock = self.p.stock
        lines = (stock.open, stock.high, stock.low, stock.close)
        before = [line[-1] for line in lines] if len(stock) > 1 else []
        now = [line[0] for line in lines]
        self.seen.append((len(stock), stock.datetime.datetime(), *now, *before))


def seen(stock: Any, clock: bt.feed.DataBase) -> list[tuple[object, ...]]:
    cerebro = bt.Cerebro(stdstats=False)
    cerebro.adddata(clock)
    cerebro.addstrategy(Witness, stock=stock)
    return list(cerebro.run()[0].seen)


def test_a_stock_shows_every_bar_as_pandas_data_does() -> None:
    market = panel([[10, 11, 12, 13, 14]], [[10.5, 10.75, 13, 12.5, 14]], missing=[(0, 2)])
    bars = bars_of(replace(market, high=market.high + 1, low=market.low - 1), 0, 1)
    clock, plain = Clock(sessions=bars.sessions), pandas_feed(bars)
    shown = seen(Stock(bars, clock), clock)
    # repr: a float of numpy's own kind would slow every sum down.
    assert repr(shown) == repr(seen(plain, plain))
    days = [day.item() for day in market.sessions[1:]]
    assert [bar[1].date() for bar in shown] == days  # type: ignore[attr-defined]
    assert [bar[2] for bar in shown] == bars.open.tolist()


class PlainBroker(bt.brokers.BackBroker):  # type: ignore[misc]  # backtrader has no types
    """Backtrader's own broker, slipped by the session's allowance.

    Its cash is checked at the fill alone (``checksubmit=False``), as an order is paid there.
    """

    def _try_exec_market(self, order: bt.Order, popen: float, *_: float) -> None:
        if order.data.datetime[0] > order.created.dt:
            costs = self.getcommissioninfo(order.data)
            self._execute(order, ago=0, price=costs.slipped(popen, buy=order.isbuy()))


def plain_diary(plan: OrderPlan, broker: bt.brokers.BackBroker) -> Diary:
    """Return what Backtrader's own feeds and broker make of a plan."""
    cerebro = bt.Cerebro(stdstats=False)
    for bars in plan.bars:
        cerebro.adddata(pandas_feed(bars), name=bars.code)
    cerebro.broker = broker
    return run_cerebro(cerebro, plan, cerebro.datas)


def cells(rng: np.random.Generator, share: float) -> list[tuple[int, int]]:
    return [(int(s), int(d)) for s, d in np.argwhere(rng.random((8, 60)) < share)]


def random_plan(seed: int) -> OrderPlan:
    """Return a plan over 60 sessions of eight stocks, with all that keeps orders unfilled."""
    rng = np.random.default_rng(seed)
    close = 1000 * np.exp(np.cumsum(0.03 * rng.standard_normal((8, 60)), axis=1))
    opens = close * np.exp(0.01 * rng.standard_normal(close.shape))
    spots = [(s, d) for s, d in cells(rng, 0.1) if d != 39]
    late = [(1, day) for day in range(15)]
    market = panel(
        opens, close, halted=spots[::2], missing=[*spots[1::2], *late],
        ends={2: (40, 321.0), 5: (30, 12.5)},
        locked_up=cells(rng, 0.05), locked_down=cells(rng, 0.1),
        volume=rng.integers(0, 2_000, (8, 60)).astype(float),
    )  # fmt: skip
    buys: list[tuple[int, Buy]] = []
    for signal, (day, stock) in enumerate(np.argwhere(rng.random((60, 8)) < 0.2)):
        buys.append((int(day), Buy(signal, int(stock), float(rng.random()))))
    slip, tax = rng.uniform(0, 0.003, (8, 60)), rng.uniform(0, 0.003, (2, 60))
    costs = Costs(0.001, slip, tax, board=np.array([0, 1, 1, 0, 0, 1, 0, 1]))
    spec = StrategySpec(
        cash=100_000.0, max_positions=4, cash_buffer=float(rng.choice([0.0, 0.05])),
        stop_loss=0.05, take_profit=0.08, extend=bool(rng.integers(2)),
    )  # fmt: skip
    return OrderPlan(
        buys=columns_of(buys),
        bars=tuple(bars_of(market, stock, 0, 0.25) for stock in range(8)),
        terms=[Terms(4, spec)] * 60,
        costs=costs,
        scores=np.full((8, 60), np.nan),
        rule=rule_of("hold"),
    )


@examples(12)
@given(st.integers(0, 2**32 - 1))
def test_stocks_trade_bit_for_bit_as_pandas_data_and_backtraders_broker(seed: int) -> None:
    plan = random_plan(seed)
    fast, slow = (
        run_backtrader(plan),
        plain_diary(plan, PlainBroker(cash=plan.terms[0].spec.cash, checksubmit=False)),
    )
    # repr: an unfilled order's NaN price equals itself, and a float's every bit counts.
    assert repr(fast) == repr(slow)
    assert len(fast.equity) == 60


@examples(6)
@given(st.integers(0, 2**32 - 1))
def test_of_an_even_slippage_backtrader_unchanged_makes_the_same(seed: int) -> None:
    plan = random_plan(seed)
    plan = replace(plan, costs=replace(plan.costs, slip=np.full((8, 60), 0.002)))
    own = bt.brokers.BackBroker(
        cash=plan.terms[0].spec.cash,
        slip_perc=0.002,
        slip_open=True,
        slip_out=True,
        checksubmit=False,
    )
    assert repr(run_backtrader(plan)) == repr(plain_diary(plan, own))


def test_the_random_plan_has_every_kind_of_exit_and_rejection() -> None:
    diaries = [run_backtrader(random_plan(seed)) for seed in range(30)]
    reasons = {trip.exit_reason for diary in diaries for trip in diary.trips}
    assert reasons == {"horizon", "stop", "target", "delisted", "end"}
    assert {o.reason for diary in diaries for o in diary.orders} >= {
        "did not trade",
        "locked at the upper limit",
        "locked at the lower limit",
        "volume cap",
        "not enough cash at the open",
        "positions full: a sale did not fill",
    }
    assert "extended" in {what for diary in diaries for what in diary.action.values()}
