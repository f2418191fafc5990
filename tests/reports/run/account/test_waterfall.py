"""From label returns to profit, each step worked out by hand and its sum held to the cent."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollsight.backtests.account.backtest import Traded, trade
from rollsight.base.errors import RollsightError
from rollsight.reports.run.account.moneyfacts import Waterfall
from rollsight.reports.run.account.waterfall import waterfall_data
from rollsight.signals.prices.market import Market
from rollsight.strategies.costs import Costs
from rollsight.strategies.spec import StrategySpec
from tests.support.examples import examples
from tests.support.panels import (
    ALL_IN,
    ROOMY,
    buys_in,
    costs_in,
    costs_of,
    flat,
    markets,
    panel,
    signals_of,
)

STEPS = [
    "all_buys", "room", "ranking", "execution", "stops", "unlabelled", "commission", "tax",
    "slippage", "unfilled", "sizing", "idle_cash",
]  # fmt: skip
Buys = list[tuple[int, int, float]]


def run(
    market: Market,
    buys: Buys,
    *,
    horizon: int = 2,
    spec: StrategySpec = ALL_IN,
    costs: Costs | None = None,
) -> tuple[pd.DataFrame, Traded]:
    """Return the published columns of the signals, and what was traded on them."""
    signals = signals_of(market, buys, horizon=horizon)
    costs = costs_of(market) if costs is None else costs
    done = trade(market, signals, first=0, horizon=horizon, spec=spec, costs=costs)
    codes = pd.Series([market.codes[s] for s in signals["stock"]], dtype="str")
    return signals.assign(code=codes, action=done.action), done


def steps_of(
    market: Market,
    buys: Buys,
    *,
    horizon: int = 2,
    spec: StrategySpec = ALL_IN,
    costs: Costs | None = None,
) -> Waterfall:
    """Return the waterfall of a small backtest."""
    signals, done = run(market, buys, horizon=horizon, spec=spec, costs=costs)
    return waterfall_data(signals, done.trades, orders=done.orders, equity=done.equity, spec=spec)


def moved(found: Waterfall) -> dict[str, float]:
    """Return the money of the steps that are not zero, to the cent."""
    steps = {s.step: round(s.money, 2) for s in found.steps}
    assert list(steps) == STEPS
    return {key: money for key, money in steps.items() if money}


def test_room_and_ranking_part_the_buys_that_were_ordered_from_all() -> None:
    opens = flat(3, 8)
    # Bought at 100 in session 1 and sold in 3: +10 %, 0 and -4 %; a session later 0, 0 and -6 %.
    opens[0, 3], opens[2, 3], opens[2, 4] = 110.0, 96.0, 94.0
    buys = [(0, 0, 0.9), (1, 0, 0.8), (2, 0, 0.7), (0, 1, 0.6), (1, 1, 0.6), (2, 1, 0.6)]
    found = steps_of(panel(opens), buys)
    # All six have a mean of 0, the three of the first date one of 2 %; the best of them was bought.
    assert moved(found) == {"room": 200.0, "ranking": 800.0}
    assert found.made == pytest.approx(1_000.0)
    assert found.counts.mean_label_return == pytest.approx(0)
    assert found.counts.ordered_label_return == pytest.approx(0.10)
    assert found.counts.not_ordered == {"already held": 1, "no free position": 4}
    assert (found.counts.buys, found.counts.ordered) == (6, 1)


def test_a_stop_takes_what_the_label_had_still_before_it() -> None:
    opens, closes = flat(1, 8), flat(1, 8)
    closes[0, 1], opens[0, 2], opens[0, 4] = 85.0, 80.0, 130.0
    spec = ALL_IN.model_copy(update={"stop_loss": 0.1})
    found = steps_of(panel(opens, closes), [(0, 0, 0.9)], horizon=3, spec=spec)
    # The label goes from 100 to 130; the stop sold at 80.
    assert moved(found) == {"all_buys": 3_000.0, "stops": -5_000.0}
    assert found.made == -2_000.0
    assert found.counts.exits == {"stop": 1}


def test_a_longer_holding_is_a_gap_of_execution() -> None:
    opens = flat(1, 8)
    opens[0, 3], opens[0, 4] = 105.0, 120.0
    spec = ALL_IN.model_copy(update={"extend": True})
    found = steps_of(panel(opens), [(0, 0, 0.9), (0, 1, 0.9)], spec=spec)
    # The first label goes to 105 and the second to 120: a mean of 12.5 %, and 5 % on its own date.
    assert moved(found) == {"all_buys": 1_250.0, "room": -750.0, "execution": 1_500.0}
    assert found.counts.not_ordered == {"extended": 1}


def test_a_trade_open_at_the_end_has_no_label_and_counts_whole() -> None:
    opens = flat(1, 5)
    opens[0, 4] = 107.0
    found = steps_of(panel(opens), [(0, 2, 0.9)], horizon=4)
    assert moved(found) == {"unlabelled": 700.0}
    assert found.counts.exits == {"end": 1}
    assert (found.counts.buys, found.counts.labelled) == (1, 0)


def test_costs_are_fractions_of_what_the_shares_cost() -> None:
    opens = flat(1, 6)
    opens[0, 3] = 110.0
    market = panel(opens)
    costs = costs_of(market, commission=0.01, slippage=0.02, tax=0.03)
    spec = ALL_IN.model_copy(update={"cash_buffer": 0.5})
    found = steps_of(market, [(0, 0, 0.9)], spec=spec, costs=costs)
    # 50 shares at 100 and 110: slipped 102 and 107.8.
    commission, tax = 50 * (1.02 + 1.078), 50 * 3.234
    slippage, gross = 50 * (2 + 2.2), 500
    net = gross - commission - tax - slippage
    # Each once more, as the whole stake is twice the 5,000 that was spent.
    assert moved(found) == pytest.approx(
        {"all_buys": 2 * gross, "commission": -2 * commission, "tax": -2 * tax,
         "slippage": -2 * slippage, "idle_cash": -net}
    )  # fmt: skip
    assert found.made == pytest.approx(net)


def test_stakes_grow_with_the_equity_and_a_buffer_earns_nothing() -> None:
    opens = flat(1, 8)
    opens[0, 3], opens[0, 6] = 110.0, 110.0
    found = steps_of(panel(opens, flat(1, 8)), [(0, 0, 0.9), (0, 3, 0.9)], spec=ROOMY)
    # Twice +10 %: on 9,000 of 10,000, and then on 9,800 of the 10,900 that a slot is by then.
    assert moved(found) == {"all_buys": 2_000.0, "sizing": 90.0, "idle_cash": -210.0}
    assert found.made == pytest.approx(1_880.0)


def test_a_buy_that_could_not_be_paid_takes_its_label_back() -> None:
    opens = flat(1, 6, 20_000.0)
    opens[0, 3] = 22_000.0
    found = steps_of(panel(opens), [(0, 0, 0.9)])
    assert moved(found) == {"all_buys": 1_000.0, "unfilled": -1_000.0}
    assert found.made == 0.0
    assert found.counts.unfilled == {"one share costs more than the position": 1}


def test_a_buy_locked_at_its_limit_promised_nothing_and_is_counted() -> None:
    opens = flat(1, 6)
    opens[0, 1:] = 130.0
    found = steps_of(panel(opens, locked_up=[(0, 1)]), [(0, 0, 0.9)])
    assert moved(found) == {}
    assert found.counts.unfilled == {"locked at the upper limit": 1}
    assert (found.counts.ordered, found.counts.trades) == (1, 0)


def test_without_a_buy_every_step_is_zero() -> None:
    found = steps_of(panel(flat(2, 6)), [])
    assert moved(found) == {}
    assert found.made == 0.0
    assert found.counts.mean_label_return is None
    assert found.counts.ordered_label_return is None


def test_totals_run_from_step_to_step_and_shares_are_of_the_cash() -> None:
    opens = flat(1, 8)
    opens[0, 3], opens[0, 6] = 110.0, 110.0
    found = steps_of(panel(opens, flat(1, 8)), [(0, 0, 0.9), (0, 3, 0.9)], spec=ROOMY)
    assert [s.total for s in found.steps][-3:] == pytest.approx([2_000.0, 2_090.0, 1_880.0])
    assert found.steps[0].share == pytest.approx(0.20)
    assert found.made_share == pytest.approx(0.188)
    assert (found.cash, found.stake, found.positions) == (10_000.0, 10_000.0, 1)


def test_an_equity_that_is_a_cent_off_is_refused() -> None:
    opens = flat(1, 6)
    opens[0, 3] = 110.0
    signals, done = run(panel(opens), [(0, 0, 0.9)])
    for off in (0.02, -0.02):
        wrong = done.equity.assign(equity=done.equity["equity"] + off)
        with pytest.raises(RollsightError, match=r"sum to 1000\.00, and the equity changed by"):
            waterfall_data(signals, done.trades, orders=done.orders, equity=wrong, spec=ALL_IN)


SPEC = StrategySpec(cash=50_000.0, max_positions=2, cash_buffer=0.02)
STOPS = {"stop_loss": 0.1, "trailing_stop": 0.08, "take_profit": 0.1}
STOPPED = SPEC.model_copy(update={**STOPS, "extend": True})
CAPPED = SPEC.model_copy(update={"participation": 0.25, "stop_loss": 0.1})
POOR = SPEC.model_copy(update={"cash": 2_000.0, "cash_buffer": 0.0})
RICH = SPEC.model_copy(update={"cash": 1e12, "extend": True})
OWN = STOPPED.model_copy(update={"rule": "tests.support.toys.rules:fading"})


def transcribed(signals: pd.DataFrame, done: Traded, spec: StrategySpec) -> dict[str, float]:
    """Return the steps by a loop over buys, orders and trades, by nothing but their definitions."""
    stake = spec.cash / spec.max_positions
    own = spec.rule != "hold"
    sums = dict.fromkeys([*STEPS, "rule"] if own else STEPS, 0.0)
    labels = {(b.code, b.decided_at): b.label_return for b in signals.itertuples()}
    every = [value for value in labels.values() if value == value]
    for order in done.orders[done.orders["side"] == "buy"].itertuples():
        label = labels[order.code, order.submitted_at]
        if label == label:
            mean = sum(every) / len(every)
            day = [v for (_, d), v in labels.items() if d == order.submitted_at and v == v]
            sums["all_buys"] += stake * mean
            sums["room"] += stake * (sum(day) / len(day) - mean)
            sums["ranking"] += stake * (label - sum(day) / len(day))
            sums["unfilled"] -= stake * label * (order.filled == 0)
    worth = dict(zip(done.equity["date"], done.equity["equity"], strict=True))
    for t in done.trades.itertuples():
        label, spent = labels[t.code, t.decided_at], t.shares * t.entry_price
        if label != label:
            sums["unlabelled"] += stake * t.gross_return
        else:
            step = "rule" if own and t.exit_reason != "horizon" else "execution"
            step = "stops" if t.exit_reason in ("stop", "trailing stop", "target") else step
            sums[step] += stake * (t.gross_return - label)
        for cost in ("commission", "tax", "slippage"):
            sums[cost] -= stake * getattr(t, cost) / spent
        slot = worth[t.decided_at] / spec.max_positions
        sums["sizing"] += (slot - stake) * t.profit / spent
        sums["idle_cash"] += (spent - slot) * t.profit / spent
    return sums


def assert_reconciled(data: st.DataObject, market: Market, horizon: int) -> None:
    """Raise unless each step is its definition, and all sum to what the equity gained."""
    spec = data.draw(st.sampled_from([SPEC, STOPPED, CAPPED, POOR, RICH, OWN]))
    costs, buys = data.draw(costs_in(market)), data.draw(buys_in(market))
    signals, done = run(market, buys, horizon=horizon, spec=spec, costs=costs)
    found = waterfall_data(signals, done.trades, orders=done.orders, equity=done.equity, spec=spec)
    money = {s.step: s.money for s in found.steps}
    assert money == pytest.approx(transcribed(signals, done, spec), rel=1e-9, abs=1e-9 * spec.cash)
    gained = done.equity["equity"].iloc[-1] - spec.cash
    assert sum(money.values()) == pytest.approx(gained, abs=0.01, rel=0)
    counts = found.counts
    assert counts.ordered + sum(counts.not_ordered.values()) == counts.buys == len(buys)
    assert counts.trades + sum(counts.unfilled.values()) == counts.ordered
    # Nothing is left without a reason.
    assert not {"", "bought"} & {*counts.not_ordered, *counts.unfilled, *counts.exits}


@examples(40)
@given(st.data(), markets(), st.integers(1, 4))
def test_steps_of_any_market_are_their_definitions_and_sum_to_the_equitys_change(
    data: st.DataObject, market: Market, horizon: int
) -> None:
    assert_reconciled(data, market, horizon)


@pytest.mark.slow
@examples(300)
@given(st.data(), markets(), st.integers(1, 4))
def test_steps_of_hundreds_of_markets_reconcile(
    data: st.DataObject, market: Market, horizon: int
) -> None:
    assert_reconciled(data, market, horizon)
