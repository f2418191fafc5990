"""Dividends in the account, worked out by hand: who is paid, when, and what a trade makes."""

from dataclasses import replace

import numpy as np
import pytest

from rollsight.backtests.account.accounts import reconcile
from rollsight.backtests.account.backtest import Traded, order_plan
from rollsight.backtests.account.portfolio import universe_returns
from rollsight.base.errors import RollsightError
from rollsight.signals.prices.market import Market
from rollsight.strategies.costs import Costs
from rollsight.strategies.plan import Terms
from rollsight.strategies.spec import StrategySpec
from tests.support.panels import ALL_IN, costs_of, panel, signals_of, traded

TAX = 0.2


def paying(opens: list[float], paid: list[float], **kinds: object) -> Market:
    market = panel([opens], **kinds)  # type: ignore[arg-type]
    return replace(market, dividend=np.array([paid], dtype=float))


def taxed(market: Market, **costs: float) -> Costs:
    return replace(costs_of(market, **costs), dividend_tax=TAX)


def money(done: Traded) -> list[list[float]]:
    return done.equity[["equity", "cash", "dividends"]].to_numpy().tolist()


def test_cash_comes_on_the_ex_date_to_what_was_held_at_the_close_before() -> None:
    # 100 shares at 100 on day 1, whose own 3 are not theirs; 5 on day 2, and 7 on day 3, the day
    # of the sale: 500 and 700, less a fifth.
    market = paying([100, 100, 100, 103, 100], [0, 3, 5, 7, 9])
    done = traded(market, [(0, 0, 0.9)], costs=taxed(market))
    assert money(done) == [
        [10_000, 10_000, 0], [10_000, 0, 0], [10_400, 400, 400], [11_260, 11_260, 560],
        [11_260, 11_260, 0],
    ]  # fmt: skip
    (trade,) = done.trades.to_dict("records")
    assert trade["gross_return"] == trade["label_return"] == (103 + (5 + 7)) / 100 - 1
    assert (trade["dividends"], trade["tax"], trade["profit"]) == (1_200, 240, 1_260)
    assert trade["net_return"] == 0.126
    assert done.residual < 1e-9


def test_a_sale_in_parts_is_paid_for_what_was_left() -> None:
    # Of 10 shares 4 can be sold a session: on days 3 to 5; 10 a share on day 4, held by 6.
    market = paying([100] * 7, [0, 0, 0, 0, 10, 0, 0], volume=[[40] * 7])
    spec = ALL_IN.model_copy(update={"participation": 0.1, "cash": 400.0})
    done = traded(market, [(0, 0, 0.9)], horizon=2, spec=spec)
    assert done.trades["shares"].tolist() == [4]
    spec = ALL_IN.model_copy(update={"participation": 0.1, "cash": 1_000.0})
    wide = replace(market, volume=np.array([[100.0, 100, 100, 40, 40, 40, 40]]))
    (trade,) = traded(wide, [(0, 0, 0.9)], horizon=2, spec=spec).trades.to_dict("records")
    assert (trade["shares"], trade["dividends"]) == (10, 60)
    assert trade["gross_return"] == pytest.approx(0.06)


def test_what_is_still_held_at_the_end_has_been_paid() -> None:
    market = paying([100, 100, 100, 100], [0, 0, 0, 2])
    (trade,) = traded(market, [(0, 0, 0.9)], horizon=9).trades.to_dict("records")
    assert (trade["exit_reason"], trade["dividends"], trade["gross_return"]) == (
        "end",
        200,
        102 / 100 - 1,
    )


def test_a_dividend_can_be_spent_at_the_next_open_and_not_before() -> None:
    # 10,000 buy 100 shares on day 1; the 1,000 of day 2 are free at its close.
    market = panel([[100.0] * 6, [100.0] * 6])
    market = replace(market, dividend=np.array([[0.0, 0, 10, 0, 0, 0], [0.0] * 6]))
    spec = StrategySpec(cash=10_000, max_positions=2, cash_buffer=0.0)
    done = traded(market, [(0, 0, 0.9), (1, 1, 0.9), (1, 2, 0.9)], horizon=4, spec=spec)
    sizes = done.orders.loc[done.orders["side"] == "buy", "filled"].tolist()
    assert sizes == [50, 50]
    assert done.equity["cash"].tolist()[2] == 500


def test_a_net_label_return_is_what_the_account_makes() -> None:
    market = paying([100, 100, 100, 110, 110], [0, 0, 5, 0, 0])
    costs = taxed(market, commission=0.01, slippage=0.02, tax=0.03)
    gross = np.array([0.15])
    at = (np.array([0]), np.array([1]), np.array([3]))
    # Paid 100 x 1.02 x 1.01; got 110 x .98 x .96 and 5 x .8.
    made = (110 * 0.98 * 0.96 + 4) / (100 * 1.02 * 1.01) - 1
    assert costs.net(gross, *at, np.array([0.05]))[0] == pytest.approx(made, abs=1e-12)
    done = traded(market, [(0, 0, 0.9)], costs=costs, spec=ALL_IN.model_copy(
        update={"cash_buffer": 0.1}))  # fmt: skip
    assert done.trades["net_return"].iloc[0] == pytest.approx(made, abs=1e-12)


def test_equity_without_a_dividend_is_refused() -> None:
    market = paying([100, 100, 100, 103, 100], [0, 0, 5, 0, 0])
    done = traded(market, [(0, 0, 0.9)], costs=taxed(market))
    signals = signals_of(market, [(0, 0, 0.9)], horizon=2)
    plan = order_plan(market, signals, 0, [Terms(2, ALL_IN)] * 5, taxed(market))
    assert reconcile(done.orders, done.equity, plan, 10_000.0) < 1e-9
    short = done.equity.assign(equity=done.equity["equity"] - done.equity["dividends"].cumsum())
    with pytest.raises(RollsightError, match=r"is not the 10400\.00 that orders and prices give"):
        reconcile(done.orders, short, plan, 10_000.0)


def test_the_universe_holds_its_dividends_before_tax() -> None:
    closes = [[100.0, 90, 90, 99], [100.0, 100, 100, 100]]
    market = panel(closes, closes, halted=[(0, 2)])
    paid = np.array([[0.0, 10, 9, 0], [0.0, 0, 0, 0]])
    returns = universe_returns(replace(market, dividend=paid), market.has_bar, first=0)
    # The 9 of the session without trade count with the price of the next: (99 + 9) / 90.
    assert returns.tolist() == pytest.approx([0.0, 0.0, 0.0, 0.20 / 2])
