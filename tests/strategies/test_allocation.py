"""Which buys take the free slots and the cash: by what the close knew, and paid at the open."""

import numpy as np
import pytest

from rollsight.strategies.rules.hold import openings
from rollsight.strategies.spec import StrategySpec
from tests.support.panels import costs_of, flat, panel, traded

TWO = StrategySpec(cash=10_000.0, max_positions=2, cash_buffer=0.0)
DEAR = "one share costs more than the position"
HALTED = "did not trade at the decision"
POOR = "too little cash for another position"


def test_a_buy_is_paid_at_the_open_and_not_at_the_close_before() -> None:
    # 100 shares at the close of 100 and 0.1 % cost 10,010; at the open of 99, 9,909.9.
    market = panel([[100, 100, 99, 100, 100, 100]], flat(1, 6))
    done = traded(market, [(0, 1, 0.9)], costs=costs_of(market, commission=0.001))
    assert done.action.tolist() == ["bought"]
    assert done.equity["cash"].iloc[2] == pytest.approx(10_000 - 9_909.9)


def test_sales_of_an_open_come_before_its_buys_and_a_refusal_leaves_the_cash_to_the_next() -> None:
    # A is sold at 120 in session 3. Of the 12,000 B and C get 5,500 each (a close of 110 for A):
    # B opens at 250 instead of 100 and cannot be paid, C can.
    opens = [[100, 100, 100, 120, 1, 1], [100, 100, 100, 250, 1, 1], [100, 100, 100, 100, 1, 1]]
    closes = [[100, 100, 110, 1, 1, 1], flat(1, 6)[0], flat(1, 6)[0]]
    done = traded(panel(opens, closes), [(0, 0, 0.9), (1, 2, 0.9), (2, 2, 0.8)], spec=TWO)
    first = done.orders["shares"].iloc[0]
    assert first == 50
    assert done.action.tolist() == ["bought", "not enough cash at the open", "bought"]


def test_a_share_dearer_than_a_slot_leaves_it_to_the_next_buy() -> None:
    market = panel([[6_000.0] * 6, [100.0] * 6, [100.0] * 6, [100.0] * 6])
    done = traded(market, [(0, 1, 0.9), (1, 1, 0.8), (2, 1, 0.7), (3, 1, 0.6)], spec=TWO)
    # A slot is 5,000.
    assert done.action.tolist() == [DEAR, "bought", "bought", "no free position"]
    assert done.orders["reason"].tolist()[:3] == [DEAR, "", ""]
    assert done.orders["shares"].tolist()[:3] == [0, 50, 50]


def test_a_stock_halted_at_the_decision_leaves_its_slot_to_the_next_buy() -> None:
    market = panel(flat(3, 6), halted=[(0, 1)])
    buys = [(0, 1, 0.9), (1, 1, 0.8), (2, 1, 0.7)]
    done = traded(market, buys, spec=TWO)
    assert done.action.tolist() == [HALTED, "bought", "bought"]
    # The halted one is no part among which the cash is divided.
    alone = traded(market, buys[:2])
    assert alone.action.tolist() == [HALTED, "bought"]
    assert alone.orders["shares"].tolist()[:2] == [0, 100]


def test_a_halt_that_begins_after_the_decision_is_not_known_to_it() -> None:
    done = traded(panel(flat(2, 6), halted=[(0, 2)]), [(0, 1, 0.9), (1, 1, 0.8)])
    assert done.action.tolist() == ["did not trade", "no free position"]


def test_a_holding_halted_at_the_decision_makes_no_room_for_a_buy() -> None:
    # A is due at the open of 3 and does not trade in 2: nobody counts on its sale.
    market = panel(flat(2, 8), halted=[(0, 2)])
    done = traded(market, [(0, 0, 0.9), (1, 2, 0.8), (1, 3, 0.7)])
    assert done.action.tolist() == ["bought", "no free position", "bought"]
    # Where it traded in 2 and not in 3, the buy learns it at the open.
    done = traded(panel(flat(2, 8), halted=[(0, 3)]), [(0, 0, 0.9), (1, 2, 0.8)])
    assert done.action.tolist() == ["bought", "positions full: a sale did not fill"]


def test_as_many_positions_are_opened_as_equal_parts_of_the_cash_can_pay() -> None:
    spec = StrategySpec(max_positions=4, cash_buffer=0.0)
    # 900 in three parts of 300 pays for two of the closes, in two of 450 for all three.
    assert openings([200.0, 440.0, 250.0], 4_000.0, 900.0, 3, spec) == (2, 450.0)
    assert openings([200.0, 300.0, 250.0], 4_000.0, 900.0, 3, spec) == (3, 300.0)
    # No part is larger than a slot of 1,000.
    assert openings([1_001.0], 4_000.0, 9_000.0, 3, spec) == (0, 1_000.0)
    assert openings([], 4_000.0, 900.0, 3, spec) == (0, 900.0)
    assert openings([1.0], 4_000.0, 900.0, 0, spec) == (0, 900.0)


def test_a_buy_beyond_the_cash_says_so_and_not_that_its_share_is_too_dear() -> None:
    # A and B take 6,667 of 10,000 and rise to 12,000, so that the third slot has 3,333 and is
    # alone: the equity is 15,333, and a share of 3,000 is paid once but not twice.
    spec = StrategySpec(cash=9_000.0, max_positions=4, cash_buffer=0.0)
    opens = np.vstack([flat(2, 8), flat(2, 8, 3_000.0)])
    opens[:2, 2:] = 300.0
    done = traded(panel(opens), [(0, 0, 0.9), (1, 0, 0.8), (2, 2, 0.7), (3, 2, 0.6)],
                  horizon=5, spec=spec)  # fmt: skip
    # 22 shares each for 2,250; 4,600 of cash are left, and the equity is 17,800.
    assert done.equity["cash"].iloc[2] == 4_600
    assert done.action.tolist() == ["bought", "bought", "bought", POOR]
