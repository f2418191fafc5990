"""The rule that holds the best of the date, on flat prices and by hand."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import pytest

from rollsight.backtests.account.backtest import Traded, trade
from rollsight.signals.prices.market import Market
from rollsight.strategies.spec import StrategySpec
from tests.support.panels import costs_of, filled_on, flat, panel, signals_of

A, B, C, D, E = "000010", "000020", "000030", "000040", "000050"
TWO = StrategySpec(rule="rank", cash=10_000.0, max_positions=2, cash_buffer=0.0)


def ranked(
    market: Market, orders: Sequence[str], spec: StrategySpec, *, best: int, horizon: int = 3
) -> Traded:
    """Trade the best of each session, whose stocks stand in order, as in "021", the best first."""
    rows = [(int(s), day, -float(n)) for day, own in enumerate(orders) for n, s in enumerate(own)]
    table = signals_of(market, rows, horizon=horizon)
    table["buy"] = table["score"] > -best
    costs = costs_of(market)
    return trade(market, table, first=0, horizon=horizon, spec=spec, costs=costs)


def sides(done: Traded, market: Market) -> list[tuple[str, str, int]]:
    return [(code, side, day) for code, side, day, _ in filled_on(done, market)]


def test_every_so_many_sessions_the_best_are_chosen_anew_and_only_then() -> None:
    market = panel(flat(3, 9))
    # What the sessions between say is not asked for.
    orders = ["012", "210", "210", "021", "210", "201", "120", "012", "012"]
    done = ranked(market, orders, TWO.model_copy(update={"every": 3}), best=2)
    assert sides(done, market) == [
        (A, "buy", 1), (B, "buy", 1),
        (B, "sell", 4), (C, "buy", 4),  # A is still among the best two
        (A, "sell", 7), (B, "buy", 7),
    ]  # fmt: skip
    # B is held as long as its label says, A twice as long: that exit is the rule's.
    assert done.trades[["code", "exit_reason"]].to_numpy().tolist() == [
        [A, "rule"], [B, "horizon"], [C, "end"], [B, "end"],
    ]  # fmt: skip


def test_a_name_stays_while_it_is_among_so_many_best() -> None:
    market = panel(flat(4, 6))
    spec = TWO.model_copy(update={"keep": 3})
    # After the term of the label, three sessions, A is third and B fourth.
    done = ranked(market, ["0123"] * 3 + ["2301"] * 3, spec, best=2)
    assert sides(done, market)[2:] == [(B, "sell", 4), (C, "buy", 4)]


def test_a_name_without_a_row_is_among_no_best() -> None:
    market = panel(flat(3, 6))
    done = ranked(market, ["012"] * 3 + ["12"] * 3, TWO, best=2)
    assert sides(done, market)[2:] == [(A, "sell", 4), (C, "buy", 4)]


def test_tranches_choose_in_sessions_of_their_own_from_the_first_on() -> None:
    market = panel(flat(5, 10))
    spec = TWO.model_copy(update={"max_positions": 4, "every": 4, "tranches": 2})
    # The first tranche chooses in sessions 0, 4 and 8, the second in 2 and 6, two names each.
    orders = ["01234", "43210", "01234", "43210", "13420", "43210", "31204", "0", "41320", "0"]
    done = ranked(market, orders, spec, best=4)
    assert sides(done, market) == [
        (A, "buy", 1), (B, "buy", 1),
        (C, "buy", 3), (D, "buy", 3),  # A and B are held by the other tranche
        # A is last of session 4 and E the best that nobody holds; C and D are not asked.
        (A, "sell", 5), (E, "buy", 5),
        # Session 6 has C and D in its best four: nothing to do. In session 8 B and E are as well.
    ]  # fmt: skip
    # 2,500 of 10,000 for each.
    assert done.trades["shares"].tolist() == [25] * 5


def test_a_buy_that_was_cancelled_leaves_its_place_empty_until_the_tranche_chooses_again() -> None:
    market = panel(flat(4, 8), halted=[(0, 1)])
    spec = TWO.model_copy(update={"every": 4, "tranches": 2})
    done = ranked(market, ["0123"] * 8, spec, best=2)
    # The first tranche wanted A in session 0, and the second takes it in session 2.
    assert sides(done, market) == [(A, "buy", 3), (B, "buy", 5)]


def test_a_sale_that_waits_keeps_its_place_from_being_filled_twice() -> None:
    market = panel(flat(4, 12), halted=[(0, d) for d in range(2, 8)])
    orders = ["0123"] * 2 + ["1234"[:3]] * 10
    done = ranked(market, orders, TWO.model_copy(update={"every": 3}), best=2)
    # A halts from session 2 on and has no row: its sale of session 3 fills in session 8.
    assert sides(done, market) == [
        (A, "buy", 1), (B, "buy", 1), (A, "sell", 8), (C, "buy", 10),
    ]  # fmt: skip
    assert (done.equity["cash"] >= 0).all()


def test_a_stopped_position_is_not_replaced_before_its_tranche_chooses() -> None:
    prices = [[100.0, 100, 80, 80, 80, 80, 80, 80], [100.0] * 8, [100.0] * 8]
    market = panel(prices)
    spec = TWO.model_copy(update={"stop_loss": 0.1})
    done = ranked(market, ["012"] * 2 + ["120"] * 6, spec, best=2)
    assert sides(done, market)[2:] == [(A, "sell", 3), (C, "buy", 4)]


def test_the_less_it_moved_the_more_of_a_stock_is_bought() -> None:
    market = panel(flat(3, 3, 1.0))
    spec = StrategySpec(
        rule="rank", cash=10_000.0, max_positions=4, cash_buffer=0.0, weight="inverse-volatility"
    )
    table = signals_of(market, [(0, 0, 0.0), (1, 0, -1.0), (2, 0, -2.0)], horizon=2)
    # Three quarters of the money. Volatilities of .01, .02 and .04: the mean of 100, 50 and 25 is
    # 175 / 3, so the weights are 12 / 7, 6 / 7 and 3 / 7 of a quarter, which sum to three.
    table["volatility"] = [0.01, 0.02, 0.04]
    costs = costs_of(market)

    def shares(table: pd.DataFrame, spec: StrategySpec = spec) -> list[int]:
        done = trade(market, table, first=0, horizon=2, spec=spec, costs=costs)
        return [int(n) for n in done.trades.sort_values("code")["shares"]]

    assert shares(table) == [4_285, 2_142, 1_071]
    assert shares(table, spec.model_copy(update={"weight": "equal"})) == [2_500] * 3
    # One that never moved, or of which nothing is known, has an equal part; the others' mean is 75.
    assert shares(table.assign(volatility=[0.01, 0.0, 0.02])) == [3_333, 2_500, 1_666]
    # A hundredth of the others' movement: twice an equal part, and no more.
    assert shares(table.assign(volatility=[0.0001, 0.01, 0.01]))[0] == 5_000


@pytest.mark.parametrize(("free", "shares"), [(0.0, 100), (0.5, 50)])
def test_money_is_an_equal_part_of_the_equity_less_the_buffer(free: float, shares: int) -> None:
    market = panel(flat(2, 3, 50.0))
    done = ranked(market, ["01"] * 3, TWO.model_copy(update={"cash_buffer": free}), best=1)
    assert done.trades["shares"].tolist() == [shares]


def test_a_stock_that_one_part_cannot_buy_is_passed_over() -> None:
    prices: Any = [[9_000.0] * 3, [100.0] * 3, [100.0] * 3]
    done = ranked(panel(prices, halted=[(1, 0)]), ["012"] * 3, TWO, best=3)
    assert done.action.tolist()[:3] == [
        "one share costs more than the position", "did not trade at the decision", "bought",
    ]  # fmt: skip
