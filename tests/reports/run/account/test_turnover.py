"""How much an account trades and pays a year, by hand, and what slippage its lead would bear."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rollsight.backtests.account.backtest import trade
from rollsight.backtests.account.portfolio import universe_returns
from rollsight.reports.page.language import speak
from rollsight.reports.run.account.turnover import Turnover, turnover_data, turnover_sentence
from rollsight.strategies.spec import StrategySpec
from rollsight.training.deciding.scores import date_place
from tests.support.panels import costs_of, panel, signals_of

DATES = pd.to_datetime(["2024-01-02", "2024-01-03", "2024-01-04"]).as_unit("ms")
# 50 of 1,000 bought and 66 of 1,100 sold: 5 and 6 per cent of the equity of their session.
ORDERS = pd.DataFrame(
    {
        "filled_at": [DATES[1], DATES[2], pd.NaT], "filled": [5, 6, 0],
        "price": [10.0, 11.0, np.nan], "commission": [1.0, 1.1, 0.0],
        "tax": [0.0, 2.2, 0.0], "slippage": [0.5, 0.66, 0.0],
    }
)  # fmt: skip
EQUITY = pd.DataFrame(
    {
        "date": DATES, "equity": [1_000.0, 1_000.0, 1_100.0], "return": [0.0, 0.0, 0.1],
        "universe_return": [0.0, 0.0, 0.05],
    }
)  # fmt: skip


def test_value_and_costs_of_fills_are_shares_of_the_equity_a_year() -> None:
    # Two sessions of a year of two: one year.
    found = turnover_data(ORDERS, EQUITY, 2.0)
    assert found.turnover == pytest.approx(0.11 / 2)
    # 1.5 of 1,000 and 3.96 of 1,100; slippage is .5 of 1,000 and .66 of 1,100.
    assert found.costs == pytest.approx(0.0015 + 0.0036)
    assert found.slippage == pytest.approx(0.0011 / 0.11)
    assert found.excess == pytest.approx(np.log(1.1 / 1.05))
    # That much over .11 traded a year comes on top of the slippage there is.
    assert found.break_even == pytest.approx(0.01 + np.log(1.1 / 1.05) / 0.11)
    # The same within half a year is twice as much a year.
    assert turnover_data(ORDERS, EQUITY, 4.0).turnover == pytest.approx(0.11)


def test_without_fills_or_a_universe_there_is_no_break_even() -> None:
    idle = turnover_data(ORDERS[ORDERS["filled"] == 0], EQUITY, 2.0)
    assert (idle.turnover, idle.costs, idle.slippage, idle.break_even) == (0, 0, None, None)
    alone = turnover_data(ORDERS, EQUITY.assign(universe_return=np.nan), 2.0)
    assert (alone.excess, alone.break_even) == (None, None)


def test_at_the_break_even_slippage_the_same_account_is_level_with_its_universe() -> None:
    rng = np.random.default_rng(5)
    change = rng.normal(0, 0.01, (8, 300))
    # What is best in a session rises by up to .2 % more in each of the next ones.
    skill = np.repeat(rng.random((8, 60)), 5, axis=1)
    market = panel(100 * np.exp(np.cumsum(change + 0.002 * np.roll(skill, 2, axis=1), axis=1)))
    stock, day = (grid.ravel() for grid in np.indices((8, 300)))
    rows = list(zip(stock, day, date_place(skill[stock, day], day), strict=True))
    table = signals_of(market, rows, horizon=5)
    table["buy"] = table["score"] > -3
    spec = StrategySpec(rule="rank", cash=1e9, max_positions=3, cash_buffer=0.02)

    def account(slippage: float) -> Turnover:
        costs = costs_of(market, slippage=slippage, commission=0.0002, tax=0.001)
        done = trade(market, table, first=0, horizon=5, spec=spec, costs=costs)
        universe = universe_returns(market, np.ones((8, 300), dtype=bool), first=0)
        return turnover_data(done.orders, done.equity.assign(universe_return=universe), 245.0)

    found = account(0.0005)
    assert found.excess is not None
    assert found.break_even is not None
    assert found.slippage == pytest.approx(0.0005)
    assert found.excess > 0.1
    level = account(found.break_even)
    assert level.excess == pytest.approx(0, abs=0.05 * found.excess)


@pytest.mark.parametrize(
    ("change", "english", "korean"),
    [
        ({}, "at a slippage of 0.250 % a side the two would be level", "편도 슬리피지가 0.250 %"),
        ({"excess": -0.3, "break_even": -0.01}, "it would be behind without any slippage too",
         "슬리피지가 전혀 없어도"),
        ({"slippage": None, "break_even": None}, "Nothing was traded.", "거래가 없었습니다."),
        ({"excess": None, "break_even": None}, "turns over 640 % of its equity", "640 %"),
    ],
)  # fmt: skip
def test_the_page_says_what_the_lead_would_bear(
    change: dict[str, Any], english: str, korean: str
) -> None:
    found = replace(Turnover(6.4, 0.02, 0.0005, 0.026, 0.0025), **change)
    assert english in turnover_sentence(found, speak("en")).replace("\xa0", " ")
    assert korean in turnover_sentence(found, speak("ko")).replace("\xa0", " ")
